/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Has polkit ask for passwords on our terminal, where no desktop does it. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A running pkttyagent and the terminal as it was before. */
typedef struct _SalSessionAgent SalSessionAgent;

/** sal_session_agent_begin_async: starts polkit's agent for text terminals for this process, if we
 * have a terminal. It goes before an agent of the desktop, so it is for when there is none: as a
 * fallback, polkit 122 uses it only in a session of logind's. Thread: main. */
void sal_session_agent_begin_async (GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

/** sal_session_agent_begin_finish: (transfer full) (nullable): NULL when there is no terminal, no
 * agent is installed or it was cancelled: nobody will ask then. */
SalSessionAgent *sal_session_agent_begin_finish (GAsyncResult *result) G_GNUC_WARN_UNUSED_RESULT;

/** sal_session_agent_end: ends it and gives the terminal back as it was; NULL is fine. */
void sal_session_agent_end (SalSessionAgent *self);

G_END_DECLS
