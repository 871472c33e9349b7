/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks the launch dialog's values and translates them. */
#include "config.h"

#include "sal-launch.h"

#include <math.h>

#include <glib/gi18n.h>

#include "sal-settings.h"

#define HISTORY_LENGTH 10
#define MAX_DURATION_S 86400.0
#define MAX_RATE_HZ 100000.0

SalLaunch *
sal_launch_new (void)
{
  SalLaunch *launch = g_new0 (SalLaunch, 1);

  launch->kind = SAL_COMMAND_LINE_SCRIPT;
  launch->subject = g_strdup ("");
  launch->interpreter = g_strdup ("");
  launch->arguments = g_strdup ("");
  launch->directory = g_strdup ("");
  launch->environment = g_new0 (char *, 1);
  launch->sampling.rate_hz = 1000;
  return launch;
}

void
sal_launch_free (SalLaunch *launch)
{
  if (!launch)
    return;
  g_free (launch->subject);
  g_free (launch->interpreter);
  g_free (launch->arguments);
  g_free (launch->directory);
  g_strfreev (launch->environment);
  g_free (launch);
}

static void
take_string (GVariantDict *dict, const char *key, char **place)
{
  char *value = NULL;

  if (!g_variant_dict_lookup (dict, key, "s", &value))
    return;
  g_free (*place);
  *place = value;
}

static SalCommandLineKind
kind_from_name (const char *name)
{
  if (strcmp (name, "command") == 0)
    return SAL_COMMAND_LINE;
  if (strcmp (name, "module") == 0)
    return SAL_COMMAND_LINE_MODULE;
  return SAL_COMMAND_LINE_SCRIPT;
}

static const char *
kind_to_name (SalCommandLineKind kind)
{
  switch (kind)
    {
    case SAL_COMMAND_LINE:
      return "command";
    case SAL_COMMAND_LINE_MODULE:
      return "module";
    case SAL_COMMAND_LINE_SCRIPT:
    default:
      return "script";
    }
}

SalLaunch *
sal_launch_new_from_variant (GVariant *variant)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (variant);
  SalLaunch *launch = sal_launch_new ();
  g_autofree char *kind = g_strdup ("");
  char **environment = NULL;

  take_string (&dict, "kind", &kind);
  launch->kind = kind_from_name (kind);
  take_string (&dict, "subject", &launch->subject);
  take_string (&dict, "interpreter", &launch->interpreter);
  take_string (&dict, "arguments", &launch->arguments);
  take_string (&dict, "directory", &launch->directory);
  if (g_variant_dict_lookup (&dict, "environment", "^as", &environment))
    {
      g_strfreev (launch->environment);
      launch->environment = environment;
    }
  g_variant_dict_lookup (&dict, "rate", "d", &launch->sampling.rate_hz);
  g_variant_dict_lookup (&dict, "flat-out", "b", &launch->sampling.flat_out);
  g_variant_dict_lookup (&dict, "duration", "d", &launch->sampling.duration_s);
  g_variant_dict_lookup (&dict, "subprocesses", "b", &launch->sampling.subprocesses);
  g_variant_dict_lookup (&dict, "native", "b", &launch->sampling.native);
  g_variant_dict_lookup (&dict, "blocking", "b", &launch->sampling.blocking);
  if (!isfinite (launch->sampling.rate_hz))
    launch->sampling.rate_hz = 1000;
  if (!isfinite (launch->sampling.duration_s))
    launch->sampling.duration_s = 0;
  launch->sampling.rate_hz = CLAMP (launch->sampling.rate_hz, 1, MAX_RATE_HZ);
  launch->sampling.duration_s = CLAMP (launch->sampling.duration_s, 0, MAX_DURATION_S);
  return launch;
}

