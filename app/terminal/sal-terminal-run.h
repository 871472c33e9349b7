/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows a session from the terminal: progress, signals, and the program that may outlive it. */
#pragma once

#include "sal-session.h"

G_BEGIN_DECLS

typedef struct _SalTerminalRun SalTerminalRun;

/* How the program was left. */
typedef enum
{
  SAL_TERMINAL_RUN_ENDED, /* it has ended, or there was none of ours */
  SAL_TERMINAL_RUN_LEFT,  /* it runs on, because the user did not want to wait */
  SAL_TERMINAL_RUN_LOST,  /* the recorder ended and nobody knows */
} SalTerminalRunEnd;

/** sal_terminal_run_new: (transfer full): for @session, not started yet. One a process. */
SalTerminalRun *sal_terminal_run_new (SalSession *session) G_GNUC_WARN_UNUSED_RESULT;
/** sal_terminal_run_free: frees @run (nullable). */
void sal_terminal_run_free (SalTerminalRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalTerminalRun, sal_terminal_run_free)

/** sal_terminal_run_record: starts the session and returns when its capture is complete or it
 * has failed. SIGINT, SIGTERM and SIGHUP end the recording. */
void sal_terminal_run_record (SalTerminalRun *run);

/** sal_terminal_run_wait: afterwards: waits for the program that the session started, says on
 * stderr when that takes a while, and leaves it at a signal; when a signal other than Ctrl+C ended
 * the recording, it is given only a moment. */
SalTerminalRunEnd sal_terminal_run_wait (SalTerminalRun *run);

G_END_DECLS
