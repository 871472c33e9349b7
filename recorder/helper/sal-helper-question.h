/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What polkit is asked about a process. */
#pragma once

#include <glib.h>

#include "sal-helper-verdict.h"

#define SAL_HELPER_ACTION_OWN "org.salamander_profiler.recorder.attach-own"
#define SAL_HELPER_ACTION_ANY "org.salamander_profiler.recorder.attach-any"

/** sal_helper_question_get_action: which action user @uid needs for the process. Static. */
const char *sal_helper_question_get_action (const SalHelperIdentity *identity, guint32 uid);

/**
 * sal_helper_question_dup_command: (transfer full): a command line for a person to read.
 *
 * @bytes: words that each end with a zero byte, as /proc/PID/cmdline has them, cut anywhere; NULL
 * is fine when @length is 0. The process chose them, and the dialog that shows them asks for a
 * password: the answer is one line of valid UTF-8, at most 80 characters, without anything that
 * does not print, changes the direction of text or means something to polkit; such characters are
 * shown as “?”. "?" alone when there is nothing to show.
 */
char *sal_helper_question_dup_command (const char *bytes, gsize length) G_GNUC_WARN_UNUSED_RESULT;

/** sal_helper_question_dup_user: (transfer full): the name of user @uid, or the number as text. */
char *sal_helper_question_dup_user (guint32 uid) G_GNUC_WARN_UNUSED_RESULT;
