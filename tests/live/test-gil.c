/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that it is told who holds the interpreter's lock and who waits for it. */
#include <math.h>
#include <stdio.h>

#include "recording.h"

typedef struct
{
  double holds; /* shares of the time in the function that computes */
  double waits;
  double both;
  double runs;
  guint n;
} Shares;

/* By weights, of the samples of the thread called @name in count(). */
static Shares
get_shares (const Recording *recording, const char *name)
{
  int id = recording_find_thread (recording, name);
  Shares shares = { 0 };
  double sum = 0;

  g_assert_cmpint (id, >=, 0);
  for (guint i = 0; i < recording->samples->len; i++)
    {
      const SalCaptureSample *sample = &g_array_index (recording->samples, SalCaptureSample, i);
      double weight = (double)sample->weight_ns;

      if (sample->thread != (guint32)id || !recording_is_in (recording, sample->stack, "count"))
        continue;
      shares.n++;
      sum += weight;
      shares.holds += (sample->state & SAL_CAPTURE_HAS_GIL) != 0 ? weight : 0;
      shares.waits += (sample->state & SAL_CAPTURE_WANTS_GIL) != 0 ? weight : 0;
      if ((sample->state & SAL_CAPTURE_HAS_GIL) != 0 &&
          (sample->state & SAL_CAPTURE_WANTS_GIL) != 0)
        shares.both += weight;
      shares.runs += (sample->state & SAL_CAPTURE_ON_CPU) != 0 ? weight : 0;
    }
  g_assert_cmpfloat (sum, >, 0);
  shares.holds /= sum;
  shares.waits /= sum;
  shares.both /= sum;
  shares.runs /= sum;
  g_test_message ("%s: holds %.1f %%, waits %.1f %%, runs %.1f %% in %u samples",
                  name,
                  100 * shares.holds,
                  100 * shares.waits,
                  100 * shares.runs,
                  shares.n);
  return shares;
}

/* Two that only compute: what the recording tells of them, and their own clocks. */
typedef struct
{
  Shares left;
  Shares right;
  double left_had; /* of the time, a processor */
  double right_had;
  double tolerance;
} Turns;

/* How the turns are shared out is the kernel's affair, so the program's own clocks say what is
 * right, to two points and what the kernel let the two wait for a processor: then a thread may hold
 * the lock without running, or neither hold it nor wait for it. */
static gboolean
record_turns (const char *minor, Turns *turns)
{
  g_autofree char *python = python_find (minor);
  g_autofree char *target = target_path ("gil.py");
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  double left_s;
  double right_s;
  double queued_s;
  double wall_s;

  if (python == NULL)
    return FALSE;
  recorder = recorder_run (NO_WORDS, WORDS (python, target, "3"));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  g_assert_cmpint (sscanf (recorder->out, "%lf %lf %lf %lf", &left_s, &right_s, &queued_s, &wall_s),
                   ==,
                   4);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  turns->left = get_shares (recording, "left");
  turns->right = get_shares (recording, "right");
  turns->left_had = left_s / wall_s;
  turns->right_had = right_s / wall_s;
  turns->tolerance = 0.02 + queued_s / wall_s;
  if (recording->counters.missed > recording->counters.ticks / 50)
    turns->tolerance += 0.05;
  g_test_message ("left had %.1f %%, right %.1f %% of the time; %.1f points allowed",
                  100 * turns->left_had,
                  100 * turns->right_had,
                  100 * turns->tolerance);
  return TRUE;
}

/* Two that only compute take turns: what one holds the other waits for. */
static void
test_version (const void *minor)
{
  Turns turns;

  if (!record_turns (minor, &turns))
    return;
  g_assert_cmpfloat (turns.left.both + turns.right.both, ==, 0);
  g_assert_cmpfloat (fabs (turns.left.holds - turns.left_had), <, turns.tolerance);
  g_assert_cmpfloat (fabs (turns.right.holds - turns.right_had), <, turns.tolerance);
  g_assert_cmpfloat (fabs (turns.left.holds + turns.left.waits - 1), <, turns.tolerance);
  g_assert_cmpfloat (fabs (turns.right.holds + turns.right.waits - 1), <, turns.tolerance);
}

/* Where there is no lock both run all the time, as far as there are processors. */
static void
test_free_threaded (const void *minor)
{
  Turns turns;

  if (!record_turns (minor, &turns))
    return;
  g_assert_cmpfloat (turns.left.holds + turns.right.holds, ==, 0);
  g_assert_cmpfloat (turns.left.waits + turns.right.waits, ==, 0);
  g_assert_cmpfloat (turns.left.runs, >, 0.95);
  g_assert_cmpfloat (turns.right.runs, >, 0.95);
}

/* And where it is turned on it is told like any other. */
static void
test_turned_on (const void *minor)
{
  g_assert_true (g_setenv ("PYTHON_GIL", "1", TRUE));
  test_version (minor);
  g_unsetenv ("PYTHON_GIL");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/live/gil/3.8", "3.8", test_version);
  g_test_add_data_func ("/live/gil/3.11", "3.11", test_version);
  g_test_add_data_func ("/live/gil/3.12", "3.12", test_version);
  g_test_add_data_func ("/live/gil/3.13", "3.13", test_version);
  g_test_add_data_func ("/live/gil/3.14", "3.14", test_version);
  g_test_add_data_func ("/live/gil/3.15", "3.15", test_version);
  g_test_add_data_func ("/live/gil/3.13t", "3.13t", test_free_threaded);
  g_test_add_data_func ("/live/gil/3.14t", "3.14t", test_free_threaded);
  g_test_add_data_func ("/live/gil/3.15t", "3.15t", test_free_threaded);
  g_test_add_data_func ("/live/gil/3.14t-turned-on", "3.14t", test_turned_on);
  return g_test_run ();
}
