/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps a profile up to date with its recording, and writes it. */
#include "config.h"

#include "sal-document.h"

#include <glib/gi18n.h>

#include "sal-command-line.h"

#include "sal-capture-follower.h"
#include "sal-settings.h"

#define REFRESH_S 1

struct _SalDocument
{
  GObject parent_instance;

  /* Owned */
  SalViewState *state;
  GFile *file;
  SalSession *session;
  SalCaptureFollower *follower;
  GCancellable *cancellable;
  char *title;
  char *subtitle;
  char *problem;

  /* State */
  guint refresh_source;
  gboolean reading;    /* the follower is at work */
  gboolean read_again; /* there may be more when it is finished */
  gboolean recording;
  gboolean saved;
};

G_DEFINE_FINAL_TYPE (SalDocument, sal_document, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_SUBTITLE,
  PROP_RECORDING,
  PROP_MODIFIED,
  PROP_PROBLEM,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

static void
set_problem (SalDocument *self, const char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static void
set_file (SalDocument *self, GFile *file)
{
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autofree char *base = g_file_get_basename (file);

  g_set_object (&self->file, file);
  g_free (self->title);
  g_free (self->subtitle);
  self->title = g_filename_display_name (base);
  self->subtitle = folder ? g_file_get_parse_name (folder) : g_strdup ("");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUBTITLE]);
}

static gboolean
is_over (SalSessionState state)
{
  return state == SAL_SESSION_DONE || state == SAL_SESSION_FAILED;
}

static void read_capture (SalDocument *self);

static void
finish_recording (SalDocument *self)
{
  const GError *error = sal_session_get_error (self->session);

  g_clear_handle_id (&self->refresh_source, g_source_remove);
  self->recording = FALSE;
  sal_view_state_set_live (self->state, FALSE);
  if (error)
    set_problem (self, error->message);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORDING]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODIFIED]);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SalDocument) self = SAL_DOCUMENT (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (SalProfile) profile = NULL;
  gboolean over = is_over (sal_session_get_state (self->session));

  profile = sal_capture_follower_read_finish (SAL_CAPTURE_FOLLOWER (source), result, &error);
  self->reading = FALSE;
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (profile)
    sal_view_state_set_profile (self->state, profile);
  else if (error && !(g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) &&
                      (!over || sal_session_get_error (self->session))))
    set_problem (self, error->message);

  if (self->read_again)
    read_capture (self);
  else if (over && self->recording)
    finish_recording (self);
}

static void
read_capture (SalDocument *self)
{
  GFile *capture = sal_session_get_capture (self->session);

  self->read_again = self->reading;
  if (self->reading)
    return;
  if (!capture)
    {
      if (self->recording && is_over (sal_session_get_state (self->session)))
        finish_recording (self);
      return;
    }
  if (!self->follower)
    self->follower = sal_capture_follower_new (capture);
  self->reading = TRUE;
  sal_capture_follower_read_async (self->follower,
                                   self->cancellable,
                                   read_cb,
                                   g_object_ref (self));
}

static gboolean
refresh_cb (gpointer data)
{
  SalDocument *self = SAL_DOCUMENT (data);

  /* A worker that is not done within a second skips a beat. While a password is asked for, the file
   * is that of a recorder that was refused; the next one begins it anew. */
  if (!self->reading && sal_session_get_state (self->session) != SAL_SESSION_STARTING)
    read_capture (self);
  return G_SOURCE_CONTINUE;
}

static void
session_state_cb (SalDocument *self)
{
  if (is_over (sal_session_get_state (self->session)))
    read_capture (self);
}

static void
sal_document_dispose (GObject *object)
{
  SalDocument *self = SAL_DOCUMENT (object);

  g_clear_handle_id (&self->refresh_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->follower);
  g_clear_object (&self->session);
  g_clear_object (&self->state);
  g_clear_object (&self->file);
  G_OBJECT_CLASS (sal_document_parent_class)->dispose (object);
}

static void
sal_document_finalize (GObject *object)
{
  SalDocument *self = SAL_DOCUMENT (object);

  g_clear_object (&self->cancellable);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->problem);
  G_OBJECT_CLASS (sal_document_parent_class)->finalize (object);
}

static void
sal_document_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SalDocument *self = SAL_DOCUMENT (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, self->subtitle);
      break;
    case PROP_RECORDING:
      g_value_set_boolean (value, self->recording);
      break;
    case PROP_MODIFIED:
      g_value_set_boolean (value, sal_document_is_modified (self));
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
    }
}

