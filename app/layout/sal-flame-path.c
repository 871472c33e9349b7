/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths through a tree or a call graph: finding, stepping, and how much of the whole matches. */
#include "sal-flame-path.h"

#include "sal-flame-layout-private.h"

/* Shares of a call graph are iterated until they move less than this, or so many times. */
#define MATCH_PRECISION 1e-9
#define MATCH_ROUNDS 500

/* How many nodes pass between two looks at the cancellable. */
#define CANCEL_STRIDE 65536

static SalFlameBlock
get_tree_block (SalCallTree *tree, guint32 id)
{
  SalCallNode root = sal_call_tree_get_node (tree, 0);
  SalCallNode node = sal_call_tree_get_node (tree, id);
  double whole = root.total > 0 ? (double)root.total : 1;

  return (SalFlameBlock){
    .x0 = (double)node.start / whole,
    .x1 = id == 0 ? 1 : ((double)node.start + (double)node.total) / whole,
    .total_ns = (double)node.total,
    .self_ns = (double)node.self,
    .total_samples = node.total_samples,
    .self_samples = node.self_samples,
    .function = node.function,
    .parent = SAL_NO_ID,
    .node = id,
    .count = 1,
  };
}

static guint32
find_in_tree (SalCallTree *tree, const guint32 *path, guint32 length, guint32 *found)
{
  SalCallNode node = sal_call_tree_get_node (tree, 0);

  *found = 0;
  for (guint32 depth = 0; depth < length; depth++)
    {
      guint32 end = node.first_child + node.n_children, child;
      SalCallNode at = { 0 };

      for (child = node.first_child; child < end; child++)
        {
          at = sal_call_tree_get_node (tree, child);
          if (at.function == path[depth])
            break;
        }
      if (child == end)
        return depth;
      node = at;
      *found = child;
    }
  return length;
}

/* The children of the block at @path (the roots when it is empty) as blocks, without a lower limit
 * but that they have time. @parent is the block at @path; its self time is filled. */
static void
list_graph_children (
    SalCallGraph *graph, const guint32 *path, guint32 length, SalFlameBlock *parent, GArray *blocks)
{
  g_autoptr (GArray) shares = g_array_new (FALSE, FALSE, sizeof (SalCallShare));
  double whole = 0, x = parent->x0, rest = 0, children_ns = 0;
  guint32 n_roots;
  const SalCallShare *roots = sal_call_graph_get_roots (graph, &n_roots, &whole);

  if (length == 0)
    g_array_append_vals (shares, roots, n_roots);
  else
    sal_call_graph_expand (graph, path, length, parent->total_ns / 1e9,
                           !(parent->flags & SAL_FLAME_ESTIMATED), G_MINDOUBLE, shares, &rest);
  for (guint i = 0; i < shares->len; i++)
    {
      const SalCallShare *share = &g_array_index (shares, SalCallShare, i);
      SalFlameBlock block = _sal_flame_graph_block (share, x, whole, SAL_NO_ID);

      x = block.x1;
      children_ns += block.total_ns;
      g_array_append_val (blocks, block);
    }
  parent->self_ns = length == 0 ? 0 : MAX (0, parent->total_ns - children_ns);
}

static gint
find_function (GArray *blocks, guint32 function)
{
  for (guint i = 0; i < blocks->len; i++)
    if (g_array_index (blocks, SalFlameBlock, i).function == function)
      return (gint)i;
  return -1;
}

static guint32
find_in_graph (SalCallGraph *graph, const guint32 *path, guint32 length, SalFlameBlock *block)
{
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (SalFlameBlock));
  double whole = 0;
  guint32 n_roots;

  sal_call_graph_get_roots (graph, &n_roots, &whole);
  *block = (SalFlameBlock){ .x1 = 1,
                            .total_ns = whole * 1e9,
                            .function = SAL_NO_ID,
                            .parent = SAL_NO_ID,
                            .node = SAL_NO_ID,
                            .count = 1 };
  for (guint32 depth = 0; depth < length; depth++)
    {
      gint index;

      g_array_set_size (blocks, 0);
      list_graph_children (graph, path, depth, block, blocks);
      index = find_function (blocks, path[depth]);
      if (index < 0)
        return depth;
      *block = g_array_index (blocks, SalFlameBlock, index);
    }
  g_array_set_size (blocks, 0);
  list_graph_children (graph, path, length, block, blocks);
  return length;
}

guint32
sal_flame_find (const SalFlameSource *source,
                const guint32 *path,
                guint32 length,
                SalFlameBlock *block)
{
  guint32 found = 0, node;

  if (source->tree != NULL)
    {
      found = find_in_tree (source->tree, path, length, &node);
      *block = get_tree_block (source->tree, node);
    }
  else if (source->graph != NULL)
    found = find_in_graph (source->graph, path, MIN (length, SAL_FLAME_MAX_GRAPH_ROWS), block);
  else
    *block = (SalFlameBlock){
      .x1 = 1, .function = SAL_NO_ID, .parent = SAL_NO_ID, .node = SAL_NO_ID, .count = 1
    };
  return found;
}

