/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records as text: every field, ids as numbers, texts escaped. */
#include "capture-dump.h"

#include "sal-capture-reader.h"

static void
dump_text (const char *label, const SalCaptureText *text, GString *out)
{
  g_string_append_printf (out, " %s=%zu:\"", label, text->length);
  for (gsize i = 0; i < text->length; i++)
    if (text->bytes[i] >= ' ' && text->bytes[i] <= '~' && text->bytes[i] != '\\')
      g_string_append_c (out, text->bytes[i]);
    else
      g_string_append_printf (out, "\\x%02x", (guint8)text->bytes[i]);
  g_string_append_c (out, '"');
}

static void
dump_id (const char *label, guint32 id, GString *out)
{
  if (id == SAL_CAPTURE_NO_ID)
    g_string_append_printf (out, " %s=none", label);
  else
    g_string_append_printf (out, " %s=%u", label, id);
}

static void
dump_number (const char *label, guint64 number, GString *out)
{
  g_string_append_printf (out, " %s=%" G_GUINT64_FORMAT, label, number);
}

static void
dump_time (const char *label, gint64 time, GString *out)
{
  g_string_append_printf (out, " %s=%" G_GINT64_FORMAT, label, time);
}

static void
dump_process (const SalCaptureProcess *process, GString *out)
{
  g_string_append (out, "process");
  dump_number ("pid", process->pid, out);
  dump_id ("parent", process->parent, out);
  dump_time ("start", process->start_ns, out);
  dump_id ("command", process->command, out);
  dump_id ("python", process->python, out);
}

static void
dump_thread (const SalCaptureThread *thread, GString *out)
{
  g_string_append (out, "thread");
  dump_id ("id", thread->id, out);
  dump_id ("process", thread->process, out);
  dump_number ("tid", thread->tid, out);
  dump_id ("name", thread->name, out);
  dump_time ("start", thread->start_ns, out);
  dump_number ("main", thread->is_main, out);
}

static void
dump_function (const SalCaptureFunction *function, GString *out)
{
  g_string_append (out, "function");
  dump_number ("kind", function->kind, out);
  dump_id ("name", function->name, out);
  dump_id ("file", function->file, out);
  dump_number ("line", function->first_line, out);
  if (function->kind == SAL_CAPTURE_NATIVE && function->library != SAL_CAPTURE_NO_ID)
    dump_id ("library", function->library, out);
  if (function->address != 0)
    dump_number ("address", function->address, out);
}

static void
dump_frame (const SalCaptureFrame *frame, GString *out)
{
  g_string_append (out, "frame");
  dump_id ("function", frame->function, out);
  dump_number ("line", frame->line, out);
  dump_number ("end_line", frame->end_line, out);
  dump_number ("column", frame->column, out);
  dump_number ("end_column", frame->end_column, out);
}

static void
dump_place (const SalCapturePlace *place, GString *out)
{
  g_string_append (out, "place");
  dump_text ("name", &place->name, out);
  dump_text ("file", &place->file, out);
  dump_number ("first_line", place->first_line, out);
  dump_number ("line", place->line, out);
}

static void
dump_sample (const SalCaptureSample *sample, GString *out)
{
  g_string_append (out, "sample");
  dump_time ("time", sample->time_ns, out);
  dump_id ("thread", sample->thread, out);
  dump_id ("stack", sample->stack, out);
  dump_number ("state", sample->state, out);
  dump_number ("weight", sample->weight_ns, out);
  dump_number ("cpu", sample->cpu_ns, out);
  /* The older golden files have none. */
  if (sample->wait != 0)
    dump_number ("wait", sample->wait, out);
}

static void
dump_wait (const SalCaptureWait *wait, GString *out)
{
  g_string_append (out, "wait");
  dump_number ("kind", wait->kind, out);
  dump_number ("disk", wait->is_disk, out);
  dump_number ("descriptor_kind", wait->descriptor_kind, out);
  dump_id ("descriptor", wait->descriptor, out);
  dump_id ("name", wait->name, out);
}

