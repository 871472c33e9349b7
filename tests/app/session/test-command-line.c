/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines as they are typed. */
#include "sal-command-line.h"

static void
assert_built (SalCommandLineKind kind,
              const char *interpreter,
              const char *subject,
              const char *arguments,
              const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) argv = sal_command_line_build (kind, interpreter, subject, arguments, &error);
  g_autofree char *joined = NULL;

  g_assert_no_error (error);
  joined = g_strjoinv ("|", argv);
  g_assert_cmpstr (joined, ==, expected);
}

static void
test_command (void)
{
  assert_built (SAL_COMMAND_LINE, NULL, " python3 -m 'a b' \"c\\\"d\" ", NULL,
                "python3|-m|a b|c\"d");
  assert_built (SAL_COMMAND_LINE, "/ignored", "./tool", "x 'y z'", "./tool|x|y z");
}

static void
test_script (void)
{
  assert_built (SAL_COMMAND_LINE_SCRIPT, "/usr/bin/python3", "/a b/c.py", "--n 3",
                "/usr/bin/python3|/a b/c.py|--n|3");
  assert_built (SAL_COMMAND_LINE_SCRIPT, NULL, "it's.py", "", "python3|it's.py");
  assert_built (SAL_COMMAND_LINE_SCRIPT, "", "-c.py", NULL, "python3|./-c.py");
}

static void
test_module (void)
{
  assert_built (SAL_COMMAND_LINE_MODULE, "py", " http.server ", "8000", "py|-m|http.server|8000");
}

static void
assert_refused (SalCommandLineKind kind, const char *subject, const char *arguments, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (sal_command_line_build (kind, "python3", subject, arguments, &error));
  g_assert_error (error, G_SHELL_ERROR, code);
  g_assert_true (g_str_has_suffix (error->message, "."));
}

static void
test_refusals (void)
{
  assert_refused (SAL_COMMAND_LINE, "", NULL, G_SHELL_ERROR_EMPTY_STRING);
  assert_refused (SAL_COMMAND_LINE, "  \t", NULL, G_SHELL_ERROR_EMPTY_STRING);
  assert_refused (SAL_COMMAND_LINE, "# only a comment", NULL, G_SHELL_ERROR_EMPTY_STRING);
  assert_refused (SAL_COMMAND_LINE, "''", NULL, G_SHELL_ERROR_EMPTY_STRING);
  assert_refused (SAL_COMMAND_LINE, NULL, NULL, G_SHELL_ERROR_EMPTY_STRING);
  assert_refused (SAL_COMMAND_LINE, "it's", NULL, G_SHELL_ERROR_BAD_QUOTING);
  assert_refused (SAL_COMMAND_LINE_SCRIPT, "", NULL, G_SHELL_ERROR_EMPTY_STRING);
  assert_refused (SAL_COMMAND_LINE_SCRIPT, "a.py", "\"open", G_SHELL_ERROR_BAD_QUOTING);
  assert_refused (SAL_COMMAND_LINE_MODULE, " ", NULL, G_SHELL_ERROR_EMPTY_STRING);
}

static void
test_quotes_what_needs_it (void)
{
  const char *argv[] = { "python3", "-X", "a=b", "a b", "", "it's", "$HOME", "~x", "é", NULL };
  g_autofree char *line = sal_command_line_quote (argv);
  g_auto (GStrv) back = sal_command_line_split (line, NULL);

  g_assert_true (g_str_has_prefix (line, "python3 -X a=b 'a b' '' "));
  g_assert_cmpstrv (back, argv);
}

static void
test_quotes_bad_bytes (void)
{
  const char *argv[] = { "a\xff", NULL };
  g_autofree char *line = sal_command_line_quote (argv);

  g_assert_true (g_utf8_validate (line, -1, NULL));
}

static void
test_splits_nothing (void)
{
  g_auto (GStrv) null = sal_command_line_split (NULL, NULL);
  g_auto (GStrv) blank = sal_command_line_split ("  ", NULL);

  g_assert_cmpuint (g_strv_length (null), ==, 0);
  g_assert_cmpuint (g_strv_length (blank), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/command-line/command", test_command);
  g_test_add_func ("/session/command-line/script", test_script);
  g_test_add_func ("/session/command-line/module", test_module);
  g_test_add_func ("/session/command-line/refusals", test_refusals);
  g_test_add_func ("/session/command-line/quotes-what-needs-it", test_quotes_what_needs_it);
  g_test_add_func ("/session/command-line/quotes-bad-bytes", test_quotes_bad_bytes);
  g_test_add_func ("/session/command-line/splits-nothing", test_splits_nothing);
  return g_test_run ();
}
