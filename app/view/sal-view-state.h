/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-call-graph.h"
#include "sal-call-tree.h"
#include "sal-frame-view.h"
#include "sal-function-table.h"

G_BEGIN_DECLS

/* What every view of one profile shares: the profile, the filter, what follows from both, the
 * selected function and the search. Trees and tables are made on a worker; a result that is older
 * than the newest request is dropped, and the old ones stay in use until the new ones are there.
 * Thread: main.
 *
 * Properties, all notified: "profile" (SalProfile), "tree" (SalCallTree; NULL for a call profile),
 * "table" (SalFunctionTable), "libraries" (SalFunctionTable of sal_library_view_new(); NULL without
 * "by-library" and for a call profile), "graph" (SalCallGraph; NULL for a recording),
 * "selected-function" (uint, SAL_NO_ID = none), "search" (string, "" = none), "inverted" (boolean),
 * "on-cpu-only" (boolean), "gil-only" (boolean), "native-frames" (SalNativeView), "internals"
 * (boolean: the interpreter's own native frames, too), "library-code" (boolean: not only the
 * program's own; TRUE at first), "by-task" (boolean), "by-library" (boolean), "busy" (boolean: a
 * worker is at work), "live" (boolean: the recording grows; siblings keep their order).
 * Signal "threads-changed": a thread was switched on or off.
 */
#define SAL_TYPE_VIEW_STATE (sal_view_state_get_type ())
G_DECLARE_FINAL_TYPE (SalViewState, sal_view_state, SAL, VIEW_STATE, GObject)

/** sal_view_state_new: a state without a profile. */
SalViewState *sal_view_state_new (void);

/** sal_view_state_set_profile: @profile (nullable) is shown from now on; the state takes a
 * reference. While it is live, profiles that come faster than trees can be made are skipped, never
 * the last. */
void sal_view_state_set_profile (SalViewState *self, SalProfile *profile);

/* All (transfer none) (nullable). The tree, table and graph may belong to the profile before the
 * newest one: ask them for theirs. */
SalProfile *sal_view_state_get_profile (SalViewState *self);
SalCallTree *sal_view_state_get_tree (SalViewState *self);
SalFunctionTable *sal_view_state_get_table (SalViewState *self);
SalFunctionTable *sal_view_state_get_libraries (SalViewState *self);
SalCallGraph *sal_view_state_get_graph (SalViewState *self);

/** sal_view_state_get_origins: whose functions the table has: bits, 1 << SalOrigin. */
guint sal_view_state_get_origins (SalViewState *self);

/** sal_view_state_get_filter: borrowed, until the next change. */
const SalFilter *sal_view_state_get_filter (SalViewState *self);

/** sal_view_state_get_frame_view: which frames are shown. */
SalFrameView sal_view_state_get_frame_view (SalViewState *self);

/** sal_view_state_set_live: whether the recording still grows. */
void sal_view_state_set_live (SalViewState *self, gboolean live);

/** The function that every view shows as selected; SAL_NO_ID = none. */
guint32 sal_view_state_get_selected_function (SalViewState *self);
void sal_view_state_set_selected_function (SalViewState *self, guint32 function);

/** What is searched for; "" = nothing, NULL is taken for it. */
const char *sal_view_state_get_search (SalViewState *self);
void sal_view_state_set_search (SalViewState *self, const char *search);

/** sal_view_state_matches: whether @function's name or file contains the search, ignoring case.
 * FALSE without a search. Asked once for each function, then remembered. */
gboolean sal_view_state_matches (SalViewState *self, guint32 function);

/** Whether the samples of @thread count; every thread's do at first. */
gboolean sal_view_state_get_thread_shown (SalViewState *self, guint32 thread);
void sal_view_state_set_thread_shown (SalViewState *self, guint32 thread, gboolean shown);

G_END_DECLS
