/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes speedscope's JSON, streaming: only strings pass through a JSON library. */
#include "config.h"

#include "sal-speedscope-writer.h"

#include <string.h>

#include <glib/gi18n.h>

#include "sal-profile-error.h"

#include "sal-thread-forest.h"

/* Samples of one thread in a row with the same functions. */
typedef struct
{
  guint32 stack; /* SAL_NO_ID = empty */
  guint64 weight;
} Run;

typedef struct
{
  SalProfile *profile;
  SalOutput *output;
  gint64 start_ns;
  gint64 end_ns;
  GArray *runs;     /* Run */
  GArray *previous; /* guint32: functions of the last run, innermost first */
  GArray *current;
  gint64 reached_ns; /* where the last run ends */
} Writer;

static void
list_functions (SalProfile *profile, guint32 stack, GArray *functions)
{
  g_array_set_size (functions, 0);
  while (stack != SAL_NO_ID)
    {
      SalStack node = sal_profile_get_stack (profile, stack);
      SalFrame frame = sal_profile_get_frame (profile, node.frame);

      g_array_append_val (functions, frame.function);
      stack = node.parent;
    }
}

static void
add_run (Writer *writer, guint32 stack, guint64 weight)
{
  const Run run = { .stack = stack, .weight = weight };
  Run *last = NULL;
  GArray *swap;

  if (weight == 0)
    return;
  list_functions (writer->profile, stack, writer->current);
  if (writer->runs->len > 0)
    last = &g_array_index (writer->runs, Run, writer->runs->len - 1);
  if (last != NULL && writer->current->len == writer->previous->len &&
      (writer->current->len == 0 || memcmp (writer->current->data, writer->previous->data,
                                            writer->current->len * sizeof (guint32)) == 0))
    {
      last->weight += weight;
      return;
    }
  g_array_append_val (writer->runs, run);
  swap = writer->previous;
  writer->previous = writer->current;
  writer->current = swap;
}

/* A sample stands for the time before it. What nobody stands for becomes an empty stack. */
static void
add_sample (Writer *writer, const SalSample *sample)
{
  gint64 end = MIN (sample->time_ns, writer->end_ns);
  gint64 start = end;

  if (sample->weight_ns < G_MAXINT64 && sample->time_ns >= G_MININT64 + (gint64)sample->weight_ns)
    start = sample->time_ns - (gint64)sample->weight_ns;
  start = MAX (start, writer->reached_ns);
  if (end <= start)
    return;
  add_run (writer, SAL_NO_ID, (guint64)(start - writer->reached_ns));
  add_run (writer, sample->stack, (guint64)(end - start));
  writer->reached_ns = end;
}

static void
write_frames (Writer *writer)
{
  SalOutput *output = writer->output;

  for (guint32 i = 0; i < sal_profile_get_n_functions (writer->profile); i++)
    {
      SalFunction function = sal_profile_get_function (writer->profile, i);

      sal_output_append (output, i == 0 ? "\n{\"name\":" : ",\n{\"name\":");
      sal_output_append_json (output, function.name);
      if (*function.file != '\0')
        {
          sal_output_append (output, ",\"file\":");
          sal_output_append_json (output, function.file);
        }
      if (function.first_line > 0)
        sal_output_printf (output, ",\"line\":%u", function.first_line);
      sal_output_append (output, "}");
    }
}

static void
write_runs (Writer *writer)
{
  SalOutput *output = writer->output;

  for (guint i = 0; i < writer->runs->len; i++)
    {
      list_functions (writer->profile, g_array_index (writer->runs, Run, i).stack, writer->current);
      sal_output_append (output, i == 0 ? "[" : ",[");
      for (guint j = writer->current->len; j > 0; j--)
        {
          sal_output_append_uint (output, g_array_index (writer->current, guint32, j - 1));
          if (j > 1)
            sal_output_append (output, ",");
        }
      sal_output_append (output, "]");
    }
  sal_output_append (output, "],\"weights\":[");
  for (guint i = 0; i < writer->runs->len; i++)
    {
      if (i > 0)
        sal_output_append (output, ",");
      sal_output_append_uint (output, g_array_index (writer->runs, Run, i).weight);
    }
}

