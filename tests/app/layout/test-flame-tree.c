/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of call trees against a naive one that visits every node. */
#include <math.h>

#include "fake-tree.h"
#include "sal-flame-layout.h"
#include "sal-flame-path.h"

#define WHOLE ((SalFlameViewport){ .x0 = 0, .x1 = 1, .width_px = 1000, .n_rows = G_MAXUINT32 })

/* Each viewport of a row of random ones, from the whole down to a millionth. */
static SalFlameViewport
random_viewport (GRand *random)
{
  double width = pow (10, -6 * g_rand_double (random));
  double x0 = g_rand_double (random) * (1 - width);

  return (SalFlameViewport){
    .x0 = x0,
    .x1 = x0 + width,
    .width_px = (guint32)g_rand_int_range (random, 1, 2000),
    .first_row = (guint32)g_rand_int_range (random, 0, 4),
    .n_rows = (guint32)g_rand_int_range (random, 1, 20),
  };
}

static void
check_rows (const SalFlameLayout *layout)
{
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (layout, NULL);

  for (guint32 row = 0; row < sal_flame_layout_get_n_rows (layout); row++)
    {
      guint32 first, n = sal_flame_layout_get_row (layout, row, &first);
      gint last_right = 0;
      double last_x1 = 0;

      for (guint32 i = first; i < first + n; i++)
        {
          gint left, right;

          sal_flame_layout_get_edges (layout, &blocks[i], &left, &right);
          g_assert_cmpint (left, >=, last_right);
          g_assert_cmpint (right, >=, left);
          g_assert_cmpfloat (blocks[i].x0, >=, last_x1 - 1e-12);
          g_assert_cmpfloat_with_epsilon (blocks[i].x1 - blocks[i].x0, blocks[i].total_ns / 1e9,
                                          1e-12);
          last_right = right;
          last_x1 = blocks[i].x1;
          if (blocks[i].parent != SAL_NO_ID)
            {
              const SalFlameBlock *parent = &blocks[blocks[i].parent];

              g_assert_cmpuint (blocks[i].parent, <, first);
              g_assert_cmpfloat (blocks[i].x0, >=, parent->x0 - 1e-12);
              g_assert_cmpfloat (blocks[i].x1, <=, parent->x1 + 1e-12);
            }
        }
    }
}

/* The naive layout of one row: which node covers each pixel, and which pixels are dust. */
static void
rasterise (SalCallTree *tree,
           const SalFlameViewport *viewport,
           guint32 row,
           guint32 *pixels,
           guint32 *n_wide)
{
  double whole = (double)sal_call_tree_get_node (tree, 0).total;
  double pixel = (viewport->x1 - viewport->x0) * whole / viewport->width_px;
  double from = viewport->x0 * whole, to = viewport->x1 * whole;
  guint32 first, n = sal_call_tree_get_level (tree, row + 1, &first);

  for (guint32 x = 0; x < viewport->width_px; x++)
    pixels[x] = 0;
  for (guint32 i = first; i < first + n; i++)
    {
      SalCallNode node = sal_call_tree_get_node (tree, i);
      SalCallNode parent = sal_call_tree_get_node (tree, node.parent);
      double start = (double)node.start, end = start + (double)node.total;
      gboolean is_wide = (double)node.total >= pixel;

      if (end <= from || start >= to || (!is_wide && (double)parent.total < pixel))
        continue;
      *n_wide += is_wide ? 1 : 0;
      start = CLAMP (floor ((start - from) / pixel + 0.5), 0, viewport->width_px);
      end = CLAMP (floor ((end - from) / pixel + 0.5), 0, viewport->width_px);
      for (guint32 x = (guint32)start; x < (guint32)end; x++)
        pixels[x] = is_wide ? i : SAL_NO_ID;
    }
}

