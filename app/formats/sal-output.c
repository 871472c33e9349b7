/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a file whole or not at all. */
#include "sal-output.h"

#include <string.h>

#include <json-glib/json-glib.h>

#define BUFFER_SIZE (256 * 1024)
#define TRIES 100

struct _SalOutput
{
  /* Owned */
  GFile *file;
  GFile *temporary; /* (nullable) moved to @file at the end; else the stream does it */
  GOutputStream *stream;
  GCancellable *cancellable;
  GString *buffer;
  GError *error;
  JsonNode *string_node;
};

/* GIO replaces a file that exists through a temporary one, keeping its mode and following links,
 * but writes a new file in its place, where half of it could be left. */
static GFileOutputStream *
create_temporary (SalOutput *output, GFileCreateFlags flags, GError **error)
{
  g_autoptr (GFile) folder = g_file_get_parent (output->file);
  g_autofree char *name = g_file_get_basename (output->file);

  for (guint i = 0; i < TRIES && folder != NULL; i++)
    {
      g_autofree char *hidden = g_strdup_printf (".%.200s.%08x", name, g_random_int ());
      g_autoptr (GFile) temporary = g_file_get_child (folder, hidden);
      g_autoptr (GError) local_error = NULL;
      GFileOutputStream *stream = NULL;

      stream = g_file_create (temporary, flags, output->cancellable, &local_error);
      if (stream != NULL)
        {
          output->temporary = g_steal_pointer (&temporary);
          return stream;
        }
      if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_EXISTS))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
    }
  return g_file_create (output->file, flags, output->cancellable, error);
}

SalOutput *
sal_output_new (GFile *file, gboolean is_private, GCancellable *cancellable, GError **error)
{
  g_autoptr (SalOutput) output = g_new0 (SalOutput, 1);
  GFileCreateFlags flags = is_private ? G_FILE_CREATE_PRIVATE : G_FILE_CREATE_NONE;
  GFileOutputStream *stream = NULL;

  output->file = g_object_ref (file);
  output->cancellable = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  output->buffer = g_string_sized_new (BUFFER_SIZE + 4096);
  output->string_node = json_node_new (JSON_NODE_VALUE);
  if (g_file_query_exists (file, cancellable))
    stream = g_file_replace (file, NULL, FALSE, flags, output->cancellable, error);
  else
    stream = create_temporary (output, flags, error);
  if (stream == NULL)
    return NULL;
  output->stream = G_OUTPUT_STREAM (stream);
  return g_steal_pointer (&output);
}

/* Closing a replacing stream with a cancelled cancellable leaves the old file alone. */
static void
discard (SalOutput *output)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  g_output_stream_close (output->stream, cancelled, NULL);
  g_clear_object (&output->stream);
  if (output->temporary != NULL)
    g_file_delete (output->temporary, NULL, NULL);
}

void
sal_output_free (SalOutput *output)
{
  if (output == NULL)
    return;
  if (output->stream != NULL)
    discard (output);
  g_clear_object (&output->file);
  g_clear_object (&output->temporary);
  g_clear_object (&output->cancellable);
  g_clear_error (&output->error);
  g_string_free (output->buffer, TRUE);
  json_node_unref (output->string_node);
  g_free (output);
}

static void
flush (SalOutput *output)
{
  if (output->error == NULL)
    g_output_stream_write_all (output->stream, output->buffer->str, output->buffer->len, NULL,
                               output->cancellable, &output->error);
  g_string_truncate (output->buffer, 0);
}

static void
flush_if_full (SalOutput *output)
{
  if (output->buffer->len >= BUFFER_SIZE)
    flush (output);
}

void
sal_output_append (SalOutput *output, const char *text)
{
  g_string_append (output->buffer, text);
  flush_if_full (output);
}

void
sal_output_append_bytes (SalOutput *output, const void *bytes, gsize length)
{
  g_string_append_len (output->buffer, bytes, (gssize)length);
  flush_if_full (output);
}

void
sal_output_printf (SalOutput *output, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (output->buffer, format, arguments);
  va_end (arguments);
  flush_if_full (output);
}

void
sal_output_append_uint (SalOutput *output, guint64 number)
{
  char digits[24];
  gsize at = sizeof digits;

  do
    {
      digits[--at] = (char)('0' + number % 10);
      number /= 10;
    }
  while (number > 0);
  sal_output_append_bytes (output, digits + at, sizeof digits - at);
}

void
sal_output_append_xml (SalOutput *output, const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    {
      guchar byte = (guchar)*c;

      if (byte == '&')
        g_string_append (output->buffer, "&amp;");
      else if (byte == '<')
        g_string_append (output->buffer, "&lt;");
      else if (byte == '>')
        g_string_append (output->buffer, "&gt;");
      else if (byte == '"')
        g_string_append (output->buffer, "&quot;");
      else if ((byte < 0x20 && byte != '\n') || byte == 0x7f)
        g_string_append_printf (output->buffer, "\\x%02x", byte);
      else if (byte == 0xef && (guchar)c[1] == 0xbf && (guchar)c[2] >= 0xbe)
        {
          /* U+FFFE and U+FFFF */
          g_string_append_printf (output->buffer, "\\u%04x", 0xffc0u + ((guchar)c[2] & 0x3fu));
          c += 2;
        }
      else
        g_string_append_c (output->buffer, *c);
    }
  flush_if_full (output);
}

void
sal_output_append_json (SalOutput *output, const char *text)
{
  g_autofree char *json = NULL;

  json_node_set_string (output->string_node, text);
  json = json_to_string (output->string_node, FALSE);
  sal_output_append (output, json);
}

gboolean
sal_output_has_failed (SalOutput *output)
{
  if (output->error == NULL)
    g_cancellable_set_error_if_cancelled (output->cancellable, &output->error);
  return output->error != NULL;
}

gboolean
sal_output_close (SalOutput *output, GError **error)
{
  flush (output);
  if (output->error == NULL)
    g_output_stream_close (output->stream, output->cancellable, &output->error);
  if (output->error == NULL && output->temporary != NULL)
    g_file_move (output->temporary, output->file, G_FILE_COPY_OVERWRITE, output->cancellable, NULL,
                 NULL, &output->error);
  if (output->error != NULL)
    {
      discard (output);
      g_propagate_error (error, g_steal_pointer (&output->error));
      return FALSE;
    }
  g_clear_object (&output->stream);
  return TRUE;
}
