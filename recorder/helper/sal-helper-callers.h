/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much each user has asked of the helper. */
#pragma once

#include <glib.h>

/* Sessions of one user at once, calls that are waiting for polkit among them; and of all users. */
#define SAL_HELPER_CALLERS_SESSIONS_EACH 64
#define SAL_HELPER_CALLERS_SESSIONS_ALL 256
/* Calls of one user in a row, and how many more each second. */
#define SAL_HELPER_CALLERS_BURST 64
#define SAL_HELPER_CALLERS_PER_SECOND 8

typedef struct _SalHelperCallers SalHelperCallers;

/** sal_helper_callers_new: (transfer full): nobody has called yet. */
SalHelperCallers *sal_helper_callers_new (void) G_GNUC_WARN_UNUSED_RESULT;

/**
 * sal_helper_callers_admit: whether user @uid may have one more session now.
 *
 * @now_us: of the monotonic clock, microseconds. The user, root too, is charged for a call either
 * way; after TRUE, sal_helper_callers_leave() must follow when the session ends.
 */
gboolean sal_helper_callers_admit (SalHelperCallers *self,
                                   guint32 uid,
                                   gint64 now_us) G_GNUC_WARN_UNUSED_RESULT;

/** sal_helper_callers_leave: a session of user @uid has ended. */
void sal_helper_callers_leave (SalHelperCallers *self, guint32 uid);

/** sal_helper_callers_get_n_sessions: of all users. */
guint sal_helper_callers_get_n_sessions (SalHelperCallers *self);

/** sal_helper_callers_free: frees @self. */
void sal_helper_callers_free (SalHelperCallers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalHelperCallers, sal_helper_callers_free)
