/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Call trees made of numbers instead of samples: stands in for app/profile's, so that a layout can
 * be checked against any shape and any size. */
#pragma once

#include "sal-call-tree.h"

/** fake_tree_new_random: a stored tree of about @n_nodes nodes; the same @seed gives the same tree.
 * With @by_total siblings are sorted, heaviest first. */
SalCallTree *fake_tree_new_random (guint32 seed, guint32 n_nodes, gboolean by_total);

/** fake_tree_new_regular: a full tree that is computed, not stored: @branching children a node,
 * @n_levels levels, no self time but in the leaves. */
SalCallTree *fake_tree_new_regular (guint32 branching, guint32 n_levels);

/** fake_tree_new_from_nodes: (element-type SalCallNode): a tree of these nodes, in breadth-first
 * order with parent and self set; everything else is filled in. */
SalCallTree *fake_tree_new_from_nodes (GArray *nodes);
