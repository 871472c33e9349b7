/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks to paths of functions: stacks that differ only in lines become one. */
#include "sal-call-merge.h"

#include "sal-index.h"
#include "sal-profile-private.h"
#include "sal-stack-weights.h"

#define STEPS_PER_CHECK 0xffff

/* A tree that grows by looking for a child and adding it where there is none. */
typedef struct
{
  GArray *nodes;
  SalIndex index; /* of (parent, function) */
  GCancellable *cancellable;
  guint64 n_steps;
  gboolean is_cancelled;
} Merge;

static void
merge_init (Merge *merge, GCancellable *cancellable)
{
  SalMergeNode root = { .function = SAL_NO_ID, .parent = SAL_NO_ID };

  *merge = (Merge){ .cancellable = cancellable };
  merge->nodes = g_array_new (FALSE, FALSE, sizeof (SalMergeNode));
  g_array_append_val (merge->nodes, root);
  sal_index_init (&merge->index);
}

static void
merge_clear (Merge *merge)
{
  g_clear_pointer (&merge->nodes, g_array_unref);
  sal_index_clear (&merge->index);
}

static SalMergeNode *
get_node (Merge *merge, guint32 node)
{
  return &g_array_index (merge->nodes, SalMergeNode, node);
}

static gboolean
step (Merge *merge)
{
  if ((merge->n_steps++ & STEPS_PER_CHECK) == 0)
    merge->is_cancelled |= g_cancellable_is_cancelled (merge->cancellable);
  return !merge->is_cancelled;
}

static gboolean
match_cb (guint32 id, gconstpointer key, gconstpointer nodes)
{
  const SalMergeNode *wanted = key;
  const SalMergeNode *node = &g_array_index ((const GArray *)nodes, SalMergeNode, id);

  return node->parent == wanted->parent && node->function == wanted->function;
}

/* The child of @parent for @function; @parent itself when the tree is full. */
static guint32
get_child (Merge *merge, guint32 parent, guint32 function)
{
  SalMergeNode node = { .function = function, .parent = parent };
  guint32 hash = sal_index_hash_pair (parent, function);
  guint32 id = sal_index_find (&merge->index, hash, match_cb, &node, merge->nodes);

  if (id != SAL_NO_ID)
    return id;
  id = merge->nodes->len;
  if (id >= SAL_MERGE_MAX_NODES || !sal_index_insert (&merge->index, hash, id))
    return parent;
  g_array_append_val (merge->nodes, node);
  return id;
}

/* Children stand after their parents, so one pass backwards does. */
static void
add_up (Merge *merge)
{
  for (guint32 i = merge->nodes->len; i-- > 0;)
    {
      SalMergeNode *node = get_node (merge, i);

      node->total += node->self;
      node->total_samples += node->self_samples;
      if (node->parent != SAL_NO_ID)
        {
          get_node (merge, node->parent)->total += node->total;
          get_node (merge, node->parent)->total_samples += node->total_samples;
        }
    }
}

/* 1 for each stack that carries samples itself or further in. */
static guint8 *
find_used (SalProfile *profile, const SalStackWeights *weights)
{
  guint8 *used = g_new0 (guint8, MAX (weights->n_stacks, 1));

  for (guint32 i = weights->n_stacks; i-- > 0;)
    {
      guint32 parent = SAL_COLUMN_GET (&profile->stacks, SalStack, i).parent;

      used[i] |= weights->counts[i] > 0;
      if (used[i] && parent != SAL_NO_ID)
        used[parent] = 1;
    }
  return used;
}

static void
merge_stacks (Merge *merge, SalProfile *profile, const SalStackWeights *weights)
{
  g_autofree guint8 *used = find_used (profile, weights);
  g_autofree guint32 *nodes = g_new (guint32, MAX (weights->n_stacks, 1));

  for (guint32 i = 0; i < weights->n_stacks && step (merge); i++)
    {
      guint32 parent = SAL_COLUMN_GET (&profile->stacks, SalStack, i).parent;
      SalMergeNode *node;

      if (!used[i])
        continue;
      nodes[i] = get_child (merge,
                            parent == SAL_NO_ID ? 0 : nodes[parent],
                            sal_profile_get_stack_function (profile, i));
      node = get_node (merge, nodes[i]);
      node->self += weights->weights[i];
      node->self_samples += weights->counts[i];
    }
}

/* From every path that samples end in, outwards. */
static void
invert (Merge *merge, const GArray *paths)
{
  for (guint32 i = 1; i < paths->len && !merge->is_cancelled; i++)
    {
      const SalMergeNode *leaf = &g_array_index (paths, SalMergeNode, i);
      const SalMergeNode *at = leaf;
      guint32 node = 0;

      if (leaf->self_samples == 0)
        continue;
      for (; at->parent != SAL_NO_ID && step (merge);
           at = &g_array_index (paths, SalMergeNode, at->parent))
        {
          guint32 child = get_child (merge, node, at->function);

          if (child == node)
            break;
          node = child;
        }
      get_node (merge, node)->self += leaf->self;
      get_node (merge, node)->self_samples += leaf->self_samples;
    }
}

GArray *
sal_call_merge_new (SalProfile *profile,
                    const SalFilter *filter,
                    gboolean inverted,
                    GCancellable *cancellable)
{
  SalStackWeights weights;
  Merge merge;
  GArray *nodes = NULL;

  if (!sal_stack_weights_init (&weights, profile, filter, cancellable))
    return NULL;
  merge_init (&merge, cancellable);
  merge_stacks (&merge, profile, &weights);
  sal_stack_weights_clear (&weights);
  if (inverted && !merge.is_cancelled)
    {
      g_autoptr (GArray) paths = g_steal_pointer (&merge.nodes);

      merge_clear (&merge);
      merge_init (&merge, cancellable);
      invert (&merge, paths);
    }
  if (!merge.is_cancelled)
    {
      add_up (&merge);
      nodes = g_steal_pointer (&merge.nodes);
    }
  merge_clear (&merge);
  return nodes;
}
