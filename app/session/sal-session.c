/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state machine of one recording. */
#include "config.h"

#include "sal-session.h"

#include <unistd.h>

#include "sal-control-wire.h"

#include "sal-access.h"
#include "sal-session-control.h"
#include "sal-session-fault.h"
#include "sal-session-helper.h"
#include "sal-session-recorder.h"

/* Bytes of the program's output taken in one go: they may not keep the main loop. */
#define OUTPUT_SIZE (64 * 1024)
/* A recorder that was told to stop, and neither finishes nor writes for so long, hangs. */
#define STOP_PATIENCE_SECONDS 10

/* SAL_CAPTURE_END_EXIT: the program ended. Source: recorder/capture/FORMAT.md. */
#define END_REASON_EXIT 0

struct _SalSession
{
  GObject parent_instance;

  /* Owned */
  SalSessionOptions *options;
  GFile *capture;
  GError *error;
  GError *fault; /* what the recorder said; becomes @error when it has finished */
  GSubprocess *recorder;
  GInputStream *output;
  GCancellable *cancellable;
  GCancellable *asking; /* of the helper; NULL = not asking it */
  SalSessionControl control;
  guint patience_source; /* while stopping */

  /* State */
  SalSessionState state;
  SalSessionStatus status;
  int pid;
  int exit_status;
  guint64 stopping_bytes; /* readable when it was last looked at */
  guint stalled_seconds;
  gboolean has_exited;
  gboolean has_program_ended;
  gboolean has_asked; /* the helper, once a session */
};

enum
{
  PROP_0,
  PROP_STATE,
  N_PROPS,
};

enum
{
  SIGNAL_STATUS,
  SIGNAL_OUTPUT,
  SIGNAL_EXITED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_ENUM_TYPE (SalSessionState,
                    sal_session_state,
                    G_DEFINE_ENUM_VALUE (SAL_SESSION_IDLE, "idle"),
                    G_DEFINE_ENUM_VALUE (SAL_SESSION_STARTING, "starting"),
                    G_DEFINE_ENUM_VALUE (SAL_SESSION_RECORDING, "recording"),
                    G_DEFINE_ENUM_VALUE (SAL_SESSION_STOPPING, "stopping"),
                    G_DEFINE_ENUM_VALUE (SAL_SESSION_DONE, "done"),
                    G_DEFINE_ENUM_VALUE (SAL_SESSION_FAILED, "failed"))

G_DEFINE_FINAL_TYPE (SalSession, sal_session, G_TYPE_OBJECT)

static void read_output (SalSession *self);
static void launch (SalSession *self, int helper_fd);

static gboolean
has_ended (SalSession *self)
{
  return self->state == SAL_SESSION_DONE || self->state == SAL_SESSION_FAILED;
}

static void
set_state (SalSession *self, SalSessionState state)
{
  if (self->state == state)
    return;
  self->state = state;
  if (state != SAL_SESSION_STOPPING)
    g_clear_handle_id (&self->patience_source, g_source_remove);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
fail (SalSession *self, GError *error)
{
  self->error = error;
  set_state (self, SAL_SESSION_FAILED);
}

static void
take_status (SalSession *self, const SalControlEvent *event)
{
  self->status = (SalSessionStatus){
    .elapsed_ns = event->elapsed_ns,
    .samples = event->samples,
    .missed = event->missed,
    .late = event->late,
    .retried = event->retried,
    .rejected = event->rejected,
    .errors = event->errors,
    .bytes = event->bytes,
    .left = event->left,
    .n_threads = event->thread_count,
  };
  g_signal_emit (self, signals[SIGNAL_STATUS], 0);
}

static void
take_fault (SalSession *self, const SalControlEvent *event)
{
  g_autofree char *detail = g_strndup (event->detail, sizeof event->detail);

  if (self->fault == NULL)
    self->fault = sal_session_fault_to_error ((SalControlFault)event->fault,
                                              event->error,
                                              detail,
                                              self->options,
                                              self->pid);
}

static void
take_exit (SalSession *self, int status)
{
  if (self->has_exited || self->options->argv == NULL)
    return;
  self->has_exited = TRUE;
  self->exit_status = status;
  g_signal_emit (self, signals[SIGNAL_EXITED], 0, status);
}

static void
helper_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GWeakRef *reference = user_data;
  g_autoptr (SalSession) self = g_weak_ref_get (reference);
  GError *error = NULL;
  int fd = sal_session_helper_attach_finish (result, &error);

  g_weak_ref_clear (reference);
  g_free (reference);
  if (self == NULL || has_ended (self))
    {
      g_clear_error (&error);
      if (fd != -1)
        close (fd);
      return;
    }
  g_clear_object (&self->asking);
  if (fd == -1)
    {
      fail (self, sal_session_fault_merge (g_steal_pointer (&self->fault), error));
      return;
    }
  g_clear_error (&self->fault);
  launch (self, fd);
}

/* The kernel keeps the process from us. The recorder that found out is of no more use. */
static void
ask_helper (SalSession *self)
{
  GWeakRef *reference = g_new0 (GWeakRef, 1);

  sal_session_control_close (&self->control);
  g_clear_object (&self->recorder);
  g_clear_object (&self->output);
  self->has_asked = TRUE;
  self->asking = g_cancellable_new ();
  g_weak_ref_init (reference, self);
  sal_session_helper_attach_async (self->options->pid,
                                   !self->options->capture_output,
                                   self->asking,
                                   helper_answered_cb,
                                   reference);
}

/* Where not even an administrator may, asking for a password would be in vain. */
static gboolean
could_helper_help (SalSession *self)
{
  return self->options->argv == NULL && !self->has_asked && self->state == SAL_SESSION_STARTING &&
         geteuid () != 0 &&
         g_error_matches (self->fault, SAL_SESSION_ERROR, SAL_SESSION_ERROR_DENIED) &&
         sal_access_find (self->options->pid, FALSE, NULL) != SAL_ACCESS_NOBODY;
}

static void
event_cb (gpointer owner, const SalControlEvent *event)
{
  SalSession *self = SAL_SESSION (owner);

  if (event->pid != 0 && event->pid <= G_MAXINT)
    self->pid = (int)event->pid;

  switch (event->kind)
    {
    case SAL_CONTROL_STARTED:
      if (self->state == SAL_SESSION_STARTING)
        set_state (self, SAL_SESSION_RECORDING);
      break;
    case SAL_CONTROL_STATUS:
      if (!has_ended (self))
        take_status (self, event);
      break;
    case SAL_CONTROL_FAULT:
      take_fault (self, event);
      break;
    case SAL_CONTROL_FINISHED:
      if (has_ended (self))
        break;
      self->has_program_ended = event->end_reason == END_REASON_EXIT;
      if (could_helper_help (self))
        ask_helper (self);
      else if (self->fault != NULL)
        fail (self, g_steal_pointer (&self->fault));
      else
        set_state (self, SAL_SESSION_DONE);
      break;
    case SAL_CONTROL_EXITED:
      take_exit (self, event->status);
      break;
    default:
      break;
    }
}

/* The recorder is gone: what it still said counts first. */
static void
recorder_ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SalSession) self = NULL;
  gboolean waited = g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error);

  /* Cancelled: the session is gone. */
  if (!waited)
    return;
  self = g_object_ref (SAL_SESSION (user_data));
  if (G_SUBPROCESS (source) != self->recorder)
    return;
  sal_session_control_drain (&self->control);

  if (!has_ended (self) && self->asking == NULL)
    {
      if (self->fault != NULL)
        fail (self, g_steal_pointer (&self->fault));
      else
        fail (self, sal_session_fault_from_end (g_subprocess_get_status (self->recorder)));
    }
  if (self->pid != 0)
    take_exit (self, -1);
}

