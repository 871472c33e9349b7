/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds and starts salamander-recorder, and makes the file it writes. */
#pragma once

#include <gio/gio.h>

#include "sal-session-error.h"
#include "sal-session-options.h"

G_BEGIN_DECLS

/**
 * sal_session_recorder_create_capture: an empty file for a recording.
 *
 * @file: (inout) (transfer full): the one that was made before, for this recording; when it points
 * to NULL a new one is made in $XDG_CACHE_HOME/salamander/recordings, and returned. Mode 0600, its
 * folder 0700.
 * Returns: a descriptor to write to, −1 with SAL_SESSION_ERROR_OUTPUT on failure.
 */
int sal_session_recorder_create_capture (const SalSessionOptions *options,
                                         GFile **file,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * sal_session_recorder_spawn: (transfer full): starts the recorder for @options.
 *
 * It is the program that SALAMANDER_RECORDER names in the environment, the one of the build folder
 * that this program is in, or libexec's.
 * @capture_fd: (transfer full): where the capture goes. @helper_fd: (transfer full): a session with
 * the privileged helper, −1 = none. @control_fd: (out): our end of the control
 * socket, non-blocking; whoever closes it ends the recording. @output: (out) (nullable): when
 * @options ask for it, what the program prints.
 * Errors: SAL_SESSION_ERROR_RECORDER.
 */
GSubprocess *sal_session_recorder_spawn (const SalSessionOptions *options,
                                         int capture_fd,
                                         int helper_fd,
                                         int *control_fd,
                                         GInputStream **output,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
