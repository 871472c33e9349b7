/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flat profile, callers and callees: hand-made, and random ones against a naive reference. */
#include <math.h>

#include "sal-function-table.h"

#include "profile-maker.h"

static const SalFilter all;

static void
expect_row (SalFunctionTable *table,
            const char *name,
            guint64 self_ns,
            guint64 total_ns,
            guint64 self_samples,
            guint64 total_samples)
{
  SalProfile *profile = sal_function_table_get_profile (table);
  const SalFunctionRow *row = sal_function_table_find (table, profile_maker_find (profile, name));

  g_assert_nonnull (row);
  g_assert_cmpuint (row->self_ns, ==, self_ns);
  g_assert_cmpuint (row->total_ns, ==, total_ns);
  g_assert_cmpuint (row->self_samples, ==, self_samples);
  g_assert_cmpuint (row->total_samples, ==, total_samples);
}

static SalProfile *
make_profile (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (2);

  profile_maker_add (maker, 0, 1, 0, 10, "main;walk;walk;leaf");
  profile_maker_add (maker, 0, 2, 0, 20, "main;walk;walk");
  profile_maker_add (maker, 0, 3, 0, 30, "main;leaf");
  profile_maker_add (maker, 0, 4, 0, 40, "walk;main;walk;leaf");
  profile_maker_add (maker, 1, 5, 0, 50, "");
  return profile_maker_take (maker);
}

static void
test_recursion_counts_once (void)
{
  g_autoptr (SalProfile) profile = make_profile ();
  g_autoptr (SalFunctionTable) table = sal_function_table_new (profile, &all, NULL);

  g_assert_cmpuint (sal_function_table_get_n_rows (table), ==, 3);
  expect_row (table, "main", 0, 100, 0, 4);
  expect_row (table, "walk", 20, 70, 1, 3);
  expect_row (table, "leaf", 80, 80, 3, 3);
  g_assert_cmpuint (sal_function_table_get_total_ns (table), ==, 100);
  g_assert_cmpuint (sal_function_table_get_total_samples (table), ==, 4);
}

static void
test_filter (void)
{
  g_autoptr (SalProfile) profile = make_profile ();
  SalFilter filter = { .start_ns = 3, .end_ns = 4 };
  g_autoptr (SalFunctionTable) table = sal_function_table_new (profile, &filter, NULL);

  g_assert_cmpuint (sal_function_table_get_n_rows (table), ==, 2);
  g_assert_null (sal_function_table_find (table, profile_maker_find (profile, "walk")));
  g_assert_null (sal_function_table_find (table, 1000));
  expect_row (table, "main", 0, 30, 0, 1);
}

static void
test_cancelled (void)
{
  g_autoptr (SalProfile) profile = make_profile ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (SalFunctionTable) callers = NULL;
  g_autoptr (SalFunctionTable) callees = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (sal_function_table_new (profile, &all, cancellable));
  g_assert_false (
      sal_function_table_find_related (profile, &all, 0, cancellable, &callers, &callees));
  g_assert_true (callers == NULL && callees == NULL);
}

static char *
dump_related (SalFunctionTable *table)
{
  SalProfile *profile = sal_function_table_get_profile (table);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < sal_function_table_get_n_rows (table); i++)
    {
      const SalFunctionRow *row = &sal_function_table_get_rows (table)[i];

      g_string_append_printf (text,
                              "%s %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                              "/%" G_GUINT64_FORMAT "\n",
                              row->function == SAL_NO_ID
                                  ? "-"
                                  : sal_profile_get_function (profile, row->function).name,
                              row->total_ns,
                              row->self_ns,
                              row->total_samples,
                              row->self_samples);
    }
  return g_string_free (text, FALSE);
}

static void
expect_related (const char *name, const char *callers, const char *callees)
{
  g_autoptr (SalProfile) profile = make_profile ();
  guint32 function = profile_maker_find (profile, name);
  g_autoptr (SalFunctionTable) whole = sal_function_table_new (profile, &all, NULL);
  const SalFunctionRow *row = sal_function_table_find (whole, function);
  g_autoptr (SalFunctionTable) up = NULL;
  g_autoptr (SalFunctionTable) down = NULL;
  g_autofree char *up_text = NULL;
  g_autofree char *down_text = NULL;

  g_assert_true (sal_function_table_find_related (profile, &all, function, NULL, &up, &down));
  up_text = dump_related (up);
  down_text = dump_related (down);
  g_assert_cmpstr (up_text, ==, callers);
  g_assert_cmpstr (down_text, ==, callees);
  g_assert_cmpuint (sal_function_table_get_total_ns (up), ==, row->total_ns);
  g_assert_cmpuint (sal_function_table_get_total_samples (down), ==, row->total_samples);
}

