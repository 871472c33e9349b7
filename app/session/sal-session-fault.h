/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns the recorder's codes into sentences for people. */
#pragma once

#include "sal-control-wire.h"
#include "sal-session-error.h"
#include "sal-session-options.h"

G_BEGIN_DECLS

/**
 * sal_session_fault_to_error: (transfer full): what went wrong, why, and what to do.
 *
 * @fault, @error_number, @detail: as they came in a SalControlEvent; any values are allowed.
 * @options: what was to be recorded. @pid: of the program, 0 = unknown.
 * When the kernel refused, /proc tells why: sal_access_find(). Thread: any.
 */
GError *sal_session_fault_to_error (SalControlFault fault,
                                    int error_number,
                                    const char *detail,
                                    const SalSessionOptions *options,
                                    int pid) G_GNUC_WARN_UNUSED_RESULT;

/** sal_session_fault_from_end: (transfer full): the recorder ended with @wait_status (as
 * waitpid(2) gives it) and had not finished. */
GError *sal_session_fault_from_end (int wait_status) G_GNUC_WARN_UNUSED_RESULT;

/** sal_session_fault_from_silence: (transfer full): the recorder was told to stop, has neither
 * finished nor written anything for @seconds since, and was ended. */
GError *sal_session_fault_from_silence (guint seconds) G_GNUC_WARN_UNUSED_RESULT;

/** sal_session_fault_merge: (transfer full): the one thing to say of @fault (transfer full), which
 * stood in the way at first, and @error (transfer full), why the helper does not help. */
GError *sal_session_fault_merge (GError *fault, GError *error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
