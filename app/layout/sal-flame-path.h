/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds blocks by their path of functions and walks from one to the next, drawn or not. */
#pragma once

#include "sal-flame-layout.h"

G_BEGIN_DECLS

typedef enum
{
  SAL_FLAME_STEP_PARENT,
  SAL_FLAME_STEP_CHILD, /* the heaviest */
  SAL_FLAME_STEP_NEXT,
  SAL_FLAME_STEP_PREVIOUS,
  SAL_FLAME_STEP_FIRST, /* of the siblings */
  SAL_FLAME_STEP_LAST,
} SalFlameStep;

/**
 * sal_flame_find: the block that stands at @path, functions from the outermost on.
 *
 * Shape: @block is filled for the longest beginning of @path that exists; the result is its length,
 * 0 when there is none (then @block is the whole: 0..1, function SAL_NO_ID). block->parent is
 * SAL_NO_ID.
 * Thread: any. Cost: the siblings on the way.
 */
guint32 sal_flame_find (const SalFlameSource *source,
                        const guint32 *path,
                        guint32 length,
                        SalFlameBlock *block);

/**
 * sal_flame_step: moves @path (element guint32) to a neighbour and fills @block with it.
 *
 * An empty path stands for the whole: its child is the heaviest outermost function.
 * FALSE, and @path stays, when there is no such neighbour.
 */
gboolean sal_flame_step (const SalFlameSource *source,
                         SalFlameStep step,
                         GArray *path,
                         SalFlameBlock *block);

/**
 * sal_flame_match: the share of the whole that is spent in and below functions that match, each
 * moment counted once however many matching functions are on its stack.
 *
 * @matches: one byte a function id, 0 = no; ids past @n_matches do not match.
 * Exact for a tree; for a call profile exact as far as the picture is: *@exact is FALSE when
 * estimated shares took part. Thread: any; visits every node once. −1 when cancelled.
 */
double sal_flame_match (const SalFlameSource *source,
                        const guint8 *matches,
                        guint32 n_matches,
                        gboolean *exact,
                        GCancellable *cancellable);

G_END_DECLS
