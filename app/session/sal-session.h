/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording in progress: salamander-recorder started, followed and ended. */
#pragma once

#include <gio/gio.h>

#include "sal-session-error.h"
#include "sal-session-options.h"

G_BEGIN_DECLS

typedef enum
{
  SAL_SESSION_IDLE,
  SAL_SESSION_STARTING,
  SAL_SESSION_RECORDING,
  SAL_SESSION_STOPPING, /* asked to stop; the capture is not complete yet */
  SAL_SESSION_DONE,     /* the capture is complete; a started program may still run: see "exited" */
  SAL_SESSION_FAILED,   /* see sal_session_get_error(); a capture may exist all the same */
} SalSessionState;

/* Numbers of a recording in progress: a value. */
typedef struct
{
  gint64 elapsed_ns;
  guint64 samples;
  guint64 missed;
  guint64 late;
  guint64 retried;
  guint64 rejected;
  guint64 errors;
  guint64 bytes; /* readable in the capture */
  guint left;    /* records still to be written, now that the recording has ended */
  guint n_threads;
} SalSessionStatus;

GType sal_session_state_get_type (void);
#define SAL_TYPE_SESSION_STATE (sal_session_state_get_type ())

/* One recording: starts salamander-recorder, follows it, and ends it. The capture is a file from
 * the first byte on, so nothing is lost when the app ends.
 * Properties: "state" (SalSessionState, notified). Signals: "status" (no arguments; about four
 * times a second), "output" (GBytes: what the program printed, stdout and stderr in order of
 * arrival; may come after the state is DONE), "exited" (int: wait status of the started program;
 * −1 = the recorder ended without telling). Disposing of a session ends its recording; the program
 * runs on, but when its output was captured nobody reads it any longer. Thread: main.
 */
#define SAL_TYPE_SESSION (sal_session_get_type ())
G_DECLARE_FINAL_TYPE (SalSession, sal_session, SAL, SESSION, GObject)

/** sal_session_new: (transfer full): nothing runs yet. The capture will be a new file of mode 0600
 * in the user's cache folder, which is deleted with the session: copy what shall stay. */
SalSession *sal_session_new (const SalSessionOptions *options) G_GNUC_WARN_UNUSED_RESULT;

/** sal_session_start: begins. Failures come as state FAILED, possibly before this returns. */
void sal_session_start (SalSession *self);
/** sal_session_stop: asks for the end; state goes to STOPPING, then DONE. The program runs on. A
 * recorder that does not finish is ended after ten seconds without progress; the state is FAILED
 * then. */
void sal_session_stop (SalSession *self);
/** sal_session_kill: as stop, and the program that was started gets SIGTERM. */
void sal_session_kill (SalSession *self);

/** sal_session_get_state: where it stands; the property "state". */
SalSessionState sal_session_get_state (SalSession *self);
/** sal_session_get_status: the last numbers that came; borrowed, all 0 before the first. */
const SalSessionStatus *sal_session_get_status (SalSession *self);
/** sal_session_get_options: a copy of what it was made with; borrowed. */
const SalSessionOptions *sal_session_get_options (SalSession *self);
/** sal_session_get_error: (nullable): why it failed; borrowed. */
const GError *sal_session_get_error (SalSession *self);
/** sal_session_get_capture: (nullable): borrowed; NULL before the start. */
GFile *sal_session_get_capture (SalSession *self);
/** sal_session_get_pid: of the program, 0 = not running yet. */
int sal_session_get_pid (SalSession *self);
/** sal_session_get_exit_status: as waitpid(2) gives it, −1 = not ended or not started by us. */
int sal_session_get_exit_status (SalSession *self);
/** sal_session_has_program_ended: whether the recording is DONE because the program ended, rather
 * than because somebody asked or the time was up. */
gboolean sal_session_has_program_ended (SalSession *self);

G_END_DECLS
