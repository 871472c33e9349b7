/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Call graphs of call profiles: roots, shares, what is exact. */
#include "sal-call-graph.h"

#include <math.h>

#include "sal-components.h"
#include "sal-profile-builder.h"

typedef struct
{
  SalProfileBuilder *builder;
  SalProfile *profile;
  SalCallGraph *graph;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->builder, sal_profile_builder_free);
  g_clear_pointer (&fixture->graph, sal_call_graph_unref);
  g_clear_pointer (&fixture->profile, sal_profile_unref);
}

static guint32
get (Fixture *fixture, const char *name)
{
  return sal_profile_builder_add_function (fixture->builder, name, "x.py", 1, SAL_FUNCTION_PYTHON);
}

static void
cost (Fixture *fixture, const char *name, double tottime, double cumtime)
{
  SalCallCosts costs = { .pcalls = 1, .ncalls = 1, .tottime = tottime, .cumtime = cumtime };

  sal_profile_builder_add_costs (fixture->builder, get (fixture, name), &costs);
}

static void
edge (Fixture *fixture, const char *caller, const char *callee, double cumtime)
{
  SalCallEdge call = { .has_times = TRUE, .costs = { .ncalls = 1, .cumtime = cumtime } };

  call.caller = get (fixture, caller);
  call.callee = get (fixture, callee);
  sal_profile_builder_add_edge (fixture->builder, &call);
}

static void
finish (Fixture *fixture)
{
  fixture->profile = sal_profile_builder_take (fixture->builder);
  fixture->graph = sal_call_graph_new (fixture->profile);
  g_assert_true (sal_call_graph_get_profile (fixture->graph) == fixture->profile);
}

static char *
dump_shares (SalProfile *profile, const SalCallShare *shares, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text,
                            "%s%s %.3f%s%s",
                            i == 0 ? "" : ", ",
                            sal_profile_get_function (profile, shares[i].function).name,
                            shares[i].time,
                            shares[i].exact ? " exact" : "",
                            shares[i].recursive ? " recursive" : "");
  return g_string_free (text, FALSE);
}

static void
expect_roots (Fixture *fixture, const char *expected)
{
  guint32 n;
  double total;
  double sum = 0;
  const SalCallShare *roots = sal_call_graph_get_roots (fixture->graph, &n, &total);
  g_autofree char *text = dump_shares (fixture->profile, roots, n);

  for (guint32 i = 0; i < n; i++)
    sum += roots[i].time;
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpfloat_with_epsilon (total, sum, 1e-12);
}

/* @path: names, outermost first. */
static void
expect_children (Fixture *fixture,
                 const char *path,
                 double time,
                 gboolean exact,
                 double least,
                 const char *expected,
                 double expected_rest)
{
  g_auto (GStrv) names = g_strsplit (path, ";", -1);
  g_autoptr (GArray) functions = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) children = g_array_new (FALSE, FALSE, sizeof (SalCallShare));
  g_autofree char *text = NULL;
  double rest;

  for (guint i = 0; names[i] != NULL; i++)
    {
      guint32 function = get (fixture, names[i]);

      g_array_append_val (functions, function);
    }
  sal_call_graph_expand (fixture->graph,
                         &g_array_index (functions, guint32, 0),
                         functions->len,
                         time,
                         exact,
                         least,
                         children,
                         &rest);
  text = dump_shares (fixture->profile, &g_array_index (children, SalCallShare, 0), children->len);
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpfloat_with_epsilon (rest, expected_rest, 1e-9);
}

static void
test_shares (Fixture *fixture, gconstpointer data)
{
  cost (fixture, "main", 1, 10);
  cost (fixture, "a", 1, 3);
  cost (fixture, "b", 2, 6);
  cost (fixture, "shared", 6, 6);
  edge (fixture, "main", "a", 3);
  edge (fixture, "main", "b", 6);
  edge (fixture, "a", "shared", 2);
  edge (fixture, "b", "shared", 4);
  finish (fixture);
  expect_roots (fixture, "main 10.000 exact");
  expect_children (fixture, "main", 10, TRUE, 0, "b 6.000 exact, a 3.000 exact", 0);
  expect_children (fixture, "main;b", 6, TRUE, 0, "shared 4.000", 0);
  expect_children (fixture, "main;a", 1.5, FALSE, 0, "shared 1.000", 0);
  expect_children (fixture, "main", 10, TRUE, 4, "b 6.000 exact", 3);
  expect_children (fixture, "main;b;shared", 4, FALSE, 0, "", 0);
}

/* exec and load call each other, so nobody is without a caller; disable is, but has no time. */
static void
test_roots_of_cycles (Fixture *fixture, gconstpointer data)
{
  cost (fixture, "exec", 1, 20);
  cost (fixture, "load", 1, 15);
  cost (fixture, "other", 2, 2);
  cost (fixture, "disable", 0, 0);
  cost (fixture, "leaf", 5, 5);
  edge (fixture, "exec", "load", 15);
  edge (fixture, "load", "exec", 9);
  edge (fixture, "load", "leaf", 5);
  finish (fixture);
  expect_roots (fixture, "exec 20.000 exact, other 2.000 exact");
}

