/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the launch dialog holds. */
#include <glib/gstdio.h>

#include "sal-launch.h"

static SalLaunch *
create (SalCommandLineKind kind, const char *subject)
{
  SalLaunch *launch = sal_launch_new ();

  launch->kind = kind;
  g_free (launch->subject);
  launch->subject = g_strdup (subject);
  g_free (launch->interpreter);
  launch->interpreter = g_strdup ("/bin/sh"); /* any program will do: nothing is started */
  return launch;
}

static void
set (char **place, const char *value)
{
  g_free (*place);
  *place = g_strdup (value);
}

static void
assert_good (const SalLaunch *launch)
{
  SalLaunchField field;
  g_autofree char *sentence = sal_launch_check (launch, &field);

  g_assert_cmpstr (sentence, ==, NULL);
}

static void
assert_bad (const SalLaunch *launch, SalLaunchField expected)
{
  SalLaunchField field;
  g_autofree char *sentence = sal_launch_check (launch, &field);

  g_assert_nonnull (sentence);
  g_assert_true (g_str_has_suffix (sentence, "."));
  g_assert_cmpint (field, ==, expected);
}

static void
assert_kind_bad (SalCommandLineKind kind, const char *subject)
{
  g_autoptr (SalLaunch) launch = create (kind, subject);

  assert_bad (launch, SAL_LAUNCH_FIELD_SUBJECT);
}

static void
test_subject (void)
{
  g_autoptr (SalLaunch) module = create (SAL_COMMAND_LINE_MODULE, "http.server");
  g_autoptr (SalLaunch) command = create (SAL_COMMAND_LINE, "sh -c 'echo x'");

  assert_good (module);
  assert_good (command);
  assert_kind_bad (SAL_COMMAND_LINE_SCRIPT, "");
  assert_kind_bad (SAL_COMMAND_LINE_SCRIPT, "/nonexistent/x.py");
  assert_kind_bad (SAL_COMMAND_LINE_MODULE, " ");
  assert_kind_bad (SAL_COMMAND_LINE_MODULE, "a b");
  assert_kind_bad (SAL_COMMAND_LINE_MODULE, "folder/x");
  assert_kind_bad (SAL_COMMAND_LINE_MODULE, "x.py");
  assert_kind_bad (SAL_COMMAND_LINE, "");
  assert_kind_bad (SAL_COMMAND_LINE, "# nothing");
  assert_kind_bad (SAL_COMMAND_LINE, "'open");
  assert_kind_bad (SAL_COMMAND_LINE, "no-such-program-anywhere x");
  assert_kind_bad (SAL_COMMAND_LINE, "/tmp");
}

static void
test_folder_needs_a_program (void)
{
  g_autofree char *folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "__main__.py", NULL);
  g_autoptr (SalLaunch) script = create (SAL_COMMAND_LINE_SCRIPT, folder);

  assert_bad (script, SAL_LAUNCH_FIELD_SUBJECT);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  assert_good (script);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_script_is_relative_to_the_folder (void)
{
  g_autofree char *folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.py", NULL);
  g_autoptr (SalLaunch) launch = create (SAL_COMMAND_LINE_SCRIPT, "x.py");

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  assert_bad (launch, SAL_LAUNCH_FIELD_SUBJECT);
  set (&launch->directory, folder);
  assert_good (launch);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_other_fields (void)
{
  g_autoptr (SalLaunch) launch = create (SAL_COMMAND_LINE_MODULE, "x");

  set (&launch->directory, "/nonexistent");
  assert_bad (launch, SAL_LAUNCH_FIELD_DIRECTORY);
  set (&launch->directory, "");
  set (&launch->interpreter, "");
  assert_bad (launch, SAL_LAUNCH_FIELD_INTERPRETER);
  set (&launch->interpreter, "/etc/passwd");
  assert_bad (launch, SAL_LAUNCH_FIELD_INTERPRETER);
  set (&launch->interpreter, "sh");
  set (&launch->arguments, "\"open");
  assert_bad (launch, SAL_LAUNCH_FIELD_ARGUMENTS);
  set (&launch->arguments, "");
  g_strfreev (launch->environment);
  launch->environment = g_strsplit ("A=1,=2", ",", -1);
  assert_bad (launch, SAL_LAUNCH_FIELD_ENVIRONMENT);
}

static void
test_variant (void)
{
  g_autoptr (SalLaunch) launch = create (SAL_COMMAND_LINE_MODULE, "pkg.tool");
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (SalLaunch) copy = NULL;

  set (&launch->arguments, "-v 'a b'");
  set (&launch->directory, "/tmp");
  g_strfreev (launch->environment);
  launch->environment = g_strsplit ("A=1,B=", ",", -1);
  launch->sampling.rate_hz = 250;
  launch->sampling.flat_out = TRUE;
  launch->sampling.duration_s = 2.5;
  launch->sampling.subprocesses = TRUE;
  launch->sampling.native = TRUE;
  launch->sampling.blocking = TRUE;
  variant = g_variant_ref_sink (sal_launch_to_variant (launch));
  copy = sal_launch_new_from_variant (variant);

  g_assert_cmpint (copy->kind, ==, launch->kind);
  g_assert_cmpstr (copy->subject, ==, launch->subject);
  g_assert_cmpstr (copy->interpreter, ==, launch->interpreter);
  g_assert_cmpstr (copy->arguments, ==, launch->arguments);
  g_assert_cmpstr (copy->directory, ==, launch->directory);
  g_assert_cmpstrv (copy->environment, launch->environment);
  g_assert_cmpfloat (copy->sampling.rate_hz, ==, 250);
  g_assert_true (copy->sampling.flat_out);
  g_assert_cmpfloat (copy->sampling.duration_s, ==, 2.5);
  g_assert_true (copy->sampling.subprocesses);
  g_assert_true (copy->sampling.native);
  g_assert_true (copy->sampling.blocking);
}

static void
test_strange_variant (void)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (
      g_variant_new_parsed ("{'kind': <5>, 'subject': <true>, 'rate': <1e9>, 'duration': <-4.0>}"));
  g_autoptr (SalLaunch) launch = sal_launch_new_from_variant (variant);

  g_assert_cmpint (launch->kind, ==, SAL_COMMAND_LINE_SCRIPT);
  g_assert_cmpstr (launch->subject, ==, "");
  g_assert_cmpfloat (launch->sampling.rate_hz, ==, 100000);
  g_assert_cmpfloat (launch->sampling.duration_s, ==, 0);
}