static void
write_thread (Writer *writer, guint32 thread, const guint64 *samples, guint64 n_samples)
{
  SalOutput *output = writer->output;
  g_autofree char *name = sal_thread_forest_name_thread (writer->profile, thread);
  g_autofree char *process = sal_thread_forest_name_process (
      writer->profile, sal_profile_get_thread (writer->profile, thread).process);
  g_autofree char *whole = g_strdup_printf ("%s, %s", name, process);

  g_array_set_size (writer->runs, 0);
  writer->reached_ns = writer->start_ns;
  for (guint64 i = 0; i < n_samples; i++)
    {
      SalSample sample = sal_profile_get_sample (writer->profile, samples[i]);

      add_sample (writer, &sample);
    }
  if (writer->reached_ns < writer->end_ns)
    add_run (writer, SAL_NO_ID, (guint64)(writer->end_ns - writer->reached_ns));
  sal_output_append (output, "{\"type\":\"sampled\",\"name\":");
  sal_output_append_json (output, sal_profile_get_n_processes (writer->profile) > 1 ? whole : name);
  sal_output_printf (output,
                     ",\"unit\":\"nanoseconds\",\"startValue\":%" G_GINT64_FORMAT
                     ",\"endValue\":%" G_GINT64_FORMAT ",\n\"samples\":[",
                     writer->start_ns, writer->end_ns);
  write_runs (writer);
  sal_output_append (output, "]}");
}

/* The samples that count, sorted by thread and then time: thread t has those from firsts[t] on. */
static guint64 *
sort_samples (SalProfile *profile, const SalFilter *filter, guint64 *firsts)
{
  guint32 n_threads = sal_profile_get_n_threads (profile);
  guint64 n_samples = sal_profile_get_n_samples (profile);
  g_autofree guint64 *places = NULL;
  guint64 *sorted = NULL;

  for (guint64 i = 0; i < n_samples; i++)
    {
      SalSample sample = sal_profile_get_sample (profile, i);

      if (sal_filter_keeps (filter, &sample))
        firsts[sample.thread + 1]++;
    }
  for (guint32 i = 0; i < n_threads; i++)
    firsts[i + 1] += firsts[i];
  places = g_memdup2 (firsts, (n_threads + 1) * sizeof (guint64));
  sorted = g_new (guint64, firsts[n_threads] + 1);
  for (guint64 i = 0; i < n_samples; i++)
    {
      SalSample sample = sal_profile_get_sample (profile, i);

      if (sal_filter_keeps (filter, &sample))
        sorted[places[sample.thread]++] = i;
    }
  return sorted;
}

static void
write_threads (Writer *writer, const guint64 *firsts, const guint64 *samples)
{
  gboolean first = TRUE;

  for (guint32 i = 0; i < sal_profile_get_n_threads (writer->profile); i++)
    {
      if (firsts[i + 1] == firsts[i])
        continue;
      if (sal_output_has_failed (writer->output))
        return;
      sal_output_append (writer->output, first ? "\n" : ",\n");
      write_thread (writer, i, samples + firsts[i], firsts[i + 1] - firsts[i]);
      first = FALSE;
    }
}

static void
write_document (Writer *writer, const char *title, const guint64 *firsts, const guint64 *samples)
{
  SalOutput *output = writer->output;

  sal_output_append (output, "{\"$schema\":"
                             "\"https://www.speedscope.app/file-format-schema.json\",\n"
                             "\"exporter\":\"salamander@" SAL_VERSION "\",\n\"name\":");
  sal_output_append_json (output, title);
  sal_output_append (output, ",\n\"activeProfileIndex\":0,\n\"shared\":{\"frames\":[");
  write_frames (writer);
  sal_output_append (output, "]},\n\"profiles\":[");
  write_threads (writer, firsts, samples);
  sal_output_append (output, "]}\n");
}

gboolean
sal_speedscope_writer_write (SalProfile *profile,
                             const SalExportOptions *options,
                             SalOutput *output,
                             GCancellable *cancellable,
                             GError **error)
{
  const SalFilter *filter = &options->filter;
  guint32 n_threads = sal_profile_get_n_threads (profile);
  g_autofree guint64 *firsts = g_new0 (guint64, (gsize)n_threads + 1);
  g_autofree guint64 *samples = sort_samples (profile, filter, firsts);
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (Run));
  g_autoptr (GArray) previous = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) current = g_array_new (FALSE, FALSE, sizeof (guint32));
  const char *title = options->title;
  Writer writer = { .profile = profile, .output = output, .runs = runs };

  if (firsts[n_threads] == 0)
    {
      g_set_error_literal (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_EMPTY,
                           _ ("There is no sample to write."));
      return FALSE;
    }
  writer.previous = previous;
  writer.current = current;
  writer.start_ns = MAX (filter->start_ns, 0);
  writer.end_ns = sal_profile_get_duration_ns (profile);
  if (filter->end_ns > 0)
    writer.end_ns = MIN (writer.end_ns, filter->end_ns);
  if (title == NULL)
    title = sal_profile_get_meta (profile, "command");
  write_document (&writer, title != NULL ? title : "Salamander", firsts, samples);
  return TRUE;
}
