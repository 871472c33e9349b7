/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the native frames of a recording is shown. */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

typedef enum
{
  SAL_NATIVE_VIEW_ON = 0, /* every native frame */
  SAL_NATIVE_VIEW_OFF,    /* none: their time is that of the Python function that called them */
  SAL_NATIVE_VIEW_LEAF,   /* behind the innermost Python frame the function that it called */
} SalNativeView;

/** sal_native_view_is_native: whether @profile has native frames at all. */
gboolean sal_native_view_is_native (SalProfile *profile);

/** sal_native_view_is_internal: whether @function is the interpreter's own machinery, or the C
 * library's that starts programs and threads: what tells a reader nothing about the program. */
gboolean sal_native_view_is_internal (const SalFunction *function);

/**
 * sal_native_view_apply: (transfer full): @profile with some native frames left out.
 *
 * @internals: whether frames that are internal are shown, too. Samples, their weights and all else
 * stay: a sample whose innermost frames are left out counts for the frame that is left. The tables
 * are shared; stacks keep their ids, but some are not used by any sample any more.
 * Returns @profile itself when there is nothing to leave out.
 * Thread: any. Time: linear in functions, stacks and samples.
 */
SalProfile *sal_native_view_apply (SalProfile *profile,
                                   SalNativeView view,
                                   gboolean internals) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
