/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command "export". */
#include "config.h"

#include "sal-terminal-export.h"

#include <sys/stat.h>

#include <glib/gi18n.h>

#include "sal-formats.h"

#include "sal-terminal-input.h"
#include "sal-terminal-output.h"
#include "sal-terminal-print.h"
#include "sal-terminal-view.h"

static gboolean
is_same_file (const char *a, const char *b)
{
  struct stat first;
  struct stat second;

  return stat (a, &first) == 0 && stat (b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

static int
export_file (const char *in,
             const char *out,
             SalFormat format,
             gboolean threads,
             SalColouring colouring,
             const SalTerminalView *view)
{
  g_autoptr (GFile) source = g_file_new_for_path (in);
  g_autoptr (GFile) file = g_file_new_for_path (out);
  g_autofree char *title = g_path_get_basename (in);
  g_autofree char *shown = g_filename_display_name (title);
  SalExportOptions options = { .threads = threads, .title = shown, .colouring = colouring };
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (GError) error = NULL;

  if (!sal_terminal_output_check (out, &error))
    {
      sal_terminal_say ("%s", error->message);
      return SAL_EXIT_FAILURE;
    }
  profile = sal_terminal_input_load (in);
  if (profile == NULL)
    return SAL_EXIT_FAILURE;
  profile = sal_terminal_view_apply (view, g_steal_pointer (&profile));
  if (profile == NULL)
    return SAL_EXIT_USAGE;
  if (!sal_formats_export (profile, format, &options, source, file, NULL, &error))
    {
      sal_terminal_say ("%s", error->message);
      return SAL_EXIT_FAILURE;
    }
  return SAL_EXIT_OK;
}

/* FALSE: there is no such colouring. */
static gboolean
find_colouring (const char *name, SalColouring *colouring)
{
  g_autoptr (GEnumClass) colourings = g_type_class_ref (SAL_TYPE_COLOURING);
  const GEnumValue *value = name != NULL ? g_enum_get_value_by_nick (colourings, name) : NULL;

  *colouring = value != NULL ? (SalColouring)value->value : SAL_COLOURING_KIND;
  return name == NULL || value != NULL;
}

int
sal_terminal_export (char **arguments)
{
  g_auto (GStrv) rest = arguments;
  g_autofree char *out = NULL;
  g_autofree char *format_name = NULL;
  g_autofree char *colouring_name = NULL;
  gboolean threads = FALSE;
  SalColouring colouring;
  g_auto (SalTerminalView) view = { 0 };
  SalFormat format;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &out, N_ ("Write to OUT"), N_ ("OUT") },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format_name,
      N_ ("Write salamander, svg, folded or speedscope (default: by the ending of OUT)"),
      N_ ("FORMAT") },
    { "threads", 't', 0, G_OPTION_ARG_NONE, &threads,
      N_ ("In svg and folded: processes and threads as the outermost frames"), NULL },
    { "colour-by", 'c', 0, G_OPTION_ARG_STRING, &colouring_name,
      N_ ("In svg: what colours stand for, kind or function (default: kind)"), N_ ("WHAT") },
    SAL_TERMINAL_VIEW_ENTRIES (&view),
    { NULL },
  };
  int code = sal_terminal_parse (
      "export",
      _ ("IN -o OUT"),
      _ ("Writes a recording or .prof file in another format."),
      _ ("The endings are .salamander, .svg, .folded and .speedscope.json. OUT is replaced as a\n"
         "whole or not at all. A .salamander file is a copy: it keeps every native frame and\n"
         "task.\n\n"
         "Exit codes: 0 done, 1 a file could not be read or written, 2 wrong usage."),
      entries,
      FALSE,
      &rest);

  if (code >= 0)
    return code;
  if (g_strv_length (rest) != 1)
    return sal_terminal_usage_error (_ ("Name one file to export."));
  if (out == NULL)
    return sal_terminal_usage_error (_ ("Name the file to write with -o."));
  if (!find_colouring (colouring_name, &colouring))
    return sal_terminal_usage_error (_ ("“%s” is not what colours can stand for; use kind or "
                                        "function."),
                                     colouring_name);
  if (!sal_terminal_view_is_right (&view))
    return SAL_EXIT_USAGE;
  format = sal_terminal_output_find_format (out, format_name);
  if (format == SAL_FORMAT_UNKNOWN)
    return SAL_EXIT_USAGE;
  if (is_same_file (rest[0], out))
    return sal_terminal_usage_error (_ ("“%s” cannot be written because it is the file to read."),
                                     out);
  return export_file (rest[0], out, format, threads, colouring, &view);
}
