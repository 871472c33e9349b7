/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that threads are told apart: names, lives, states. */
#include <string.h>

#include "recording.h"

/* The share of samples of thread @id with @state. */
static double
get_share (const Recording *recording, guint32 id, guint32 state)
{
  guint n = 0;
  guint n_with = 0;

  for (guint i = 0; i < recording->samples->len; i++)
    {
      const SalCaptureSample *sample = &g_array_index (recording->samples, SalCaptureSample, i);

      if (sample->thread != id)
        continue;
      n++;
      n_with += (sample->state & state) != 0;
    }
  return n > 0 ? (double)n_with / n : 0;
}

static guint64
sum_cpu (const Recording *recording, guint32 id)
{
  guint64 sum = 0;

  for (guint i = 0; i < recording->samples->len; i++)
    {
      const SalCaptureSample *sample = &g_array_index (recording->samples, SalCaptureSample, i);

      if (sample->thread == id)
        sum += sample->cpu_ns;
    }
  return sum;
}

static guint32
expect_thread (const Recording *recording, const char *name, const char *function)
{
  int id = recording_find_thread (recording, name);

  if (id < 0)
    g_error ("no thread called %s", name);
  g_assert_cmpuint (recording_sum_weights (recording, function, (guint32)id), >, 0);
  return (guint32)id;
}

/* What there is, where the count is wrong. */
static void
tell_threads (const Recording *recording)
{
  for (guint i = 0; i < recording->threads->len; i++)
    {
      const SalCaptureThread *thread = &g_array_index (recording->threads, SalCaptureThread, i);

      g_printerr ("thread %u: tid %" G_GUINT64_FORMAT ", from %" G_GINT64_FORMAT " ns, %s\n",
                  thread->id, thread->tid, thread->start_ns,
                  thread->name != SAL_CAPTURE_NO_ID
                      ? (const char *)recording->strings->pdata[thread->name]
                      : "no name");
    }
}

static void
assert_threads (const char *minor)
{
  g_autofree char *python = python_find (minor);
  g_autofree char *target = target_path ("threads.py");
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  guint32 main_thread;
  guint32 busy;
  guint32 asleep;
  guint32 waiting;

  if (python == NULL)
    return;
  recorder = recorder_run (NO_WORDS, WORDS (python, target, "3"));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  if (recording->threads->len != 6)
    tell_threads (recording);
  g_assert_cmpuint (recording->threads->len, ==, 6);
  g_assert_cmpuint (recording->thread_ends->len, ==, 6);
  main_thread = expect_thread (recording, "MainThread", "main");
  g_assert_true (g_array_index (recording->threads, SalCaptureThread, main_thread).is_main);

  expect_thread (recording, "renamed", "be_renamed");
  expect_thread (recording, "short", "come_and_go");
  busy = expect_thread (recording, "busy", "work");
  asleep = expect_thread (recording, "sleeping", "sleep");
  waiting = expect_thread (recording, "waiting", "wait");
  g_assert_cmpfloat (get_share (recording, busy, SAL_CAPTURE_ON_CPU), >, 0.9);
  if (g_str_has_suffix (minor, "t"))
    g_assert_cmpfloat (get_share (recording, busy, SAL_CAPTURE_HAS_GIL), ==, 0);
  else
    g_assert_cmpfloat (get_share (recording, busy, SAL_CAPTURE_HAS_GIL), >, 0.9);
  g_assert_cmpfloat (get_share (recording, asleep, SAL_CAPTURE_ON_CPU), <, 0.1);
  g_assert_cmpfloat (get_share (recording, asleep, SAL_CAPTURE_HAS_GIL), <, 0.1);
  g_assert_cmpfloat (get_share (recording, waiting, SAL_CAPTURE_ON_CPU), <, 0.1);
  g_assert_cmpuint (sum_cpu (recording, busy), >, 300 * 1000 * 1000);
  g_assert_cmpuint (sum_cpu (recording, asleep), <, 300 * 1000 * 1000);
}

static void
test_threads (const void *minor)
{
  assert_threads (minor);
}

/* A thread is given the ident of one that has just ended, but not its name to that one. */
static void
test_successors (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("successors.py");
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return;
  recorder = recorder_run (WORDS ("--rate", "max"), WORDS (python, target, "3"));
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  for (guint i = 0; i < recording->threads->len; i++)
    {
      const SalCaptureThread *thread = &g_array_index (recording->threads, SalCaptureThread, i);
      const char *name =
          thread->name != SAL_CAPTURE_NO_ID ? recording->strings->pdata[thread->name] : "";

      if (g_str_has_prefix (name, "number-") &&
          !g_hash_table_insert (names, (char *)name, GUINT_TO_POINTER (thread->tid)))
        g_error ("several threads are called %s", name);
    }
  g_test_message ("%u of %u threads have a name",
                  g_hash_table_size (names),
                  recording->threads->len);
  g_assert_cmpuint (g_hash_table_size (names), >, 0);
}

/* As at its end. */
static void
test_python_forgets_a_name (void)
{
  g_autofree char *python = python_find_any ();
  static const char script[] = "import threading, time\n"
                               "def work(seconds):\n"
                               "    while time.process_time() < seconds: pass\n"
                               "work(0.5)\n"
                               "threading._active.clear()\n"
                               "work(1.5)\n";
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return;
  recorder = recorder_run (NO_WORDS, WORDS (python, "-c", script));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  recording = recorder_load (recorder);
  expect_thread (recording, "MainThread", "work");
}

int
main (int argc, char **argv)
{
  static const char *const minors[] = { "2.7", "3.6", "3.8", "3.11",
                                        "3.12", "3.13", "3.14", "3.15",
                                        "3.13t", "3.14t", "3.15t" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (minors); i++)
    {
      g_autofree char *path = g_strdup_printf ("/live/threads/%s", minors[i]);

      g_test_add_data_func (path, minors[i], test_threads);
    }
  g_test_add_func ("/live/threads/successors", test_successors);
  g_test_add_func ("/live/threads/python-forgets-a-name", test_python_forgets_a_name);
  return g_test_run ();
}
