/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the format of a file and hands over to its reader or writer. */
#include "config.h"

#include "sal-formats.h"

#include <string.h>

#include <errno.h>

#include <glib/gi18n.h>

#include "sal-profile-error.h"

#include "sal-folded-writer.h"
#include "sal-output.h"
#include "sal-prof-reader.h"
#include "sal-recording-reader.h"
#include "sal-speedscope-writer.h"
#include "sal-svg-writer.h"

#define HEAD_SIZE (64 * 1024)
#define PIECE_SIZE (1024 * 1024)
#define MAX_PROF_SIZE G_MAXINT32 /* cProfile's own limit is the memory of the program it measured */

SalFormat
sal_format_from_path (const char *path)
{
  static const struct
  {
    const char *ending;
    SalFormat format;
  } endings[] = {
    { ".salamander", SAL_FORMAT_SALAMANDER },
    { ".prof", SAL_FORMAT_PROF },
    { ".pstats", SAL_FORMAT_PROF },
    { ".pstat", SAL_FORMAT_PROF },
    { ".cprof", SAL_FORMAT_PROF },
    { ".profile", SAL_FORMAT_PROF },
    { ".folded", SAL_FORMAT_FOLDED },
    { ".speedscope.json", SAL_FORMAT_SPEEDSCOPE },
    { ".svg", SAL_FORMAT_SVG },
  };
  gsize length = strlen (path);

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      gsize ending = strlen (endings[i].ending);

      if (length >= ending && g_ascii_strcasecmp (path + length - ending, endings[i].ending) == 0)
        return endings[i].format;
    }
  return SAL_FORMAT_UNKNOWN;
}

SalFormat
sal_format_from_name (const char *name)
{
  if (g_str_equal (name, "salamander"))
    return SAL_FORMAT_SALAMANDER;
  if (g_str_equal (name, "folded"))
    return SAL_FORMAT_FOLDED;
  if (g_str_equal (name, "speedscope"))
    return SAL_FORMAT_SPEEDSCOPE;
  if (g_str_equal (name, "svg"))
    return SAL_FORMAT_SVG;
  return SAL_FORMAT_UNKNOWN;
}

gboolean
sal_format_can_write (SalFormat format, SalProfileKind kind)
{
  switch (format)
    {
    case SAL_FORMAT_SVG:
      return TRUE;
    case SAL_FORMAT_SALAMANDER:
    case SAL_FORMAT_FOLDED:
    case SAL_FORMAT_SPEEDSCOPE:
      return kind == SAL_PROFILE_SAMPLES;
    case SAL_FORMAT_UNKNOWN:
    case SAL_FORMAT_PROF:
    default:
      return FALSE;
    }
}

static SalProfile *
read_prof (GBytes *head,
           GInputStream *stream,
           gsize expected,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new (MIN (expected, MAX_PROF_SIZE) + 1);
  gsize length;
  const guint8 *piece = g_bytes_get_data (head, &length);
  gsize got = length;

  g_byte_array_append (bytes, piece, (guint)length);
  while (got > 0)
    {
      guint used = bytes->len;

      if (used > MAX_PROF_SIZE - PIECE_SIZE)
        {
          g_set_error_literal (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_LIMIT,
                               _ ("The .prof file is larger than 2 GB."));
          return NULL;
        }
      /* One byte more than is expected tells the end without growing. */
      got = used <= expected ? MIN (expected - used + 1, PIECE_SIZE) : PIECE_SIZE;
      g_byte_array_set_size (bytes, used + (guint)got);
      if (!g_input_stream_read_all (stream, bytes->data + used, got, &got, cancellable, error))
        return NULL;
      g_byte_array_set_size (bytes, used + (guint)got);
    }
  return sal_prof_reader_read (bytes->data, bytes->len, cancellable, error);
}

static void
make_unknown_format (GError **error)
{
  g_clear_error (error);
  g_set_error_literal (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_UNKNOWN_FORMAT,
                       _ ("This is neither a Salamander recording nor a .prof file of cProfile."));
}

static SalProfile *
read_stream (GInputStream *stream, gsize expected, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (HEAD_SIZE);
  g_autoptr (GBytes) head = NULL;
  g_autoptr (GError) local_error = NULL;
  SalProfile *profile = NULL;
  gsize length;

  if (!g_input_stream_read_all (stream, buffer, HEAD_SIZE, &length, cancellable, error))
    return NULL;
  if (length == 0)
    {
      g_set_error_literal (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_EMPTY,
                           _ ("The file is empty."));
      return NULL;
    }
  head = g_bytes_new_take (g_steal_pointer (&buffer), length);
  if (sal_prof_reader_matches (g_bytes_get_data (head, NULL), length))
    return read_prof (head, stream, expected, cancellable, error);
  profile = sal_recording_reader_read (head, stream, cancellable, &local_error);
  if (g_error_matches (local_error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_UNKNOWN_FORMAT))
    make_unknown_format (&local_error);
  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return profile;
}

