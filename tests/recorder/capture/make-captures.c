/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the golden captures, their dumps and the bare records of two for the fuzz target:
 *
 * make-captures tests/captures tests/captures/dumps tests/fuzz/capture
 *
 * Run by hand, and only when a file is added: a golden file that changes is a format that changes.
 */
#include <string.h>

#include "capture-dump.h"
#include "capture-example.h"
#include "sal-capture-codec.h"

static void
save (const char *folder, const char *name, const guint8 *bytes, gsize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (path, (const char *)bytes, (gssize)length, &error))
    g_error ("%s", error->message);
}

static void
save_with_dump (char *folders[], const char *name, const GByteArray *bytes)
{
  g_autofree char *file_name = g_strconcat (name, ".salamander", NULL);
  g_autofree char *dump_name = g_strconcat (name, ".txt", NULL);
  SalCaptureResult result;
  g_autofree char *dump = capture_dump_bytes (bytes->data, bytes->len, bytes->len, &result, NULL);

  save (folders[0], file_name, bytes->data, bytes->len);
  save (folders[1], dump_name, (const guint8 *)dump, strlen (dump));
}

/* What stands inside a block. */
static void
save_records (const char *folder,
              const char *name,
              const SalCaptureRecord *records,
              guint n_records)
{
  static SalCaptureThreadState threads[8];
  SalCaptureTables tables = { .threads = threads, .threads_capacity = G_N_ELEMENTS (threads) };
  g_autofree guint8 *bytes = g_malloc (n_records * 128 + SAL_CAPTURE_MAX_RECORD);
  gsize length = 0;

  for (guint i = 0; i < n_records; i++)
    {
      length += sal_capture_record_encode (&tables, &records[i], bytes + length);
      sal_capture_tables_apply (&tables, &records[i]);
    }
  save (folder, name, bytes, length);
}

static void
save_example (char *folders[],
              const char *name,
              const SalCaptureRecord *records,
              guint n_records,
              guint block)
{
  g_autoptr (GByteArray) bytes = capture_example_write (records, n_records, block);

  save_with_dump (folders, name, bytes);
}

int
main (int argc, char *argv[])
{
  int fd;
  SalCaptureWriter *writer = capture_example_open (&fd);
  g_autoptr (GByteArray) busy = NULL;
  const SalCaptureRecord *records;
  guint n_records;

  if (argc != 4)
    g_error ("Usage: %s CAPTURES DUMPS RECORDS", argv[0]);
  capture_example_busy (writer);
  busy = capture_example_finish (writer, fd);
  save_with_dump (argv + 1, "busy", busy);
  records = capture_example_tiny (&n_records);
  save_example (argv + 1, "tiny", records, n_records, 0);
  records = capture_example_every_kind (&n_records);
  save_example (argv + 1, "every-kind", records, n_records, 20);
  records = capture_example_tree (&n_records);
  save_example (argv + 1, "tree", records, n_records, 0);
  records = capture_example_native (&n_records);
  save_example (argv + 1, "native", records, n_records, 0);
  records = capture_example_waits (&n_records);
  save_example (argv + 1, "waits", records, n_records, 0);
  records = capture_example_inlined (&n_records);
  save_example (argv + 1, "inlined", records, n_records, 0);
  records = capture_example_tasks (&n_records);
  save_example (argv + 1, "tasks", records, n_records, 0);
  records = capture_example_every_kind (&n_records);
  save_records (argv[3], "every-kind.records", records, n_records);
  records = capture_example_waits (&n_records);
  save_records (argv[3], "waits.records", records, n_records);
  return 0;
}