static void
test_related (void)
{
  expect_related ("main", "walk 40/0 1/0\n- 60/0 3/0\n", "walk 70/0 3/0\nleaf 30/30 1/1\n");
  expect_related ("walk",
                  "main 70/0 3/0\nwalk 30/20 2/1\n- 40/0 1/0\n",
                  "main 40/0 1/0\nwalk 30/20 2/1\nleaf 50/50 2/2\n");
  expect_related ("leaf", "main 30/30 1/1\nwalk 50/50 2/2\n", "");
}

/* By sets: every function of a sample's stack once. */
static void
compare_with_naive (SalProfile *profile, SalFunctionTable *table)
{
  guint32 n = sal_profile_get_n_functions (profile);
  g_autofree guint64 *totals = g_new0 (guint64, n);
  g_autofree guint64 *selfs = g_new0 (guint64, n);

  for (guint64 i = 0; i < sal_profile_get_n_samples (profile); i++)
    {
      SalSample sample = sal_profile_get_sample (profile, i);
      g_autoptr (GArray) stack = profile_maker_list_functions (profile, sample.stack);
      guint32 seen = 0;

      for (guint d = 0; d < stack->len; d++)
        {
          guint32 function = g_array_index (stack, guint32, d);

          if ((seen & 1u << function) == 0)
            totals[function] += sample.weight_ns;
          seen |= 1u << function;
          if (d + 1 == stack->len)
            selfs[function] += sample.weight_ns;
        }
    }
  for (guint32 i = 0; i < n; i++)
    {
      const SalFunctionRow *row = sal_function_table_find (table, i);

      g_assert_cmpuint (row == NULL ? 0 : row->total_ns, ==, totals[i]);
      g_assert_cmpuint (row == NULL ? 0 : row->self_ns, ==, selfs[i]);
    }
}

/* A pair counts once a sample, in whichever list it is read. */
static guint64
add_up_pair_naively (SalProfile *profile, guint32 caller, guint32 callee)
{
  guint64 sum = 0;

  for (guint64 i = 0; i < sal_profile_get_n_samples (profile); i++)
    {
      SalSample sample = sal_profile_get_sample (profile, i);
      g_autoptr (GArray) stack = profile_maker_list_functions (profile, sample.stack);

      for (guint d = 0; d < stack->len; d++)
        if (g_array_index (stack, guint32, d) == callee &&
            (d == 0 ? SAL_NO_ID : g_array_index (stack, guint32, d - 1)) == caller)
          {
            sum += sample.weight_ns;
            break;
          }
    }
  return sum;
}

static guint64
find_related (SalFunctionTable *table, guint32 function)
{
  const SalFunctionRow *rows = sal_function_table_get_rows (table);
  guint32 n_rows = sal_function_table_get_n_rows (table);
  const SalFunctionRow *row = sal_function_table_find (table, function);

  if (function == SAL_NO_ID && n_rows > 0 && rows[n_rows - 1].function == SAL_NO_ID)
    row = &rows[n_rows - 1];
  return row != NULL ? row->total_ns : 0;
}

static void
compare_related_with_naive (SalProfile *profile)
{
  guint32 n = sal_profile_get_n_functions (profile);

  for (guint32 i = 0; i < n; i++)
    {
      g_autoptr (SalFunctionTable) callers = NULL;
      g_autoptr (SalFunctionTable) callees = NULL;

      g_assert_true (sal_function_table_find_related (profile, &all, i, NULL, &callers, &callees));
      g_assert_cmpuint (find_related (callers, SAL_NO_ID),
                        ==,
                        add_up_pair_naively (profile, SAL_NO_ID, i));
      for (guint32 j = 0; j < n; j++)
        {
          g_assert_cmpuint (find_related (callers, j), ==, add_up_pair_naively (profile, j, i));
          g_assert_cmpuint (find_related (callees, j), ==, add_up_pair_naively (profile, i, j));
        }
    }
}

static void
test_random (void)
{
  for (guint32 seed = 0; seed < 20; seed++)
    {
      g_autoptr (SalProfile) profile = profile_maker_random (seed, 20 + seed * 20);
      g_autoptr (SalFunctionTable) table = sal_function_table_new (profile, &all, NULL);

      compare_with_naive (profile, table);
      compare_related_with_naive (profile);
    }
}

