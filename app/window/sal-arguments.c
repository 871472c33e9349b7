/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the command line of "salamander" and of "salamander record". */
#include "config.h"

#include "sal-arguments.h"

#include <glib/gi18n.h>

#include "sal-session-options.h"

static void
add_texts (GOptionContext *context, const char *summary)
{
  g_option_context_set_translation_domain (context, SAL_GETTEXT_PACKAGE);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, summary);
}

static gboolean
parse_rate (const char *text, double *rate_hz, GError **error)
{
  if (sal_session_options_parse_rate (text, rate_hz))
    return TRUE;
  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               _ ("“%s” is not a rate; give samples a second from 0.01 to 1000000, or max."),
               text);
  return FALSE;
}

static gboolean
parse_duration (const char *text, double *duration_s, GError **error)
{
  if (sal_session_options_parse_duration (text, duration_s))
    return TRUE;
  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               _ ("“%s” is not a duration; give seconds, more than 0."),
               text);
  return FALSE;
}

static gboolean
parse_record (SalArguments *arguments, char ***argv, GError **error)
{
  g_autofree char *rate = NULL;
  g_autofree char *duration = NULL;
  g_auto (GStrv) command = NULL;
  gboolean help = FALSE;
  const GOptionEntry entries[] = {
    { "rate", 'r', 0, G_OPTION_ARG_STRING, &rate, N_ ("Samples a second, or “max”"), N_ ("HZ") },
    { "duration",
      'd',
      0,
      G_OPTION_ARG_STRING,
      &duration,
      N_ ("Stop after so many seconds"),
      N_ ("SECONDS") },
    { "subprocesses",
      's',
      0,
      G_OPTION_ARG_NONE,
      &arguments->subprocesses,
      N_ ("Record child processes too"),
      NULL },
    { "native",
      'n',
      0,
      G_OPTION_ARG_NONE,
      &arguments->native,
      N_ ("Record native stacks too, holding threads still for a moment each"),
      NULL },
    { "blocking",
      0,
      0,
      G_OPTION_ARG_NONE,
      &arguments->blocking,
      N_ ("Hold a thread still where its stack changes faster than it can be read"),
      NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &command, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("[--] COMMAND ARGUMENT…"));

  add_texts (context, _ ("Starts a Python program and shows its profile while it runs."));
  g_option_context_add_main_entries (context, entries, SAL_GETTEXT_PACKAGE);
  g_option_context_set_strict_posix (context, TRUE);
  if (!g_option_context_parse_strv (context, argv, error))
    return FALSE;
  if (help)
    {
      arguments->kind = SAL_ARGUMENTS_HELP;
      arguments->help = g_option_context_get_help (context, TRUE, NULL);
      return TRUE;
    }
  if (!command)
    {
      g_set_error_literal (error,
                           G_OPTION_ERROR,
                           G_OPTION_ERROR_FAILED,
                           _ ("“salamander record” needs a command to start."));
      return FALSE;
    }
  arguments->kind = SAL_ARGUMENTS_RECORD;
  arguments->rate_hz = -1;
  arguments->command = g_steal_pointer (&command);
  return (!rate || parse_rate (rate, &arguments->rate_hz, error)) &&
         (!duration || parse_duration (duration, &arguments->duration_s, error));
}

static void
take_files (SalArguments *arguments, char **names, const char *directory)
{
  arguments->kind = SAL_ARGUMENTS_OPEN;
  arguments->files = g_list_store_new (G_TYPE_FILE);
  for (guint i = 0; names[i]; i++)
    {
      g_autoptr (GFile) file = NULL;

      file = directory ? g_file_new_for_commandline_arg_and_cwd (names[i], directory)
                       : g_file_new_for_commandline_arg (names[i]);
      g_list_store_append (arguments->files, file);
    }
}

static gboolean
parse_open (SalArguments *arguments, char ***argv, const char *directory, GError **error)
{
  g_auto (GStrv) names = NULL;
  gboolean version = FALSE;
  gboolean help = FALSE;
  gboolean service = FALSE;
  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_ ("Show the version"), NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL },
    { "gapplication-service", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &service, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &names, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("[FILE…]"));

  add_texts (context,
             _ ("Opens recordings and cProfile files.\n\n"
                "“salamander record [-r HZ] [-d SECONDS] [--] COMMAND ARGUMENT…” starts a program "
                "and records it;\n“salamander record --help” tells more."));
  g_option_context_add_main_entries (context, entries, SAL_GETTEXT_PACKAGE);
  if (!g_option_context_parse_strv (context, argv, error))
    return FALSE;

  if (help)
    {
      arguments->kind = SAL_ARGUMENTS_HELP;
      arguments->help = g_option_context_get_help (context, TRUE, NULL);
    }
  else if (version)
    arguments->kind = SAL_ARGUMENTS_VERSION;
  else if (service)
    arguments->kind = SAL_ARGUMENTS_SERVICE;
  else if (names && names[0])
    take_files (arguments, names, directory);
  return TRUE;
}

SalArguments *
sal_arguments_parse (int argc, char *const *argv, const char *directory, GError **error)
{
  g_autoptr (SalArguments) arguments = g_new0 (SalArguments, 1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean records = argc > 1 && strcmp (argv[1], "record") == 0;
  g_auto (GStrv) vector = NULL;
  gboolean good;

  g_strv_builder_add (builder, records ? "salamander record" : "salamander");
  for (int i = records ? 2 : 1; i < argc; i++)
    g_strv_builder_add (builder, argv[i]);
  vector = g_strv_builder_end (builder); /* the parser takes strings out of it */
  if (records)
    good = parse_record (arguments, &vector, error);
  else
    good = parse_open (arguments, &vector, directory, error);
  return good ? g_steal_pointer (&arguments) : NULL;
}

void
sal_arguments_free (SalArguments *arguments)
{
  if (!arguments)
    return;
  g_clear_object (&arguments->files);
  g_strfreev (arguments->command);
  g_free (arguments->help);
  g_free (arguments);
}