GVariant *
sal_launch_to_variant (const SalLaunch *launch)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&dict, "kind", "s", kind_to_name (launch->kind));
  g_variant_dict_insert (&dict, "subject", "s", launch->subject);
  g_variant_dict_insert (&dict, "interpreter", "s", launch->interpreter);
  g_variant_dict_insert (&dict, "arguments", "s", launch->arguments);
  g_variant_dict_insert (&dict, "directory", "s", launch->directory);
  g_variant_dict_insert (&dict, "environment", "^as", launch->environment);
  g_variant_dict_insert (&dict, "rate", "d", launch->sampling.rate_hz);
  g_variant_dict_insert (&dict, "flat-out", "b", launch->sampling.flat_out);
  g_variant_dict_insert (&dict, "duration", "d", launch->sampling.duration_s);
  g_variant_dict_insert (&dict, "subprocesses", "b", launch->sampling.subprocesses);
  g_variant_dict_insert (&dict, "native", "b", launch->sampling.native);
  g_variant_dict_insert (&dict, "blocking", "b", launch->sampling.blocking);
  return g_variant_dict_end (&dict);
}

char *
sal_launch_get_title (const SalLaunch *launch)
{
  const char *space = *launch->arguments ? " " : "";
  g_autofree char *name = NULL;

  switch (launch->kind)
    {
    case SAL_COMMAND_LINE_SCRIPT:
      name = g_path_get_basename (launch->subject);
      return g_strconcat (name, space, launch->arguments, NULL);
    case SAL_COMMAND_LINE_MODULE:
      return g_strconcat ("-m ", launch->subject, space, launch->arguments, NULL);
    case SAL_COMMAND_LINE:
    default:
      return g_strconcat (launch->subject, space, launch->arguments, NULL);
    }
}

/* Where the program would find @path, relative to its working directory. */
static char *
resolve (const SalLaunch *launch, const char *path)
{
  if (g_path_is_absolute (path) || *launch->directory == '\0')
    return g_strdup (path);
  return g_build_filename (launch->directory, path, NULL);
}

static char *
check_program (const SalLaunch *launch, const char *program)
{
  g_autofree char *path = NULL;

  if (!strchr (program, '/'))
    {
      path = g_find_program_in_path (program);
      if (path)
        return NULL;
      return g_strdup_printf (_ ("There is no program “%s” in the search path."), program);
    }
  path = resolve (launch, program);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return g_strdup_printf (_ ("There is no program “%s”."), program);
  if (g_file_test (path, G_FILE_TEST_IS_DIR) || !g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    return g_strdup_printf (_ ("“%s” is not a program that can be run."), program);
  return NULL;
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\n")] == '\0';
}

/* Python runs the __main__.py of a folder that it is given as a script. */
static gboolean
is_folder_without_program (const char *path)
{
  g_autofree char *program = g_build_filename (path, "__main__.py", NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (program, G_FILE_TEST_EXISTS);
}

static char *
check_subject (const SalLaunch *launch)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) argv = NULL;

  switch (launch->kind)
    {
    case SAL_COMMAND_LINE_SCRIPT:
      if (is_blank (launch->subject))
        return g_strdup (_ ("Choose the script to run."));
      path = resolve (launch, launch->subject);
      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return g_strdup_printf (_ ("There is no file “%s”."), path);
      if (is_folder_without_program (path))
        return g_strdup_printf (_ ("“%s” is a folder without a “__main__.py” to run."), path);
      return NULL;
    case SAL_COMMAND_LINE_MODULE:
      if (is_blank (launch->subject))
        return g_strdup (_ ("Enter the name of the module to run."));
      if (strpbrk (launch->subject, " \t\n/\\'\"") || g_str_has_suffix (launch->subject, ".py"))
        return g_strdup_printf (_ ("“%s” is not the name of a module."), launch->subject);
      return NULL;
    case SAL_COMMAND_LINE:
    default:
      if (is_blank (launch->subject))
        return g_strdup (_ ("Enter the command to run."));
      argv = sal_command_line_split (launch->subject, &error);
      if (!argv)
        return g_strdup (error->message);
      if (!argv[0] || *argv[0] == '\0')
        return g_strdup (_ ("Enter the command to run."));
      return check_program (launch, argv[0]);
    }
}

