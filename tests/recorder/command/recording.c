/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captures read back for the tests of the recorder. */
#include "recording.h"

#include <string.h>

static char *
dup_text (SalCaptureText text)
{
  return g_strndup (text.bytes, text.length);
}

static void
take_thread (Recording *recording, const SalCaptureThread *thread)
{
  if (thread->id < recording->threads->len)
    g_array_index (recording->threads, SalCaptureThread, thread->id).name = thread->name;
  else
    g_array_append_vals (recording->threads, thread, 1);
}

static void
take_image (Recording *recording, const SalCaptureProcessImage *image)
{
  SalCaptureProcess *process =
      &g_array_index (recording->processes, SalCaptureProcess, image->process);

  process->command = image->command;
  process->python = image->python;
}

static void
take_place (Recording *recording, const SalCapturePlace *place)
{
  g_autofree char *name = dup_text (place->name);
  g_autofree char *path = dup_text (place->file);
  g_autofree char *file = g_path_get_basename (path);

  g_string_append_printf (recording->pending,
                          "%s%s%s%s:%u:%u",
                          recording->pending->len > 0 ? " > " : "",
                          name,
                          *name != '\0' ? " " : "",
                          file,
                          place->first_line,
                          place->line);
}

static void
take_frame (Recording *recording, const SalCaptureFrame *frame)
{
  g_array_append_vals (recording->frames, frame, 1);
  g_ptr_array_add (recording->places, g_strdup (recording->pending->str));
  g_string_truncate (recording->pending, 0);
}

static void
take (Recording *recording, const SalCaptureRecord *record)
{
  g_assert_cmpuint (recording->n_ends, ==, 0);
  switch (record->kind)
    {
    case SAL_CAPTURE_META:
      g_hash_table_replace (recording->metas,
                            dup_text (record->meta.key),
                            dup_text (record->meta.value));
      break;
    case SAL_CAPTURE_STRING:
      g_ptr_array_add (recording->strings, dup_text (record->string));
      break;
    case SAL_CAPTURE_PROCESS:
      g_array_append_vals (recording->processes, &record->process, 1);
      recording->process = g_array_index (recording->processes, SalCaptureProcess, 0);
      recording->n_processes++;
      break;
    case SAL_CAPTURE_PROCESS_IMAGE:
      take_image (recording, &record->process_image);
      break;
    case SAL_CAPTURE_THREAD:
      take_thread (recording, &record->thread);
      break;
    case SAL_CAPTURE_FUNCTION:
      g_array_append_vals (recording->functions, &record->function, 1);
      break;
    case SAL_CAPTURE_FRAME:
      take_frame (recording, &record->frame);
      break;
    case SAL_CAPTURE_PLACE:
      take_place (recording, &record->place);
      break;
    case SAL_CAPTURE_STACK:
      g_array_append_vals (recording->stacks, &record->stack, 1);
      break;
    case SAL_CAPTURE_SAMPLE:
      g_array_append_vals (recording->samples, &record->sample, 1);
      break;
    case SAL_CAPTURE_WAIT:
      g_array_append_vals (recording->waits, &record->wait, 1);
      break;
    case SAL_CAPTURE_THREAD_END:
      g_array_append_vals (recording->thread_ends, &record->thread_end, 1);
      break;
    case SAL_CAPTURE_PROCESS_END:
      if (record->process_end.process == 0)
        recording->process_end = record->process_end;
      recording->n_process_ends++;
      break;
    case SAL_CAPTURE_COUNTERS:
      recording->counters = record->counters;
      break;
    case SAL_CAPTURE_END:
      recording->end = record->end;
      recording->n_ends++;
      break;
    default:
      break;
    }
}

Recording *
recording_load (const char *path)
{
  Recording *recording = g_new0 (Recording, 1);
  SalCaptureReader *reader = sal_capture_reader_new ();
  g_autofree char *bytes = NULL;
  gsize length = 0;
  g_autoptr (GError) error = NULL;
  SalCaptureRecord record;
  SalCaptureResult result;

  recording->metas = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  recording->strings = g_ptr_array_new_with_free_func (g_free);
  recording->places = g_ptr_array_new_with_free_func (g_free);
  recording->pending = g_string_new (NULL);
  recording->functions = g_array_new (FALSE, FALSE, sizeof (SalCaptureFunction));
  recording->frames = g_array_new (FALSE, FALSE, sizeof (SalCaptureFrame));
  recording->stacks = g_array_new (FALSE, FALSE, sizeof (SalCaptureStack));
  recording->threads = g_array_new (FALSE, FALSE, sizeof (SalCaptureThread));
  recording->samples = g_array_new (FALSE, FALSE, sizeof (SalCaptureSample));
  recording->thread_ends = g_array_new (FALSE, FALSE, sizeof (SalCaptureThreadEnd));
  recording->waits = g_array_new (FALSE, FALSE, sizeof (SalCaptureWait));
  recording->processes = g_array_new (FALSE, FALSE, sizeof (SalCaptureProcess));

  g_file_get_contents (path, &bytes, &length, &error);
  g_assert_no_error (error);
  result = sal_capture_reader_feed (reader, bytes, length);
  g_assert_cmpint (result, ==, SAL_CAPTURE_OK);
  while ((result = sal_capture_reader_next (reader, &record)) == SAL_CAPTURE_OK)
    take (recording, &record);
  recording->is_whole = result == SAL_CAPTURE_MORE && sal_capture_reader_is_whole (reader);
  sal_capture_reader_free (reader);
  return recording;
}

