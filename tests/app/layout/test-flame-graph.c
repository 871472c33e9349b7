/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of call graphs, whose trees are exponential or endless. */
#include "sal-flame-layout.h"
#include "sal-flame-path.h"
#include "sal-profile-builder.h"

#define WHOLE ((SalFlameViewport){ .x0 = 0, .x1 = 1, .width_px = 1920, .n_rows = G_MAXUINT32 })

static guint32
add_function (SalProfileBuilder *builder, guint number, double tottime, double cumtime)
{
  g_autofree char *name = g_strdup_printf ("f%u", number);
  guint32 id = sal_profile_builder_add_function (builder, name, "graph.py", 1, SAL_FUNCTION_PYTHON);
  SalCallCosts costs = { .pcalls = 1, .ncalls = 1, .tottime = tottime, .cumtime = cumtime };

  sal_profile_builder_add_costs (builder, id, &costs);
  return id;
}

static void
add_edge (SalProfileBuilder *builder, guint32 caller, guint32 callee, double cumtime)
{
  SalCallEdge edge = { .caller = caller,
                       .callee = callee,
                       .costs = { .pcalls = 1, .ncalls = 1, .cumtime = cumtime },
                       .has_times = TRUE };

  sal_profile_builder_add_edge (builder, &edge);
}

/* @depth steps, at each of which two functions call both of the next: 2^depth paths. */
static SalCallGraph *
make_ladder (guint depth)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  g_autoptr (SalProfile) profile = NULL;
  guint32 top = add_function (builder, 0, 0, 2);
  guint32 above[2] = { top, top };

  for (guint step = 0; step < depth; step++)
    {
      guint32 pair[2];

      for (guint i = 0; i < 2; i++)
        pair[i] = add_function (builder, 1 + step * 2 + i, step + 1 == depth ? 1 : 0, 1);
      for (guint i = 0; i < (step == 0 ? 1 : 2); i++)
        for (guint j = 0; j < 2; j++)
          add_edge (builder, above[i], pair[j], step == 0 ? 1 : 0.5);
      above[0] = pair[0];
      above[1] = pair[1];
    }
  profile = sal_profile_builder_take (builder);
  return sal_call_graph_new (profile);
}

static void
check_sums (const SalFlameLayout *layout)
{
  guint32 n_blocks;
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (layout, &n_blocks);
  g_autofree double *sums = g_new0 (double, MAX (n_blocks, 1));

  for (guint32 i = 0; i < n_blocks; i++)
    {
      sums[i] += blocks[i].self_ns;
      if (blocks[i].parent != SAL_NO_ID)
        sums[blocks[i].parent] += blocks[i].total_ns;
    }
  for (guint32 i = 0; i < n_blocks; i++)
    if (!(blocks[i].flags & SAL_FLAME_DUST))
      g_assert_cmpfloat_with_epsilon (sums[i], blocks[i].total_ns, 1);
}

static void
test_exponential_is_bounded (void)
{
  g_autoptr (SalCallGraph) graph = make_ladder (60);
  const SalFlameSource source = { .graph = graph };
  SalFlameViewport deep = WHOLE;
  g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (&source, &deep);
  g_autoptr (SalFlameLayout) zoomed = NULL;
  guint32 n_blocks;

  sal_flame_layout_get_blocks (layout, &n_blocks);
  /* 2^60 paths; a pixel is reached after 11 steps. */
  g_assert_cmpuint (sal_flame_layout_get_n_rows (layout), ==, 12);
  g_assert_cmpuint (n_blocks, <, 12 * 1920);
  check_sums (layout);
  deep.x0 = 0.3;
  deep.x1 = 0.3 + 1e-9;
  zoomed = sal_flame_layout_new (&source, &deep);
  sal_flame_layout_get_blocks (zoomed, &n_blocks);
  g_assert_cmpuint (sal_flame_layout_get_n_rows (zoomed), >, 35);
  g_assert_cmpuint (n_blocks, <, 50 * 1920);
}

static void
test_recursion_is_bounded (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (SalCallGraph) graph = NULL;
  g_autoptr (SalFlameLayout) layout = NULL;
  SalFlameViewport viewport = WHOLE;
  guint32 even = add_function (builder, 0, 0, 4), odd = add_function (builder, 1, 0, 4), n_blocks;
  const SalFlameBlock *blocks;

  /* All of each one's time is in the other: no share ever shrinks. */
  add_edge (builder, even, odd, 4);
  add_edge (builder, odd, even, 4);
  profile = sal_profile_builder_take (builder);
  graph = sal_call_graph_new (profile);
  layout = sal_flame_layout_new (&(SalFlameSource){ .graph = graph }, &viewport);
  blocks = sal_flame_layout_get_blocks (layout, &n_blocks);
  g_assert_cmpuint (n_blocks, >, 2);
  g_assert_cmpuint (n_blocks, <=, SAL_FLAME_MAX_RECURSION + 4);
  g_assert_true (blocks[2].flags & SAL_FLAME_RECURSIVE);
  g_assert_false (blocks[1].flags & SAL_FLAME_RECURSIVE);
}