static void
output_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  g_autoptr (SalSession) self = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self = g_object_ref (SAL_SESSION (user_data));
  if (G_INPUT_STREAM (source) != self->output)
    return;
  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    {
      g_clear_object (&self->output);
      return;
    }
  g_signal_emit (self, signals[SIGNAL_OUTPUT], 0, bytes);
  if (self->output != NULL)
    read_output (self);
}

static void
read_output (SalSession *self)
{
  g_input_stream_read_bytes_async (self->output,
                                   OUTPUT_SIZE,
                                   G_PRIORITY_DEFAULT_IDLE,
                                   self->cancellable,
                                   output_read_cb,
                                   self);
}

/* Once a second while stopping: a recorder that writes what it has may take its time. */
static gboolean
patience_cb (gpointer user_data)
{
  SalSession *self = SAL_SESSION (user_data);

  self->stalled_seconds = self->status.bytes > self->stopping_bytes ? 0 : self->stalled_seconds + 1;
  self->stopping_bytes = self->status.bytes;
  if (self->stalled_seconds < STOP_PATIENCE_SECONDS)
    return G_SOURCE_CONTINUE;

  self->patience_source = 0;
  if (self->recorder != NULL)
    g_subprocess_force_exit (self->recorder);
  fail (self, sal_session_fault_from_silence (STOP_PATIENCE_SECONDS));
  return G_SOURCE_REMOVE;
}

static void
begin_stopping (SalSession *self, SalControlCommandKind kind)
{
  sal_session_control_send (&self->control, kind);
  self->stopping_bytes = self->status.bytes;
  self->stalled_seconds = 0;
  self->patience_source = g_timeout_add_seconds (1, patience_cb, self);
  set_state (self, SAL_SESSION_STOPPING);
}

