/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader on captures that are cut, damaged, from the future or made to hurt. */
#include <string.h>

#include <glib.h>
#include <zstd.h>

#include "sal-capture-block.h"
#include "sal-capture-reader.h"

#include "capture-dump.h"
#include "capture-example.h"

static GByteArray *
write_every_kind (void)
{
  guint n_records;
  const SalCaptureRecord *records = capture_example_every_kind (&n_records);

  return capture_example_write (records, n_records, 9);
}

/* A file of one block with these bytes as its records. */
static GByteArray *
wrap (const void *records, gsize length)
{
  GByteArray *file = g_byte_array_new ();
  guint8 file_header[SAL_CAPTURE_FILE_HEADER_SIZE];
  guint8 block_header[SAL_CAPTURE_BLOCK_HEADER_SIZE];
  g_autofree guint8 *stored = g_malloc (ZSTD_compressBound (length));
  SalCaptureBlock block = { .raw = (guint32)length };

  block.stored = (guint32)ZSTD_compress (stored, ZSTD_compressBound (length), records, length, 1);
  sal_capture_file_header_write (file_header);
  sal_capture_block_header_write (&block, block_header);
  g_byte_array_append (file, file_header, sizeof file_header);
  g_byte_array_append (file, block_header, sizeof block_header);
  g_byte_array_append (file, stored, block.stored);
  return file;
}

static void
expect (const GByteArray *file, SalCaptureResult expected, guint expected_records)
{
  SalCaptureResult result;
  guint n_records;
  g_autofree char *dump = NULL;

  dump = capture_dump_bytes (file->data, file->len, file->len, &result, &n_records);
  g_assert_cmpstr (sal_capture_result_name (result), ==, sal_capture_result_name (expected));
  g_assert_cmpuint (n_records, ==, expected_records);
}

static void
test_cut_anywhere (void)
{
  g_autoptr (GByteArray) bytes = write_every_kind ();
  g_autofree char *whole = NULL;
  SalCaptureResult result;
  guint n_before = 0;
  guint n_records;

  whole = capture_dump_bytes (bytes->data, bytes->len, bytes->len, &result, NULL);
  for (guint length = 0; length <= bytes->len; length++)
    {
      g_autofree char *dump = capture_dump_bytes (bytes->data, length, 7, &result, &n_records);

      g_assert_true (g_str_has_prefix (whole, dump));
      g_assert_cmpint (result, ==, SAL_CAPTURE_MORE);
      g_assert_cmpuint (n_records, >=, n_before);
      n_before = n_records;
    }
  capture_example_every_kind (&n_records);
  g_assert_cmpuint (n_before, ==, n_records);
}

/* One flipped bit costs the rest of the file at most, and never passes for something else. Some
 * bits of a zstd frame's header mean nothing here: at most 16 a frame. */
static void
test_flipped_bits (void)
{
  g_autoptr (GByteArray) bytes = write_every_kind ();
  g_autofree char *whole = NULL;
  SalCaptureResult result;
  guint n_detected = 0;
  guint n_records;
  guint n_frames;

  capture_example_every_kind (&n_records);
  n_frames = (n_records + 8) / 9;
  whole = capture_dump_bytes (bytes->data, bytes->len, bytes->len, &result, NULL);
  for (guint bit = 0; bit < bytes->len * 8; bit++)
    {
      g_autofree char *dump = NULL;

      bytes->data[bit / 8] ^= (guint8)(1 << bit % 8);
      dump = capture_dump_bytes (bytes->data, bytes->len, bytes->len, &result, NULL);
      if (result == SAL_CAPTURE_MORE)
        g_assert_cmpstr (dump, ==, whole);
      else
        g_assert_true (g_str_has_prefix (whole, dump));
      n_detected += result != SAL_CAPTURE_MORE;
      bytes->data[bit / 8] ^= (guint8)(1 << bit % 8);
    }
  g_assert_cmpuint (n_detected, >=, bytes->len * 8 - n_frames * 16);
}

static void
test_not_a_capture (void)
{
  SalCaptureReader *reader = sal_capture_reader_new ();
  SalCaptureRecord record;

  g_assert_cmpint (sal_capture_reader_next (reader, &record), ==, SAL_CAPTURE_MORE);
  g_assert_cmpint (sal_capture_reader_feed (reader, "\x89PN", 3), ==, SAL_CAPTURE_OK);
  g_assert_cmpint (sal_capture_reader_next (reader, &record), ==, SAL_CAPTURE_NOT_CAPTURE);
  g_assert_cmpint (sal_capture_reader_next (reader, &record), ==, SAL_CAPTURE_NOT_CAPTURE);
  g_assert_false (sal_capture_reader_is_whole (reader));
  sal_capture_reader_free (reader);
}