static void
check_against_naive (SalCallTree *tree, const SalFlameViewport *viewport)
{
  const SalFlameSource source = { .tree = tree };
  g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (&source, viewport);
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (layout, NULL);
  g_autofree guint32 *pixels = g_new (guint32, viewport->width_px);
  guint32 n_levels = sal_call_tree_get_n_levels (tree);

  check_rows (layout);
  for (guint32 row = viewport->first_row;
       row < viewport->first_row + viewport->n_rows && row + 1 < n_levels; row++)
    {
      guint32 first, n = sal_flame_layout_get_row (layout, row, &first), n_wide = 0;

      rasterise (tree, viewport, row, pixels, &n_wide);
      for (guint32 i = first; i < first + n; i++)
        n_wide -= blocks[i].flags & SAL_FLAME_DUST ? 0 : 1;
      g_assert_cmpuint (n_wide, ==, 0);
      for (guint32 x = 0; x < viewport->width_px; x++)
        {
          guint32 block = sal_flame_layout_hit (layout, row, (gint)x), expected = pixels[x];

          if (block == SAL_NO_ID)
            g_assert_cmpuint (expected, ==, 0);
          else if (blocks[block].flags & SAL_FLAME_DUST)
            g_assert_cmpuint (expected, ==, SAL_NO_ID);
          else
            g_assert_cmpuint (expected, ==, blocks[block].node);
        }
    }
}

static void
test_equals_naive (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint32 seed = 0; seed < 8; seed++)
    {
      g_autoptr (SalCallTree) tree = fake_tree_new_random (seed, 5000, seed % 2 == 0);

      g_assert_cmpuint (sal_call_tree_get_n_nodes (tree), >, 1000);

      check_against_naive (tree, &WHOLE);
      for (guint i = 0; i < 40; i++)
        {
          SalFlameViewport viewport = random_viewport (random);

          check_against_naive (tree, &viewport);
        }
    }
}

static void
test_sums_agree (void)
{
  for (guint32 seed = 0; seed < 4; seed++)
    {
      g_autoptr (SalCallTree) tree = fake_tree_new_random (seed, 20000, seed % 2 == 0);
      const SalFlameSource source = { .tree = tree };
      g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (&source, &WHOLE);
      guint32 n_blocks, n_dust = 0;
      const SalFlameBlock *blocks = sal_flame_layout_get_blocks (layout, &n_blocks);
      g_autofree double *sums = g_new0 (double, n_blocks);

      for (guint32 i = 0; i < n_blocks; i++)
        {
          sums[i] += blocks[i].self_ns;
          if (blocks[i].parent != SAL_NO_ID)
            sums[blocks[i].parent] += blocks[i].total_ns;
          n_dust += blocks[i].flags & SAL_FLAME_DUST ? 1 : 0;
        }
      for (guint32 i = 0; i < n_blocks; i++)
        if (!(blocks[i].flags & SAL_FLAME_DUST))
          g_assert_cmpfloat (sums[i], ==, blocks[i].total_ns);
      g_assert_cmpuint (n_dust, >, 0);
    }
}

static SalCallTree *
make_fan (const guint32 *selfs, guint32 n)
{
  GArray *nodes = g_array_new (FALSE, TRUE, sizeof (SalCallNode));
  SalCallNode root = { .function = SAL_NO_ID, .parent = SAL_NO_ID };

  g_array_append_val (nodes, root);
  for (guint32 i = 0; i < n; i++)
    {
      SalCallNode node = { .function = i, .parent = 0, .self = selfs[i] };

      g_array_append_val (nodes, node);
    }
  return fake_tree_new_from_nodes (nodes);
}

static void
test_dust_is_described (void)
{
  const guint32 selfs[] = { 2, 3, 490, 1, 4, 2, 498 };
  g_autoptr (SalCallTree) tree = make_fan (selfs, G_N_ELEMENTS (selfs));
  const SalFlameSource source = { .tree = tree };
  SalFlameViewport viewport = { .x1 = 1, .width_px = 100, .n_rows = 1 };
  g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (&source, &viewport);
  guint32 n_blocks;
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (layout, &n_blocks);

  g_assert_cmpuint (n_blocks, ==, 4);
  g_assert_cmpuint (blocks[0].flags, ==, SAL_FLAME_DUST);
  g_assert_cmpuint (blocks[0].count, ==, 2);
  g_assert_cmpuint (blocks[0].function, ==, 1);
  g_assert_cmpfloat (blocks[0].total_ns, ==, 5);
  g_assert_cmpuint (blocks[1].function, ==, 2);
  g_assert_cmpuint (blocks[2].flags, ==, SAL_FLAME_DUST);
  g_assert_cmpuint (blocks[2].count, ==, 3);
  g_assert_cmpuint (blocks[2].function, ==, 4);
  g_assert_cmpfloat (blocks[2].total_ns, ==, 7);
  g_assert_cmpuint (blocks[3].function, ==, 6);
}

