/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of "salamander". */
#include "sal-arguments.h"

static SalArguments *
parse (const char *line, const char *directory, GError **error)
{
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);

  return sal_arguments_parse ((int)g_strv_length (argv), argv, directory, error);
}

static SalArguments *
parse_good (const char *line)
{
  g_autoptr (GError) error = NULL;
  SalArguments *arguments = parse (line, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (arguments);
  return arguments;
}

static void
assert_refused (const char *line)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (line, NULL, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == G_OPTION_ERROR);
}

static void
test_nothing (void)
{
  g_autoptr (SalArguments) arguments = parse_good ("salamander");

  g_assert_cmpint (arguments->kind, ==, SAL_ARGUMENTS_ACTIVATE);
}

static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SalArguments) arguments = parse ("salamander a.prof /b/c.prof", "/here", &error);
  g_autoptr (GFile) relative = NULL;
  g_autoptr (GFile) absolute = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (arguments->kind, ==, SAL_ARGUMENTS_OPEN);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (arguments->files)), ==, 2);
  relative = g_list_model_get_item (G_LIST_MODEL (arguments->files), 0);
  absolute = g_list_model_get_item (G_LIST_MODEL (arguments->files), 1);
  g_assert_cmpstr (g_file_peek_path (relative), ==, "/here/a.prof");
  g_assert_cmpstr (g_file_peek_path (absolute), ==, "/b/c.prof");
}

static void
assert_record (const char *line, const char *command, double rate_hz, double duration_s)
{
  g_autoptr (SalArguments) arguments = parse_good (line);
  g_autofree char *joined = NULL;

  g_assert_cmpint (arguments->kind, ==, SAL_ARGUMENTS_RECORD);
  joined = g_strjoinv (" ", arguments->command);
  g_assert_cmpstr (joined, ==, command);
  g_assert_cmpfloat (arguments->rate_hz, ==, rate_hz);
  g_assert_cmpfloat (arguments->duration_s, ==, duration_s);
}

static void
test_record (void)
{
  assert_record ("salamander record python3 x.py", "python3 x.py", -1, 0);
  assert_record ("salamander record -r 250 -d 2.5 -- x -d 9", "x -d 9", 250, 2.5);
  assert_record ("salamander record --rate=max x --help", "x --help", 0, 0);
  assert_record ("salamander record -r 0.01 -d 1e8 x", "x", 0.01, 1e8);
  assert_record ("salamander record -r 1000000 x", "x", 1e6, 0);
  assert_record ("salamander record --duration 3 python3 -m http.server --version",
                 "python3 -m http.server --version",
                 -1,
                 3);
  assert_record ("salamander record -- -odd --rate 3", "-odd --rate 3", -1, 0);
}

static void
test_texts (void)
{
  g_autoptr (SalArguments) version = parse_good ("salamander --version");
  g_autoptr (SalArguments) help = parse_good ("salamander --help");
  g_autoptr (SalArguments) record = parse_good ("salamander record --help");
  g_autoptr (SalArguments) service = parse_good ("salamander --gapplication-service");

  g_assert_cmpint (version->kind, ==, SAL_ARGUMENTS_VERSION);
  g_assert_cmpint (service->kind, ==, SAL_ARGUMENTS_SERVICE);
  g_assert_cmpint (help->kind, ==, SAL_ARGUMENTS_HELP);
  g_assert_nonnull (strstr (help->help, "salamander record"));
  g_assert_null (strstr (help->help, "gapplication"));
  g_assert_cmpint (record->kind, ==, SAL_ARGUMENTS_HELP);
  g_assert_nonnull (strstr (record->help, "--duration"));
}

static void
test_refusals (void)
{
  assert_refused ("salamander --nonsense");
  assert_refused ("salamander record");
  assert_refused ("salamander record -r 0 x");
  assert_refused ("salamander record -r 0.009 x");
  assert_refused ("salamander record -r 1000001 x");
  assert_refused ("salamander record -r nan x");
  assert_refused ("salamander record -r 10x x");
  assert_refused ("salamander record -d 0 x");
  assert_refused ("salamander record -d -1 x");
  assert_refused ("salamander record -d inf x");
  assert_refused ("salamander record -d 1e9 x");
  assert_refused ("salamander record -z x");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/window/arguments/nothing-activates", test_nothing);
  g_test_add_func ("/window/arguments/files-are-relative-to-the-caller", test_files);
  g_test_add_func ("/window/arguments/record-stops-at-the-command", test_record);
  g_test_add_func ("/window/arguments/version-and-help", test_texts);
  g_test_add_func ("/window/arguments/nonsense-is-refused", test_refusals);
  return g_test_run ();
}
