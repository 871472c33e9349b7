/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the schedule. */
#include "sal-sampler-clock.h"

#include <glib.h>
#include <math.h>

#define MS 1000000

static void
test_gaps_average_the_interval (void)
{
  SalSamplerClock clock;
  int64_t before = 0;
  const int n = 100000;

  sal_sampler_clock_init (&clock, MS, 0, 42);
  for (int i = 0; i < n; i++)
    {
      int64_t gap;

      sal_sampler_clock_book (&clock, clock.deadline_ns);
      gap = clock.deadline_ns - before;
      before = clock.deadline_ns;
      g_assert_cmpint (gap, >=, MS / 2);
      g_assert_cmpint (gap, <=, MS * 3 / 2);
    }
  /* The mean of n gaps has a deviation of 0.289 ms / √n = 0.91 µs; this allows for ten of it. */
  g_assert_cmpint (llabs (clock.deadline_ns / n - MS), <, 9100);
  g_assert_cmpuint (clock.n_missed, ==, 0);
  g_assert_cmpuint (clock.n_late, ==, 0);
}

/* A program whose rhythm is exactly the interval, and that does one thing in the first 30 % of each
 * beat: at a fixed distance every look would show the same. A hundred recordings of 1,000 looks
 * must be as far off as 1,000 independent looks are: √(0.3 · 0.7 / 1000) = 1.45 points in the mean
 * square, of which a hundred give a tenth more or less; were the phase to walk, it were 3. */
static void
test_a_program_in_step_comes_out_right (void)
{
  SalSamplerClock clock;
  double squares = 0;
  double sum = 0;

  sal_sampler_clock_init (&clock, MS, 0, 42);
  for (int recording = 0; recording < 100; recording++)
    {
      double of_first = 0;
      double of_all = 0;

      for (int i = 0; i < 1000; i++)
        {
          int64_t now = clock.deadline_ns;
          double gap;

          sal_sampler_clock_book (&clock, now);
          gap = (double)(clock.deadline_ns - now);
          of_all += gap;
          if (clock.deadline_ns % MS < 3 * MS / 10)
            of_first += gap;
        }
      sum += of_first / of_all;
      squares += (of_first / of_all - 0.3) * (of_first / of_all - 0.3);
    }
  g_assert_cmpfloat (fabs (sum / 100 - 0.3), <, 0.01);
  g_assert_cmpfloat (sqrt (squares / 100), <, 0.02);
}

static void
test_late_is_more_than_a_tenth (void)
{
  SalSamplerClock clock;

  sal_sampler_clock_init (&clock, 10 * MS, 0, 1);
  sal_sampler_clock_book (&clock, MS);
  g_assert_cmpuint (clock.n_late, ==, 0);
  sal_sampler_clock_book (&clock, clock.deadline_ns + MS + 1);
  g_assert_cmpuint (clock.n_late, ==, 1);
  g_assert_cmpuint (clock.n_missed, ==, 0);
}

static void
test_passed_deadlines_are_missed_not_made_up_for (void)
{
  SalSamplerClock clock;
  int64_t now = 20 * MS;

  sal_sampler_clock_init (&clock, MS, 0, 7);
  sal_sampler_clock_book (&clock, now);
  g_assert_cmpint (clock.deadline_ns, >, now);
  g_assert_cmpint (clock.deadline_ns, <=, now + MS * 3 / 2);
  g_assert_cmpuint (clock.n_missed, >=, 16);
  g_assert_cmpuint (clock.n_missed, <=, 27);
  g_assert_cmpuint (clock.n_late, ==, 1);
}

static void
test_a_year_is_skipped_at_once (void)
{
  SalSamplerClock clock;
  int64_t year = INT64_C (365) * 86400 * 1000 * MS;

  sal_sampler_clock_init (&clock, 1000, 0, 7);
  sal_sampler_clock_book (&clock, year);
  g_assert_cmpint (clock.deadline_ns, >, year);
  g_assert_cmpint (clock.deadline_ns, <=, year + 2000);
  g_assert_cmpuint (clock.n_missed, >, (uint64_t)year / 1000 - 100);
  g_assert_cmpuint (clock.n_missed, <, (uint64_t)year / 1000 + 100);
}

static void
test_flat_out_is_always_due (void)
{
  SalSamplerClock clock;
  atomic_bool stop = false;
  int64_t before = sal_sampler_clock_now ();

  sal_sampler_clock_init (&clock, 0, before, 3);
  for (int i = 0; i < 100; i++)
    {
      int64_t now = sal_sampler_clock_wait (&clock, &stop);

      g_assert_cmpint (now, >=, before);
      before = now;
    }
  g_assert_cmpuint (clock.n_missed + clock.n_late, ==, 0);
}

static void
test_wait_never_comes_early (void)
{
  SalSamplerClock clock;
  atomic_bool stop = false;

  sal_sampler_clock_init (&clock, 2 * MS, sal_sampler_clock_now (), 3);
  for (int i = 0; i < 20; i++)
    {
      int64_t deadline = clock.deadline_ns;

      g_assert_cmpint (sal_sampler_clock_wait (&clock, &stop), >=, deadline);
    }
}

static void
test_wait_ends_when_told (void)
{
  SalSamplerClock clock;
  atomic_bool stop = true;

  sal_sampler_clock_init (&clock, INT64_C (1000000) * MS, sal_sampler_clock_now (), 3);
  g_assert_cmpint (sal_sampler_clock_wait (&clock, &stop), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/clock/gaps-average-the-interval", test_gaps_average_the_interval);
  g_test_add_func ("/sampler/clock/in-step", test_a_program_in_step_comes_out_right);
  g_test_add_func ("/sampler/clock/late-is-more-than-a-tenth", test_late_is_more_than_a_tenth);
  g_test_add_func ("/sampler/clock/passed-deadlines-are-missed",
                   test_passed_deadlines_are_missed_not_made_up_for);
  g_test_add_func ("/sampler/clock/a-year-is-skipped-at-once", test_a_year_is_skipped_at_once);
  g_test_add_func ("/sampler/clock/flat-out-is-always-due", test_flat_out_is_always_due);
  g_test_add_func ("/sampler/clock/wait-never-comes-early", test_wait_never_comes_early);
  g_test_add_func ("/sampler/clock/wait-ends-when-told", test_wait_ends_when_told);
  return g_test_run ();
}
