/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feeds the bytes of a growing file to a profile builder. */
#include "config.h"

#include "sal-capture-follower.h"

#include "sal-profile-builder.h"

#define CHUNK_BYTES (256 * 1024)

struct _SalCaptureFollower
{
  GObject parent_instance;

  /* Owned; touched only by the worker while one is at work */
  GFile *capture;
  SalProfileBuilder *builder;
  GInputStream *stream; /* NULL until the file is there */
  gboolean broken;      /* the builder refused bytes: no more */
};

G_DEFINE_FINAL_TYPE (SalCaptureFollower, sal_capture_follower, G_TYPE_OBJECT)

/* Returns whether there was anything new; what was fed before an error counts. */
static gboolean
feed_new_bytes (SalCaptureFollower *self, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  gboolean fed = FALSE;
  gssize length;

  if (!self->stream)
    {
      self->stream = G_INPUT_STREAM (g_file_read (self->capture, cancellable, error));
      if (!self->stream)
        return FALSE;
    }
  while ((length = g_input_stream_read (self->stream, chunk, CHUNK_BYTES, cancellable, error)) > 0)
    {
      fed = TRUE;
      if (!sal_profile_builder_feed (self->builder, chunk, (gsize)length, error))
        {
          self->broken = TRUE;
          break;
        }
    }
  return fed;
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SalCaptureFollower *self = SAL_CAPTURE_FOLLOWER (source);
  g_autoptr (GError) error = NULL;
  gboolean fed = FALSE;

  if (!self->broken)
    fed = feed_new_bytes (self, cancellable, &error);
  if (error)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (fed)
    g_task_return_pointer (task,
                           sal_profile_builder_take (self->builder),
                           (GDestroyNotify)sal_profile_unref);
  else
    g_task_return_pointer (task, NULL, NULL);
}

static void
sal_capture_follower_finalize (GObject *object)
{
  SalCaptureFollower *self = SAL_CAPTURE_FOLLOWER (object);

  g_clear_object (&self->capture);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->builder, sal_profile_builder_free);
  G_OBJECT_CLASS (sal_capture_follower_parent_class)->finalize (object);
}

static void
sal_capture_follower_class_init (SalCaptureFollowerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sal_capture_follower_finalize;
}

static void
sal_capture_follower_init (SalCaptureFollower *self)
{
  self->builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
}

SalCaptureFollower *
sal_capture_follower_new (GFile *capture)
{
  SalCaptureFollower *self;

  g_return_val_if_fail (G_IS_FILE (capture), NULL);

  self = g_object_new (SAL_TYPE_CAPTURE_FOLLOWER, NULL);
  self->capture = g_object_ref (capture);
  return self;
}

void
sal_capture_follower_read_async (SalCaptureFollower *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_run_in_thread (task, read_thread);
}

SalProfile *
sal_capture_follower_read_finish (SalCaptureFollower *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
