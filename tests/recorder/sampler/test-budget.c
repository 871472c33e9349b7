/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of keeping what recording costs within what it may cost. */
#include "sal-sampler-budget.h"

#include <glib.h>

#define MS INT64_C (1000000)
#define S (1000 * MS)

/* Goes on for @n reviews of a quarter of a second, in which each look costs @cost_ns; returns the
 * interval at the end. */
static int64_t
go_on (SalSamplerBudget *budget, int64_t interval_ns, int64_t cost_ns, int n)
{
  for (int i = 0; i < n; i++)
    {
      int64_t now = budget->since_ns + S / 4;

      g_assert_true (sal_sampler_budget_is_due (budget, now));
      interval_ns = sal_sampler_budget_review (budget,
                                               now,
                                               budget->cpu_ns + S / 4 / interval_ns * cost_ns,
                                               interval_ns);
    }
  return interval_ns;
}

static void
test_what_is_cheap_stays (void)
{
  SalSamplerBudget budget;

  sal_sampler_budget_init (&budget, MS, 0.1, 0, 0);
  g_assert_cmpint (go_on (&budget, MS, 50000, 40), ==, MS);
  g_assert_cmpfloat (budget.withheld, ==, 0);
}

/* 0.4 ms a look are 40 % of a processor at 1 kHz, and 10 % at 250 Hz. */
static void
test_what_is_dear_is_done_less_often (void)
{
  SalSamplerBudget budget;
  int64_t interval_ns;

  sal_sampler_budget_init (&budget, MS, 0.1, 0, 0);
  interval_ns = go_on (&budget, MS, 400000, 40);
  g_assert_cmpint (interval_ns, >=, 36 * MS / 10);
  g_assert_cmpint (interval_ns, <=, 51 * MS / 10);
  /* Of ten seconds' ten thousand looks about three in four. */
  g_assert_cmpfloat (budget.withheld, >, 5500);
  g_assert_cmpfloat (budget.withheld, <, 8000);
}

static void
test_it_comes_back (void)
{
  SalSamplerBudget budget;
  int64_t interval_ns;

  sal_sampler_budget_init (&budget, MS, 0.1, 0, 0);
  interval_ns = go_on (&budget, MS, 400000, 40);
  g_assert_cmpint (go_on (&budget, interval_ns, 20000, 8), ==, MS);
}

/* The beginning takes more than what follows: that alone lowers nothing. */
static void
test_a_dear_beginning_is_allowed (void)
{
  SalSamplerBudget budget;
  int64_t interval_ns;

  sal_sampler_budget_init (&budget, MS, 0.1, 0, 0);
  interval_ns = go_on (&budget, MS, 300000, 2);
  g_assert_cmpint (go_on (&budget, interval_ns, 30000, 40), ==, MS);
  g_assert_cmpfloat (budget.withheld, ==, 0);
}

static void
test_no_bound_is_never_due (void)
{
  SalSamplerBudget budget;

  sal_sampler_budget_init (&budget, MS, 0, 0, 0);
  g_assert_false (sal_sampler_budget_is_due (&budget, 100 * S));
  sal_sampler_budget_init (&budget, 0, 0.1, 0, 0);
  g_assert_false (sal_sampler_budget_is_due (&budget, 100 * S));
}

static void
test_bounds_of_the_interval (void)
{
  SalSamplerBudget budget;

  sal_sampler_budget_init (&budget, MS, 0.001, 0, 0);
  g_assert_cmpint (go_on (&budget, MS, 100 * MS, 40), <=, S);
  sal_sampler_budget_init (&budget, 10 * S, 0.1, 0, 0);
  g_assert_cmpint (go_on (&budget, 10 * S, 0, 40), ==, 10 * S);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/budget/cheap", test_what_is_cheap_stays);
  g_test_add_func ("/sampler/budget/dear", test_what_is_dear_is_done_less_often);
  g_test_add_func ("/sampler/budget/comes-back", test_it_comes_back);
  g_test_add_func ("/sampler/budget/dear-beginning", test_a_dear_beginning_is_allowed);
  g_test_add_func ("/sampler/budget/no-bound", test_no_bound_is_never_due);
  g_test_add_func ("/sampler/budget/bounds", test_bounds_of_the_interval);
  return g_test_run ();
}
