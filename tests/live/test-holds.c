/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of holding threads still: of whom that takes long, and that nobody stays so. */
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recording.h"

static void
die_with_us (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* A program of the words @argv, NULL-ended, that ends when we do. */
static int
start (const char *const *argv)
{
  int pid;

  g_assert_true (g_spawn_async (NULL,
                                (char **)argv,
                                NULL,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                                die_with_us,
                                NULL,
                                &pid,
                                NULL));
  return pid;
}

/* Moves process @pid to @processor, where somebody else is busy all the time. */
static pid_t
start_rival (pid_t pid, gsize processor)
{
  const struct sched_param nothing = { 0 };
  cpu_set_t one;
  pid_t rival;

  CPU_ZERO (&one);
  CPU_SET (processor, &one);
  rival = fork ();
  g_assert_cmpint (rival, >=, 0);
  if (rival == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      sched_setaffinity (0, sizeof one, &one);
      for (;;)
        continue;
    }
  g_assert_cmpint (sched_setaffinity (pid, sizeof one, &one), ==, 0);
  g_assert_cmpint (sched_setscheduler (pid, SCHED_IDLE, &nothing), ==, 0);
  return rival;
}

static gsize
find_processor (void)
{
  gsize processor = 0;
  cpu_set_t all;

  g_assert_cmpint (sched_getaffinity (0, sizeof all, &all), ==, 0);
  while (!CPU_ISSET (processor, &all))
    processor++;
  return processor;
}

/* One that gets a processor long after it was asked to stop has not lost its native stack. */
static void
test_who_waits_for_a_processor (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("native.py");
  g_autofree char *number = NULL;
  const char *argv[] = { python, target, "zlib", "600", NULL };
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  pid_t rival;
  int pid;

  if (python == NULL)
    return;
  pid = start (argv);
  number = g_strdup_printf ("%d", pid);
  recorder = recorder_start (TRUE,
                             WORDS ("--native", "--budget", "0", "--rate", "max", "--duration",
                                    "3", "--pid", number),
                             NULL);
  recorder_expect (recorder, SAL_CONTROL_STARTED);
  rival = start_rival (pid, find_processor ());
  recorder_wait (recorder);
  kill (rival, SIGKILL);
  kill (pid, SIGKILL);
  waitpid (rival, NULL, 0);
  waitpid (pid, NULL, 0);
  recording = recorder_load (recorder);
  g_assert_cmpuint (recording->counters.native_samples, >, 0);
  g_assert_cmpuint (recording->counters.native_seams, ==, 0);
}

/* Of many threads with one processor, nobody is waited for longer than all of them are: each look
 * takes what the others leave it, so that there are more of them than are missed. One after the
 * other, each would have the processor for the time that the kernel gives it first. */
static void
test_a_crowd_that_waits_for_a_processor (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *processor = g_strdup_printf ("%zu", find_processor ());
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  static const char script[] =
      "import hashlib, threading, time\n"
      "def work():\n"
      "    while time.monotonic() < end: hashlib.pbkdf2_hmac('sha256', b'x', b's', 20000)\n"
      "end = time.monotonic() + 3\n"
      "for _ in range(12): threading.Thread(target=work).start()\n";

  if (python == NULL)
    return;
  recorder = recorder_run (WORDS ("--native", "--budget", "0", "--rate", "20"),
                           WORDS ("taskset", "--cpu-list", processor, python, "-c", script));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  recording = recorder_load (recorder);
  g_test_message ("%" G_GUINT64_FORMAT " looks, %" G_GUINT64_FORMAT " missed",
                  recording->counters.ticks,
                  recording->counters.missed);
  g_assert_cmpuint (recording->counters.ticks, >, recording->counters.missed);
  g_assert_cmpuint (recording->counters.native_seams * 100,
                    <=,
                    recording->counters.native_samples);
}

/* Whether process @pid runs, or could: its state in /proc is not that of a stopped one. */
static gboolean
is_stopped (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return strchr ("tT", strrchr (text, ')')[2]) != NULL;
}

/* Killed while it holds threads flat out, the recorder leaves none of them behind. */
static void
test_a_killed_recorder_leaves_nobody_stopped (void)
{
  g_autofree char *python = python_find_any ();
  g_autofree char *target = target_path ("native.py");
  const char *argv[] = { python, target, "zlib", "600", NULL };
  int pid;

  if (python == NULL)
    return;
  pid = start (argv);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *number = g_strdup_printf ("%d", pid);
      g_autoptr (Recorder) recorder =
          recorder_start (TRUE, WORDS ("--native", "--rate", "max", "--pid", number), NULL);

      recorder_expect (recorder, SAL_CONTROL_STARTED);
      recorder_expect (recorder, SAL_CONTROL_STATUS);
      kill (recorder->pid, SIGKILL);
      recorder_wait (recorder);
      g_assert_false (is_stopped (pid));
    }
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

/* Traces @pid and the threads that it makes from now on, and lets them run. */
static void
run_traced (pid_t pid, int ready)
{
  pid_t tid;
  int status;

  if (ptrace (PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACECLONE) != 0 || write (ready, "", 1) != 1)
    return;
  while ((tid = waitpid (-1, &status, __WALL)) > 0)
    if (WIFSTOPPED (status))
      ptrace (PTRACE_CONT, tid, NULL, status >> 16 != 0 ? 0 : WSTOPSIG (status));
}

/* A process that does so until it is killed. */
static pid_t
trace (pid_t pid)
{
  int ready[2];
  char byte;
  pid_t tracer;

  g_assert_cmpint (pipe (ready), ==, 0);
  tracer = fork ();
  if (tracer == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      run_traced (pid, ready[1]);
      _exit (1);
    }
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  return tracer;
}

static void
wait_for_threads (pid_t pid, gulong n_threads)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", pid);
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  struct stat status;

  while (stat (path, &status) == 0 && status.st_nlink < 2 + n_threads)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (1000);
    }
}

