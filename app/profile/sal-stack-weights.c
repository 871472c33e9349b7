/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples added up by stack, and a walk over the stacks without recursion. */
#include "sal-stack-weights.h"

#include "sal-profile-private.h"

#define STEPS_PER_CHECK 0xffff

static gboolean
is_cancelled (guint64 step, GCancellable *cancellable)
{
  return (step & STEPS_PER_CHECK) == 0 && g_cancellable_is_cancelled (cancellable);
}

gboolean
sal_stack_weights_init (SalStackWeights *weights,
                        SalProfile *profile,
                        const SalFilter *filter,
                        GCancellable *cancellable)
{
  guint64 n_samples = profile->samples.times.length;
  guint32 n_stacks = (guint32)profile->stacks.length;

  *weights = (SalStackWeights){ .n_stacks = n_stacks };
  weights->weights = g_new0 (guint64, MAX (n_stacks, 1));
  weights->counts = g_new0 (guint32, MAX (n_stacks, 1));
  for (guint64 i = 0; i < n_samples; i++)
    {
      SalSample sample;

      if (is_cancelled (i, cancellable))
        {
          sal_stack_weights_clear (weights);
          return FALSE;
        }
      if (SAL_COLUMN_GET (&profile->samples.stacks, guint32, i) == SAL_NO_ID)
        continue;
      sample = sal_samples_get (&profile->samples, i);
      if (filter != NULL && !sal_filter_keeps (filter, &sample))
        continue;
      weights->weights[sample.stack] += sample.weight_ns;
      weights->counts[sample.stack]++;
      weights->total_ns += sample.weight_ns;
      weights->total_samples++;
    }
  return TRUE;
}

void
sal_stack_weights_clear (SalStackWeights *weights)
{
  g_clear_pointer (&weights->weights, g_free);
  g_clear_pointer (&weights->counts, g_free);
}

/* Totals of every stack, and the tree downwards: of the stacks with samples only. */
typedef struct
{
  guint64 *totals;
  guint32 *counts;
  guint32 *first_child; /* the last element: the first outermost frame */
  guint32 *next_sibling;
} Tree;

static void
tree_init (Tree *tree, const SalStackWeights *weights, SalProfile *profile)
{
  guint32 n = weights->n_stacks;

  tree->totals = g_memdup2 (weights->weights, MAX (n, 1) * sizeof *tree->totals);
  tree->counts = g_memdup2 (weights->counts, MAX (n, 1) * sizeof *tree->counts);
  tree->first_child = g_new (guint32, (gsize)n + 1);
  tree->next_sibling = g_new (guint32, MAX (n, 1));
  for (guint32 i = 0; i <= n; i++)
    tree->first_child[i] = SAL_NO_ID;
  for (guint32 i = n; i-- > 0;)
    {
      guint32 parent = SAL_COLUMN_GET (&profile->stacks, SalStack, i).parent;
      guint32 above = parent == SAL_NO_ID ? n : parent;

      if (tree->counts[i] == 0)
        continue;
      tree->next_sibling[i] = tree->first_child[above];
      tree->first_child[above] = i;
      if (parent != SAL_NO_ID)
        {
          tree->totals[parent] += tree->totals[i];
          tree->counts[parent] += tree->counts[i];
        }
    }
}

static void
tree_clear (Tree *tree)
{
  g_free (tree->totals);
  g_free (tree->counts);
  g_free (tree->first_child);
  g_free (tree->next_sibling);
}

static SalStackVisit
get_visit (const Tree *tree, SalProfile *profile, guint32 stack)
{
  guint32 parent = SAL_COLUMN_GET (&profile->stacks, SalStack, stack).parent;
  SalStackVisit visit = {
    .stack = stack,
    .parent = parent,
    .function = sal_profile_get_stack_function (profile, stack),
    .parent_function = SAL_NO_ID,
    .total_ns = tree->totals[stack],
    .total_samples = tree->counts[stack],
  };

  if (parent != SAL_NO_ID)
    visit.parent_function = sal_profile_get_stack_function (profile, parent);
  return visit;
}

gboolean
sal_stack_weights_walk (const SalStackWeights *weights,
                        SalProfile *profile,
                        SalStackVisitor visitor,
                        gpointer user_data,
                        GCancellable *cancellable)
{
  Tree tree;
  guint32 at;
  guint64 step = 0;
  gboolean is_finished = TRUE;

  tree_init (&tree, weights, profile);
  at = tree.first_child[weights->n_stacks];
  while (at != SAL_NO_ID && is_finished)
    {
      SalStackVisit visit = get_visit (&tree, profile, at);

      is_finished = !is_cancelled (step++, cancellable);
      visitor (&visit, TRUE, user_data);
      if (tree.first_child[at] != SAL_NO_ID)
        {
          at = tree.first_child[at];
          continue;
        }
      /* Up to the first stack that has a sibling left. */
      while (visitor (&visit, FALSE, user_data), tree.next_sibling[at] == SAL_NO_ID)
        {
          at = visit.parent;
          if (at == SAL_NO_ID)
            break;
          visit = get_visit (&tree, profile, at);
        }
      if (at != SAL_NO_ID)
        at = tree.next_sibling[at];
    }
  tree_clear (&tree);
  return is_finished;
}
