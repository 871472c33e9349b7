/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that time is given to the functions that took it. */
#include <math.h>
#include <stdio.h>

#include "recording.h"

/* By how much the share may be off: one percentage point, and where the machine was too busy for
 * the recorder to keep its schedule, so that some samples of weights w stand for several ticks,
 * four deviations of what those can tell: 4 · 0.458 √Σw² of all, for a share of 70 %. */
static double
get_tolerance (const Recording *recording)
{
  const double several_ticks_ns = 2e6;
  double sum = 0;
  double squares = 0;

  for (guint i = 0; i < recording->samples->len; i++)
    {
      double weight =
          (double)g_array_index (recording->samples, SalCaptureSample, i).weight_ns;

      sum += weight;
      if (weight > several_ticks_ns)
        squares += weight * weight;
    }
  return 0.01 + 4 * 0.458 * sqrt (squares) / sum;
}

typedef struct
{
  const char *minor;
  const char *seconds;
  const char *target; /* prints the seconds that it took for each of the two */
  const char *functions[2];
  double points; /* beyond the tolerance of a share of that many samples */
} Case;

/* Records a program at 1 kHz: the share of its first function must be what the program itself
 * measured.
 *
 * The deviation of a share of 70 % over n independent samples is 0.458 / √n: 0.46 points in 10 s,
 * 0.65 in 5 s, and less where the two take turns in more than an interval. */
static void
test_shares (const void *data)
{
  const Case *test = data;
  g_autofree char *python = python_find (test->minor);
  g_autofree char *target = target_path (test->target);
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  double took[2];
  double weights[2];
  double share;
  double truth;
  double tolerance;

  if (python == NULL)
    return;
  recorder = recorder_run (NO_WORDS, WORDS (python, target, test->seconds));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  g_assert_cmpint (sscanf (recorder->out, "%lf %lf", &took[0], &took[1]), ==, 2);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);

  for (int i = 0; i < 2; i++)
    weights[i] = (double)recording_sum_weights (recording, test->functions[i], G_MAXUINT32);
  share = weights[0] / (weights[0] + weights[1]);
  truth = took[0] / (took[0] + took[1]);
  g_test_message ("%s took %.2f %% and was given %.2f %% in %u samples, %" G_GUINT64_FORMAT
                  " missed",
                  test->functions[0],
                  100 * truth,
                  100 * share,
                  recording->samples->len,
                  recording->counters.missed);
  tolerance = get_tolerance (recording) + test->points;
  g_assert_cmpfloat (fabs (share - truth), <, tolerance);
  /* And in seconds, not only in proportion. */
  g_assert_cmpfloat (fabs (weights[0] / 1e9 / took[0] - 1), <, 2 * tolerance);
}

int
main (int argc, char **argv)
{
#define SEVENTY_THIRTY(points) "seventy_thirty.py", { "seventy", "thirty" }, points
/* A beat as long as the interval of the ticks, so that each sample is as good as tossed: four
 * deviations of 3,000 are 3.6 points. Ticks that keep to the beat find one of the two alone. */
#define IN_STEP "in_step.py", { "first", "second" }, 0.03
/* Looks come some 50 µs late, later on a busy machine, and what runs may go to sleep meanwhile, or
 * what sleeps may wake up. Were they to wait until it sleeps, hardly a fifth of the first would be
 * left. */
#define BLOCKING "blocking.py", { "compute", "rest" }, 0.2
/* Frames that are not on the data stack, each at another place than that before: without them their
 * time is the second's. Their turns take whole ticks, too. */
#define RELAY "relay.py", { "inside", "outside" }, 0.03
/* Turns so short that looks from elsewhere meet some of them moving, one of which has the kernel
 * let in who waits. Without more ado that one would have 4 points more, or on 3.8, where it was
 * seen from elsewhere alone, 4 less. */
#define CLOCKS "clocks.py", { "count", "ask" }, 0.013
  static const Case cases[] = {
    { "2.7", "5", SEVENTY_THIRTY (0.005) },
    { "3.8", "5", SEVENTY_THIRTY (0.005) },
    { "3.11", "10", SEVENTY_THIRTY (0) },
    { "3.12", "5", SEVENTY_THIRTY (0.005) },
    { "3.13", "5", SEVENTY_THIRTY (0.005) },
    { "3.13t", "5", SEVENTY_THIRTY (0.005) },
    { "3.14t", "5", SEVENTY_THIRTY (0.005) },
    { "3.8", "3", RELAY },
    { "3.11", "3", RELAY },
    { "3.12", "3", RELAY },
    { "3.13", "3", RELAY },
    { "3.15", "3", RELAY },
    { "2.7", "3", IN_STEP },
    { "3.11", "3", IN_STEP },
    { "3.15", "3", IN_STEP },
    { "3.8", "8", CLOCKS },
    { "3.11", "8", CLOCKS },
    { "3.13", "8", CLOCKS },
    { "2.7", "3", BLOCKING },
    { "3.11", "3", BLOCKING },
    { "3.15", "3", BLOCKING },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/live/shares/%s/%s", cases[i].functions[0],
                                               cases[i].minor);

      g_test_add_data_func (path, &cases[i], test_shares);
    }
  return g_test_run ();
}
