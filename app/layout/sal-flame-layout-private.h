/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two ways to lay out share. */
#pragma once

#include "sal-flame-layout.h"

G_BEGIN_DECLS

struct _SalFlameLayout
{
  SalFlameViewport viewport;
  GArray *blocks; /* SalFlameBlock */
  GArray *rows;   /* guint32: where each row from viewport.first_row on begins */
  guint64 n_visited;
};

/** _sal_flame_layout_tree: lays out a tree whose root has a total. */
void _sal_flame_layout_tree (SalFlameLayout *layout, SalCallTree *tree);

/** _sal_flame_layout_graph: lays out a call graph from row 0, whatever the viewport's first row. */
void _sal_flame_layout_graph (SalFlameLayout *layout, SalCallGraph *graph);

/** _sal_flame_graph_block: a block of @share that begins at @x0, with @total seconds in the whole.
 */
SalFlameBlock _sal_flame_graph_block (const SalCallShare *share,
                                      double x0,
                                      double total,
                                      guint32 parent);

G_END_DECLS