void
recording_free (Recording *recording)
{
  g_hash_table_unref (recording->metas);
  g_ptr_array_unref (recording->strings);
  g_ptr_array_unref (recording->places);
  g_string_free (recording->pending, TRUE);
  g_array_unref (recording->functions);
  g_array_unref (recording->frames);
  g_array_unref (recording->stacks);
  g_array_unref (recording->threads);
  g_array_unref (recording->samples);
  g_array_unref (recording->thread_ends);
  g_array_unref (recording->waits);
  g_array_unref (recording->processes);
  g_free (recording);
}

const char *
recording_get_name (const Recording *recording, guint32 stack)
{
  guint32 frame;
  guint32 function;

  if (stack == SAL_CAPTURE_NO_ID)
    return "";
  frame = g_array_index (recording->stacks, SalCaptureStack, stack).frame;
  function = g_array_index (recording->frames, SalCaptureFrame, frame).function;
  return g_ptr_array_index (
      recording->strings,
      g_array_index (recording->functions, SalCaptureFunction, function).name);
}

const char *
recording_get_library (const Recording *recording, guint32 stack)
{
  guint32 frame = g_array_index (recording->stacks, SalCaptureStack, stack).frame;
  guint32 function = g_array_index (recording->frames, SalCaptureFrame, frame).function;
  guint32 library = g_array_index (recording->functions, SalCaptureFunction, function).library;

  return library != SAL_CAPTURE_NO_ID ? g_ptr_array_index (recording->strings, library) : "";
}

const char *
recording_get_place (const Recording *recording, guint32 stack)
{
  return g_ptr_array_index (recording->places,
                            g_array_index (recording->stacks, SalCaptureStack, stack).frame);
}

gboolean
recording_is_in (const Recording *recording, guint32 stack, const char *name)
{
  while (stack != SAL_CAPTURE_NO_ID)
    {
      if (strcmp (recording_get_name (recording, stack), name) == 0)
        return TRUE;
      stack = g_array_index (recording->stacks, SalCaptureStack, stack).parent;
    }
  return FALSE;
}

guint64
recording_sum_weights (const Recording *recording, const char *name, guint32 thread)
{
  guint64 sum = 0;

  for (guint i = 0; i < recording->samples->len; i++)
    {
      const SalCaptureSample *sample = &g_array_index (recording->samples, SalCaptureSample, i);

      if (thread != G_MAXUINT32 && sample->thread != thread)
        continue;
      if (name == NULL || recording_is_in (recording, sample->stack, name))
        sum += sample->weight_ns;
    }
  return sum;
}

guint
recording_count (const Recording *recording, const char *name)
{
  g_autofree gint8 *is_in = g_new0 (gint8, recording->stacks->len + 1);
  guint n = 0;

  for (guint i = 0; i < recording->samples->len; i++)
    {
      guint32 stack = g_array_index (recording->samples, SalCaptureSample, i).stack;

      if (stack == SAL_CAPTURE_NO_ID)
        continue;
      if (is_in[stack] == 0)
        is_in[stack] = recording_is_in (recording, stack, name) ? 1 : -1;
      n += is_in[stack] == 1;
    }
  return n;
}

int
recording_find_thread (const Recording *recording, const char *name)
{
  g_autoptr (GString) others = g_string_new (NULL);

  for (guint i = 0; i < recording->threads->len; i++)
    {
      guint32 id = g_array_index (recording->threads, SalCaptureThread, i).name;
      const char *text = id != SAL_CAPTURE_NO_ID ? g_ptr_array_index (recording->strings, id) : "?";

      if (id != SAL_CAPTURE_NO_ID && strcmp (text, name) == 0)
        return (int)i;
      g_string_append_printf (others, " %s", text);
    }
  g_test_message ("no %s among the threads%s", name, others->str);
  return -1;
}

void
recording_assert_whole (const Recording *recording, SalCaptureEndReason reason)
{
  g_assert_true (recording->is_whole);
  g_assert_cmpuint (recording->n_ends, ==, 1);
  g_assert_cmpint (recording->end.reason, ==, reason);
}
