/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose call is served, what polkit is asked about it, and what a person then reads. */
#pragma once

#include <glib.h>

#include "sal-helper-process.h"

/* Sessions of one user at once, calls that are waiting for polkit among them; and of all users. */
#define SAL_HELPER_RULES_SESSIONS_EACH 64
#define SAL_HELPER_RULES_SESSIONS_ALL 256
/* Calls of one user in a row, and how many more each second. */
#define SAL_HELPER_RULES_BURST 64
#define SAL_HELPER_RULES_PER_SECOND 8

#define SAL_HELPER_RULES_OWN "org.salamander_profiler.recorder.attach-own"
#define SAL_HELPER_RULES_ANY "org.salamander_profiler.recorder.attach-any"

/* A user. */
typedef struct
{
  guint n_sessions;
  gint64 counted_us; /* each call takes its share of a second from here on */
} SalHelperCaller;

/**
 * sal_helper_rules_admit: whether user @uid may have one more session now.
 *
 * @callers: uid → SalHelperCaller, with g_free for the values. @n_all: sessions of all users.
 * @now_us: of the monotonic clock, microseconds. Returns (transfer none), with one more session,
 * which whoever ends it takes away; NULL for no. Root is counted like everybody.
 */
SalHelperCaller *
sal_helper_rules_admit (GHashTable *callers, guint n_all, guint32 uid, gint64 now_us);

/**
 * sal_helper_rules_get_action: which action user @uid needs for the process. Static.
 *
 * Its own are those that the user could look at without Yama: all user ids are @uid, all group ids
 * the same, it is dumpable and has no capability that the user has not.
 * Source: ptrace(2), "Ptrace access mode checking".
 */
const char *sal_helper_rules_get_action (const SalHelperIdentity *identity, guint32 uid);

/**
 * sal_helper_rules_dup_command: (transfer full): a command line for a person to read.
 *
 * @bytes: words that each end with a zero byte, as /proc/PID/cmdline has them, cut anywhere; NULL
 * is fine when @length is 0. The process chose them, and the dialog that shows them asks for a
 * password: the answer is one line of valid UTF-8, at most 80 characters, without anything that
 * does not print, changes the direction of text or means something to polkit; such characters are
 * shown as “?”. "?" alone when there is nothing to show.
 */
char *sal_helper_rules_dup_command (const char *bytes, gsize length) G_GNUC_WARN_UNUSED_RESULT;

/** sal_helper_rules_dup_user: (transfer full): the name of user @uid, or the number as text. */
char *sal_helper_rules_dup_user (guint32 uid) G_GNUC_WARN_UNUSED_RESULT;
