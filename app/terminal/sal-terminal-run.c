/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main loop of "record". */
#include "config.h"

#include "sal-terminal-run.h"

#include <glib/gi18n.h>

#include "sal-terminal-print.h"
#include "sal-terminal-progress.h"
#include "sal-terminal-signals.h"

/* A program that ends by itself needs no message, and one that was sent the same signal as we were
 * ends within this time more often than not. */
#define GRACE_MS 500

/* Signals this close together are one: timeout(1) sends its signal to us and then to the group. */
#define SAME_SIGNAL_US (300 * 1000)

struct _SalTerminalRun
{
  SalSession *session; /* owned */
  gboolean has_exited;
  gboolean is_impatient; /* a signal came that was not Ctrl+C: do not wait for the program */
  gboolean is_waiting;   /* the capture is done with */
  guint n_signals;       /* since the recording or the waiting began */
  gint64 last_signal_us; /* monotonic */
  gboolean grace_over;
};

static gboolean
is_over (SalTerminalRun *run)
{
  SalSessionState state = sal_session_get_state (run->session);

  return state == SAL_SESSION_DONE || state == SAL_SESSION_FAILED;
}

static void
status_cb (SalSession *session, gpointer user_data)
{
  sal_terminal_progress_show (sal_session_get_status (session));
}

static void
exited_cb (SalSession *session, int status, gpointer user_data)
{
  SalTerminalRun *run = user_data;

  run->has_exited = TRUE;
}

static void
signal_cb (int number, gboolean from_terminal, gpointer user_data)
{
  SalTerminalRun *run = user_data;
  gint64 now = g_get_monotonic_time ();

  if (run->last_signal_us == 0 || now - run->last_signal_us > SAME_SIGNAL_US)
    run->n_signals++;
  run->last_signal_us = now;
  if (!from_terminal)
    run->is_impatient = TRUE;
  if (!run->is_waiting)
    sal_session_stop (run->session);
}

static gboolean
grace_cb (gpointer user_data)
{
  SalTerminalRun *run = user_data;

  run->grace_over = TRUE;
  return G_SOURCE_REMOVE;
}

SalTerminalRun *
sal_terminal_run_new (SalSession *session)
{
  SalTerminalRun *run = g_new0 (SalTerminalRun, 1);

  run->session = g_object_ref (session);
  g_signal_connect (session, "status", G_CALLBACK (status_cb), run);
  g_signal_connect (session, "exited", G_CALLBACK (exited_cb), run);
  sal_terminal_signals_watch (signal_cb, run);
  return run;
}

void
sal_terminal_run_free (SalTerminalRun *run)
{
  if (run == NULL)
    return;
  g_signal_handlers_disconnect_by_data (run->session, run);
  g_object_unref (run->session);
  g_free (run);
}

void
sal_terminal_run_record (SalTerminalRun *run)
{
  sal_session_start (run->session);
  /* The second signal is from somebody to whom the end does not come soon enough. */
  while (!is_over (run) && run->n_signals < 2)
    g_main_context_iteration (NULL, TRUE);
  sal_terminal_progress_clear ();
  run->n_signals = 0;
  run->is_waiting = TRUE;
}

SalTerminalRunEnd
sal_terminal_run_wait (SalTerminalRun *run)
{
  int pid = sal_session_get_pid (run->session);
  guint grace;

  if (sal_session_get_options (run->session)->argv == NULL || pid == 0)
    return SAL_TERMINAL_RUN_ENDED;

  grace = g_timeout_add (GRACE_MS, grace_cb, run);
  while (!run->has_exited && !run->grace_over && run->n_signals == 0)
    g_main_context_iteration (NULL, TRUE);
  if (!run->grace_over)
    g_source_remove (grace);

  if (!run->has_exited && !run->is_impatient && run->n_signals == 0)
    sal_terminal_say (_ ("The program (process %d) still runs; waiting for it, Ctrl+C leaves it "
                         "running."),
                      pid);
  while (!run->has_exited && !run->is_impatient && run->n_signals == 0)
    g_main_context_iteration (NULL, TRUE);

  if (!run->has_exited)
    {
      sal_terminal_say (_ ("The program (process %d) runs on."), pid);
      return SAL_TERMINAL_RUN_LEFT;
    }
  return sal_session_get_exit_status (run->session) == -1 ? SAL_TERMINAL_RUN_LOST
                                                          : SAL_TERMINAL_RUN_ENDED;
}
