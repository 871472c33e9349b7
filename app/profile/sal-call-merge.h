/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-filter.h"
#include "sal-profile.h"

G_BEGIN_DECLS

/* One node of a merged tree in the making. Parents stand before children; node 0 is the root. */
typedef struct
{
  guint32 function;
  guint32 parent;
  guint64 self;
  guint64 total;
  guint32 self_samples;
  guint32 total_samples;
} SalMergeNode;

/* More nodes than any picture needs; beyond them deeper frames count as self time. */
#define SAL_MERGE_MAX_NODES (1u << 26)

/**
 * sal_call_merge_new: (transfer full) (element-type SalMergeNode): the samples that @filter keeps,
 * one node for each distinct path of functions from the root, or with @inverted from the leaf.
 *
 * NULL when cancelled.
 */
GArray *sal_call_merge_new (SalProfile *profile,
                            const SalFilter *filter,
                            gboolean inverted,
                            GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
