/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads recordings piece by piece, and says what is missing in those that are not whole. */
#include "config.h"

#include "sal-recording-reader.h"

#include <glib/gi18n.h>

#include "sal-profile-builder.h"
#include "sal-profile-error.h"

#define PIECE_SIZE (1024 * 1024)

/* Feeds everything. FALSE with @error set when the stream failed; TRUE with @damage set when the
 * rest cannot be read. */
static gboolean
feed_all (SalProfileBuilder *builder,
          GBytes *head,
          GInputStream *stream,
          guint64 *n_bytes,
          GError **damage,
          GCancellable *cancellable,
          GError **error)
{
  g_autofree guint8 *piece = g_malloc (PIECE_SIZE);
  gsize length;
  const void *bytes = g_bytes_get_data (head, &length);

  while (length > 0)
    {
      *n_bytes += length;
      if (!sal_profile_builder_feed (builder, bytes, length, damage))
        return TRUE;
      bytes = piece;
      if (!g_input_stream_read_all (stream, piece, PIECE_SIZE, &length, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_anything (SalProfile *profile)
{
  return sal_profile_get_n_samples (profile) > 0 || sal_profile_get_n_processes (profile) > 0;
}

static void
warn_of_damage (SalProfileBuilder *builder, const GError *damage)
{
  /* Translators: %s is a sentence that says where and how */
  g_autofree char *sentence = g_strdup_printf (_ ("Only the part before the damage is shown. %s"),
                                               damage->message);

  sal_profile_builder_add_warning (builder, sentence);
}

static void
warn_of_missing_end (SalProfileBuilder *builder, guint64 n_bytes)
{
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, n_bytes);
  g_autofree char *sentence =
      /* Translators: %s is a number of bytes */
      g_strdup_printf (_ ("The recording ends in the middle: its end was never written, and only "
                          "what is whole in the %s bytes of the file is shown."),
                       number);

  sal_profile_builder_add_warning (builder, sentence);
}

SalProfile *
sal_recording_reader_read (GBytes *head,
                           GInputStream *stream,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (GError) damage = NULL;
  guint64 n_bytes = 0;

  if (!feed_all (builder, head, stream, &n_bytes, &damage, cancellable, error))
    return NULL;
  profile = sal_profile_builder_take (builder);
  if (damage != NULL && !has_anything (profile))
    {
      g_propagate_error (error, g_steal_pointer (&damage));
      return NULL;
    }
  if (damage == NULL && sal_profile_is_finished (profile))
    return g_steal_pointer (&profile);
  if (damage == NULL && !has_anything (profile))
    {
      g_set_error_literal (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_CORRUPT,
                           _ ("The recording ends before anything was recorded."));
      return NULL;
    }
  if (damage != NULL)
    warn_of_damage (builder, damage);
  else
    warn_of_missing_end (builder, n_bytes);
  return sal_profile_builder_take (builder);
}
