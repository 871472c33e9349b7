/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written is read again; what was written long ago still is. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "sal-capture-format.h"

#include "capture-dump.h"
#include "capture-example.h"

static char *
dump_records (const SalCaptureRecord *records, guint n_records)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n_records; i++)
    capture_dump_record (&records[i], text);
  return g_string_free (text, FALSE);
}

static void
test_every_kind (void)
{
  guint n_records, n_read;
  const SalCaptureRecord *records = capture_example_every_kind (&n_records);
  g_autofree char *expected = dump_records (records, n_records);

  for (guint block = 0; block <= 5; block++)
    {
      g_autoptr (GByteArray) bytes = capture_example_write (records, n_records, block);

      for (gsize piece = 1; piece <= bytes->len; piece = piece * 3 + 1)
        {
          SalCaptureResult result;
          g_autofree char *dump = NULL;

          dump = capture_dump_bytes (bytes->data, bytes->len, piece, &result, &n_read);
          g_assert_cmpstr (dump, ==, expected);
          g_assert_cmpuint (n_read, ==, n_records);
          g_assert_cmpint (result, ==, SAL_CAPTURE_MORE);
        }
    }
}

static void
test_golden (gconstpointer name)
{
  g_autofree char *file = g_strconcat (name, ".salamander", NULL);
  g_autofree char *text = g_strconcat (name, ".txt", NULL);
  g_autofree char *file_path = g_test_build_filename (G_TEST_DIST, file, NULL);
  g_autofree char *text_path = g_test_build_filename (G_TEST_DIST, "dumps", text, NULL);
  g_autofree char *bytes = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *dump = NULL;
  g_autoptr (GError) error = NULL;
  SalCaptureResult result;
  gsize length;

  g_file_get_contents (file_path, &bytes, &length, &error);
  g_assert_no_error (error);
  g_file_get_contents (text_path, &expected, NULL, &error);
  g_assert_no_error (error);
  dump = capture_dump_bytes ((const guint8 *)bytes, length, 100, &result, NULL);
  g_assert_cmpstr (dump, ==, expected);
  g_assert_cmpint (result, ==, SAL_CAPTURE_MORE);
}

/* More than a block's worth: 100,000 samples of two threads with numbers all over the range. */
static void
test_many_samples (void)
{
  int fd;
  SalCaptureWriter *writer = capture_example_open (&fd);
  guint n_records;
  const SalCaptureRecord *records = capture_example_every_kind (&n_records);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (GByteArray) bytes = NULL;
  g_autofree char *dump = NULL;
  SalCaptureResult result;

  for (guint i = 0; i < n_records; i++)
    {
      g_assert_cmpint (sal_capture_writer_add (writer, &records[i]), ==, SAL_CAPTURE_OK);
      capture_dump_record (&records[i], expected);
    }
  for (guint i = 0; i < 100000; i++)
    {
      int shift = g_rand_int_range (rand, 0, 60);
      SalCaptureRecord record = { .kind = SAL_CAPTURE_SAMPLE };

      record.sample.time_ns = (gint64)g_rand_int (rand) << 28 >> shift % 40;
      record.sample.thread = g_rand_int (rand) & 1;
      record.sample.stack = (g_rand_int (rand) & 7) < 4 ? g_rand_int (rand) & 3 : G_MAXUINT32;
      record.sample.state = g_rand_int (rand);
      record.sample.weight_ns = (guint64)g_rand_int (rand) << shift % 29;
      record.sample.cpu_ns = g_rand_int (rand);
      g_assert_cmpint (sal_capture_writer_add (writer, &record), ==, SAL_CAPTURE_OK);
      capture_dump_record (&record, expected);
    }
  bytes = capture_example_finish (writer, fd);
  dump = capture_dump_bytes (bytes->data, bytes->len, 65536, &result, NULL);
  g_assert_true (g_str_equal (dump, expected->str));
  g_assert_cmpint (result, ==, SAL_CAPTURE_MORE);
}

static void
expect_refused (SalCaptureWriter *writer, SalCaptureRecord record, SalCaptureResult expected)
{
  g_assert_cmpint (sal_capture_writer_add (writer, &record), ==, expected);
}

