/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of how programs begin and end while they are recorded. */
#include <stdio.h>
#include <string.h>

#include "recording.h"

static Recording *
record (const char *name, const char *argument)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path (name);
  g_autoptr (Recorder) recorder = NULL;
  Recording *recording;

  if (python == NULL)
    return NULL;
  recorder = recorder_run (NO_WORDS, WORDS (python, target, argument));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  return recording;
}

/* A thread's weights add up to its life. */
static void
test_weights_add_up_to_the_life (void)
{
  g_autoptr (Recording) recording = record ("deep.py", "1");
  double life;
  double sum;

  if (recording == NULL)
    return;
  life = (double)(g_array_index (recording->thread_ends, SalCaptureThreadEnd, 0).time_ns -
                  g_array_index (recording->threads, SalCaptureThread, 0).start_ns);
  sum = (double)recording_sum_weights (recording, NULL, G_MAXUINT32);
  g_test_message ("weights %.4f s, life %.4f s", sum / 1e9, life / 1e9);
  g_assert_cmpfloat (sum, <=, life);
  g_assert_cmpfloat (sum, >, 0.95 * life);
}

/* The weights of a thread are its life, within 0.1 % and the two moments at which it began and
 * ended between two looks: the first sample stands for all the time since the look before, and the
 * time after the last one belongs to nobody. How long these are is in the recording. The thread
 * itself was there for at least the time between its first and last line, and at most from before
 * its start to after its end. */
static void
test_weights_are_the_known_life (const void *minor)
{
  g_autofree char *python = python_find (minor);
  g_autofree char *target = target_path ("known_life.py");
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  const SalCaptureSample *first = NULL;
  gint64 start_ns;
  gint64 last_ns = 0;
  gint64 end_ns = 0;
  double inner;
  double outer;
  double edges;
  double sum;
  int thread;

  if (python == NULL)
    return;
  recorder = recorder_run (NO_WORDS, WORDS (python, target, "1"));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  g_assert_cmpint (sscanf (recorder->out, "%lf %lf", &inner, &outer), ==, 2);
  recording = recorder_load (recorder);
  thread = recording_find_thread (recording, "Known");
  g_assert_cmpint (thread, >, 0);
  for (guint i = 0; i < recording->samples->len; i++)
    {
      const SalCaptureSample *sample = &g_array_index (recording->samples, SalCaptureSample, i);

      if (sample->thread != (guint32)thread)
        continue;
      first = first != NULL ? first : sample;
      last_ns = sample->time_ns;
    }
  for (guint i = 0; i < recording->thread_ends->len; i++)
    if (g_array_index (recording->thread_ends, SalCaptureThreadEnd, i).thread == (guint32)thread)
      end_ns = g_array_index (recording->thread_ends, SalCaptureThreadEnd, i).time_ns;
  g_assert_nonnull (first);

  sum = (double)recording_sum_weights (recording, NULL, (guint32)thread);
  edges = (double)first->weight_ns + (double)(end_ns - last_ns);
  g_test_message ("weights %.4f s, life %.4f to %.4f s, edges %.4f s",
                  sum / 1e9,
                  inner / 1e9,
                  outer / 1e9,
                  edges / 1e9);
  g_assert_cmpfloat (sum, >=, 0.999 * inner - edges);
  g_assert_cmpfloat (sum, <=, 1.001 * outer + edges);
  /* Nothing is lost in between, whatever was late, missed or rejected. */
  start_ns = g_array_index (recording->threads, SalCaptureThread, thread).start_ns;
  g_assert_cmpfloat (sum, ==, (double)(last_ns - start_ns));
}

static void
test_times_rise_and_weights_are_the_gaps (void)
{
  g_autoptr (Recording) recording = record ("deep.py", "0.5");
  gint64 before = 0;
  guint n_gaps = 0;

  if (recording == NULL)
    return;
  for (guint i = 0; i < recording->samples->len; i++)
    {
      const SalCaptureSample *sample = &g_array_index (recording->samples, SalCaptureSample, i);

      g_assert_cmpint (sample->time_ns, >, before);
      g_assert_cmpuint (sample->cpu_ns, <=, sample->weight_ns);
      n_gaps += before > 0 && (guint64)(sample->time_ns - before) == sample->weight_ns;
      before = sample->time_ns;
    }
  g_assert_cmpuint (n_gaps + recording->counters.rejected + 1, >=, recording->samples->len);
}

static void
test_short_lives_are_caught (void)
{
  g_autoptr (Recording) recording = record ("short_lived.py", NULL);

  if (recording == NULL)
    return;
  g_assert_cmpuint (recording_sum_weights (recording, "<module>", G_MAXUINT32), >, 0);
}

static void
test_exec_is_followed (void)
{
  g_autoptr (Recording) recording = record ("execute.py", "1");

  if (recording == NULL)
    return;
  g_assert_cmpuint (recording->n_processes, ==, 1);
  g_assert_cmpuint (recording_sum_weights (recording, "before", G_MAXUINT32), >, 0);
  g_assert_cmpuint (recording_sum_weights (recording, "after", G_MAXUINT32), >, 0);
}

static void
test_metas_say_what_was_recorded (void)
{
  g_autoptr (Recording) recording = record ("short_lived.py", "an argument");
  const char *command;

  if (recording == NULL)
    return;
  command = g_hash_table_lookup (recording->metas, SAL_CAPTURE_META_COMMAND);
  g_assert_true (g_str_has_suffix (command, "short_lived.py 'an argument'"));
  g_assert_cmpstr (g_hash_table_lookup (recording->metas, SAL_CAPTURE_META_RATE), ==, "1000");
  g_assert_true (g_str_has_prefix (
      g_hash_table_lookup (recording->metas, SAL_CAPTURE_META_PYTHON),
      "3."));
  g_assert_true (g_str_has_prefix (
      g_hash_table_lookup (recording->metas, SAL_CAPTURE_META_RECORDER),
      "salamander "));
  g_assert_true (g_path_is_absolute (
      g_hash_table_lookup (recording->metas, SAL_CAPTURE_META_EXECUTABLE)));
  g_assert_nonnull (g_hash_table_lookup (recording->metas, SAL_CAPTURE_META_START));
}

int
main (int argc, char **argv)
{
  static const char *const minors[] = { "3.7", "3.9", "3.11", "3.13", "3.15" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live/ends/weights-add-up", test_weights_add_up_to_the_life);
  for (gsize i = 0; i < G_N_ELEMENTS (minors); i++)
    {
      g_autofree char *path = g_strdup_printf ("/live/ends/known-life/%s", minors[i]);

      g_test_add_data_func (path, minors[i], test_weights_are_the_known_life);
    }
  g_test_add_func ("/live/ends/times-rise", test_times_rise_and_weights_are_the_gaps);
  g_test_add_func ("/live/ends/short-lives", test_short_lives_are_caught);
  g_test_add_func ("/live/ends/exec", test_exec_is_followed);
  g_test_add_func ("/live/ends/metas", test_metas_say_what_was_recorded);
  return g_test_run ();
}
