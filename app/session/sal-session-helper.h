/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks the privileged helper to open a process that the kernel keeps from us. */
#pragma once

#include <gio/gio.h>

#include "sal-session-error.h"

G_BEGIN_DECLS

/**
 * sal_session_helper_attach_async: asks salamander-helper, and through it polkit, for process @pid.
 *
 * That may ask a person for a password and take minutes. @in_terminal: when no desktop asks, ask on
 * the terminal that we run in, if we do. Thread: main.
 */
void sal_session_helper_attach_async (int pid,
                                      gboolean in_terminal,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);

/**
 * sal_session_helper_attach_finish: a socket for the recorder's --broker; whoever closes it ends
 * the helper's session.
 *
 * Errors, −1: SAL_SESSION_ERROR_NO_HELPER (it is not installed, or there is no system bus: the
 * sentence says how to install it), NO_PROCESS, NOT_PYTHON, DENIED; G_IO_ERROR_CANCELLED.
 */
int sal_session_helper_attach_finish (GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** sal_session_helper_is_installed: whether the system bus knows the helper, so that a password can
 * open what the kernel keeps from us. Asks the bus and waits for at most 2 s. Thread: any. */
gboolean sal_session_helper_is_installed (void);

G_END_DECLS
