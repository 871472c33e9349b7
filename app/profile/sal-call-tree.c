/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The merged tree in breadth-first order: 36 bytes a node. */
#include "sal-call-tree.h"

#include "sal-call-merge.h"
#include "sal-function-rank.h"

#define STEPS_PER_CHECK 0x3fff

/* The rest follows from the order: the children of a node end where those of the next begin, and
 * its self time is what its children leave of its span. */
typedef struct
{
  guint64 start;
  guint64 total;
} Span;

typedef struct
{
  guint32 function;
  guint32 parent;
  guint32 first_child;
  guint32 total_samples;
  guint32 self_samples;
} Node;

struct _SalCallTree
{
  gatomicrefcount refs;
  SalProfile *profile;
  guint32 n_nodes;
  Span *spans;
  Node *nodes;    /* one more than there are, for its first_child */
  GArray *levels; /* of guint32: the first node of each, and n_nodes */
};

G_DEFINE_BOXED_TYPE (SalCallTree, sal_call_tree, sal_call_tree_ref, sal_call_tree_unref)

typedef struct
{
  const GArray *merged;
  guint32 *ranks; /* of functions */
  SalCallTreeOrder order;
  guint32 *children; /* ids of merged nodes, those of one parent together */
  guint32 *first;    /* by merged node: its first in @children; one more at the end */
} Sort;

static const SalMergeNode *
get_merged (const Sort *sort, guint32 node)
{
  return &g_array_index (sort->merged, SalMergeNode, node);
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Sort *sort = user_data;
  const SalMergeNode *na = get_merged (sort, *(const guint32 *)a);
  const SalMergeNode *nb = get_merged (sort, *(const guint32 *)b);
  guint32 ra = sort->ranks[na->function];
  guint32 rb = sort->ranks[nb->function];

  if (sort->order == SAL_CALL_TREE_BY_TOTAL && na->total != nb->total)
    return na->total > nb->total ? -1 : 1;
  if (sort->order == SAL_CALL_TREE_BY_TOTAL && na->total_samples != nb->total_samples)
    return na->total_samples > nb->total_samples ? -1 : 1;
  return (ra > rb) - (ra < rb);
}

/* Gathers the children of each node: a counting sort by parent. */
static void
sort_init (Sort *sort, const GArray *merged, SalProfile *profile, SalCallTreeOrder order)
{
  g_autofree guint32 *next = NULL;

  sort->merged = merged;
  sort->order = order;
  sort->ranks = sal_function_rank_new (profile);
  sort->children = g_new (guint32, merged->len);
  sort->first = g_new0 (guint32, (gsize)merged->len + 1);
  for (guint32 i = 1; i < merged->len; i++)
    sort->first[get_merged (sort, i)->parent + 1]++;
  for (guint32 i = 1; i <= merged->len; i++)
    sort->first[i] += sort->first[i - 1];
  next = g_memdup2 (sort->first, merged->len * sizeof *next);
  for (guint32 i = 1; i < merged->len; i++)
    sort->children[next[get_merged (sort, i)->parent]++] = i;
}

static void
sort_clear (Sort *sort)
{
  g_free (sort->ranks);
  g_free (sort->children);
  g_free (sort->first);
}

static void
add_node (SalCallTree *tree, const SalMergeNode *merged, guint32 parent, guint64 start)
{
  guint32 at = tree->n_nodes++;

  tree->spans[at].start = start;
  tree->spans[at].total = merged->total;
  tree->nodes[at].function = merged->function;
  tree->nodes[at].parent = parent;
  tree->nodes[at].total_samples = merged->total_samples;
  tree->nodes[at].self_samples = merged->self_samples;
}

/* Appends the children of node @at, which is node @merged_id of the merged tree, in their order,
 * and their ids to the queue. */
static void
add_children (SalCallTree *tree, Sort *sort, guint32 at, guint32 merged_id, guint32 *queue)
{
  guint32 *children = sort->children + sort->first[merged_id];
  guint32 n = sort->first[merged_id + 1] - sort->first[merged_id];
  guint64 start = tree->spans[at].start;

  tree->nodes[at].first_child = tree->n_nodes;
  if (n > 1)
    g_qsort_with_data (children, (gint)n, sizeof *children, compare_cb, sort);
  for (guint32 i = 0; i < n; i++)
    {
      const SalMergeNode *child = get_merged (sort, children[i]);

      queue[tree->n_nodes] = children[i];
      add_node (tree, child, at, start);
      start += child->total;
    }
}

