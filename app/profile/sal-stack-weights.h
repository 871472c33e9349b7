/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-filter.h"
#include "sal-profile.h"

G_BEGIN_DECLS

/* What each stack weighs under a filter: millions of samples become one number a stack, and what is
 * asked of them is asked of the stacks.
 *
 * Samples without a Python frame have no stack and are left out.
 */
typedef struct
{
  guint32 n_stacks;
  guint64 *weights; /* ns of the samples that have just this stack */
  guint32 *counts;  /* their number */
  guint64 total_ns;
  guint64 total_samples;
} SalStackWeights;

/** sal_stack_weights_init: adds up the samples of @profile that @filter (nullable) keeps. FALSE,
 * and nothing to clear, when cancelled. */
gboolean sal_stack_weights_init (SalStackWeights *weights,
                                 SalProfile *profile,
                                 const SalFilter *filter,
                                 GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;

/** sal_stack_weights_clear: frees the numbers. */
void sal_stack_weights_clear (SalStackWeights *weights);

/* A walk over the tree of the stacks that carry samples, each before its callees. */
typedef struct
{
  guint32 stack;
  guint32 parent;          /* SAL_NO_ID for an outermost frame */
  guint32 function;        /* of the innermost frame */
  guint32 parent_function; /* likewise of the parent, or SAL_NO_ID */
  guint64 total_ns;        /* of the samples that begin with this stack */
  guint32 total_samples;
} SalStackVisit;

/** SalStackVisitor: @is_entry: before the callees of the stack, otherwise after them. */
typedef void (*SalStackVisitor) (const SalStackVisit *visit,
                                 gboolean is_entry,
                                 gpointer user_data);

/** sal_stack_weights_walk: visits every stack that carries samples twice. FALSE when cancelled. */
gboolean sal_stack_weights_walk (const SalStackWeights *weights,
                                 SalProfile *profile,
                                 SalStackVisitor visitor,
                                 gpointer user_data,
                                 GCancellable *cancellable);

G_END_DECLS
