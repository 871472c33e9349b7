/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Splits, builds and quotes command lines. */
#include "config.h"

#include "sal-command-line.h"

#include <string.h>

#include <glib/gi18n.h>

/* Characters that mean nothing to a shell wherever they stand. */
#define PLAIN G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "%+,-./:=@_"

char **
sal_command_line_split (const char *text, GError **error)
{
  g_autoptr (GError) cause = NULL;
  char **argv = NULL;

  if (text == NULL || g_shell_parse_argv (text, NULL, &argv, &cause))
    return argv != NULL ? argv : g_new0 (char *, 1);
  if (g_error_matches (cause, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
    return g_new0 (char *, 1);
  g_set_error (error,
               G_SHELL_ERROR,
               G_SHELL_ERROR_BAD_QUOTING,
               _ ("“%s” has a quotation mark or backslash without its counterpart; add or remove "
                  "one."),
               text);
  return NULL;
}

static const char *
get_empty_message (SalCommandLineKind kind)
{
  switch (kind)
    {
    case SAL_COMMAND_LINE_SCRIPT:
      return _ ("No script is given; choose a Python file.");
    case SAL_COMMAND_LINE_MODULE:
      return _ ("No module is given; type the name of one, such as “http.server”.");
    case SAL_COMMAND_LINE:
    default:
      return _ ("No command is given; type one, such as “python3 program.py”.");
    }
}

static void
append_strings (GPtrArray *argv, char **strings)
{
  for (guint i = 0; strings[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (strings[i]));
}

static char *
dup_stripped (const char *text)
{
  return g_strstrip (g_strdup (text != NULL ? text : ""));
}

char **
sal_command_line_build (SalCommandLineKind kind,
                        const char *interpreter,
                        const char *subject,
                        const char *arguments,
                        GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *stripped = dup_stripped (subject);
  g_auto (GStrv) extra = NULL;

  if (stripped[0] == '\0')
    {
      g_set_error_literal (error,
                           G_SHELL_ERROR,
                           G_SHELL_ERROR_EMPTY_STRING,
                           get_empty_message (kind));
      return NULL;
    }
  extra = sal_command_line_split (arguments, error);
  if (extra == NULL)
    return NULL;

  if (kind == SAL_COMMAND_LINE)
    {
      g_auto (GStrv) words = sal_command_line_split (stripped, error);

      if (words == NULL)
        return NULL;
      append_strings (argv, words);
      /* A line that is nothing but a comment. */
      if (argv->len == 0 || ((const char *)argv->pdata[0])[0] == '\0')
        {
          g_set_error_literal (error,
                               G_SHELL_ERROR,
                               G_SHELL_ERROR_EMPTY_STRING,
                               get_empty_message (kind));
          return NULL;
        }
    }
  else
    {
      g_ptr_array_add (argv,
                       g_strdup (interpreter != NULL && interpreter[0] != '\0' ? interpreter
                                                                               : "python3"));
      if (kind == SAL_COMMAND_LINE_MODULE)
        g_ptr_array_add (argv, g_strdup ("-m"));
      /* A path may begin or end with blanks, a module's name cannot; Python would take a path that
       * begins with "-" for an option. */
      if (kind == SAL_COMMAND_LINE_MODULE)
        g_ptr_array_add (argv, g_strdup (stripped));
      else
        g_ptr_array_add (argv, g_strconcat (subject[0] == '-' ? "./" : "", subject, NULL));
    }
  append_strings (argv, extra);
  g_ptr_array_add (argv, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&argv), FALSE);
}

char *
sal_command_line_quote (const char *const *argv)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; argv[i] != NULL; i++)
    {
      g_autofree char *valid = g_utf8_make_valid (argv[i], -1);

      if (i > 0)
        g_string_append_c (line, ' ');
      if (valid[0] != '\0' && strspn (valid, PLAIN) == strlen (valid))
        {
          g_string_append (line, valid);
        }
      else
        {
          g_autofree char *quoted = g_shell_quote (valid);

          g_string_append (line, quoted);
        }
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* Whether @word is an option of Python's that takes the next word. Source: python(1). */
static gboolean
takes_next (const char *word)
{
  return strlen (word) == 2 && strchr ("WXQ", word[1]) != NULL;
}

/* The place of what Python is to run: the script, or the m or c option; 0: it reads its input. */
static guint
find_subject (const char *const *argv)
{
  for (guint i = 1; argv[i] != NULL; i++)
    {
      const char *word = argv[i];

      if (word[0] != '-' || word[1] == '\0')
        return i;
      if (word[1] == '-')
        {
          i += g_str_equal (word, "--check-hash-based-pycs") && argv[i + 1] != NULL ? 1 : 0;
          continue;
        }
      /* "-um" is "-u -m". */
      if (strpbrk (word, "mc") != NULL && strpbrk (word, "WXQ") == NULL)
        return i;
      if (takes_next (word) && argv[i + 1] != NULL)
        i++;
    }
  return 0;
}

static char *
dup_base_name (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);

  return g_utf8_make_valid (base, -1);
}

char *
sal_command_line_get_name (const char *const *argv)
{
  g_autofree char *program = argv[0] != NULL ? dup_base_name (argv[0]) : g_strdup ("");
  const char *option;
  guint subject;

  /* A program that has given itself another title, as gunicorn does, has it in its first word. */
  if (argv[0] != NULL && strpbrk (argv[0], " :") != NULL && argv[0][0] != '/')
    return g_utf8_make_valid (argv[0], -1);
  if (!g_str_has_prefix (program, "python") && !g_str_has_prefix (program, "pypy"))
    return g_steal_pointer (&program);
  subject = find_subject (argv);
  if (subject == 0)
    return g_steal_pointer (&program);
  if (argv[subject][0] != '-' || argv[subject][1] == '\0')
    return dup_base_name (argv[subject]);
  option = strpbrk (argv[subject], "mc");
  if (option[0] == 'm' && option[1] != '\0')
    return g_utf8_make_valid (option + 1, -1);
  if (option[0] == 'm' && argv[subject + 1] != NULL)
    return g_utf8_make_valid (argv[subject + 1], -1);
  return g_strconcat (program, " -c", NULL);
}