static void
sal_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SalSession *self = SAL_SESSION (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
sal_session_dispose (GObject *object)
{
  SalSession *self = SAL_SESSION (object);

  g_cancellable_cancel (self->cancellable);
  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  g_clear_handle_id (&self->patience_source, g_source_remove);
  sal_session_control_close (&self->control);
  g_clear_object (&self->output);
  g_clear_object (&self->recorder);
  if (self->capture != NULL)
    g_file_delete (self->capture, NULL, NULL);
  G_OBJECT_CLASS (sal_session_parent_class)->dispose (object);
}

static void
sal_session_finalize (GObject *object)
{
  SalSession *self = SAL_SESSION (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->capture);
  g_clear_error (&self->error);
  g_clear_error (&self->fault);
  sal_session_options_free (self->options);
  G_OBJECT_CLASS (sal_session_parent_class)->finalize (object);
}

static void
sal_session_class_init (SalSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = sal_session_get_property;
  object_class->dispose = sal_session_dispose;
  object_class->finalize = sal_session_finalize;

  properties[PROP_STATE] = g_param_spec_enum ("state",
                                              NULL,
                                              NULL,
                                              SAL_TYPE_SESSION_STATE,
                                              SAL_SESSION_IDLE,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS |
                                                  G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[SIGNAL_STATUS] = g_signal_new ("status", SAL_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_OUTPUT] = g_signal_new ("output", SAL_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);
  signals[SIGNAL_EXITED] = g_signal_new ("exited", SAL_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
sal_session_init (SalSession *self)
{
  self->control = SAL_SESSION_CONTROL_CLOSED;
  self->exit_status = -1;
  self->cancellable = g_cancellable_new ();
}

SalSession *
sal_session_new (const SalSessionOptions *options)
{
  SalSession *self;

  g_return_val_if_fail (options != NULL, NULL);
  g_return_val_if_fail (options->argv != NULL ? options->argv[0] != NULL : options->pid > 0, NULL);

  self = g_object_new (SAL_TYPE_SESSION, NULL);
  self->options = sal_session_options_copy (options);
  return self;
}

/* Starts a recorder. @helper_fd: (transfer full): as for sal_session_recorder_spawn(). */
static void
launch (SalSession *self, int helper_fd)
{
  GError *error = NULL;
  int control_fd;
  int capture_fd =
      sal_session_recorder_create_capture (self->options, &self->capture, &error);

  if (capture_fd != -1)
    self->recorder = sal_session_recorder_spawn (self->options,
                                                 capture_fd,
                                                 helper_fd,
                                                 &control_fd,
                                                 &self->output,
                                                 &error);
  else if (helper_fd != -1)
    close (helper_fd);
  if (self->recorder == NULL)
    {
      fail (self, error);
      return;
    }
  sal_session_control_open (&self->control, control_fd, G_OBJECT (self), event_cb);
  g_subprocess_wait_async (self->recorder, self->cancellable, recorder_ended_cb, self);
  if (self->output != NULL)
    read_output (self);
}

void
sal_session_start (SalSession *self)
{
  g_return_if_fail (SAL_IS_SESSION (self));
  g_return_if_fail (self->state == SAL_SESSION_IDLE);

  set_state (self, SAL_SESSION_STARTING);
  if (self->options->argv == NULL)
    self->pid = self->options->pid;
  launch (self, -1);
}

void
sal_session_stop (SalSession *self)
{
  g_return_if_fail (SAL_IS_SESSION (self));

  if (self->state != SAL_SESSION_STARTING && self->state != SAL_SESSION_RECORDING)
    return;
  g_cancellable_cancel (self->asking);
  begin_stopping (self, SAL_CONTROL_STOP);
}

void
sal_session_kill (SalSession *self)
{
  g_return_if_fail (SAL_IS_SESSION (self));

  g_cancellable_cancel (self->asking);
  if (self->state == SAL_SESSION_STARTING || self->state == SAL_SESSION_RECORDING)
    begin_stopping (self, SAL_CONTROL_KILL);
  else
    sal_session_control_send (&self->control, SAL_CONTROL_KILL);
}

SalSessionState
sal_session_get_state (SalSession *self)
{
  g_return_val_if_fail (SAL_IS_SESSION (self), SAL_SESSION_IDLE);
  return self->state;
}

const SalSessionStatus *
sal_session_get_status (SalSession *self)
{
  g_return_val_if_fail (SAL_IS_SESSION (self), NULL);
  return &self->status;
}

const SalSessionOptions *
sal_session_get_options (SalSession *self)
{
  g_return_val_if_fail (SAL_IS_SESSION (self), NULL);
  return self->options;
}

const GError *
sal_session_get_error (SalSession *self)
{
  g_return_val_if_fail (SAL_IS_SESSION (self), NULL);
  return self->error;
}

GFile *
sal_session_get_capture (SalSession *self)
{
  g_return_val_if_fail (SAL_IS_SESSION (self), NULL);
  return self->capture;
}

int
sal_session_get_pid (SalSession *self)
{
  g_return_val_if_fail (SAL_IS_SESSION (self), 0);
  return self->pid;
}

int
sal_session_get_exit_status (SalSession *self)
{
  g_return_val_if_fail (SAL_IS_SESSION (self), -1);
  return self->exit_status;
}

gboolean
sal_session_has_program_ended (SalSession *self)
{
  g_return_val_if_fail (SAL_IS_SESSION (self), FALSE);
  return self->state == SAL_SESSION_DONE && self->has_program_ended;
}