/* CRC-32 of the first 12 bytes with version 2, computed elsewhere (Python's zlib.crc32). */
static void
test_newer_version (void)
{
  static const guint8 header[] = SAL_CAPTURE_MAGIC "\x02\x00\x00\x00"
                                                   "\xfe\x0f\xb8\x53";
  g_autoptr (GByteArray) file = g_byte_array_new ();

  g_byte_array_append (file, header, SAL_CAPTURE_FILE_HEADER_SIZE);
  expect (file, SAL_CAPTURE_VERSION, 0);
}

/* A block with a flag of the future. */
static void
test_newer_block (void)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  guint8 header[SAL_CAPTURE_FILE_HEADER_SIZE];
  static const guint8 block[] = "SBLK\x01\x00\x00\x00\x10\x00\x00\x00\x10\x00\x00\x00"
                                "\x20\x9f\x58\xe9";

  sal_capture_file_header_write (header);
  g_byte_array_append (file, header, sizeof header);
  g_byte_array_append (file, block, SAL_CAPTURE_BLOCK_HEADER_SIZE);
  expect (file, SAL_CAPTURE_VERSION, 0);
}

/* Kind 99 and a STRING with bytes after its text: both as a later version might write them. */
static void
test_unknown_is_skipped (void)
{
  static const guint8 records[] = "\x63\x03zzz"
                                  "\x02\x05\x02hi??"
                                  "\x63\x00"
                                  "\xff\x7f\x01!";
  g_autoptr (GByteArray) file = wrap (records, sizeof records - 1);

  expect (file, SAL_CAPTURE_MORE, 1);
}

static void
test_record_over_the_end (void)
{
  static const guint8 records[] = "\x02\x03\x02hi"
                                  "\x02\x09\x02hi";
  static const guint8 endless[] = "\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
  static const guint8 text[] = "\x02\x03\x05hi";
  static const guint8 function[] = "\x02\x03\x02hi\x05\x04\x03\x00\x00\x00"; /* of kind 3 */
  g_autoptr (GByteArray) file = wrap (records, sizeof records - 1);
  g_autoptr (GByteArray) other = wrap (endless, sizeof endless - 1);
  g_autoptr (GByteArray) third = wrap (text, sizeof text - 1);
  g_autoptr (GByteArray) fourth = wrap (function, sizeof function - 1);

  expect (file, SAL_CAPTURE_CORRUPT, 1);
  expect (other, SAL_CAPTURE_CORRUPT, 0);
  expect (third, SAL_CAPTURE_CORRUPT, 0);
  expect (fourth, SAL_CAPTURE_CORRUPT, 1);
}

static void
test_undefined_ids (void)
{
  static const struct
  {
    const char *records;
    gsize length;
  } cases[] = {
    { "\x03\x05\x01\x00\x00\x00\x00", 7 },     /* process: command 0 of none */
    { "\x04\x06\x00\x00\x01\x00\x00\x00", 8 }, /* thread of process 0 of none */
    { "\x05\x04\x00\x00\x00\x00", 6 },         /* function: name 0 of none */
    { "\x06\x05\x00\x00\x00\x00\x00", 7 },     /* frame: function 0 of none */
    { "\x07\x02\x00\x00", 4 },                 /* stack: frame 0 of none */
    { "\x07\x02\x01\x00", 4 },                 /* stack: its own parent */
    { "\x08\x06\x00\x00\x00\x00\x00\x00", 8 }, /* sample of thread 0 of none */
    { "\x09\x02\x00\x00", 4 },                 /* end of thread 0 of none */
    { "\x0a\x03\x00\x00\x00", 5 },             /* end of process 0 of none */
    { "\x0c\x02\x00\x09", 4 },                 /* an unknown reason */
    { "\x0d\x04\x00\x00\x00\x00", 6 },         /* image of process 0 of none */
    { "\x00\x00", 2 },                         /* kind 0 */
    { "\x02\x03\x02\xc0\x80", 5 },             /* not UTF-8 */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) file = wrap (cases[i].records, cases[i].length);

      expect (file, SAL_CAPTURE_CORRUPT, 0);
    }
}

/* A thread, and a sample of it that waits for what was never defined. */
static void
test_undefined_wait (void)
{
  static const guint8 records[] = "\x02\x01\x00"
                                  "\x03\x05\x01\x00\x00\x00\x00"
                                  "\x04\x06\x00\x00\x01\x00\x00\x01"
                                  "\x08\x07\x00\x00\x00\x00\x00\x00\x02";
  g_autofree guint8 *before = g_memdup2 (records, sizeof records);
  g_autoptr (GByteArray) file = wrap (records, sizeof records - 1);
  g_autoptr (GByteArray) other = NULL;

  expect (file, SAL_CAPTURE_CORRUPT, 3);
  before[sizeof records - 2] = 1; /* wait −1 */
  other = wrap (before, sizeof records - 1);
  expect (other, SAL_CAPTURE_CORRUPT, 3);
}