/* Level by level: while one is visited, the next one grows behind it. */
static gboolean
fill (SalCallTree *tree, Sort *sort, GCancellable *cancellable)
{
  g_autofree guint32 *queue = g_new (guint32, sort->merged->len);
  guint32 level = 0;
  guint32 level_end = 1;

  add_node (tree, get_merged (sort, 0), SAL_NO_ID, 0);
  queue[0] = 0;
  while (level < level_end)
    {
      g_array_append_val (tree->levels, level);
      for (guint32 i = level; i < level_end; i++)
        {
          if ((i & STEPS_PER_CHECK) == 0 && g_cancellable_is_cancelled (cancellable))
            return FALSE;
          add_children (tree, sort, i, queue[i], queue);
        }
      level = level_end;
      level_end = tree->n_nodes;
    }
  g_array_append_val (tree->levels, level_end);
  tree->nodes[tree->n_nodes].first_child = tree->n_nodes;
  return TRUE;
}

SalCallTree *
sal_call_tree_new (SalProfile *profile,
                   const SalFilter *filter,
                   gboolean inverted,
                   SalCallTreeOrder order,
                   GCancellable *cancellable)
{
  g_autoptr (GArray) merged = sal_call_merge_new (profile, filter, inverted, cancellable);
  g_autoptr (SalCallTree) tree = NULL;
  Sort sort;
  gboolean is_finished;

  if (merged == NULL)
    return NULL;
  tree = g_new0 (SalCallTree, 1);
  g_atomic_ref_count_init (&tree->refs);
  tree->profile = sal_profile_ref (profile);
  tree->spans = g_new (Span, merged->len);
  tree->nodes = g_new (Node, (gsize)merged->len + 1);
  tree->levels = g_array_new (FALSE, FALSE, sizeof (guint32));
  sort_init (&sort, merged, profile, order);
  is_finished = fill (tree, &sort, cancellable);
  sort_clear (&sort);
  return is_finished ? g_steal_pointer (&tree) : NULL;
}

SalCallTree *
sal_call_tree_ref (SalCallTree *tree)
{
  g_return_val_if_fail (tree != NULL, NULL);
  g_atomic_ref_count_inc (&tree->refs);
  return tree;
}

void
sal_call_tree_unref (SalCallTree *tree)
{
  g_return_if_fail (tree != NULL);
  if (!g_atomic_ref_count_dec (&tree->refs))
    return;
  sal_profile_unref (tree->profile);
  g_free (tree->spans);
  g_free (tree->nodes);
  g_array_unref (tree->levels);
  g_free (tree);
}

SalProfile *
sal_call_tree_get_profile (SalCallTree *tree)
{
  return tree->profile;
}

guint32
sal_call_tree_get_n_nodes (SalCallTree *tree)
{
  return tree->n_nodes;
}

SalCallNode
sal_call_tree_get_node (SalCallTree *tree, guint32 node)
{
  static const SalCallNode none = { .function = SAL_NO_ID, .parent = SAL_NO_ID };
  SalCallNode result;
  guint64 children_ns = 0;

  g_return_val_if_fail (node < tree->n_nodes, none);
  result.function = tree->nodes[node].function;
  result.parent = tree->nodes[node].parent;
  result.first_child = tree->nodes[node].first_child;
  result.n_children = tree->nodes[node + 1].first_child - result.first_child;
  result.start = tree->spans[node].start;
  result.total = tree->spans[node].total;
  if (result.n_children > 0)
    {
      const Span *last = &tree->spans[result.first_child + result.n_children - 1];

      children_ns = last->start + last->total - result.start;
    }
  result.self = result.total - children_ns;
  result.total_samples = tree->nodes[node].total_samples;
  result.self_samples = tree->nodes[node].self_samples;
  return result;
}

guint32
sal_call_tree_get_n_levels (SalCallTree *tree)
{
  return tree->levels->len - 1;
}

guint32
sal_call_tree_get_level (SalCallTree *tree, guint32 level, guint32 *first)
{
  *first = tree->n_nodes;
  g_return_val_if_fail (level + 1 < tree->levels->len, 0);
  *first = g_array_index (tree->levels, guint32, level);
  return g_array_index (tree->levels, guint32, level + 1) - *first;
}
