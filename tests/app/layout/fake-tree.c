/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Implements sal-call-tree.h over numbers. */
#include "fake-tree.h"

struct _SalCallTree
{
  gint refs;
  GArray *nodes;     /* SalCallNode, NULL when computed */
  guint32 branching; /* of a computed tree */
  guint32 n_nodes;
  GArray *levels; /* guint32: first node of each, and the end */
};

static void
append_level (SalCallTree *tree, guint32 first)
{
  g_array_append_val (tree->levels, first);
}

static void
find_levels (SalCallTree *tree)
{
  guint32 first = 0, end = 1;

  while (first < end)
    {
      guint32 next = end;

      append_level (tree, first);
      for (guint32 i = first; i < end; i++)
        next += g_array_index (tree->nodes, SalCallNode, i).n_children;
      first = end;
      end = next;
    }
  append_level (tree, end);
}

static SalCallTree *
tree_new (GArray *nodes)
{
  SalCallTree *tree = g_new0 (SalCallTree, 1);

  tree->refs = 1;
  tree->nodes = nodes;
  tree->levels = g_array_new (FALSE, FALSE, sizeof (guint32));
  return tree;
}

SalCallTree *
fake_tree_new_from_nodes (GArray *nodes)
{
  SalCallTree *tree = tree_new (nodes);
  SalCallNode *node = (SalCallNode *)(void *)nodes->data;

  tree->n_nodes = nodes->len;
  for (guint32 i = 0; i < nodes->len; i++)
    {
      node[i].total = node[i].self;
      node[i].self_samples = node[i].self;
      node[i].total_samples = node[i].self;
      node[i].n_children = 0;
    }
  for (guint32 i = nodes->len - 1; i > 0; i--)
    {
      node[node[i].parent].total += node[i].total;
      node[node[i].parent].total_samples += node[i].total_samples;
      node[node[i].parent].n_children++;
      node[node[i].parent].first_child = i;
    }
  for (guint32 i = 0; i < nodes->len; i++)
    {
      guint64 start = node[i].start;

      for (guint32 c = 0; c < node[i].n_children; c++)
        {
          node[node[i].first_child + c].start = start;
          start += node[node[i].first_child + c].total;
        }
    }
  find_levels (tree);
  return tree;
}

static gint
compare_totals (gconstpointer a, gconstpointer b)
{
  const SalCallNode *left = a, *right = b;

  return left->total > right->total ? -1 : left->total < right->total;
}

/* Splits @total at random into the children of @parent; what is left is its self time. */
static void
add_children (GArray *nodes, guint32 parent, guint64 total, GRand *random, gboolean by_total)
{
  guint32 first = nodes->len, n = (guint32)g_rand_int_range (random, parent == 0 ? 8 : 0, 12);
  guint64 left = total;

  for (guint32 i = 0; i < n && left > 0; i++)
    {
      guint64 share = (guint64)((double)left * g_rand_double (random) * 0.6);
      SalCallNode node = { .parent = parent,
                           .total = share,
                           .function = (guint32)g_rand_int_range (random, 0, 500) };

      if (g_rand_int_range (random, 0, 10) == 0)
        node.total = node.total / 100000;
      g_array_append_val (nodes, node);
      left -= node.total;
    }
  if (by_total)
    qsort (&g_array_index (nodes, SalCallNode, first), nodes->len - first, sizeof (SalCallNode),
           compare_totals);
}

SalCallTree *
fake_tree_new_random (guint32 seed, guint32 n_nodes, gboolean by_total)
{
  GArray *nodes = g_array_new (FALSE, TRUE, sizeof (SalCallNode));
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  SalCallNode root = { .function = SAL_NO_ID, .parent = SAL_NO_ID, .total = 1000000000 };

  g_array_append_val (nodes, root);
  for (guint32 i = 0; i < nodes->len; i++)
    {
      guint64 self = g_array_index (nodes, SalCallNode, i).total;
      guint32 first = nodes->len;

      if (nodes->len < n_nodes)
        add_children (nodes, i, self, random, by_total);
      for (guint32 c = first; c < nodes->len; c++)
        self -= g_array_index (nodes, SalCallNode, c).total;
      g_array_index (nodes, SalCallNode, i).self = self;
    }
  return fake_tree_new_from_nodes (nodes);
}

SalCallTree *
fake_tree_new_regular (guint32 branching, guint32 n_levels)
{
  SalCallTree *tree = tree_new (NULL);
  guint32 size = 1;

  tree->branching = branching;
  for (guint32 level = 0; level < n_levels; level++)
    {
      append_level (tree, tree->n_nodes);
      tree->n_nodes += size;
      size *= branching;
    }
  append_level (tree, tree->n_nodes);
  return tree;
}

static SalCallNode
compute_node (SalCallTree *tree, guint32 id)
{
  guint32 n_levels = tree->levels->len - 1, level = 0, first, n;
  guint64 whole = 1, total;
  SalCallNode node;

  for (guint32 i = 1; i < n_levels; i++)
    whole *= tree->branching;
  total = whole;
  while (id >= g_array_index (tree->levels, guint32, level + 1))
    {
      level++;
      total /= tree->branching;
    }
  first = g_array_index (tree->levels, guint32, level);
  n = level + 1 < n_levels ? tree->branching : 0;
  node = (SalCallNode){
    .function = id == 0 ? SAL_NO_ID : id % 1000,
    .parent = id == 0 ? SAL_NO_ID : (id - 1) / tree->branching,
    .first_child = id * tree->branching + 1,
    .n_children = n,
    .start = (id - first) * total,
    .total = total,
    .self = n == 0 ? total : 0,
  };
  return node;
}

SalCallTree *
sal_call_tree_ref (SalCallTree *tree)
{
  tree->refs++;
  return tree;
}

void
sal_call_tree_unref (SalCallTree *tree)
{
  if (--tree->refs > 0)
    return;
  if (tree->nodes != NULL)
    g_array_unref (tree->nodes);
  g_array_unref (tree->levels);
  g_free (tree);
}

guint32
sal_call_tree_get_n_nodes (SalCallTree *tree)
{
  return tree->n_nodes;
}

SalCallNode
sal_call_tree_get_node (SalCallTree *tree, guint32 node)
{
  g_assert_cmpuint (node, <, tree->n_nodes);
  return tree->nodes != NULL ? g_array_index (tree->nodes, SalCallNode, node)
                             : compute_node (tree, node);
}

guint32
sal_call_tree_get_n_levels (SalCallTree *tree)
{
  return tree->levels->len - 1;
}

guint32
sal_call_tree_get_level (SalCallTree *tree, guint32 level, guint32 *first)
{
  *first = g_array_index (tree->levels, guint32, level);
  return g_array_index (tree->levels, guint32, level + 1) - *first;
}
