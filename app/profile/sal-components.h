/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * sal_components_new: (transfer full): the strongly connected component of each node of a graph.
 *
 * Shape: the successors of node i are targets[first[i]] … targets[first[i + 1] − 1]; @first has
 * n_nodes + 1 elements. The result has @n_nodes; components are numbered from 0, without a gap, and
 * *@n_components is their number. To be freed with g_free().
 * Source: R. Tarjan, Depth-first search and linear graph algorithms, 1972; without recursion.
 */
guint32 *sal_components_new (guint32 n_nodes,
                             const guint32 *first,
                             const guint32 *targets,
                             guint32 *n_components) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