SalProfile *
sal_formats_load (GFile *file, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autoptr (GFileInfo) info = NULL;
  goffset size = 0;

  if (stream == NULL)
    return NULL;
  info = g_file_input_stream_query_info (stream, G_FILE_ATTRIBUTE_STANDARD_SIZE, cancellable, NULL);
  if (info != NULL)
    size = g_file_info_get_size (info);
  return read_stream (G_INPUT_STREAM (stream), size > 0 ? (gsize)size : 0, cancellable, error);
}

static void
load_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  SalProfile *profile = sal_formats_load (data, cancellable, &error);

  if (profile != NULL)
    g_task_return_pointer (task, profile, (GDestroyNotify)sal_profile_unref);
  else
    g_task_return_error (task, error);
}

void
sal_formats_load_async (GFile *file,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_name (task, "load a profile");
  g_task_set_task_data (task, g_object_ref (file), g_object_unref);
  g_task_run_in_thread (task, load_in_thread);
}

SalProfile *
sal_formats_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* GIO's own words name the file again, and don't end as a sentence does. */
static const char *
describe_reason (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return g_strerror (ENOENT);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return g_strerror (EACCES);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY))
    return _ ("it is a folder");
  return error->message;
}

char *
sal_formats_describe_error (const char *name, const GError *error)
{
  g_return_val_if_fail (name != NULL && error != NULL, NULL);

  if (error->domain == G_IO_ERROR)
    /* Translators: the first %s is a file's name, the second the reason */
    return g_strdup_printf (_ ("Cannot read “%s”: %s."), name, describe_reason (error));
  /* Translators: a file's name and a sentence about it */
  return g_strdup_printf (_ ("“%s”: %s"), name, error->message);
}

static gboolean
copy_file (GFile *source, SalOutput *output, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (source, cancellable, error);
  g_autofree guint8 *piece = g_malloc (PIECE_SIZE);
  gsize length = 0;

  if (stream == NULL)
    return FALSE;
  do
    {
      if (!g_input_stream_read_all (G_INPUT_STREAM (stream), piece, PIECE_SIZE, &length,
                                    cancellable, error))
        return FALSE;
      sal_output_append_bytes (output, piece, length);
    }
  while (length > 0 && !sal_output_has_failed (output));
  return TRUE;
}

static gboolean
check_suitable (SalProfile *profile, SalFormat format, GFile *source, GError **error)
{
  const char *sentence = NULL;

  if (format == SAL_FORMAT_PROF)
    sentence = _ (".prof files can be read, but not written.");
  else if (format == SAL_FORMAT_UNKNOWN)
    sentence = _ ("The ending of the file name must be .salamander, .svg, .folded or "
                  ".speedscope.json.");
  else if (!sal_format_can_write (format, sal_profile_get_kind (profile)))
    sentence = _ ("A .prof file holds no stacks, only totals of functions and calls: of the "
                  "formats here only SVG can show it.");
  else if (format == SAL_FORMAT_SALAMANDER && source == NULL)
    sentence = _ ("This recording is in no file that could be copied.");
  if (sentence == NULL)
    return TRUE;
  g_set_error_literal (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_UNSUITABLE, sentence);
  return FALSE;
}

static gboolean
write_content (SalProfile *profile,
               SalFormat format,
               const SalExportOptions *options,
               GFile *source,
               SalOutput *output,
               GCancellable *cancellable,
               GError **error)
{
  switch (format)
    {
    case SAL_FORMAT_SALAMANDER:
      return copy_file (source, output, cancellable, error);
    case SAL_FORMAT_FOLDED:
      return sal_folded_writer_write (profile, options, output, cancellable, error);
    case SAL_FORMAT_SPEEDSCOPE:
      return sal_speedscope_writer_write (profile, options, output, cancellable, error);
    case SAL_FORMAT_SVG:
      return sal_svg_writer_write (profile, options, output, cancellable, error);
    case SAL_FORMAT_UNKNOWN:
    case SAL_FORMAT_PROF:
    default:
      g_return_val_if_reached (FALSE);
    }
}

gboolean
sal_formats_export (SalProfile *profile,
                    SalFormat format,
                    const SalExportOptions *options,
                    GFile *source,
                    GFile *file,
                    GCancellable *cancellable,
                    GError **error)
{
  const SalExportOptions everything = { .threads = FALSE };
  g_autoptr (SalOutput) output = NULL;

  if (options == NULL)
    options = &everything;
  if (!check_suitable (profile, format, source, error))
    return FALSE;
  if (format == SAL_FORMAT_SALAMANDER && g_file_equal (source, file))
    return TRUE;
  output = sal_output_new (file, format == SAL_FORMAT_SALAMANDER, cancellable, error);
  if (output == NULL)
    return FALSE;
  if (!write_content (profile, format, options, source, output, cancellable, error))
    return FALSE;
  return sal_output_close (output, error);
}