static void
test_flags_tell_estimates (void)
{
  g_autoptr (SalCallGraph) graph = make_ladder (3);
  g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (&(SalFlameSource){ .graph = graph },
                                                            &WHOLE);
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (layout, NULL);
  guint32 first, n;

  g_assert_false (blocks[0].flags & SAL_FLAME_ESTIMATED);
  n = sal_flame_layout_get_row (layout, 1, &first);
  g_assert_cmpuint (n, ==, 2);
  g_assert_false (blocks[first].flags & SAL_FLAME_ESTIMATED);
  n = sal_flame_layout_get_row (layout, 2, &first);
  g_assert_cmpuint (n, ==, 4);
  g_assert_true (blocks[first].flags & SAL_FLAME_ESTIMATED);
  check_sums (layout);
}

static void
test_dust_is_described (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (SalCallGraph) graph = NULL;
  g_autoptr (SalFlameLayout) layout = NULL;
  SalFlameViewport viewport = { .x1 = 1, .width_px = 10, .n_rows = 2 };
  const SalFlameBlock *blocks;
  guint32 first;

  add_function (builder, 0, 0, 10);
  for (guint i = 1; i <= 4; i++)
    add_edge (builder, 0, add_function (builder, i, i == 1 ? 8.5 : i * 0.1, i == 1 ? 8.5 : i * 0.1),
              i == 1 ? 8.5 : i * 0.1);
  profile = sal_profile_builder_take (builder);
  graph = sal_call_graph_new (profile);
  layout = sal_flame_layout_new (&(SalFlameSource){ .graph = graph }, &viewport);
  blocks = sal_flame_layout_get_blocks (layout, NULL);
  g_assert_cmpuint (sal_flame_layout_get_row (layout, 1, &first), ==, 2);
  g_assert_true (blocks[first + 1].flags & SAL_FLAME_DUST);
  g_assert_cmpuint (blocks[first + 1].count, ==, 3);
  g_assert_cmpuint (blocks[first + 1].function, ==, 4);
  g_assert_cmpfloat_with_epsilon (blocks[first + 1].total_ns, 0.9e9, 1);
  g_assert_cmpuint (sal_flame_layout_get_n_rows (layout), ==, 2);
}

static void
test_paths (void)
{
  g_autoptr (SalCallGraph) graph = make_ladder (30);
  const SalFlameSource source = { .graph = graph };
  g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (&source, &WHOLE);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (layout, NULL);
  guint32 first, n = sal_flame_layout_get_row (layout, 7, &first);
  SalFlameBlock block;

  sal_flame_layout_get_path (layout, &source, first + n / 2, path);
  g_assert_cmpuint (path->len, ==, 8);
  g_assert_cmpuint (sal_flame_find (&source, (guint32 *)(void *)path->data, path->len, &block), ==,
                    8);
  g_assert_cmpfloat_with_epsilon (block.x0, blocks[first + n / 2].x0, 1e-12);
  g_assert_cmpfloat_with_epsilon (block.total_ns, blocks[first + n / 2].total_ns, 1e-3);
  g_assert_true (sal_flame_step (&source, SAL_FLAME_STEP_CHILD, path, &block));
  g_assert_cmpuint (path->len, ==, 9);
  g_assert_true (sal_flame_step (&source, SAL_FLAME_STEP_NEXT, path, &block));
  g_assert_false (sal_flame_step (&source, SAL_FLAME_STEP_NEXT, path, &block));
  g_assert_true (sal_flame_step (&source, SAL_FLAME_STEP_PARENT, path, &block));
  g_assert_cmpuint (path->len, ==, 8);
}

static void
test_match (void)
{
  g_autoptr (SalCallGraph) graph = make_ladder (30);
  guint32 n = sal_profile_get_n_functions (sal_call_graph_get_profile (graph));
  g_autofree guint8 *matches = g_malloc0 (n);
  gboolean exact = TRUE;

  matches[21] = 1;
  g_assert_cmpfloat_with_epsilon (
      sal_flame_match (&(SalFlameSource){ .graph = graph }, matches, n, &exact, NULL), 0.5, 1e-6);
  g_assert_false (exact);
  matches[22] = 1;
  g_assert_cmpfloat_with_epsilon (
      sal_flame_match (&(SalFlameSource){ .graph = graph }, matches, n, &exact, NULL), 1, 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/flame-graph/exponential-is-bounded", test_exponential_is_bounded);
  g_test_add_func ("/layout/flame-graph/recursion-is-bounded", test_recursion_is_bounded);
  g_test_add_func ("/layout/flame-graph/flags-tell-estimates", test_flags_tell_estimates);
  g_test_add_func ("/layout/flame-graph/dust-is-described", test_dust_is_described);
  g_test_add_func ("/layout/flame-graph/paths", test_paths);
  g_test_add_func ("/layout/flame-graph/match", test_match);
  return g_test_run ();
}