/* The edges of a function that recurs add up to more than its time: they are scaled. */
static void
test_recursion (Fixture *fixture, gconstpointer data)
{
  cost (fixture, "fib", 4, 4);
  cost (fixture, "main", 0, 4);
  edge (fixture, "main", "fib", 4);
  edge (fixture, "fib", "fib", 4);
  finish (fixture);
  expect_roots (fixture, "main 4.000 exact");
  expect_children (fixture, "main", 4, TRUE, 0, "fib 4.000", 0);
  expect_children (fixture, "main;fib", 4, FALSE, 0, "fib 2.000 recursive", 0);
  expect_children (fixture, "main;fib;fib", 2, FALSE, 0, "fib 1.000 recursive", 0);
}

/* Its only caller is itself and the parts fit in the whole: still an estimate. */
static void
test_only_itself (Fixture *fixture, gconstpointer data)
{
  cost (fixture, "loop", 4, 10);
  edge (fixture, "loop", "loop", 3);
  finish (fixture);
  expect_roots (fixture, "loop 10.000 exact");
  expect_children (fixture, "loop", 10, TRUE, 0, "loop 3.000 recursive", 0);
}

/* A child is never exact below a block that is not, nor where the parts exceed the whole. */
static void
test_exact (Fixture *fixture, gconstpointer data)
{
  cost (fixture, "main", 0, 4);
  cost (fixture, "thread", 6, 6);
  edge (fixture, "main", "thread", 6);
  finish (fixture);
  expect_children (fixture, "main", 4, TRUE, 0, "thread 4.000", 0);
}

/* Only counts of calls: leaf's time is divided 1 : 3. */
static void
test_no_times (Fixture *fixture, gconstpointer data)
{
  SalCallEdge one = { .costs = { .ncalls = 1 } };
  SalCallEdge three = { .costs = { .ncalls = 3 } };

  cost (fixture, "a", 1, 5);
  cost (fixture, "b", 1, 5);
  cost (fixture, "leaf", 4, 4);
  one.caller = get (fixture, "a");
  three.caller = get (fixture, "b");
  one.callee = three.callee = get (fixture, "leaf");
  sal_profile_builder_add_edge (fixture->builder, &one);
  sal_profile_builder_add_edge (fixture->builder, &three);
  finish (fixture);
  expect_children (fixture, "a", 5, TRUE, 0, "leaf 1.000", 0);
  expect_children (fixture, "b", 5, TRUE, 0, "leaf 3.000", 0);
}

static void
test_strange_times (Fixture *fixture, gconstpointer data)
{
  cost (fixture, "nan", 0, (double)NAN);
  cost (fixture, "negative", -1, -3);
  cost (fixture, "endless", 0, (double)INFINITY);
  cost (fixture, "good", 1, 1);
  edge (fixture, "good", "nan", (double)NAN);
  edge (fixture, "good", "negative", -4);
  edge (fixture, "nan", "good", 1);
  finish (fixture);
  expect_roots (fixture, "good 1.000 exact");
  expect_children (fixture, "good", 1, TRUE, 0, "", 0);
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  finish (fixture);
  expect_roots (fixture, "");
}

/* Components against plain reachability, on random graphs. */
static void
test_components (void)
{
  enum
  {
    N = 12
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (int round = 0; round < 200; round++)
    {
      gboolean reaches[N][N] = { { FALSE } };
      guint32 first[N + 1];
      g_autoptr (GArray) targets = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_autofree guint32 *components = NULL;
      guint32 n_components;

      for (guint32 i = 0; i < N; i++)
        {
          first[i] = targets->len;
          reaches[i][i] = TRUE;
          for (guint32 j = 0; j < N; j++)
            if (g_rand_int_range (rand, 0, 8) == 0)
              {
                g_array_append_val (targets, j);
                reaches[i][j] = TRUE;
              }
        }
      first[N] = targets->len;
      for (int k = 0; k < N; k++)
        for (int i = 0; i < N; i++)
          for (int j = 0; j < N; j++)
            reaches[i][j] |= reaches[i][k] && reaches[k][j];
      components = sal_components_new (N,
                                       first,
                                       &g_array_index (targets, guint32, 0),
                                       &n_components);
      for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
          g_assert_cmpint (components[i] == components[j], ==, reaches[i][j] && reaches[j][i]);
    }
}

/* A chain of 200,000 functions: nothing recurs in here. */
static void
test_long_chain (void)
{
  enum
  {
    N = 200000
  };
  g_autofree guint32 *first = g_new (guint32, N + 1);
  g_autofree guint32 *targets = g_new (guint32, N);
  g_autofree guint32 *components = NULL;
  guint32 n_components;

  for (guint32 i = 0; i <= N; i++)
    first[i] = MIN (i, N - 1);
  for (guint32 i = 0; i < N; i++)
    targets[i] = i + 1;
  components = sal_components_new (N, first, targets, &n_components);
  g_assert_cmpuint (n_components, ==, N);
}

#define ADD(name, function) \
  g_test_add ("/profile/call-graph/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("shares", test_shares);
  ADD ("roots-of-cycles", test_roots_of_cycles);
  ADD ("recursion", test_recursion);
  ADD ("only-itself", test_only_itself);
  ADD ("exact", test_exact);
  ADD ("no-times", test_no_times);
  ADD ("strange-times", test_strange_times);
  ADD ("empty", test_empty);
  g_test_add_func ("/profile/components/random", test_components);
  g_test_add_func ("/profile/components/long-chain", test_long_chain);
  return g_test_run ();
}