/* What threads are to be held for cannot be had of a program that a debugger has: which is said,
 * but not where nothing changed while it was read, so that there was no need to. One that sleeps
 * need not be held, which says nothing about the others. */
static void
test_a_traced_program_is_told (void)
{
  static const struct
  {
    const char *option;
    const char *script; /* NULL: alternate.py */
    const char *told;
  } runs[] = {
    { "--native",
      "import threading, time\n"
      "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
      "while True: pass\n",
      "its native frames are not recorded" },
    { "--blocking", NULL, "stacks that change while they are read are lost" },
  };
  g_autofree char *python = python_find_any ();

  if (python == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autofree char *target = target_path ("alternate.py");
      g_autofree char *number = NULL;
      g_autoptr (Recorder) recorder = NULL;
      g_autoptr (Recording) recording = NULL;
      const char *script = runs[i].script;
      const char *argv[] = { python, script != NULL ? "-c" : target, script != NULL ? script : "60",
                             NULL };
      const char *warning;
      pid_t tracer;
      int pid;

      pid = start (argv);
      tracer = trace (pid);
      wait_for_threads (pid, script != NULL ? 2 : 1);
      number = g_strdup_printf ("%d", pid);
      recorder = recorder_run (
          WORDS (runs[i].option, "--rate", "max", "--duration", "2", "--pid", number), NO_WORDS);
      g_assert_cmpint (recorder->exit_status, ==, 0);
      recording = recorder_load (recorder);
      g_assert_cmpuint (recording->samples->len, >, 0);
      warning = g_hash_table_lookup (recording->metas, SAL_CAPTURE_META_WARNING);
      g_test_message ("%s", warning != NULL ? warning : "nothing changed");
      if (warning == NULL && g_str_equal (runs[i].option, "--blocking"))
        g_assert_cmpuint (recording->counters.rejected, ==, 0);
      else
        g_assert_nonnull (strstr (warning != NULL ? warning : "", runs[i].told));
      kill (tracer, SIGKILL);
      waitpid (tracer, NULL, 0);
      kill (pid, SIGKILL);
      waitpid (pid, NULL, 0);
    }
}
int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live/holds/who-waits-for-a-processor", test_who_waits_for_a_processor);
  g_test_add_func ("/live/holds/a-crowd-that-waits-for-a-processor",
                   test_a_crowd_that_waits_for_a_processor);
  g_test_add_func ("/live/holds/a-killed-recorder-leaves-nobody-stopped",
                   test_a_killed_recorder_leaves_nobody_stopped);
  g_test_add_func ("/live/holds/a-traced-program-is-told", test_a_traced_program_is_told);
  return g_test_run ();
}
