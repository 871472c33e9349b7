/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which frames of a recording are shown. */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

typedef enum
{
  SAL_NATIVE_VIEW_ON = 0, /* every native frame */
  SAL_NATIVE_VIEW_OFF,    /* none: their time is that of the Python function that called them */
  SAL_NATIVE_VIEW_LEAF,   /* behind the innermost Python frame the function that it called */
  SAL_N_NATIVE_VIEWS,
} SalNativeView;

/* Values are called "on", "off" and "leaf". */
#define SAL_TYPE_NATIVE_VIEW (sal_native_view_get_type ())
GType sal_native_view_get_type (void);

/* A value; a zeroed one is the usual: all but the interpreter's own machinery
 * and tasks. */
typedef struct
{
  SalNativeView native;
  gboolean internals;  /* native frames of the interpreter's own machinery, too */
  gboolean no_library; /* only the program's own code: see sal_origin_is_library_code() */
  /* A stack in which a task runs begins with the tasks that wait for that one, in place of what
   * runs the loop. Otherwise no task is shown. */
  gboolean by_task;
} SalFrameView;

/** sal_frame_view_has_native: whether @profile has native frames at all. */
gboolean sal_frame_view_has_native (SalProfile *profile);

/** sal_frame_view_has_tasks: whether @profile tells which asyncio tasks ran. */
gboolean sal_frame_view_has_tasks (SalProfile *profile);

/**
 * sal_frame_view_apply: (transfer full): @profile with some frames left out.
 *
 * Samples, their weights and all else stay: a sample whose innermost frames are left out counts for
 * the innermost one that is left, so that no total of a function that is shown changes. A Python
 * function that is outermost in any stack is never left out: there a thread begins. The tables are
 * shared; stacks keep their ids, but some are not used by any sample any more.
 * Returns @profile itself when there is nothing to leave out, and for a call profile: that tells
 * callers one step only, so that nobody knows for whom a function left out has worked.
 * Thread: any. Time: linear in functions, stacks and samples.
 */
SalProfile *sal_frame_view_apply (SalProfile *profile,
                                  const SalFrameView *view) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
