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

/* One of two threads that only compute: what the recording tells of it, and its own account. */
typedef struct
{
  Shares shares;
  double had;    /* of the time, a processor */
  double queued; /* waited for one */
  double work;   /* of what both have done */
} Turn;

typedef struct
{
  Turn left;
  Turn right;
  guint n_torn; /* looks that show both with the lock */
  double tolerance;
} Turns;

/* Samples of one look have one time. */
static guint
count_torn (const Recording *recording)
{
  gint64 time_ns = -1;
  guint n = 0;

  for (guint i = 0; i < recording->samples->len; i++)
    {
      const SalCaptureSample *sample = &g_array_index (recording->samples, SalCaptureSample, i);

      if ((sample->state & SAL_CAPTURE_HAS_GIL) == 0)
        continue;
      n += sample->time_ns == time_ns;
      time_ns = sample->time_ns;
    }
  return n;
}

static void
read_turns (const char *text, Turns *turns)
{
  double wall_s;
  double work;
  Turn *left = &turns->left;
  Turn *right = &turns->right;

  g_assert_cmpint (sscanf (text, "%lf %lf %lf %lf %lf %lf %lf", &left->had, &left->queued,
                           &left->work, &right->had, &right->queued, &right->work, &wall_s),
                   ==,
                   7);
  work = left->work + right->work;
  for (int i = 0; i < 2; i++)
    {
      Turn *turn = i == 0 ? left : right;

      turn->had /= wall_s;
      turn->queued /= wall_s;
      turn->work /= work;
    }
}

static gboolean
record_turns (const char *minor, Turns *turns)
{
  g_autofree char *python = python_find (minor);
  g_autofree char *target = target_path ("gil.py");
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return FALSE;
  recorder = recorder_run (NO_WORDS, WORDS (python, target, "3"));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  read_turns (recorder->out, turns);
  turns->left.shares = get_shares (recording, "left");
  turns->right.shares = get_shares (recording, "right");
  turns->n_torn = count_torn (recording);
  turns->tolerance = 0.02;
  if (recording->counters.missed > recording->counters.ticks / 50)
    turns->tolerance += 0.05;
  return TRUE;
}

/* How the turns are shared out is the kernel's affair, so the thread's own account says what is
 * right, to two points. While it waits for a processor it may hold the lock without running, and
 * nobody can tell whether it will ask for the lock once it runs. */
static void
assert_turn (const Turn *turn, double tolerance)
{
  const Shares *shares = &turn->shares;

  g_assert_cmpfloat (shares->holds, >, turn->had - tolerance);
  g_assert_cmpfloat (shares->holds, <, turn->had + turn->queued + tolerance);
}

/* When the other has the lock it waits for it. */
static void
assert_wait (const Turn *turn, const Turn *other, double tolerance)
{
  const Shares *shares = &turn->shares;
  double held = shares->holds + other->shares.holds;

  g_test_message ("it did %.1f %% of the work, with the lock for %.1f %% of the time that one had "
                  "it; had a processor for %.1f %% and waited for one for %.1f %%",
                  100 * turn->work,
                  100 * shares->holds / held,
                  100 * turn->had,
                  100 * turn->queued);
  g_assert_cmpfloat (shares->both, ==, 0);
  g_assert_cmpfloat (shares->holds + shares->waits, >, fmin (held, 1) - turn->queued - tolerance);
}

/* Before 3.2 whoever waits is woken again and again only to find the lock taken: most of the
 * processor time goes into that, so that it does not tell who had the lock. What was done does, to
 * a quarter, for processors are not always equally fast.
 * Source: CPython 2.7 Python/ceval.c, PyEval_EvalFrameEx(). */
static void
assert_work (const Turn *turn, const Turn *other)
{
  double share = turn->shares.holds / (turn->shares.holds + other->shares.holds);

  g_assert_cmpfloat (fabs (share - turn->work), <, 0.25);
}

/* Two that only compute take turns: what one holds the other waits for. */
static void
test_version (const void *minor)
{
  Turns turns;

  if (!record_turns (minor, &turns))
    return;
  g_assert_cmpuint (turns.n_torn, ==, 0);
  assert_wait (&turns.left, &turns.right, turns.tolerance);
  assert_wait (&turns.right, &turns.left, turns.tolerance);
  if (g_str_equal (minor, "2.7"))
    {
      assert_work (&turns.left, &turns.right);
      return;
    }
  assert_turn (&turns.left, turns.tolerance);
  assert_turn (&turns.right, turns.tolerance);
}

/* Where there is no lock both run all the time, as far as there are processors. */
static void
test_free_threaded (const void *minor)
{
  Turns turns;

  if (!record_turns (minor, &turns))
    return;
  g_assert_cmpfloat (turns.left.shares.holds + turns.right.shares.holds, ==, 0);
  g_assert_cmpfloat (turns.left.shares.waits + turns.right.shares.waits, ==, 0);
  g_assert_cmpfloat (turns.left.shares.runs, >, 0.95);
  g_assert_cmpfloat (turns.right.shares.runs, >, 0.95);
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
  static const char *const versions[] = { "2.7", "3.6", "3.7", "3.8", "3.9", "3.10",
                                          "3.11", "3.12", "3.13", "3.14", "3.15" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/live/gil/%s", versions[i]);

      g_test_add_data_func (path, versions[i], test_version);
    }
  g_test_add_data_func ("/live/gil/3.13t", "3.13t", test_free_threaded);
  g_test_add_data_func ("/live/gil/3.14t", "3.14t", test_free_threaded);
  g_test_add_data_func ("/live/gil/3.15t", "3.15t", test_free_threaded);
  g_test_add_data_func ("/live/gil/3.13t-turned-on", "3.13t", test_turned_on);
  g_test_add_data_func ("/live/gil/3.14t-turned-on", "3.14t", test_turned_on);
  return g_test_run ();
}
