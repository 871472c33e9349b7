/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the recorded frames that are not Python functions is shown. */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

typedef enum
{
  SAL_NATIVE_VIEW_ON = 0, /* every native frame */
  SAL_NATIVE_VIEW_OFF,    /* none: their time is that of the Python function that called them */
  SAL_NATIVE_VIEW_LEAF,   /* behind the innermost Python frame the function that it called */
} SalNativeView;

/* A zeroed one is the usual view. */
typedef struct
{
  SalNativeView native;
  gboolean internals; /* native frames that are the interpreter's own are shown, too */
  /* A stack in which a task runs begins with the tasks that wait for that one, in place of what
   * runs the loop. Otherwise no task is shown. */
  gboolean by_task;
} SalFrameView;

/** sal_frame_view_has_tasks: whether @profile tells which asyncio tasks ran. */
gboolean sal_frame_view_has_tasks (SalProfile *profile);

/**
 * sal_frame_view_apply: (transfer full): @profile with some frames left out.
 *
 * Samples, their weights and all else stay: a sample whose innermost frames are left out counts for
 * the frame that is left. The tables are shared; stacks keep their ids, but some are not used by
 * any sample any more. Returns @profile itself when there is nothing to leave out.
 * Thread: any. Time: linear in functions, stacks and samples.
 */
SalProfile *sal_frame_view_apply (SalProfile *profile,
                                  const SalFrameView *view) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