/* A record that is refused takes no id and leaves no byte. */
static void
test_refused (void)
{
  int fd;
  SalCaptureWriter *writer = capture_example_open (&fd);
  g_autofree char *long_text = g_strnfill (SAL_CAPTURE_MAX_TEXT + 1, 'x');
  SalCaptureRecord text = { .kind = SAL_CAPTURE_STRING, .string = { long_text, 0 } };
  g_autoptr (GByteArray) bytes = NULL;
  g_autofree char *dump = NULL;
  SalCaptureResult result;
  guint n_records;

  text.string.length = SAL_CAPTURE_MAX_TEXT + 1;
  expect_refused (writer, text, SAL_CAPTURE_LIMIT);
  text.string = (SalCaptureText){ "\xff", 1 };
  expect_refused (writer, text, SAL_CAPTURE_CORRUPT);
  text.string = (SalCaptureText){ "\xed\xa0\x80", 3 };
  expect_refused (writer, text, SAL_CAPTURE_CORRUPT);
  text.string = (SalCaptureText){ "\xc3", 1 };
  expect_refused (writer, text, SAL_CAPTURE_CORRUPT);
  text.string = (SalCaptureText){ long_text, SAL_CAPTURE_MAX_TEXT };
  expect_refused (writer, text, SAL_CAPTURE_OK);
  expect_refused (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_SAMPLE }, SAL_CAPTURE_CORRUPT);
  expect_refused (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_FRAME }, SAL_CAPTURE_CORRUPT);
  expect_refused (writer,
                  (SalCaptureRecord){ .kind = SAL_CAPTURE_FUNCTION, .function.name = 1 },
                  SAL_CAPTURE_CORRUPT);
  expect_refused (writer,
                  (SalCaptureRecord){ .kind = SAL_CAPTURE_FUNCTION,
                                      .function.kind = SAL_CAPTURE_TASK + 1 },
                  SAL_CAPTURE_CORRUPT);
  expect_refused (writer,
                  (SalCaptureRecord){ .kind = SAL_CAPTURE_END, .end.time_ns = G_MAXINT64 },
                  SAL_CAPTURE_LIMIT);
  bytes = capture_example_finish (writer, fd);
  dump = capture_dump_bytes (bytes->data, bytes->len, bytes->len, &result, &n_records);
  g_assert_cmpuint (n_records, ==, 1);
  g_assert_cmpint (result, ==, SAL_CAPTURE_MORE);
}

static void
test_pipe_without_reader (void)
{
  int ends[2];
  SalCaptureWriter *writer;
  SalCaptureRecord record = { .kind = SAL_CAPTURE_COUNTERS };

  signal (SIGPIPE, SIG_IGN);
  g_assert_cmpint (pipe (ends), ==, 0);
  g_assert_cmpint (sal_capture_writer_new (ends[1], &writer), ==, SAL_CAPTURE_OK);
  close (ends[0]);
  g_assert_cmpint (sal_capture_writer_add (writer, &record), ==, SAL_CAPTURE_OK);
  g_assert_cmpint (sal_capture_writer_flush (writer), ==, SAL_CAPTURE_IO);
  g_assert_cmpint (errno, ==, EPIPE);
  errno = 0;
  g_assert_cmpint (sal_capture_writer_add (writer, &record), ==, SAL_CAPTURE_IO);
  g_assert_cmpint (errno, ==, EPIPE);
  sal_capture_writer_free (writer);
  close (ends[1]);
}

static void
test_no_descriptor (void)
{
  SalCaptureWriter *writer;

  g_assert_cmpint (sal_capture_writer_new (-1, &writer), ==, SAL_CAPTURE_IO);
  g_assert_cmpint (errno, ==, EBADF);
  g_assert_null (writer);
}

/* What was flushed is readable before the writer is done; an empty flush writes nothing. */
static void
test_flush (void)
{
  int fd;
  SalCaptureWriter *writer = capture_example_open (&fd);
  SalCaptureRecord record = { .kind = SAL_CAPTURE_COUNTERS };
  guint64 length = sal_capture_writer_get_bytes (writer);
  guint8 bytes[256];
  g_autofree char *dump = NULL;
  SalCaptureResult result;
  guint n_records;

  g_assert_cmpuint (length, ==, SAL_CAPTURE_FILE_HEADER_SIZE);
  g_assert_cmpint (sal_capture_writer_flush (writer), ==, SAL_CAPTURE_OK);
  g_assert_cmpuint (sal_capture_writer_get_bytes (writer), ==, length);
  g_assert_cmpint (sal_capture_writer_add (writer, &record), ==, SAL_CAPTURE_OK);
  g_assert_cmpint (sal_capture_writer_flush (writer), ==, SAL_CAPTURE_OK);
  length = sal_capture_writer_get_bytes (writer);
  g_assert_cmpuint (length, <=, sizeof bytes);
  g_assert_cmpint (pread (fd, bytes, sizeof bytes, 0), ==, (gssize)length);
  dump = capture_dump_bytes (bytes, length, length, &result, &n_records);
  g_assert_cmpuint (n_records, ==, 1);
  sal_capture_writer_free (writer);
  close (fd);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/capture/round-trip/every-kind", test_every_kind);
  g_test_add_func ("/capture/round-trip/many-samples", test_many_samples);
  g_test_add_data_func ("/capture/golden/every-kind", "every-kind", test_golden);
  g_test_add_data_func ("/capture/golden/busy", "busy", test_golden);
  g_test_add_data_func ("/capture/golden/tiny", "tiny", test_golden);
  g_test_add_data_func ("/capture/golden/tree", "tree", test_golden);
  g_test_add_data_func ("/capture/golden/native", "native", test_golden);
  g_test_add_data_func ("/capture/golden/waits", "waits", test_golden);
  g_test_add_data_func ("/capture/golden/inlined", "inlined", test_golden);
  g_test_add_data_func ("/capture/golden/tasks", "tasks", test_golden);
  g_test_add_func ("/capture/writer/refuses-what-no-reader-takes", test_refused);
  g_test_add_func ("/capture/writer/pipe-without-reader", test_pipe_without_reader);
  g_test_add_func ("/capture/writer/no-descriptor", test_no_descriptor);
  g_test_add_func ("/capture/writer/flush", test_flush);
  return g_test_run ();
}
