/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of recording a process that runs already. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recording.h"

/* Starts sleeper.py and waits until it sleeps. */
static pid_t
start_sleeper (const char *python)
{
  g_autofree char *target = target_path ("sleeper.py");
  const char *argv[] = { python, target, "60", NULL };
  char ready;
  GPid pid;
  int out;

  g_assert_true (g_spawn_async_with_pipes (NULL,
                                           (char **)argv,
                                           NULL,
                                           G_SPAWN_DO_NOT_REAP_CHILD,
                                           NULL,
                                           NULL,
                                           &pid,
                                           NULL,
                                           &out,
                                           NULL,
                                           NULL));
  /* The pipe stays open: a Python told not to buffer writes the end of the line by itself. */
  do
    g_assert_cmpint (read (out, &ready, 1), ==, 1);
  while (ready != '\n');
  return pid;
}

static void
end (pid_t pid)
{
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}

static void
test_a_running_program (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *word = NULL;
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  const char *command;
  pid_t pid;
  int status;

  if (python == NULL)
    return;
  pid = start_sleeper (python);
  word = g_strdup_printf ("--pid=%d", pid);
  recorder = recorder_run (WORDS (word, "--duration=0.3"), NULL);
  g_assert_cmpint (recorder->exit_status, ==, 0);
  g_assert_cmpint (waitpid (pid, &status, WNOHANG), ==, 0);
  end (pid);

  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_DURATION);
  g_assert_cmpuint (recording->process.pid, ==, (guint32)pid);
  g_assert_cmpuint (recording_sum_weights (recording, "nap", G_MAXUINT32), >, 0);
  command = g_hash_table_lookup (recording->metas, "command");
  g_assert_nonnull (strstr (command, "sleeper.py 60"));
  for (guint i = 0; i < recording->samples->len; i++)
    g_assert_cmpuint (g_array_index (recording->samples, SalCaptureSample, i).state, ==, 0);
}

static void
test_its_end_ends_the_recording (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *word = NULL;
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  pid_t pid;

  if (python == NULL)
    return;
  pid = start_sleeper (python);
  word = g_strdup_printf ("--pid=%d", pid);
  recorder = recorder_start (TRUE, WORDS (word), NULL);
  recorder_expect (recorder, SAL_CONTROL_STARTED);
  end (pid);
  recorder_expect (recorder, SAL_CONTROL_FINISHED);
  g_assert_cmpint (recorder_wait (recorder), ==, 0);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  g_assert_cmpint (recording->process_end.status, ==, -1);
}

static void
test_kill_is_for_programs_of_our_own (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *word = NULL;
  g_autoptr (Recorder) recorder = NULL;
  pid_t pid;

  if (python == NULL)
    return;
  pid = start_sleeper (python);
  word = g_strdup_printf ("--pid=%d", pid);
  recorder = recorder_start (TRUE, WORDS (word), NULL);
  recorder_expect (recorder, SAL_CONTROL_STARTED);
  recorder_order (recorder, SAL_CONTROL_KILL);
  g_assert_cmpint (recorder_wait (recorder), ==, 0);
  g_assert_cmpint (waitpid (pid, NULL, WNOHANG), ==, 0);
  end (pid);
}

static void
assert_refused (pid_t pid, SalControlFault fault, int error)
{
  g_autofree char *word = g_strdup_printf ("--pid=%d", pid);
  g_autoptr (Recorder) recorder = recorder_start (TRUE, WORDS (word), NULL);
  SalControlEvent event = recorder_expect (recorder, SAL_CONTROL_FAULT);

  g_assert_cmpuint (event.fault, ==, fault);
  if (error != 0)
    g_assert_cmpint (event.error, ==, error);
  recorder_expect (recorder, SAL_CONTROL_FINISHED);
  g_assert_cmpint (recorder_wait (recorder), ==, 125);
}

static void
test_no_such_process (void)
{
  GPid pid;

  /* A number that was given out and is free again. */
  g_assert_true (g_spawn_async (NULL,
                                (char **)WORDS ("true"),
                                NULL,
                                G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                                NULL,
                                NULL,
                                &pid,
                                NULL));
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  assert_refused (pid, SAL_CONTROL_FAULT_NO_PROCESS, ESRCH);
}

static void
test_not_python (void)
{
  /* This test program is none. */
  assert_refused (getpid (), SAL_CONTROL_FAULT_NOT_PYTHON, 0);
}

/* As another user than the process's: the kernel says no. */
static void
test_somebody_elses_process (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *setpriv = g_find_program_in_path ("setpriv");
  g_autofree char *word = NULL;
  g_autofree char *err = NULL;
  g_autofree char *sentence = NULL;
  pid_t pid;
  int status;

  if (python == NULL)
    return;
  if (geteuid () != 0 || setpriv == NULL)
    {
      g_test_skip ("needs root and setpriv to become another user");
      return;
    }
  pid = start_sleeper (python);
  word = g_strdup_printf ("%d", pid);
  g_assert_true (g_spawn_sync ("/",
                               (char **)WORDS (setpriv,
                                               "--reuid=65534",
                                               "--regid=65534",
                                               "--clear-groups",
                                               g_getenv ("SAL_RECORDER"),
                                               "--output=/dev/null",
                                               "--pid",
                                               word),
                               NULL,
                               G_SPAWN_DEFAULT,
                               NULL,
                               NULL,
                               NULL,
                               &err,
                               &status,
                               NULL));
  end (pid);
  sentence = g_strdup_printf ("salamander-recorder: not allowed to read the memory of process %d: "
                              "Operation not permitted\n",
                              pid);
  g_assert_cmpstr (err, ==, sentence);
  g_assert_cmpint (status, ==, 125 << 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/command/attach/a-running-program", test_a_running_program);
  g_test_add_func ("/command/attach/its-end", test_its_end_ends_the_recording);
  g_test_add_func ("/command/attach/kill", test_kill_is_for_programs_of_our_own);
  g_test_add_func ("/command/attach/no-such-process", test_no_such_process);
  g_test_add_func ("/command/attach/not-python", test_not_python);
  g_test_add_func ("/command/attach/somebody-elses", test_somebody_elses_process);
  return g_test_run ();
}
