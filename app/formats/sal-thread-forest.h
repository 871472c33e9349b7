/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sal-call-tree.h"

G_BEGIN_DECLS

/* One call tree of a picture or text: of all threads together, or of one of them. */
typedef struct
{
  guint32 process; /* SAL_NO_ID = all */
  guint32 thread;  /* SAL_NO_ID = all */
  SalCallTree *tree;
} SalForestTree;

/**
 * sal_thread_forest_new: the call trees of what @filter keeps (transfer full) (element-type
 * SalForestTree).
 *
 * Shape: one tree; with @split one for each thread that has samples, grouped by process. Empty
 * trees are left out.
 * Errors: SAL_PROFILE_ERROR_EMPTY when nothing is left, G_IO_ERROR_CANCELLED; the result is NULL
 * then.
 */
GArray *sal_thread_forest_new (SalProfile *profile,
                               const SalFilter *filter,
                               gboolean split,
                               SalCallTreeOrder order,
                               GCancellable *cancellable,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** sal_thread_forest_name_process: "process 1234 (python app.py)" (transfer full), likewise
 * name_thread: "thread 1240 (Thread-1)". Not translated: they stand where function names do. */
char *sal_thread_forest_name_process (SalProfile *profile, guint32 process);
char *sal_thread_forest_name_thread (SalProfile *profile, guint32 thread);

G_END_DECLS