static void
check_cost (SalCallTree *tree, const SalFlameViewport *viewport)
{
  const SalFlameSource source = { .tree = tree };
  g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (&source, viewport);
  guint64 n_rows = MIN (sal_call_tree_get_n_levels (tree), viewport->n_rows);
  guint32 n_blocks;

  sal_flame_layout_get_blocks (layout, &n_blocks);
  g_assert_cmpuint (n_blocks, <=, 2 * viewport->width_px * n_rows);
  /* A pixel costs a search, at most: log2 of 12 million, twice, and the looks for the heaviest. */
  g_assert_cmpuint (sal_flame_layout_get_n_visited (layout), <=,
                    2 * 64 * viewport->width_px + 4 * n_blocks + 64 * n_rows);
}

static void
test_cost_follows_pixels (void)
{
  g_autoptr (SalCallTree) bushy = fake_tree_new_regular (5, 11);
  g_autoptr (SalCallTree) flat = fake_tree_new_regular (5000000, 2);

  g_assert_cmpuint (sal_call_tree_get_n_nodes (bushy), >, 5000000);
  g_assert_cmpuint (sal_call_tree_get_n_nodes (flat), >, 5000000);
  for (guint i = 0; i < 8; i++)
    {
      double width = pow (10, -(double)i / 2);
      SalFlameViewport viewport = {
        .x0 = 0.3 - 0.3 * width, .x1 = 0.3 + 0.7 * width, .width_px = 1920, .n_rows = 60
      };

      check_cost (bushy, &viewport);
      check_cost (flat, &viewport);
      viewport.first_row = 7;
      check_cost (bushy, &viewport);
    }
}

/* A chain of 10,000 calls in which every one has self time. */
static void
test_deep_chain (void)
{
  GArray *nodes = g_array_new (FALSE, TRUE, sizeof (SalCallNode));
  g_autoptr (SalCallTree) tree = NULL;
  g_autoptr (SalFlameLayout) layout = NULL;
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  SalFlameViewport viewport = { .x1 = 1, .width_px = 1000, .first_row = 4000, .n_rows = 50 };
  SalFlameBlock block;
  guint32 first;

  for (guint32 i = 0; i <= 10000; i++)
    {
      SalCallNode node = { .function = i == 0 ? SAL_NO_ID : i % 7,
                           .parent = i == 0 ? SAL_NO_ID : i - 1,
                           .self = 100 };

      g_array_append_val (nodes, node);
    }
  tree = fake_tree_new_from_nodes (nodes);
  layout = sal_flame_layout_new (&(SalFlameSource){ .tree = tree }, &viewport);
  g_assert_cmpuint (sal_flame_layout_get_n_rows (layout), ==, 4050);
  g_assert_cmpuint (sal_flame_layout_get_row (layout, 4049, &first), ==, 1);
  g_assert_cmpuint (sal_flame_layout_get_n_visited (layout), <, 1000);
  sal_flame_layout_get_path (layout, &(SalFlameSource){ .tree = tree }, first, path);
  g_assert_cmpuint (path->len, ==, 4050);
  g_assert_cmpuint (sal_flame_find (&(SalFlameSource){ .tree = tree },
                                    (guint32 *)(void *)path->data, path->len, &block),
                    ==, 4050);
  g_assert_cmpuint (block.node, ==, 4050);
}

static void
test_path_survives_growth (void)
{
  const guint32 before[] = { 10, 80, 10 }, after[] = { 50, 90, 60, 10 };
  g_autoptr (SalCallTree) tree = make_fan (before, 3);
  g_autoptr (SalCallTree) grown = make_fan (after, 4);
  g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (&(SalFlameSource){ .tree = tree },
                                                            &WHOLE);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  SalFlameBlock block;

  sal_flame_layout_get_path (layout, &(SalFlameSource){ .tree = tree }, 1, path);
  g_assert_cmpuint (sal_flame_find (&(SalFlameSource){ .tree = grown },
                                    (guint32 *)(void *)path->data, path->len, &block),
                    ==, 1);
  g_assert_cmpuint (block.function, ==, 1);
  g_assert_cmpfloat (block.total_ns, ==, 90);
  g_assert_cmpfloat_with_epsilon (block.x0, 50.0 / 210, 1e-12);
}

