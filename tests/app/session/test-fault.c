/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences that failures become. */
#include "sal-session-fault.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static GError *
make_error (SalControlFault fault, int error_number, const char *detail, gboolean attach)
{
  SalSessionOptions options = { 0 };
  char program[] = "python3";
  char *argv[] = { program, NULL };

  options.argv = attach ? NULL : argv;
  options.pid = attach ? 4711 : 0;
  return sal_session_fault_to_error (fault, error_number, detail, &options, 0);
}

/* Every code, known or not, gives one sentence, whether the program was started or attached to. */
static void
test_each_fault_has_a_sentence (void)
{
  for (int i = 0; i < 40; i++)
    {
      g_autoptr (GError) error =
          make_error ((SalControlFault)(i / 2), i % 3 == 0 ? EPERM : 0, "detail", i % 2 == 0);

      g_assert_true (error->domain == SAL_SESSION_ERROR);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_true (g_str_has_suffix (error->message, "."));
      g_assert_null (strchr (error->message, '\n'));
    }
}

static void
test_version_is_named (void)
{
  g_autoptr (GError) error = make_error (SAL_CONTROL_FAULT_PYTHON_VERSION, 0, "3.9.2", TRUE);

  g_assert_error (error, SAL_SESSION_ERROR, SAL_SESSION_ERROR_PYTHON_VERSION);
  g_assert_nonnull (strstr (error->message, "process 4711"));
  g_assert_nonnull (strstr (error->message, "3.9.2"));
  g_assert_nonnull (strstr (error->message, "2.7, 3.6 – 3.15"));
}

static void
test_missing_command_is_named (void)
{
  g_autoptr (GError) error = make_error (SAL_CONTROL_FAULT_SPAWN, ENOENT, "", FALSE);
  g_autoptr (GError) folder = make_error (SAL_CONTROL_FAULT_SPAWN, ENOENT, "/no/folder", FALSE);
  g_autoptr (GError) other = make_error (SAL_CONTROL_FAULT_SPAWN, E2BIG, "", FALSE);

  g_assert_error (error, SAL_SESSION_ERROR, SAL_SESSION_ERROR_SPAWN);
  g_assert_nonnull (strstr (error->message, "“python3”"));
  g_assert_nonnull (strstr (folder->message, "“/no/folder”"));
  g_assert_nonnull (strstr (other->message, g_strerror (E2BIG)));
}

static void
test_full_disk_is_named (void)
{
  g_autoptr (GError) error = make_error (SAL_CONTROL_FAULT_OUTPUT, ENOSPC, "", FALSE);

  g_assert_error (error, SAL_SESSION_ERROR, SAL_SESSION_ERROR_OUTPUT);
  g_assert_nonnull (strstr (error->message, "full"));
}

static void
test_bad_bytes_in_detail (void)
{
  g_autoptr (GError) error = make_error (SAL_CONTROL_FAULT_INTERNAL, 0, "\xff\xfe", FALSE);

  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
test_recorder_end_is_told (void)
{
  g_autoptr (GError) killed = sal_session_fault_from_end (SIGKILL);
  g_autoptr (GError) refused = sal_session_fault_from_end (5 << 8);

  g_assert_nonnull (strstr (killed->message, strsignal (SIGKILL)));
  g_assert_nonnull (strstr (refused->message, "5"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/fault/each-fault-has-a-sentence", test_each_fault_has_a_sentence);
  g_test_add_func ("/session/fault/version-is-named", test_version_is_named);
  g_test_add_func ("/session/fault/missing-command-is-named", test_missing_command_is_named);
  g_test_add_func ("/session/fault/full-disk-is-named", test_full_disk_is_named);
  g_test_add_func ("/session/fault/bad-bytes-in-detail", test_bad_bytes_in_detail);
  g_test_add_func ("/session/fault/recorder-end-is-told", test_recorder_end_is_told);
  return g_test_run ();
}
