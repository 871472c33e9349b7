/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lays out a call graph: expands per visible pixel what would be an exponential tree.
 *
 * A call profile knows edges, not paths, so a block's children are shares of its time
 * (sal_call_graph_expand()). A block below one pixel is never expanded, which bounds the work. */
#include "sal-flame-layout.h"

#include "sal-flame-layout-private.h"

#define NS_PER_S 1e9

typedef struct
{
  SalFlameLayout *layout;
  SalCallGraph *graph;
  double whole;      /* seconds */
  double pixel;      /* seconds */
  GArray *path;      /* guint32 */
  GArray *children;  /* SalCallShare */
  GArray *recursion; /* guint32: recursive blocks from the root to each block */
} GraphWalk;

SalFlameBlock
_sal_flame_graph_block (const SalCallShare *share, double x0, double total, guint32 parent)
{
  return (SalFlameBlock){
    .x0 = x0,
    .x1 = x0 + share->time / total,
    .total_ns = share->time * NS_PER_S,
    .function = share->function,
    .parent = parent,
    .node = SAL_NO_ID,
    .count = 1,
    .flags = (share->exact ? 0 : SAL_FLAME_ESTIMATED) |
             (share->recursive ? SAL_FLAME_RECURSIVE : 0),
  };
}

static gboolean
is_visible (const GraphWalk *walk, double x0, double x1)
{
  return x1 > walk->layout->viewport.x0 && x0 < walk->layout->viewport.x1;
}

static void
append_block (GraphWalk *walk, const SalFlameBlock *block)
{
  guint32 recursion = block->flags & SAL_FLAME_RECURSIVE ? 1 : 0;

  if (block->parent != SAL_NO_ID)
    recursion += g_array_index (walk->recursion, guint32, block->parent);
  g_array_append_val (walk->layout->blocks, *block);
  g_array_append_val (walk->recursion, recursion);
}

static void
lay_out_roots (GraphWalk *walk, const SalCallShare *roots, guint32 n_roots)
{
  double x = 0;

  for (guint32 i = 0; i < n_roots; i++)
    {
      SalFlameBlock block = _sal_flame_graph_block (&roots[i], x, walk->whole, SAL_NO_ID);

      x = block.x1;
      if (roots[i].time < walk->pixel)
        {
          /* Heaviest first: the rest is dust too. */
          block.x1 = 1;
          block.total_ns = MAX (0, (1 - block.x0) * walk->whole * NS_PER_S);
          block.count = n_roots - i;
          block.flags = SAL_FLAME_DUST;
          i = n_roots;
        }
      if (is_visible (walk, block.x0, block.x1))
        append_block (walk, &block);
    }
}

static void
find_path (GraphWalk *walk, guint32 block)
{
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (walk->layout, NULL);
  guint length = 0;

  for (guint32 at = block; at != SAL_NO_ID; at = blocks[at].parent)
    length++;
  g_array_set_size (walk->path, length);
  for (guint32 at = block; at != SAL_NO_ID; at = blocks[at].parent)
    g_array_index (walk->path, guint32, --length) = blocks[at].function;
}