static void
test_call_profile (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  guint32 a = sal_profile_builder_add_function (builder, "a", "x.py", 1, SAL_FUNCTION_PYTHON);
  guint32 b = sal_profile_builder_add_function (builder, "b", "x.py", 9, SAL_FUNCTION_PYTHON);
  SalCallCosts costs_a = { .pcalls = 1, .ncalls = 1, .tottime = 1.5, .cumtime = 3 };
  SalCallCosts costs_b = { .pcalls = 2, .ncalls = 4, .tottime = 1.5, .cumtime = 1.5 };
  SalCallEdge edge = { .caller = a, .callee = b, .costs = costs_b, .has_times = TRUE };
  SalCallEdge untimed = { .caller = b, .callee = b, .costs = { .pcalls = 2, .ncalls = 2 } };
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (SalFunctionTable) table = NULL;
  g_autoptr (SalFunctionTable) callers = NULL;
  g_autoptr (SalFunctionTable) callees = NULL;
  g_autoptr (SalFunctionTable) callers_of_a = NULL;
  g_autoptr (SalFunctionTable) callees_of_a = NULL;

  sal_profile_builder_add_costs (builder, a, &costs_a);
  sal_profile_builder_add_costs (builder, b, &costs_b);
  sal_profile_builder_add_edge (builder, &edge);
  sal_profile_builder_add_edge (builder, &untimed);
  profile = sal_profile_builder_take (builder);
  table = sal_function_table_new (profile, NULL, NULL);
  g_assert_cmpuint (sal_function_table_get_n_rows (table), ==, 2);
  g_assert_cmpuint (sal_function_table_get_total_ns (table), ==, 3000000000);
  g_assert_cmpint (sal_function_table_get_rows (table)[b].costs.ncalls, ==, 4);
  g_assert_true (sal_function_table_find_related (profile, NULL, b, NULL, &callers, &callees));
  g_assert_cmpuint (sal_function_table_get_n_rows (callers), ==, 2);
  g_assert_cmpuint (sal_function_table_get_total_ns (callers), ==, 1500000000);
  g_assert_cmpfloat (sal_function_table_find (callers, a)->costs.cumtime, ==, 1.5);
  g_assert_cmpuint (sal_function_table_find (callers, a)->total_ns, ==, 1500000000);
  /* Itself, and for how long the file does not tell. */
  g_assert_cmpint (sal_function_table_find (callers, b)->costs.ncalls, ==, 2);
  g_assert_cmpfloat (sal_function_table_find (callers, b)->costs.cumtime, ==, -1);
  g_assert_true (
      sal_function_table_find_related (profile, NULL, a, NULL, &callers_of_a, &callees_of_a));
  g_assert_cmpuint (sal_function_table_get_n_rows (callees_of_a), ==, 1);
  g_assert_nonnull (sal_function_table_find (callees_of_a, b));
}

/* Times that no program takes, as a file may tell them. */
static void
test_strange_times (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  guint32 endless = sal_profile_builder_add_function (builder, "a", "x", 1, SAL_FUNCTION_PYTHON);
  guint32 none = sal_profile_builder_add_function (builder, "b", "x", 2, SAL_FUNCTION_PYTHON);
  SalCallCosts costs = { .pcalls = 1, .ncalls = 1, .tottime = 1, .cumtime = (double)INFINITY };
  SalCallEdge edge = { .caller = endless, .callee = none, .costs = costs, .has_times = TRUE };
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (SalFunctionTable) callers = NULL;
  g_autoptr (SalFunctionTable) callees = NULL;
  g_autoptr (SalFunctionTable) nobody = NULL;
  g_autoptr (SalFunctionTable) endless_callees = NULL;

  sal_profile_builder_add_costs (builder, endless, &costs);
  costs.cumtime = (double)NAN;
  sal_profile_builder_add_costs (builder, none, &costs);
  sal_profile_builder_add_edge (builder, &edge);
  profile = sal_profile_builder_take (builder);
  g_assert_true (
      sal_function_table_find_related (profile, NULL, endless, NULL, &nobody, &endless_callees));
  g_assert_cmpuint (sal_function_table_get_total_ns (endless_callees), ==, G_MAXINT64);
  g_assert_true (sal_function_table_find_related (profile, NULL, none, NULL, &callers, &callees));
  g_assert_cmpuint (sal_function_table_get_total_ns (callers), ==, 0);
  g_assert_cmpuint (sal_function_table_find (callers, endless)->total_ns, ==, G_MAXINT64);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/function-table/recursion-counts-once", test_recursion_counts_once);
  g_test_add_func ("/profile/function-table/filter", test_filter);
  g_test_add_func ("/profile/function-table/cancelled", test_cancelled);
  g_test_add_func ("/profile/function-table/callers-and-callees", test_related);
  g_test_add_func ("/profile/function-table/random", test_random);
  g_test_add_func ("/profile/function-table/call-profile", test_call_profile);
  g_test_add_func ("/profile/function-table/strange-times", test_strange_times);
  return g_test_run ();
}
