/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of starting a program: what it gets, what is handed back, what is said. */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "recording.h"

static void
assert_status (const char *code, int expected)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("exit_status.py");
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return;
  recorder = recorder_run (NO_WORDS, WORDS (python, target, code));
  g_assert_cmpint (recorder->exit_status, ==, expected);
  g_assert_cmpstr (recorder->err, ==, "");
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  g_assert_cmpuint (recording->n_process_ends, ==, 1);
  if (expected < 128)
    g_assert_cmpint (recording->process_end.status, ==, expected << 8);
  else
    g_assert_cmpint (recording->process_end.status & 0x7F, ==, expected - 128);
  g_assert_cmpuint (recording_sum_weights (recording, "<module>", G_MAXUINT32), >, 0);
}

static void
test_success_is_handed_back (void)
{
  assert_status ("0", 0);
}

static void
test_failure_is_handed_back (void)
{
  assert_status ("3", 3);
}

static void
test_a_signal_is_handed_back (void)
{
  assert_status ("-9", 128 + SIGKILL);
}

static void
test_output_is_untouched (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("raiser.py");
  g_autoptr (Recorder) recorder = NULL;

  if (python == NULL)
    return;
  recorder = recorder_run (NO_WORDS, WORDS (python, target));
  g_assert_cmpint (recorder->exit_status, ==, 1);
  g_assert_cmpstr (recorder->out, ==, "to standard output\n");
  g_assert_true (g_str_has_prefix (recorder->err, "to standard error\nTraceback "));
  g_assert_true (g_str_has_suffix (recorder->err, "\nRuntimeError: as it should\n"));
}

/* The program prints what it was given; without the recorder it must print the same. Signals 32 and
 * 33 are the C library's own: it has posix_spawn(3) leave them ignored, where nobody can see it. */
static void
test_the_program_is_started_as_without_us (void)
{
  static const char script[] =
      "import os, resource, signal\n"
      "print(sorted(os.listdir('/proc/self/fd')))\n"
      "print(sorted(os.environ.items()), os.getcwd())\n"
      "print(os.getpgid(0) == os.getpgid(os.getppid()))\n"
      "print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))\n"
      "for line in open('/proc/self/status'):\n"
      "    name, value = line.split(':')\n"
      "    if name in ('SigBlk', 'SigIgn', 'SigCgt', 'ShdPnd', 'NoNewPrivs'):\n"
      "        print(name, hex(int(value, 16) & ~(3 << 31)))\n"
      "print(resource.getrlimit(resource.RLIMIT_NOFILE))\n";
  g_autofree char *python = python_find_any ();
  g_autoptr (Recorder) recorder = NULL;
  g_autofree char *alone = NULL;
  const char *argv[] = { python, "-c", script, NULL };

  if (python == NULL)
    return;
  g_assert_true (g_spawn_sync (NULL,
                               (char **)argv,
                               NULL,
                               G_SPAWN_DEFAULT,
                               NULL,
                               NULL,
                               &alone,
                               NULL,
                               NULL,
                               NULL));
  recorder = recorder_run (NO_WORDS, WORDS (python, "-c", script));
  g_assert_cmpstr (recorder->out, ==, alone);
}

static void
test_directory (void)
{
  g_autofree char *python = python_find_any ();
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return;
  recorder = recorder_run (WORDS ("--directory", "/usr"),
                           WORDS (python, "-c", "import os; print(os.getcwd())"));
  g_assert_cmpstr (recorder->out, ==, "/usr\n");
  recording = recorder_load (recorder);
  g_assert_cmpstr (g_hash_table_lookup (recording->metas, "directory"), ==, "/usr");
}

/* A shell that becomes Python, as pyenv's python3 is. */
static void
test_a_shell_that_execs_python (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("exit_status.py");
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return;
  recorder = recorder_run (
      NO_WORDS,
      WORDS ("sh", "-c", "sleep 0.2; exec \"$0\" \"$@\"", python, target, "5"));
  g_assert_cmpint (recorder->exit_status, ==, 5);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  g_assert_cmpuint (recording_sum_weights (recording, "<module>", G_MAXUINT32), >, 0);
}

static void
assert_fails (const char *const *options,
              const char *const *command,
              int expected,
              const char *sentence)
{
  g_autoptr (Recorder) recorder = recorder_run (options, command);

  g_assert_cmpint (recorder->exit_status, ==, expected);
  g_assert_nonnull (strstr (recorder->err, sentence));
  g_assert_cmpuint (strcspn (recorder->err, "\n"), ==, strlen (recorder->err) - 1);
}