/* The node @step away from @id, or 0. */
static guint32
step_in_tree (SalCallTree *tree, guint32 id, SalFlameStep step)
{
  SalCallNode node = sal_call_tree_get_node (tree, id);
  SalCallNode parent = sal_call_tree_get_node (tree, node.parent == SAL_NO_ID ? 0 : node.parent);
  guint32 end = parent.first_child + parent.n_children, best = 0;
  guint64 heaviest = 0;

  switch (step)
    {
    case SAL_FLAME_STEP_PARENT:
      return node.parent == SAL_NO_ID ? 0 : node.parent;
    case SAL_FLAME_STEP_NEXT:
      return id != 0 && id + 1 < end ? id + 1 : 0;
    case SAL_FLAME_STEP_PREVIOUS:
      return id != 0 && id > parent.first_child ? id - 1 : 0;
    case SAL_FLAME_STEP_FIRST:
      return id != 0 && id != parent.first_child ? parent.first_child : 0;
    case SAL_FLAME_STEP_LAST:
      return id != 0 && id != end - 1 ? end - 1 : 0;
    case SAL_FLAME_STEP_CHILD:
      for (guint32 i = node.first_child; i < node.first_child + node.n_children; i++)
        {
          SalCallNode child = sal_call_tree_get_node (tree, i);

          if (best == 0 || child.total > heaviest)
            {
              heaviest = child.total;
              best = i;
            }
        }
      return best;
    default:
      g_return_val_if_reached (0);
    }
}

/* The index among @siblings that is @step away from @index, or −1. */
static gint
step_among (const GArray *siblings, gint index, SalFlameStep step)
{
  gint last = (gint)siblings->len - 1, to = index;

  if (step == SAL_FLAME_STEP_NEXT)
    to = index + 1;
  else if (step == SAL_FLAME_STEP_PREVIOUS)
    to = index - 1;
  else
    to = step == SAL_FLAME_STEP_FIRST ? 0 : last;
  return to == index || to < 0 || to > last ? -1 : to;
}

static gboolean
step_in_graph (SalCallGraph *graph, SalFlameStep step, GArray *path)
{
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (SalFlameBlock));
  const guint32 *functions = (const guint32 *)(void *)path->data;
  guint32 above = step == SAL_FLAME_STEP_CHILD ? path->len : path->len - 1;
  SalFlameBlock parent;
  gint to = 0;

  if (sal_flame_find (&(SalFlameSource){ .graph = graph }, functions, above, &parent) != above)
    return FALSE;
  list_graph_children (graph, functions, above, &parent, blocks);
  if (step != SAL_FLAME_STEP_CHILD)
    {
      to = find_function (blocks, functions[above]);
      to = to < 0 ? -1 : step_among (blocks, to, step);
    }
  if (to < 0 || to >= (gint)blocks->len || above >= SAL_FLAME_MAX_GRAPH_ROWS)
    return FALSE;
  g_array_set_size (path, above);
  g_array_append_val (path, g_array_index (blocks, SalFlameBlock, to).function);
  return TRUE;
}

gboolean
sal_flame_step (const SalFlameSource *source, SalFlameStep step, GArray *path, SalFlameBlock *block)
{
  if (path->len == 0 && step != SAL_FLAME_STEP_CHILD)
    return FALSE;
  if (step == SAL_FLAME_STEP_PARENT)
    {
      if (path->len < 2)
        return FALSE;
      g_array_set_size (path, path->len - 1);
    }
  else if (source->tree != NULL)
    {
      guint32 node, function;

      if (find_in_tree (source->tree, (const guint32 *)(void *)path->data, path->len, &node) !=
          path->len)
        return FALSE;
      node = step_in_tree (source->tree, node, step);
      if (node == 0)
        return FALSE;
      if (step != SAL_FLAME_STEP_CHILD)
        g_array_set_size (path, path->len - 1);
      function = sal_call_tree_get_node (source->tree, node).function;
      g_array_append_val (path, function);
    }
  else if (source->graph == NULL || !step_in_graph (source->graph, step, path))
    return FALSE;
  sal_flame_find (source, (const guint32 *)(void *)path->data, path->len, block);
  return TRUE;
}

static gboolean
is_match (const guint8 *matches, guint32 n_matches, guint32 function)
{
  return function < n_matches && matches[function] != 0;
}

