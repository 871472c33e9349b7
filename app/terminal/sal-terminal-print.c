/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing to stdout and stderr, and reading options. */
#include "config.h"

#include "sal-terminal-print.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#define PROGRAM "salamander-cli"

static gboolean
is_harmful (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  /* FORMAT has the marks for the direction of writing; the other two are line breaks. */
  return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
         type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

static void
append_escaped (GString *out, gunichar c)
{
  if (c == '\n')
    g_string_append (out, "\\n");
  else if (c == '\t')
    g_string_append (out, "\\t");
  else if (c == '\r')
    g_string_append (out, "\\r");
  else if (c < 0x100)
    g_string_append_printf (out, "\\x%02x", c);
  else if (c < 0x10000)
    g_string_append_printf (out, "\\u%04x", c);
  else
    g_string_append_printf (out, "\\U%08x", c);
}

char *
sal_terminal_escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_sized_new (strlen (valid));

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_harmful (c))
        append_escaped (out, c);
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

void
sal_terminal_say (const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  escaped = sal_terminal_escape (text);
  fprintf (stderr, PROGRAM ": %s\n", escaped);
}

int
sal_terminal_usage_error (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* Translators: the first %s is a sentence, the second the program and its command */
  sal_terminal_say (_ ("%s (“%s --help” tells more)"), text, g_get_prgname ());
  return SAL_EXIT_USAGE;
}

gboolean
sal_terminal_write (const char *text)
{
  size_t left = strlen (text);

  /* What GLib printed stands before it. */
  fflush (stdout);
  while (left > 0)
    {
      ssize_t n = write (STDOUT_FILENO, text, left);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EPIPE)
        return TRUE;
      if (n < 0)
        {
          sal_terminal_say (_ ("The output cannot be written: %s."), g_strerror (errno));
          return FALSE;
        }
      text += n;
      left -= (size_t)n;
    }
  return TRUE;
}

gboolean
sal_terminal_write_json (JsonBuilder *builder)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  line = g_strconcat (text, "\n", NULL);
  return sal_terminal_write (line);
}

void
sal_terminal_add_number (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

int
sal_terminal_print_version (void)
{
  return sal_terminal_write (PROGRAM " " SAL_VERSION "\n") ? SAL_EXIT_OK : SAL_EXIT_FAILURE;
}

int
sal_terminal_parse (const char *name,
                    const char *parameters,
                    const char *summary,
                    const char *description,
                    const GOptionEntry *entries,
                    gboolean options_first,
                    char ***arguments)
{
  g_autoptr (GOptionContext) context = g_option_context_new (parameters);
  g_autofree char *program = g_strconcat (PROGRAM " ", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  gboolean version = FALSE;
  gboolean help = FALSE;
  gboolean parsed;
  char **list;
  char **rest;
  const GOptionEntry common[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Print this help"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_ ("Print the version"), NULL },
    { NULL },
  };

  g_set_prgname (program);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  g_option_context_set_strict_posix (context, options_first);
  /* GOption's own does not notice when its text cannot be written. */
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, SAL_GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, SAL_GETTEXT_PACKAGE);

  /* GOption expects the program's name first and frees what it takes out. */
  g_ptr_array_add (argv, g_strdup (program));
  for (guint i = 0; (*arguments)[i] != NULL; i++)
    g_ptr_array_add (argv, (*arguments)[i]);
  g_ptr_array_add (argv, NULL);
  g_free (*arguments);
  list = (char **)g_ptr_array_free (g_steal_pointer (&argv), FALSE);
  parsed = g_option_context_parse_strv (context, &list, &error);
  /* Behind options GOption leaves the "--" that ends them where it is. */
  rest = list[1] != NULL && g_str_equal (list[1], "--") ? list + 2 : list + 1;
  *arguments = g_strdupv (rest);
  g_strfreev (list);

  if (!parsed)
    return sal_terminal_usage_error (_ ("%s."), error->message);
  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      return sal_terminal_write (text) ? SAL_EXIT_OK : SAL_EXIT_FAILURE;
    }
  if (version)
    return sal_terminal_print_version ();
  return -1;
}
