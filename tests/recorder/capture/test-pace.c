/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the prediction of times, and of the times that take little room. */
#include "sal-capture-pace.h"

#include <glib.h>

#define MS 1000000

/* Ticks a millisecond apart, a half more or less. */
static gint64
get_next (GRand *random, gint64 time_ns)
{
  return time_ns + g_rand_int_range (random, MS / 2, 3 * MS / 2);
}

static void
test_rounded (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  SalCapturePace pace = { 0 };
  gint64 time_ns = 0;

  for (int i = 0; i < 10000; i++)
    {
      gint64 rounded;

      time_ns = get_next (random, time_ns);
      rounded = sal_capture_pace_round (&pace, time_ns);
      g_assert_cmpint (rounded, <=, time_ns);
      g_assert_cmpint (rounded, >, pace.time_ns);
      g_assert_cmpint (time_ns - rounded, <, 1 + pace.step_ns / 256);
      if (i > 100)
        g_assert_cmpint ((rounded - pace.time_ns - pace.step_ns) % 2048, ==, 0);
      sal_capture_pace_go (&pace, rounded);
    }
  /* The rounding does not add up, and half of a step is no step. */
  g_assert_cmpint (time_ns - pace.time_ns, <, MS / 256);
  g_assert_cmpint (ABS (pace.step_ns - MS), <, MS / 4);
}

/* Several processes are looked at one shortly after the other. */
static void
test_never_back (void)
{
  SalCapturePace pace = { .time_ns = 5 * MS, .step_ns = MS };

  for (gint64 ahead = 1; ahead < 5000; ahead++)
    {
      gint64 rounded = sal_capture_pace_round (&pace, pace.time_ns + ahead);

      g_assert_cmpint (rounded, >, pace.time_ns);
      g_assert_cmpint (rounded, <=, pace.time_ns + ahead);
    }
}

/* Samples that follow one another at once, and a hostile pace. */
static void
test_exact_when_there_is_no_step (void)
{
  SalCapturePace none = { .time_ns = 3 };
  SalCapturePace back = { .time_ns = 3, .step_ns = -MS };

  g_assert_cmpint (sal_capture_pace_round (&none, 1234567), ==, 1234567);
  g_assert_cmpint (sal_capture_pace_round (&back, 1234567), ==, 1234567);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/capture/pace/rounded", test_rounded);
  g_test_add_func ("/capture/pace/never-back", test_never_back);
  g_test_add_func ("/capture/pace/exact-when-there-is-no-step", test_exact_when_there_is_no_step);
  return g_test_run ();
}