static void
expect_block (SalCaptureBlock block, SalCaptureResult expected)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  guint8 header[SAL_CAPTURE_FILE_HEADER_SIZE];
  guint8 bytes[SAL_CAPTURE_BLOCK_HEADER_SIZE];

  sal_capture_file_header_write (header);
  sal_capture_block_header_write (&block, bytes);
  g_byte_array_append (file, header, sizeof header);
  g_byte_array_append (file, bytes, sizeof bytes);
  expect (file, expected, 0);
}

/* Refused from the header alone, before there is a byte to unpack. */
static void
test_hostile_lengths (void)
{
  expect_block ((SalCaptureBlock){ G_MAXUINT32, 1 }, SAL_CAPTURE_LIMIT);
  expect_block ((SalCaptureBlock){ 1, G_MAXUINT32 }, SAL_CAPTURE_LIMIT);
  expect_block ((SalCaptureBlock){ SAL_CAPTURE_MAX_STORED + 1, 1 }, SAL_CAPTURE_LIMIT);
  expect_block ((SalCaptureBlock){ 0, 1 }, SAL_CAPTURE_CORRUPT);
  expect_block ((SalCaptureBlock){ 1, 0 }, SAL_CAPTURE_CORRUPT);
}

/* A block that unpacks to more, or less, than its header says. */
static void
test_wrong_raw_length (void)
{
  g_autofree guint8 *records = g_malloc0 (SAL_CAPTURE_MAX_RAW * 4);

  for (int change = -1; change <= 1; change += 2)
    {
      g_autoptr (GByteArray) file = wrap (records, 1000);
      SalCaptureBlock block;

      g_assert_cmpint (sal_capture_block_header_read (file->data + 16, &block), ==, SAL_CAPTURE_OK);
      block.raw = (guint32)((gint)block.raw + change);
      sal_capture_block_header_write (&block, file->data + 16);
      expect (file, SAL_CAPTURE_CORRUPT, 0);
    }
}

static void
test_offset (void)
{
  g_autoptr (GByteArray) bytes = write_every_kind ();
  SalCaptureReader *reader = sal_capture_reader_new ();
  SalCaptureRecord record;
  SalCaptureBlock block;
  guint64 second;

  g_assert_cmpint (sal_capture_block_header_read (bytes->data + 16, &block), ==, SAL_CAPTURE_OK);
  second = 16 + SAL_CAPTURE_BLOCK_HEADER_SIZE + block.stored;
  bytes->data[second + 30] ^= 1;
  g_assert_cmpint (sal_capture_reader_feed (reader, bytes->data, bytes->len), ==, SAL_CAPTURE_OK);
  while (sal_capture_reader_next (reader, &record) == SAL_CAPTURE_OK)
    g_assert_cmpuint (sal_capture_reader_get_offset (reader), ==, 16);
  g_assert_cmpuint (sal_capture_reader_get_offset (reader), ==, second);
  sal_capture_reader_free (reader);
}

static void
test_is_whole (void)
{
  g_autoptr (GByteArray) bytes = write_every_kind ();

  for (guint left_out = 0; left_out < 2; left_out++)
    {
      SalCaptureReader *reader = sal_capture_reader_new ();
      SalCaptureRecord record;

      g_assert_cmpint (sal_capture_reader_feed (reader, bytes->data, bytes->len - left_out),
                       ==,
                       SAL_CAPTURE_OK);
      while (sal_capture_reader_next (reader, &record) == SAL_CAPTURE_OK)
        continue;
      g_assert_cmpint (sal_capture_reader_is_whole (reader), ==, left_out == 0);
      sal_capture_reader_free (reader);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/capture/reader/cut-anywhere", test_cut_anywhere);
  g_test_add_func ("/capture/reader/flipped-bits", test_flipped_bits);
  g_test_add_func ("/capture/reader/not-a-capture", test_not_a_capture);
  g_test_add_func ("/capture/reader/newer-version", test_newer_version);
  g_test_add_func ("/capture/reader/newer-block", test_newer_block);
  g_test_add_func ("/capture/reader/unknown-is-skipped", test_unknown_is_skipped);
  g_test_add_func ("/capture/reader/record-over-the-end", test_record_over_the_end);
  g_test_add_func ("/capture/reader/undefined-ids", test_undefined_ids);
  g_test_add_func ("/capture/reader/undefined-wait", test_undefined_wait);
  g_test_add_func ("/capture/reader/hostile-lengths", test_hostile_lengths);
  g_test_add_func ("/capture/reader/wrong-raw-length", test_wrong_raw_length);
  g_test_add_func ("/capture/reader/offset", test_offset);
  g_test_add_func ("/capture/reader/is-whole", test_is_whole);
  return g_test_run ();
}
