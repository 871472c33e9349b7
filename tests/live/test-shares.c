/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that time is given to the functions that took it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recording.h"

/* By how much the share may be off: one percentage point. Only where the machine was too busy for
 * the recorder to keep its schedule, so that some samples stand for many ticks, four deviations of
 * what they can tell: a share of 70 % over samples of weights w has one of 0.458 √Σw² / Σw. */
static double
get_tolerance (const Recording *recording)
{
  double sum = 0;
  double squares = 0;

  if (recording->counters.missed < recording->counters.ticks / 50)
    return 0.01;
  for (guint i = 0; i < recording->samples->len; i++)
    {
      double weight =
          (double)g_array_index (recording->samples, SalCaptureSample, i).weight_ns;

      sum += weight;
      squares += weight * weight;
    }
  g_test_message ("the machine is too busy for a sharp test");
  return fmax (0.01, 4 * 0.458 * sqrt (squares) / sum);
}

/* Records seventy_thirty.py for @seconds at 1 kHz: the share of seventy must be what the program
 * itself measured, 70 %, to one percentage point.
 *
 * The deviation of a share of 70 % over n independent samples is 0.458 / √n: 0.46 points in 10 s,
 * 0.65 in 5 s, and less here, since the two take turns every few milliseconds. */
static void
assert_shares (const char *minor, const char *seconds)
{
  g_autofree char *python = python_find (minor);
  g_autofree char *target = target_path ("seventy_thirty.py");
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  double took_seventy;
  double took_thirty;
  double seventy;
  double share;
  double truth;
  double tolerance;

  if (python == NULL)
    return;
  recorder = recorder_run (NO_WORDS, WORDS (python, target, seconds));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  g_assert_cmpint (sscanf (recorder->out, "%lf %lf", &took_seventy, &took_thirty), ==, 2);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);

  seventy = (double)recording_sum_weights (recording, "seventy", G_MAXUINT32);
  share = seventy / (seventy + (double)recording_sum_weights (recording, "thirty", G_MAXUINT32));
  g_test_message ("seventy took %.2f %% and was given %.2f %% in %u samples, %" G_GUINT64_FORMAT
                  " missed",
                  100 * took_seventy / (took_seventy + took_thirty),
                  100 * share,
                  recording->samples->len,
                  recording->counters.missed);
  truth = took_seventy / (took_seventy + took_thirty);
  tolerance = get_tolerance (recording);
  g_assert_cmpfloat (fabs (share - truth), <, tolerance);
  /* And in seconds, not only in proportion. */
  g_assert_cmpfloat (fabs (seventy / 1e9 / took_seventy - 1), <, 2 * tolerance);
}

typedef struct
{
  const char *minor;
  const char *seconds;
} Case;

static void
test_shares (const void *data)
{
  const Case *test = data;

  assert_shares (test->minor, test->seconds);
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "2.7", "5" },
    { "3.8", "5" },
    { "3.11", "10" },
    { "3.12", "5" },
    { "3.13", "5" },
    { "3.14t", "5" },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/live/shares/%s", cases[i].minor);

      g_test_add_data_func (path, &cases[i], test_shares);
    }
  return g_test_run ();
}
