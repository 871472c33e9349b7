/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-filter.h"
#include "sal-profile.h"

G_BEGIN_DECLS

/* The merged call tree of a recording under a filter: one node for each distinct path of functions.
 *
 * Shape: nodes stand in breadth-first order; node 0 is the root, which is no function. The children
 * of a node are neighbours: first_child … first_child + n_children − 1. So each depth is one run of
 * nodes that is sorted by @start: what intersects a stretch of the picture is found by binary
 * search, and no drawing has to visit every node.
 * Units: ns of sample weight. A node spans [start, start + total) of the root's [0, total); its
 * children begin at its start, its self time is at the end of its span: total = self + the
 * children's totals, and so for the samples. Samples without a Python frame are not in the tree.
 * Immutable; any thread may read.
 */
typedef struct _SalCallTree SalCallTree;

typedef struct
{
  guint32 function; /* SAL_NO_ID for the root */
  guint32 parent;   /* SAL_NO_ID for the root */
  guint32 first_child;
  guint32 n_children;
  guint64 start;
  guint64 total;
  guint64 self;
  guint64 total_samples;
  guint64 self_samples;
} SalCallNode;

typedef enum
{
  SAL_CALL_TREE_BY_TOTAL, /* heaviest child first; equals by name */
  SAL_CALL_TREE_BY_NAME,  /* by name, file, line: stable while a recording grows */
} SalCallTreeOrder;

GType sal_call_tree_get_type (void);

/**
 * sal_call_tree_new: merges the samples of @profile that @filter keeps.
 *
 * @filter: (nullable): NULL keeps all. @inverted: leaves first: the children of the root are the
 * functions with self time, their children the callers; a node's self is that of the samples whose
 * outermost frame it is, so that a whole sample is at each end of its path. @cancellable may be
 * NULL; when it was cancelled the result is NULL.
 * Above 64 million nodes deeper frames count as self time.
 * Thread: any; may take a second for millions of samples.
 */
SalCallTree *sal_call_tree_new (SalProfile *profile,
                                const SalFilter *filter,
                                gboolean inverted,
                                SalCallTreeOrder order,
                                GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;
/** sal_call_tree_ref: one more user. Thread: any; likewise unref. */
SalCallTree *sal_call_tree_ref (SalCallTree *tree);
void sal_call_tree_unref (SalCallTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalCallTree, sal_call_tree_unref)

/** sal_call_tree_get_profile: (transfer none): whose samples these are. */
SalProfile *sal_call_tree_get_profile (SalCallTree *tree);
/** sal_call_tree_get_n_nodes: at least 1: node 0, the root, always exists. */
guint32 sal_call_tree_get_n_nodes (SalCallTree *tree);
/** sal_call_tree_get_node: a value; @node is below the number of nodes. */
SalCallNode sal_call_tree_get_node (SalCallTree *tree, guint32 node);
/** sal_call_tree_get_n_levels: depths, the root's included. */
guint32 sal_call_tree_get_n_levels (SalCallTree *tree);
/** sal_call_tree_get_level: the nodes of @level are *@first … *@first + result − 1. */
guint32 sal_call_tree_get_level (SalCallTree *tree, guint32 level, guint32 *first);

G_END_DECLS