static void
test_steps (void)
{
  const guint32 selfs[] = { 10, 80, 30 };
  g_autoptr (SalCallTree) tree = make_fan (selfs, 3);
  const SalFlameSource source = { .tree = tree };
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  SalFlameBlock block;

  g_assert_false (sal_flame_step (&source, SAL_FLAME_STEP_NEXT, path, &block));
  g_assert_true (sal_flame_step (&source, SAL_FLAME_STEP_CHILD, path, &block));
  g_assert_cmpuint (block.function, ==, 1);
  g_assert_true (sal_flame_step (&source, SAL_FLAME_STEP_NEXT, path, &block));
  g_assert_cmpuint (block.function, ==, 2);
  g_assert_false (sal_flame_step (&source, SAL_FLAME_STEP_NEXT, path, &block));
  g_assert_cmpuint (path->len, ==, 1);
  g_assert_true (sal_flame_step (&source, SAL_FLAME_STEP_FIRST, path, &block));
  g_assert_cmpuint (block.function, ==, 0);
  g_assert_false (sal_flame_step (&source, SAL_FLAME_STEP_PREVIOUS, path, &block));
  g_assert_true (sal_flame_step (&source, SAL_FLAME_STEP_LAST, path, &block));
  g_assert_cmpuint (block.function, ==, 2);
  g_assert_false (sal_flame_step (&source, SAL_FLAME_STEP_CHILD, path, &block));
  g_assert_false (sal_flame_step (&source, SAL_FLAME_STEP_PARENT, path, &block));
}

/* a → b → a and a second b: a counts at its outermost, b only where no a stands above it. */
static void
test_match_counts_once (void)
{
  GArray *nodes = g_array_new (FALSE, TRUE, sizeof (SalCallNode));
  const SalCallNode given[] = {
    { .function = SAL_NO_ID, .parent = SAL_NO_ID, .self = 10 },
    { .function = 0, .parent = 0, .self = 20 },
    { .function = 1, .parent = 0, .self = 30 },
    { .function = 1, .parent = 1, .self = 5 },
    { .function = 0, .parent = 3, .self = 35 },
  };
  const guint8 only_a[] = { 1, 0 }, only_b[] = { 0, 1 }, both[] = { 1, 1 };
  g_autoptr (SalCallTree) tree = NULL;
  gboolean exact = FALSE;

  g_array_append_vals (nodes, given, G_N_ELEMENTS (given));
  tree = fake_tree_new_from_nodes (nodes);
  g_assert_cmpfloat_with_epsilon (
      sal_flame_match (&(SalFlameSource){ .tree = tree }, only_a, 2, &exact, NULL), 0.6, 1e-12);
  g_assert_true (exact);
  g_assert_cmpfloat_with_epsilon (
      sal_flame_match (&(SalFlameSource){ .tree = tree }, only_b, 2, &exact, NULL), 0.7, 1e-12);
  g_assert_cmpfloat_with_epsilon (
      sal_flame_match (&(SalFlameSource){ .tree = tree }, both, 2, &exact, NULL), 0.9, 1e-12);
}

static void
test_empty (void)
{
  const guint32 none[] = { 0 };
  g_autoptr (SalCallTree) tree = make_fan (none, 0);
  g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (&(SalFlameSource){ .tree = tree },
                                                            &WHOLE);
  g_autoptr (SalFlameLayout) nothing = sal_flame_layout_new (&(SalFlameSource){ 0 }, &WHOLE);

  g_assert_cmpuint (sal_flame_layout_get_n_rows (layout), ==, 0);
  g_assert_cmpuint (sal_flame_layout_hit (layout, 0, 5), ==, SAL_NO_ID);
  g_assert_cmpuint (sal_flame_layout_get_n_rows (nothing), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/flame-tree/equals-naive", test_equals_naive);
  g_test_add_func ("/layout/flame-tree/sums-agree", test_sums_agree);
  g_test_add_func ("/layout/flame-tree/dust-is-described", test_dust_is_described);
  g_test_add_func ("/layout/flame-tree/cost-follows-pixels", test_cost_follows_pixels);
  g_test_add_func ("/layout/flame-tree/deep-chain", test_deep_chain);
  g_test_add_func ("/layout/flame-tree/path-survives-growth", test_path_survives_growth);
  g_test_add_func ("/layout/flame-tree/steps", test_steps);
  g_test_add_func ("/layout/flame-tree/match-counts-once", test_match_counts_once);
  g_test_add_func ("/layout/flame-tree/empty", test_empty);
  return g_test_run ();
}
