/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of orders, signals and ends: a recording stops, its program runs on unless told not to. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recording.h"

/* Starts recording a program that works for @seconds, and waits until sampling has begun. */
static Recorder *
start (const char *const *options, const char *seconds, pid_t *pid)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("deep.py");
  Recorder *recorder;
  SalControlEvent event;

  if (python == NULL)
    return NULL;
  recorder = recorder_start (TRUE, options, WORDS (python, target, seconds, "5"));
  event = recorder_expect (recorder, SAL_CONTROL_STARTED);
  *pid = (pid_t)event.pid;
  g_assert_cmpint (*pid, >, 0);
  do
    event = recorder_expect (recorder, SAL_CONTROL_STATUS);
  while (event.samples == 0);
  return recorder;
}

static void
assert_whole (Recorder *recorder, SalCaptureEndReason reason)
{
  g_autoptr (Recording) recording = recorder_load (recorder);

  recording_assert_whole (recording, reason);
  g_assert_cmpuint (recording->samples->len, >, 0);
  g_assert_cmpuint (recording->counters.samples, ==, recording->samples->len);
  g_assert_cmpuint (recording->thread_ends->len, ==, recording->threads->len);
}

static void
assert_runs (pid_t pid)
{
  g_assert_no_errno (kill (pid, 0));
}

static void
test_stop_lets_the_program_run (void)
{
  pid_t pid;
  g_autoptr (Recorder) recorder = start (NO_WORDS, "3600", &pid);
  SalControlEvent event;

  if (recorder == NULL)
    return;
  recorder_order (recorder, SAL_CONTROL_STOP);
  event = recorder_expect (recorder, SAL_CONTROL_FINISHED);
  g_assert_cmpuint (event.end_reason, ==, SAL_CAPTURE_END_REQUEST);
  g_assert_cmpuint (event.fault, ==, SAL_CONTROL_FAULT_NONE);
  assert_whole (recorder, SAL_CAPTURE_END_REQUEST);
  assert_runs (pid);

  recorder_order (recorder, SAL_CONTROL_KILL);
  event = recorder_expect (recorder, SAL_CONTROL_EXITED);
  g_assert_true (WIFSIGNALED (event.status));
  g_assert_cmpint (WTERMSIG (event.status), ==, SIGTERM);
  g_assert_cmpint (recorder_wait (recorder), ==, 128 + SIGTERM);
  g_assert_cmpstr (recorder->err, ==, "");
}

static void
test_kill_ends_both (void)
{
  pid_t pid;
  g_autoptr (Recorder) recorder = start (NO_WORDS, "3600", &pid);

  if (recorder == NULL)
    return;
  recorder_order (recorder, SAL_CONTROL_KILL);
  recorder_expect (recorder, SAL_CONTROL_FINISHED);
  recorder_expect (recorder, SAL_CONTROL_EXITED);
  g_assert_cmpint (recorder_wait (recorder), ==, 128 + SIGTERM);
  assert_whole (recorder, SAL_CAPTURE_END_REQUEST);
}

static void
test_a_closed_socket_stops (void)
{
  pid_t pid;
  g_autoptr (Recorder) recorder = start (NO_WORDS, "2", &pid);

  if (recorder == NULL)
    return;
  close (recorder->control_fd);
  recorder->control_fd = -1;
  g_assert_cmpint (recorder_wait (recorder), ==, 0);
  assert_whole (recorder, SAL_CAPTURE_END_REQUEST);
}

static void
test_duration_ends_the_recording_only (void)
{
  pid_t pid;
  g_autoptr (Recorder) recorder = start (WORDS ("--duration", "0.5"), "2", &pid);
  g_autoptr (Recording) recording = NULL;
  SalControlEvent event;

  if (recorder == NULL)
    return;
  event = recorder_expect (recorder, SAL_CONTROL_FINISHED);
  g_assert_cmpuint (event.end_reason, ==, SAL_CAPTURE_END_DURATION);
  assert_runs (pid);
  g_assert_cmpint (recorder_wait (recorder), ==, 0);
  assert_whole (recorder, SAL_CAPTURE_END_DURATION);
  recording = recorder_load (recorder);
  g_assert_cmpint (recording->end.time_ns - recording->process.start_ns, >=, 500 * 1000 * 1000);
}