static void
test_options (void)
{
  g_autoptr (SalLaunch) launch = create (SAL_COMMAND_LINE_SCRIPT, "/a b/x.py");
  g_autoptr (SalSessionOptions) options = NULL;
  g_autofree char *joined = NULL;

  set (&launch->arguments, "1 '2 3'");
  launch->sampling.flat_out = TRUE;
  launch->sampling.duration_s = 7;
  launch->sampling.native = TRUE;
  launch->sampling.blocking = TRUE;
  launch->sampling.subprocesses = TRUE;
  options = sal_launch_create_options (launch);
  joined = g_strjoinv ("|", options->argv);
  g_assert_cmpstr (joined, ==, "/bin/sh|/a b/x.py|1|2 3");
  g_assert_cmpstr (options->directory, ==, NULL);
  g_assert_cmpfloat (options->rate_hz, ==, 0);
  g_assert_cmpfloat (options->duration_s, ==, 7);
  g_assert_true (options->subprocesses);
  g_assert_true (options->native);
  g_assert_true (options->blocking);
  g_assert_true (options->capture_output);
}

static void
test_history (void)
{
  g_autoptr (GPtrArray) list = NULL;

  for (guint i = 0; i < 13; i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u", i);
      g_autoptr (SalLaunch) launch = create (SAL_COMMAND_LINE_MODULE, name);

      sal_launch_history_add (launch);
    }
  {
    g_autoptr (SalLaunch) again = create (SAL_COMMAND_LINE_MODULE, "m5");

    sal_launch_history_add (again);
  }
  list = sal_launch_history_list ();
  g_assert_cmpuint (list->len, ==, 10);
  g_assert_cmpstr (((SalLaunch *)g_ptr_array_index (list, 0))->subject, ==, "m5");
  g_assert_cmpstr (((SalLaunch *)g_ptr_array_index (list, 1))->subject, ==, "m12");
  g_assert_cmpstr (((SalLaunch *)g_ptr_array_index (list, 9))->subject, ==, "m3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/window/launch/subject-is-checked", test_subject);
  g_test_add_func ("/window/launch/folder-needs-a-program", test_folder_needs_a_program);
  g_test_add_func ("/window/launch/script-is-relative-to-the-folder",
                   test_script_is_relative_to_the_folder);
  g_test_add_func ("/window/launch/other-fields-are-checked", test_other_fields);
  g_test_add_func ("/window/launch/variant-round-trip", test_variant);
  g_test_add_func ("/window/launch/strange-variant-is-tamed", test_strange_variant);
  g_test_add_func ("/window/launch/options", test_options);
  g_test_add_func ("/window/launch/history-is-short-and-unique", test_history);
  return g_test_run ();
}
