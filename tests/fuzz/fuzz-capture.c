/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The capture reader on a file, and on the records of one block whose frame is right. */
#include "fuzz-target.h"

#include <stdlib.h>

#include "sal-capture-reader.h"

#include "fuzz-records.h"

/* Whatever is read must keep what the reader promises; reading every byte of the texts lets the
 * sanitizer see a length that is wrong. */
static void
use (const SalCaptureRecord *record)
{
  static volatile char sink;

  if (record->kind == SAL_CAPTURE_STRING)
    for (size_t i = 0; i < record->string.length; i++)
      sink = record->string.bytes[i];
  if (record->kind == SAL_CAPTURE_META)
    for (size_t i = 0; i < record->meta.value.length; i++)
      sink = record->meta.value.bytes[i];
  if (record->kind < SAL_CAPTURE_META || record->kind > SAL_CAPTURE_PLACE)
    abort ();
  (void)sink;
}

static void
read_all (SalCaptureReader *reader, const uint8_t *data, size_t size, size_t piece)
{
  SalCaptureRecord record;

  for (size_t at = 0; at < size; at += piece)
    {
      if (sal_capture_reader_feed (reader, data + at, size - at < piece ? size - at : piece) !=
          SAL_CAPTURE_OK)
        return;
      while (sal_capture_reader_next (reader, &record) == SAL_CAPTURE_OK)
        use (&record);
    }
}

static void
read_as_file (const uint8_t *data, size_t size, size_t piece)
{
  SalCaptureReader *reader = sal_capture_reader_new ();

  if (reader == NULL)
    return;
  read_all (reader, data, size, piece);
  sal_capture_reader_free (reader);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *file;
  size_t length;

  read_as_file (data, size, 1 + size / 7);
  file = fuzz_records_wrap (data, size, &length);
  read_as_file (file, length, length + 1);
  return 0;
}