static void
test_failures_are_one_sentence (void)
{
  assert_fails (NO_WORDS,
                WORDS ("salamander-none"),
                127,
                "cannot start \"salamander-none\": No such file or directory");
  assert_fails (NO_WORDS, WORDS ("/etc/passwd"), 126, "cannot start \"/etc/passwd\": ");
  assert_fails (WORDS ("--directory", "/none"),
                WORDS ("true"),
                127,
                "cannot start \"/none\": No such file or directory");
  assert_fails (NO_WORDS, WORDS ("sleep", "0.1"), 125, "is not a Python program");
  assert_fails (WORDS ("--duration", "0.1"),
                WORDS ("sleep", "0.3"),
                125,
                "is not a Python program");
}

/* What cannot be written is said before the program runs. */
static void
test_an_unwritable_output_starts_nothing (void)
{
  g_autofree char *line =
      g_strdup_printf ("%s --output /none/file -- echo started", g_getenv ("SAL_RECORDER"));
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  int status;

  g_assert_true (g_spawn_command_line_sync (line, &out, &err, &status, NULL));
  g_assert_cmpint (status, ==, 125 << 8);
  g_assert_cmpstr (out, ==, "");
  g_assert_cmpstr (err,
                   ==,
                   "salamander-recorder: cannot write \"/none/file\": No such file or directory\n");
}

static void
test_a_full_disk_is_said_and_the_program_ends_well (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("exit_status.py");
  g_autofree char *line = NULL;
  g_autofree char *err = NULL;
  int status;

  if (python == NULL)
    return;
  line = g_strdup_printf ("exec \"%s\" --output-fd 3 -- \"%s\" \"%s\" 0 3>/dev/full",
                          g_getenv ("SAL_RECORDER"),
                          python,
                          target);
  g_assert_true (g_spawn_sync (NULL,
                               (char **)WORDS ("sh", "-c", line),
                               NULL,
                               G_SPAWN_SEARCH_PATH,
                               NULL,
                               NULL,
                               NULL,
                               &err,
                               &status,
                               NULL));
  g_assert_cmpint (status, ==, 125 << 8);
  g_assert_cmpstr (err,
                   ==,
                   "salamander-recorder: cannot write \"the output\": No space left on device\n");
}

/* A copy that belongs to somebody else and bears the set-user-id bit. */
static void
test_somebody_elses_rights_are_refused (void)
{
  g_autofree char *folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  g_autofree char *copy = g_build_filename (folder, "recorder", NULL);
  g_autofree char *line = g_strconcat (copy, " --version", NULL);
  g_autofree char *bytes = NULL;
  g_autofree char *err = NULL;
  gsize length;
  int status;

  if (geteuid () != 0)
    {
      g_test_skip ("needs root to make a program of another user");
      return;
    }
  g_assert_true (g_file_get_contents (g_getenv ("SAL_RECORDER"), &bytes, &length, NULL));
  g_assert_true (g_file_set_contents (copy, bytes, (gssize)length, NULL));
  g_assert_no_errno (chown (copy, 65534, 65534));
  g_assert_no_errno (chmod (copy, 04755));
  g_assert_no_errno (chmod (folder, 0755));
  g_assert_true (g_spawn_command_line_sync (line, NULL, &err, &status, NULL));
  g_unlink (copy);
  g_rmdir (folder);
  g_assert_cmpint (status, ==, 125 << 8);
  g_assert_cmpstr (err,
                   ==,
                   "salamander-recorder: refusing to run with somebody else's rights\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/command/run/success-is-handed-back", test_success_is_handed_back);
  g_test_add_func ("/command/run/failure-is-handed-back", test_failure_is_handed_back);
  g_test_add_func ("/command/run/a-signal-is-handed-back", test_a_signal_is_handed_back);
  g_test_add_func ("/command/run/output-is-untouched", test_output_is_untouched);
  g_test_add_func ("/command/run/started-as-without-us", test_the_program_is_started_as_without_us);
  g_test_add_func ("/command/run/directory", test_directory);
  g_test_add_func ("/command/run/a-shell-that-execs-python", test_a_shell_that_execs_python);
  g_test_add_func ("/command/run/failures-are-one-sentence", test_failures_are_one_sentence);
  g_test_add_func ("/command/run/an-unwritable-output", test_an_unwritable_output_starts_nothing);
  g_test_add_func ("/command/run/a-full-disk", test_a_full_disk_is_said_and_the_program_ends_well);
  g_test_add_func ("/command/run/somebody-elses-rights", test_somebody_elses_rights_are_refused);
  return g_test_run ();
}