static char *
check_environment (const SalLaunch *launch)
{
  for (guint i = 0; launch->environment[i]; i++)
    {
      const char *equals = strchr (launch->environment[i], '=');

      if (!equals || equals == launch->environment[i])
        return g_strdup_printf (_ ("The environment variable number %u needs a name."), i + 1);
    }
  return NULL;
}

char *
sal_launch_check (const SalLaunch *launch, SalLaunchField *field)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = NULL;
  char *sentence;

  *field = SAL_LAUNCH_FIELD_DIRECTORY;
  if (*launch->directory && !g_file_test (launch->directory, G_FILE_TEST_IS_DIR))
    return g_strdup_printf (_ ("There is no folder “%s”."), launch->directory);

  *field = SAL_LAUNCH_FIELD_SUBJECT;
  sentence = check_subject (launch);
  if (sentence)
    return sentence;

  *field = SAL_LAUNCH_FIELD_INTERPRETER;
  if (launch->kind != SAL_COMMAND_LINE)
    {
      if (is_blank (launch->interpreter))
        return g_strdup (_ ("Enter the Python interpreter to use."));
      sentence = check_program (launch, launch->interpreter);
      if (sentence)
        return sentence;
    }

  *field = SAL_LAUNCH_FIELD_ARGUMENTS;
  arguments = sal_command_line_split (launch->arguments, &error);
  if (!arguments)
    return g_strdup (error->message);

  *field = SAL_LAUNCH_FIELD_ENVIRONMENT;
  return check_environment (launch);
}

SalSessionOptions *
sal_launch_create_options (const SalLaunch *launch)
{
  SalSessionOptions *options = sal_session_options_new ();

  g_strfreev (options->argv);
  options->argv = sal_command_line_build (launch->kind,
                                          launch->interpreter,
                                          launch->subject,
                                          launch->arguments,
                                          NULL);
  g_free (options->directory);
  options->directory = *launch->directory ? g_strdup (launch->directory) : NULL;
  g_strfreev (options->environment);
  options->environment = g_strdupv (launch->environment);
  sal_sampling_apply (&launch->sampling, options);
  options->capture_output = TRUE;
  return options;
}

GPtrArray *
sal_launch_history_list (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)sal_launch_free);
  g_autoptr (GVariant) saved = g_settings_get_value (sal_settings_get (), "launch-history");
  GVariantIter iter;
  GVariant *entry;

  g_variant_iter_init (&iter, saved);
  while (list->len < HISTORY_LENGTH && (entry = g_variant_iter_next_value (&iter)))
    {
      g_ptr_array_add (list, sal_launch_new_from_variant (entry));
      g_variant_unref (entry);
    }
  return list;
}

static gboolean
is_same_command (const SalLaunch *a, const SalLaunch *b)
{
  return a->kind == b->kind && strcmp (a->subject, b->subject) == 0 &&
         strcmp (a->interpreter, b->interpreter) == 0 && strcmp (a->arguments, b->arguments) == 0 &&
         strcmp (a->directory, b->directory) == 0;
}

void
sal_launch_history_add (const SalLaunch *launch)
{
  g_autoptr (GPtrArray) old = sal_launch_history_list ();
  GVariantBuilder builder;
  guint length = 1;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_builder_add_value (&builder, sal_launch_to_variant (launch));
  for (guint i = 0; i < old->len && length < HISTORY_LENGTH; i++)
    {
      if (is_same_command (launch, g_ptr_array_index (old, i)))
        continue;
      g_variant_builder_add_value (&builder, sal_launch_to_variant (g_ptr_array_index (old, i)));
      length++;
    }
  g_settings_set_value (sal_settings_get (), "launch-history", g_variant_builder_end (&builder));
}