static void
assert_signal_ends_cleanly (int signal)
{
  pid_t pid;
  g_autoptr (Recorder) recorder = start (NO_WORDS, "2", &pid);

  if (recorder == NULL)
    return;
  kill (recorder->pid, signal);
  recorder_expect (recorder, SAL_CONTROL_FINISHED);
  assert_runs (pid);
  g_assert_cmpint (recorder_wait (recorder), ==, 0);
  assert_whole (recorder, SAL_CAPTURE_END_REQUEST);
}

static void
test_sigint_ends_cleanly (void)
{
  assert_signal_ends_cleanly (SIGINT);
}

static void
test_sigterm_ends_cleanly (void)
{
  assert_signal_ends_cleanly (SIGTERM);
}

static void
test_a_second_signal_ends_the_waiting (void)
{
  pid_t pid;
  g_autoptr (Recorder) recorder = start (NO_WORDS, "3600", &pid);

  if (recorder == NULL)
    return;
  kill (recorder->pid, SIGINT);
  recorder_expect (recorder, SAL_CONTROL_FINISHED);
  kill (recorder->pid, SIGTERM);
  g_assert_cmpint (recorder_wait (recorder), ==, 128 + SIGTERM);
  assert_runs (pid);
  kill (pid, SIGKILL);
  assert_whole (recorder, SAL_CAPTURE_END_REQUEST);
}

static void
test_a_killed_program_leaves_a_whole_capture (void)
{
  pid_t pid;
  g_autoptr (Recorder) recorder = start (WORDS ("--rate", "max"), "3600", &pid);
  SalControlEvent event;

  if (recorder == NULL)
    return;
  kill (pid, SIGKILL);
  event = recorder_expect (recorder, SAL_CONTROL_FINISHED);
  g_assert_cmpuint (event.end_reason, ==, SAL_CAPTURE_END_EXIT);
  event = recorder_expect (recorder, SAL_CONTROL_EXITED);
  g_assert_cmpint (WTERMSIG (event.status), ==, SIGKILL);
  g_assert_cmpint (recorder_wait (recorder), ==, 128 + SIGKILL);
  assert_whole (recorder, SAL_CAPTURE_END_EXIT);
}

static void
test_faults_are_told (void)
{
  g_autoptr (Recorder) missing = recorder_start (TRUE, NO_WORDS, WORDS ("salamander-none"));
  g_autoptr (Recorder) shell = recorder_start (TRUE, NO_WORDS, WORDS ("sh", "-c", "exit 4"));
  SalControlEvent event = recorder_expect (missing, SAL_CONTROL_FAULT);

  g_assert_cmpuint (event.fault, ==, SAL_CONTROL_FAULT_SPAWN);
  g_assert_cmpint (event.error, ==, ENOENT);
  g_assert_cmpstr (event.detail, ==, "salamander-none");
  recorder_expect (missing, SAL_CONTROL_FINISHED);
  g_assert_cmpint (recorder_wait (missing), ==, 127);
  g_assert_cmpstr (missing->err, ==, "");

  event = recorder_expect (shell, SAL_CONTROL_FAULT);
  g_assert_cmpuint (event.fault, ==, SAL_CONTROL_FAULT_NOT_PYTHON);
  recorder_expect (shell, SAL_CONTROL_FINISHED);
  event = recorder_expect (shell, SAL_CONTROL_EXITED);
  g_assert_cmpint (event.status, ==, 4 << 8);
  g_assert_cmpint (recorder_wait (shell), ==, 125);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/command/control/stop", test_stop_lets_the_program_run);
  g_test_add_func ("/command/control/kill", test_kill_ends_both);
  g_test_add_func ("/command/control/closed", test_a_closed_socket_stops);
  g_test_add_func ("/command/control/duration", test_duration_ends_the_recording_only);
  g_test_add_func ("/command/control/sigint", test_sigint_ends_cleanly);
  g_test_add_func ("/command/control/sigterm", test_sigterm_ends_cleanly);
  g_test_add_func ("/command/control/a-second-signal", test_a_second_signal_ends_the_waiting);
  g_test_add_func ("/command/control/sigkill", test_a_killed_program_leaves_a_whole_capture);
  g_test_add_func ("/command/control/faults-are-told", test_faults_are_told);
  return g_test_run ();
}
