/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the blocks of a flame graph go: only what a viewport shows, never the whole tree. */
#pragma once

#include "sal-call-graph.h"
#include "sal-call-tree.h"

G_BEGIN_DECLS

/* What is laid out: a value, borrowed. At most one is not NULL; both NULL is an empty picture. */
typedef struct
{
  SalCallTree *tree;
  SalCallGraph *graph;
} SalFlameSource;

/* What is looked at. Row 0 holds the outermost functions. x is a fraction of the whole: 0 is the
 * beginning of the root, 1 its end. */
typedef struct
{
  double x0;
  double x1;
  guint32 width_px; /* device pixels between x0 and x1 */
  guint32 first_row;
  guint32 n_rows; /* G_MAXUINT32 = all */
} SalFlameViewport;

enum
{
  SAL_FLAME_ESTIMATED = 1 << 0, /* a share that was not measured (call profiles) */
  SAL_FLAME_RECURSIVE = 1 << 1, /* the function stands further up too (call profiles) */
  SAL_FLAME_DUST = 1 << 2,      /* neighbouring siblings, each below one pixel, as one block */
};

/* One rectangle. Width is time: x1 − x0 = total_ns / the whole's. Children begin at their parent's
 * x0; what they leave free at its end is the parent's self time.
 * Dust: @function is the heaviest member's, @count how many members, the sums are theirs (self is
 * 0); a run is cut where the viewport ends. */
typedef struct
{
  double x0; /* fractions of the whole */
  double x1;
  double total_ns;
  double self_ns;
  guint64 total_samples; /* 0 for call profiles and dust */
  guint64 self_samples;
  guint32 function;
  guint32 parent; /* index of a block of the row above; SAL_NO_ID in row 0 and the first row */
  guint32 node;   /* of the tree; SAL_NO_ID for call profiles; the first member of dust */
  guint32 count;  /* 1 unless dust */
  guint32 flags;
} SalFlameBlock;

/* No call profile is unfolded deeper than this; nor further than so many recursive calls on one
 * path. */
#define SAL_FLAME_MAX_GRAPH_ROWS 2048
#define SAL_FLAME_MAX_RECURSION 128

typedef struct _SalFlameLayout SalFlameLayout;

/**
 * sal_flame_layout_new: the blocks of @source that @viewport shows.
 *
 * A block is laid out when it intersects the viewport and is at least one device pixel wide;
 * narrower siblings become dust. Work and memory follow the pixels and the rows, whatever the
 * number of nodes. Call profiles are always laid out from row 0: deeper rows follow from those
 * above.
 * Thread: any.
 */
SalFlameLayout *sal_flame_layout_new (const SalFlameSource *source,
                                      const SalFlameViewport *viewport) G_GNUC_WARN_UNUSED_RESULT;
void sal_flame_layout_free (SalFlameLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalFlameLayout, sal_flame_layout_free)

/** sal_flame_layout_get_viewport: what it is a layout of, corrected to something possible;
 * borrowed. */
const SalFlameViewport *sal_flame_layout_get_viewport (const SalFlameLayout *layout);

/** sal_flame_layout_get_blocks: all blocks, row by row, each row from left to right;
 * borrowed. */
const SalFlameBlock *sal_flame_layout_get_blocks (const SalFlameLayout *layout, guint32 *n_blocks);

/** sal_flame_layout_get_n_rows: one more than the deepest row that has a block. */
guint32 sal_flame_layout_get_n_rows (const SalFlameLayout *layout);

/** sal_flame_layout_get_row: the blocks of @row are *@first … *@first + result − 1; 0 for rows that
 * were not laid out. */
guint32 sal_flame_layout_get_row (const SalFlameLayout *layout, guint32 row, guint32 *first);

/** sal_flame_layout_get_edges: @block's first device pixel and the one after its last, cut to the
 * viewport. Edges are rounded, not widths, so neighbours never overlap and never leave a gap. */
void sal_flame_layout_get_edges (const SalFlameLayout *layout,
                                 const SalFlameBlock *block,
                                 gint *left,
                                 gint *right);

/** sal_flame_layout_hit: the block of @row that covers the device pixel @x_px, or SAL_NO_ID. */
guint32 sal_flame_layout_hit (const SalFlameLayout *layout, guint32 row, gint x_px);

/** sal_flame_layout_get_n_visited: how often a node of the tree was read: what a layout costs. */
guint64 sal_flame_layout_get_n_visited (const SalFlameLayout *layout);

/** sal_flame_layout_get_path: appends the functions from the outermost to @block's to @path
 * (element guint32). A block found again by its path is the same block, in any later picture. */
void sal_flame_layout_get_path (const SalFlameLayout *layout,
                                const SalFlameSource *source,
                                guint32 block,
                                GArray *path);

G_END_DECLS