static double
match_tree (SalCallTree *tree, const guint8 *matches, guint32 n_matches, GCancellable *cancellable)
{
  guint32 n_nodes = sal_call_tree_get_n_nodes (tree);
  g_autofree guint8 *inside = g_malloc0 (n_nodes);
  guint64 whole = sal_call_tree_get_node (tree, 0).total;
  double matched = 0;

  /* Breadth first: parents come before their children. */
  for (guint32 i = 1; i < n_nodes; i++)
    {
      SalCallNode node = sal_call_tree_get_node (tree, i);

      if (i % CANCEL_STRIDE == 0 && g_cancellable_is_cancelled (cancellable))
        return -1;
      if (inside[node.parent])
        inside[i] = 1;
      else if (is_match (matches, n_matches, node.function))
        {
          inside[i] = 1;
          matched += (double)node.total;
        }
    }
  return whole > 0 ? matched / (double)whole : 0;
}

typedef struct
{
  GArray *shares; /* SalCallShare, of all functions */
  GArray *begins; /* guint32, n_functions + 1 */
} ShareTable;

static void
fill_share_table (ShareTable *table, SalCallGraph *graph, guint32 n_functions)
{
  for (guint32 f = 0; f < n_functions; f++)
    {
      double rest = 0;

      g_array_append_val (table->begins, table->shares->len);
      sal_call_graph_expand (graph, &f, 1, 1.0, TRUE, G_MINDOUBLE, table->shares, &rest);
    }
  g_array_append_val (table->begins, table->shares->len);
}

/* The match share below each function is the fixed point of: 1 where it matches, else the sum over
 * its children of share times theirs. From 0 up it grows to the least fixed point: the picture's
 * sum. */
static double
iterate_matches (ShareTable *table, double *below, guint32 n_functions)
{
  double moved = 0;

  for (guint32 f = n_functions; f-- > 0;)
    {
      guint32 from = g_array_index (table->begins, guint32, f);
      guint32 to = g_array_index (table->begins, guint32, f + 1);
      double sum = 0;

      if (below[f] >= 1)
        continue;
      for (guint32 i = from; i < to; i++)
        {
          const SalCallShare *share = &g_array_index (table->shares, SalCallShare, i);

          sum += share->time * below[share->function];
        }
      moved = MAX (moved, sum - below[f]);
      below[f] = MIN (sum, 1);
    }
  return moved;
}

/* Whether every function of @graph has at most one caller: then each share was measured. */
static gboolean
is_graph_exact (SalCallGraph *graph, guint32 n_functions)
{
  SalProfile *profile = sal_call_graph_get_profile (graph);
  const SalCallEdge *edges = sal_profile_get_edges (profile);
  guint32 n_edges = sal_profile_get_n_edges (profile);
  g_autofree guint8 *is_called = g_malloc0 (MAX (n_functions, 1));

  for (guint32 i = 0; i < n_edges; i++)
    {
      if (edges[i].callee >= n_functions)
        continue;
      if (is_called[edges[i].callee])
        return FALSE;
      is_called[edges[i].callee] = 1;
    }
  return TRUE;
}

static double
match_graph (SalCallGraph *graph,
             const guint8 *matches,
             guint32 n_matches,
             gboolean *exact,
             GCancellable *cancellable)
{
  guint32 n_functions = sal_profile_get_n_functions (sal_call_graph_get_profile (graph));
  g_autofree double *below = g_new0 (double, MAX (n_functions, 1));
  g_autoptr (GArray) shares = g_array_new (FALSE, FALSE, sizeof (SalCallShare));
  g_autoptr (GArray) begins = g_array_new (FALSE, FALSE, sizeof (guint32));
  ShareTable table = { .shares = shares, .begins = begins };
  double whole = 0, matched = 0;
  guint32 n_roots;
  const SalCallShare *roots = sal_call_graph_get_roots (graph, &n_roots, &whole);

  fill_share_table (&table, graph, n_functions);
  for (guint32 f = 0; f < n_functions; f++)
    below[f] = is_match (matches, n_matches, f) ? 1 : 0;
  for (guint round = 0; round < MATCH_ROUNDS; round++)
    {
      if (g_cancellable_is_cancelled (cancellable))
        return -1;
      if (iterate_matches (&table, below, n_functions) < MATCH_PRECISION)
        break;
    }
  for (guint32 i = 0; i < n_roots; i++)
    matched += roots[i].time * below[roots[i].function];
  *exact = is_graph_exact (graph, n_functions);
  return whole > 0 ? MIN (matched / whole, 1) : 0;
}

double
sal_flame_match (const SalFlameSource *source,
                 const guint8 *matches,
                 guint32 n_matches,
                 gboolean *exact,
                 GCancellable *cancellable)
{
  *exact = TRUE;
  if (source->tree != NULL)
    return match_tree (source->tree, matches, n_matches, cancellable);
  if (source->graph != NULL)
    return match_graph (source->graph, matches, n_matches, exact, cancellable);
  return 0;
}