static void
sal_document_class_init (SalDocumentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = sal_document_dispose;
  object_class->finalize = sal_document_finalize;
  object_class->get_property = sal_document_get_property;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  properties[PROP_RECORDING] = g_param_spec_boolean ("recording", NULL, NULL, FALSE, flags);
  properties[PROP_MODIFIED] = g_param_spec_boolean ("modified", NULL, NULL, FALSE, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
sal_document_init (SalDocument *self)
{
  self->state = sal_view_state_new ();
  self->cancellable = g_cancellable_new ();
}

SalDocument *
sal_document_new_for_file (GFile *file, SalProfile *profile)
{
  SalDocument *self;

  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (profile, NULL);

  self = g_object_new (SAL_TYPE_DOCUMENT, NULL);
  set_file (self, file);
  self->saved = TRUE;
  sal_view_state_set_profile (self->state, profile);
  return self;
}

static char *
choose_title (const SalSessionOptions *options)
{
  if (options->argv)
    return sal_command_line_get_name ((const char *const *)options->argv);
  return options->name ? g_strdup (options->name)
                       : g_strdup_printf (_ ("Process %d"), options->pid);
}

SalDocument *
sal_document_new_for_session (SalSession *session)
{
  const SalSessionOptions *options;
  SalDocument *self;

  g_return_val_if_fail (SAL_IS_SESSION (session), NULL);

  options = sal_session_get_options (session);
  self = g_object_new (SAL_TYPE_DOCUMENT, NULL);
  self->session = g_object_ref (session);
  self->recording = TRUE;
  self->title = choose_title (options);
  if (options->argv)
    self->subtitle = sal_command_line_quote ((const char *const *)options->argv);
  else
    self->subtitle = options->name ? g_strdup_printf (_ ("Process %d"), options->pid)
                                   : g_strdup ("");
  sal_view_state_set_live (self->state, TRUE);
  self->refresh_source = g_timeout_add_seconds (REFRESH_S, refresh_cb, self);
  g_signal_connect_object (session,
                           "notify::state",
                           G_CALLBACK (session_state_cb),
                           self,
                           G_CONNECT_SWAPPED);
  return self;
}

SalViewState *
sal_document_get_state (SalDocument *self)
{
  g_return_val_if_fail (SAL_IS_DOCUMENT (self), NULL);
  return self->state;
}

SalProfile *
sal_document_get_profile (SalDocument *self)
{
  g_return_val_if_fail (SAL_IS_DOCUMENT (self), NULL);
  return sal_view_state_get_profile (self->state);
}

SalSession *
sal_document_get_session (SalDocument *self)
{
  g_return_val_if_fail (SAL_IS_DOCUMENT (self), NULL);
  return self->session;
}

GFile *
sal_document_get_file (SalDocument *self)
{
  g_return_val_if_fail (SAL_IS_DOCUMENT (self), NULL);
  return self->file;
}

gboolean
sal_document_is_refused (SalDocument *self)
{
  SalProfile *profile = sal_document_get_profile (self);

  return self->session && !self->recording && sal_session_get_error (self->session) &&
         !sal_session_get_options (self->session)->argv &&
         (!profile || sal_profile_get_n_samples (profile) == 0);
}

const char *
sal_document_get_title (SalDocument *self)
{
  g_return_val_if_fail (SAL_IS_DOCUMENT (self), NULL);
  return self->title;
}

const char *
sal_document_get_subtitle (SalDocument *self)
{
  g_return_val_if_fail (SAL_IS_DOCUMENT (self), NULL);
  return self->subtitle;
}

const char *
sal_document_get_problem (SalDocument *self)
{
  g_return_val_if_fail (SAL_IS_DOCUMENT (self), NULL);
  return self->problem;
}

gboolean
sal_document_is_recording (SalDocument *self)
{
  g_return_val_if_fail (SAL_IS_DOCUMENT (self), FALSE);
  return self->recording;
}

gboolean
sal_document_is_modified (SalDocument *self)
{
  SalProfile *profile;

  g_return_val_if_fail (SAL_IS_DOCUMENT (self), FALSE);

  profile = sal_view_state_get_profile (self->state);
  return self->session && !self->recording && !self->saved && profile &&
         sal_profile_get_n_samples (profile) > 0;
}

/* What a worker needs to write: nothing that the main thread changes. */
typedef struct
{
  SalProfile *profile;
  SalFrameView view;
  SalFormat format;
  SalExportOptions options;
  guint8 *threads;
  char *title;
  GFile *source;
  GFile *file;
} Writing;

static void
writing_free (Writing *writing)
{
  sal_profile_unref (writing->profile);
  g_free (writing->threads);
  g_free (writing->title);
  g_clear_object (&writing->source);
  g_clear_object (&writing->file);
  g_free (writing);
}

static void
write_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Writing *writing = data;
  g_autoptr (SalProfile) shown = sal_frame_view_apply (writing->profile, &writing->view);
  GError *error = NULL;

  if (sal_formats_export (shown,
                          writing->format,
                          &writing->options,
                          writing->source,
                          writing->file,
                          cancellable,
                          &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
sal_document_write_async (SalDocument *self,
                          SalFormat format,
                          GFile *file,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  SalFilter filter = *sal_view_state_get_filter (self->state);
  Writing *writing = g_new0 (Writing, 1);

  g_return_if_fail (sal_document_get_profile (self));

  writing->profile = sal_profile_ref (sal_document_get_profile (self));
  writing->format = format;
  writing->threads = g_memdup2 (filter.threads, filter.n_threads);
  writing->title = g_strdup (self->title);
  writing->view = sal_view_state_get_frame_view (self->state);
  writing->options.filter = filter;
  writing->options.filter.threads = writing->threads;
  writing->options.title = writing->title;
  writing->options.colouring = (SalColouring)g_settings_get_enum (sal_settings_get (), "colouring");
  writing->file = g_object_ref (file);
  if (self->session && sal_session_get_capture (self->session))
    writing->source = g_object_ref (sal_session_get_capture (self->session));
  else if (self->file)
    writing->source = g_object_ref (self->file);

  g_task_set_task_data (task, writing, (GDestroyNotify)writing_free);
  g_task_run_in_thread (task, write_thread);
}

gboolean
sal_document_write_finish (SalDocument *self, GAsyncResult *result, GError **error)
{
  Writing *writing;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  writing = g_task_get_task_data (G_TASK (result));
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (writing->format == SAL_FORMAT_SALAMANDER)
    {
      self->saved = TRUE;
      set_file (self, writing->file);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODIFIED]);
    }
  return TRUE;
}