static void
dump_counters (const SalCaptureCounters *counters, GString *out)
{
  g_string_append (out, "counters");
  dump_time ("time", counters->time_ns, out);
  dump_number ("ticks", counters->ticks, out);
  dump_number ("samples", counters->samples, out);
  dump_number ("missed", counters->missed, out);
  dump_number ("late", counters->late, out);
  dump_number ("retried", counters->retried, out);
  dump_number ("rejected", counters->rejected, out);
  dump_number ("cpu", counters->cpu_ns, out);
  for (int i = 0; i < SAL_CAPTURE_N_ERRORS; i++)
    dump_number ("error", counters->errors[i], out);
  /* The older golden files have neither. */
  if (counters->withheld > 0 || counters->rate_mhz > 0)
    {
      dump_number ("withheld", counters->withheld, out);
      dump_number ("rate_mhz", counters->rate_mhz, out);
    }
  if (counters->native_samples > 0)
    {
      dump_number ("native", counters->native_samples, out);
      dump_number ("seams", counters->native_seams, out);
      dump_number ("cut", counters->native_cut, out);
      dump_number ("median", counters->stop_median_ns, out);
      dump_number ("p99", counters->stop_p99_ns, out);
    }
  if (counters->same_cpu > 0)
    dump_number ("same_cpu", counters->same_cpu, out);
  if (counters->copy_median_ns > 0)
    dump_number ("copy", counters->copy_median_ns, out);
  if (counters->held > 0)
    dump_number ("held", counters->held, out);
}

static void
dump_process_image (const SalCaptureProcessImage *image, GString *out)
{
  g_string_append (out, "process_image");
  dump_id ("process", image->process, out);
  dump_time ("time", image->time_ns, out);
  dump_id ("command", image->command, out);
  dump_id ("python", image->python, out);
}

static void
dump_ends (const SalCaptureRecord *record, GString *out)
{
  if (record->kind == SAL_CAPTURE_THREAD_END)
    {
      g_string_append (out, "thread_end");
      dump_id ("thread", record->thread_end.thread, out);
      dump_time ("time", record->thread_end.time_ns, out);
    }
  else if (record->kind == SAL_CAPTURE_PROCESS_END)
    {
      g_string_append (out, "process_end");
      dump_id ("process", record->process_end.process, out);
      dump_time ("time", record->process_end.time_ns, out);
      dump_time ("status", record->process_end.status, out);
    }
  else
    {
      g_string_append (out, "end");
      dump_time ("time", record->end.time_ns, out);
      dump_number ("reason", record->end.reason, out);
    }
}

void
capture_dump_record (const SalCaptureRecord *record, GString *text)
{
  switch (record->kind)
    {
    case SAL_CAPTURE_META:
      g_string_append (text, "meta");
      dump_text ("key", &record->meta.key, text);
      dump_text ("value", &record->meta.value, text);
      break;
    case SAL_CAPTURE_STRING:
      g_string_append (text, "string");
      dump_text ("text", &record->string, text);
      break;
    case SAL_CAPTURE_PROCESS:
      dump_process (&record->process, text);
      break;
    case SAL_CAPTURE_THREAD:
      dump_thread (&record->thread, text);
      break;
    case SAL_CAPTURE_FUNCTION:
      dump_function (&record->function, text);
      break;
    case SAL_CAPTURE_FRAME:
      dump_frame (&record->frame, text);
      break;
    case SAL_CAPTURE_STACK:
      g_string_append (text, "stack");
      dump_id ("parent", record->stack.parent, text);
      dump_id ("frame", record->stack.frame, text);
      break;
    case SAL_CAPTURE_SAMPLE:
      dump_sample (&record->sample, text);
      break;
    case SAL_CAPTURE_COUNTERS:
      dump_counters (&record->counters, text);
      break;
    case SAL_CAPTURE_THREAD_END:
    case SAL_CAPTURE_PROCESS_END:
    case SAL_CAPTURE_END:
      dump_ends (record, text);
      break;
    case SAL_CAPTURE_PROCESS_IMAGE:
      dump_process_image (&record->process_image, text);
      break;
    case SAL_CAPTURE_WAIT:
      dump_wait (&record->wait, text);
      break;
    case SAL_CAPTURE_PLACE:
      dump_place (&record->place, text);
      break;
    default:
      g_string_append_printf (text, "kind %d", (int)record->kind);
      break;
    }
  g_string_append_c (text, '\n');
}

char *
capture_dump_bytes (const guint8 *bytes,
                    gsize length,
                    gsize piece,
                    SalCaptureResult *result,
                    guint *n_records)
{
  SalCaptureReader *reader = sal_capture_reader_new ();
  GString *text = g_string_new (NULL);
  SalCaptureRecord record;
  guint count = 0;

  g_assert_nonnull (reader);
  *result = SAL_CAPTURE_MORE;
  for (gsize at = 0; at < length && *result == SAL_CAPTURE_MORE; at += piece)
    {
      *result = sal_capture_reader_feed (reader, bytes + at, MIN (piece, length - at));
      g_assert_cmpint (*result, ==, SAL_CAPTURE_OK);
      while ((*result = sal_capture_reader_next (reader, &record)) == SAL_CAPTURE_OK)
        {
          capture_dump_record (&record, text);
          count++;
        }
    }
  sal_capture_reader_free (reader);
  if (n_records != NULL)
    *n_records = count;
  return g_string_free (text, FALSE);
}