/* The first edge of @function, among the edges sorted by caller. */
static guint32
find_edges (const SalCallEdge *edges, guint32 n_edges, guint32 function)
{
  guint32 low = 0, high = n_edges;

  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (edges[middle].caller < function)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* What was left out of the children of @function: how many, and the heaviest one. The children are
 * those with the longest cumtime, so the lightest of them tells the others apart. */
static void
describe_rest (GraphWalk *walk, guint32 function, SalFlameBlock *dust)
{
  SalProfile *profile = sal_call_graph_get_profile (walk->graph);
  const SalCallEdge *edges = sal_profile_get_edges (profile);
  guint32 n_edges = sal_profile_get_n_edges (profile), n_shown = walk->children->len, n_all = 0;
  guint32 first = find_edges (edges, n_edges, function), last = SAL_NO_ID;
  double limit = G_MAXDOUBLE, best = -1;

  if (n_shown > 0)
    last = g_array_index (walk->children, SalCallShare, n_shown - 1).function;
  for (guint32 i = first; i < n_edges && edges[i].caller == function; i++)
    {
      n_all += edges[i].costs.cumtime > 0 ? 1 : 0;
      if (edges[i].callee == last)
        limit = edges[i].costs.cumtime;
    }
  for (guint32 i = first; i < n_edges && edges[i].caller == function; i++)
    if (edges[i].costs.cumtime < limit && edges[i].costs.cumtime > best)
      {
        best = edges[i].costs.cumtime;
        dust->function = edges[i].callee;
      }
  dust->count = n_all > n_shown ? n_all - n_shown : 1;
}

static void
lay_out_children (GraphWalk *walk, guint32 index)
{
  SalFlameBlock parent = g_array_index (walk->layout->blocks, SalFlameBlock, index);
  gboolean exact = !(parent.flags & SAL_FLAME_ESTIMATED);
  double rest = 0, x = parent.x0, children_s = 0;

  find_path (walk, index);
  g_array_set_size (walk->children, 0);
  sal_call_graph_expand (walk->graph, (const guint32 *)(void *)walk->path->data, walk->path->len,
                         parent.total_ns / NS_PER_S, exact, walk->pixel, walk->children, &rest);
  for (guint i = 0; i < walk->children->len; i++)
    children_s += g_array_index (walk->children, SalCallShare, i).time;
  /* Rounding must not make self time of nothing. */
  parent.self_ns = MAX (0, parent.total_ns - (children_s + rest) * NS_PER_S);
  g_array_index (walk->layout->blocks, SalFlameBlock, index).self_ns = parent.self_ns;

  if (g_array_index (walk->recursion, guint32, index) >= SAL_FLAME_MAX_RECURSION ||
      walk->path->len >= SAL_FLAME_MAX_GRAPH_ROWS)
    {
      rest += children_s;
      g_array_set_size (walk->children, 0);
    }
  for (guint i = 0; i < walk->children->len; i++)
    {
      const SalCallShare *share = &g_array_index (walk->children, SalCallShare, i);
      SalFlameBlock block = _sal_flame_graph_block (share, x, walk->whole, index);

      x = block.x1;
      if (is_visible (walk, block.x0, block.x1))
        append_block (walk, &block);
    }
  if (rest > 0 && is_visible (walk, x, x + rest / walk->whole))
    {
      SalCallShare share = { .function = parent.function, .time = rest };
      SalFlameBlock dust = _sal_flame_graph_block (&share, x, walk->whole, index);

      dust.flags = SAL_FLAME_DUST | SAL_FLAME_ESTIMATED;
      describe_rest (walk, parent.function, &dust);
      append_block (walk, &dust);
    }
}

void
_sal_flame_layout_graph (SalFlameLayout *layout, SalCallGraph *graph)
{
  const SalFlameViewport *viewport = &layout->viewport;
  guint32 n_roots, first = 0;
  double whole = 0;
  const SalCallShare *roots = sal_call_graph_get_roots (graph, &n_roots, &whole);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) children = g_array_new (FALSE, FALSE, sizeof (SalCallShare));
  g_autoptr (GArray) recursion = g_array_new (FALSE, FALSE, sizeof (guint32));
  GraphWalk walk = {
    .layout = layout,
    .graph = graph,
    .whole = whole,
    .pixel = (viewport->x1 - viewport->x0) * whole / viewport->width_px,
    .path = path,
    .children = children,
    .recursion = recursion,
  };

  if (!(whole > 0))
    return;
  lay_out_roots (&walk, roots, n_roots);
  for (guint32 row = 0; row < viewport->n_rows && layout->blocks->len > first; row++)
    {
      guint32 end = layout->blocks->len;

      g_array_append_val (layout->rows, first);
      for (guint32 i = first; i < end; i++)
        if (!(g_array_index (layout->blocks, SalFlameBlock, i).flags & SAL_FLAME_DUST))
          lay_out_children (&walk, i);
      first = end;
    }
  /* The last row's children were made only for its self times. */
  g_array_set_size (layout->blocks, first);
}
