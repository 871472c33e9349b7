/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that nobody stays stopped: whatever happens to who stopped them. */
#include "sal-native-stop.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#define PATIENCE_US (60 * G_USEC_PER_SEC)
/* As many as it takes to hit every moment of a stop. */
#define N_KILLS 1000

/* What the processes of a test share. */
typedef struct
{
  atomic_uint_fast64_t steps; /* of the program that is stopped */
  atomic_uint_fast64_t stops;
  atomic_uint_fast64_t signals;
} Shared;

static Shared *shared;

static void
count_signal_cb (int number)
{
  (void)number;
  atomic_fetch_add (&shared->signals, 1);
}

/* fork() whose child ends with the test, also where that fails. */
static pid_t
fork_child (void)
{
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    prctl (PR_SET_PDEATHSIG, SIGKILL);
  return pid;
}

static pid_t
start_program (void)
{
  pid_t pid = fork_child ();

  if (pid > 0)
    return pid;
  signal (SIGUSR1, count_signal_cb);
  for (;;)
    atomic_fetch_add (&shared->steps, 1);
}

static void
wait_for (atomic_uint_fast64_t *counter, guint64 count)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  while (atomic_load (counter) < count)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (100);
    }
}

static void
wait_for_more (atomic_uint_fast64_t *counter)
{
  wait_for (counter, atomic_load (counter) + 1);
}

static void
end_process (pid_t pid)
{
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}

/* Stops @pid over and over, and says so. */
static pid_t
start_stopper (pid_t pid)
{
  pid_t stopper = fork_child ();

  if (stopper > 0)
    return stopper;
  for (;;)
    {
      uint64_t registers[SAL_NATIVE_N_REGISTERS];
      SalNativeStop stop;
      SalNativeStopResult result = sal_native_stop (pid, true, SAL_NATIVE_STOP_PATIENCE,
                                                    &stop, registers);

      while (result == SAL_NATIVE_STOP_LATE)
        result = sal_native_stop_settle (&stop);
      if (result != SAL_NATIVE_STOP_OK)
        continue;
      atomic_fetch_add (&shared->stops, 1);
      sal_native_stop_release (&stop);
    }
}

static void
test_killing_the_stopper_stops_nobody (void)
{
  pid_t program = start_program ();

  wait_for_more (&shared->steps);
  for (guint i = 0; i < N_KILLS; i++)
    {
      pid_t stopper = start_stopper (program);

      wait_for_more (&shared->stops);
      g_usleep ((gulong)g_test_rand_int_range (0, 300));
      end_process (stopper);
      wait_for_more (&shared->steps);
    }
  g_test_message ("killed %u times in %" G_GUINT64_FORMAT " stops",
                  (guint)N_KILLS,
                  (guint64)atomic_load (&shared->stops));
  end_process (program);
}

static SalNativeStopResult
stop_patiently (pid_t pid, SalNativeStop *stop)
{
  uint64_t registers[SAL_NATIVE_N_REGISTERS];
  SalNativeStopResult result = sal_native_stop (pid, true, SAL_NATIVE_STOP_PATIENCE,
                                                stop, registers);

  while (result == SAL_NATIVE_STOP_LATE)
    {
      result = sal_native_stop_settle (stop);
      if (result == SAL_NATIVE_STOP_GONE)
        result = sal_native_stop (pid, true, SAL_NATIVE_STOP_PATIENCE, stop, registers);
    }
  return result;
}

static void
test_who_is_let_go_runs (void)
{
  pid_t program = start_program ();
  SalNativeStop stop;

  for (guint i = 0; i < N_KILLS; i++)
    {
      g_assert_cmpint (stop_patiently (program, &stop), ==, SAL_NATIVE_STOP_OK);
      sal_native_stop_release (&stop);
      wait_for_more (&shared->steps);
    }
  end_process (program);
}

static void *
run_beside (void *data)
{
  for (;;)
    atomic_fetch_add (&shared->steps, 1);
  return data;
}

/* A program whose second thread counts, whose number is *@tid. */
static pid_t
start_two_threads (pid_t *tid)
{
  pid_t pid = fork_child ();
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", (int)pid);
  pthread_t thread;

  if (pid == 0)
    {
      if (pthread_create (&thread, NULL, run_beside, NULL) != 0)
        _exit (1);
      for (;;)
        pause ();
    }
  wait_for_more (&shared->steps);
  for (*tid = pid; *tid == pid;)
    {
      g_autoptr (GDir) tasks = g_dir_open (path, 0, NULL);
      const char *name;

      while (tasks != NULL && (name = g_dir_read_name (tasks)) != NULL)
        if (atoi (name) != pid)
          *tid = atoi (name);
    }
  return pid;
}

/* Killed while one of its threads is held, a program ends once that is taken note of. */
static void
test_a_thread_that_dies_while_held_is_gone (void)
{
  for (guint i = 0; i < N_KILLS / 10; i++)
    {
      uint64_t registers[SAL_NATIVE_N_REGISTERS];
      SalNativeStopResult result;
      SalNativeStop stop;
      pid_t tid;
      pid_t program = start_two_threads (&tid);

      result = sal_native_stop (tid, false, SAL_NATIVE_STOP_PATIENCE, &stop, registers);
      kill (program, SIGKILL);
      if (result == SAL_NATIVE_STOP_OK && !sal_native_stop_release (&stop))
        result = SAL_NATIVE_STOP_LATE;
      while (result == SAL_NATIVE_STOP_LATE)
        result = sal_native_stop_settle (&stop);
      g_assert_cmpint (waitpid (program, NULL, 0), ==, program);
    }
}

/* Killed while it is held, it ends at once, and its end is for its parent to see. */
static void
test_who_dies_while_held_is_gone (void)
{
  for (guint i = 0; i < N_KILLS; i++)
    {
      pid_t program = start_program ();
      SalNativeStop stop;
      int status;

      g_assert_cmpint (stop_patiently (program, &stop), ==, SAL_NATIVE_STOP_OK);
      g_assert_cmpint (kill (program, SIGKILL), ==, 0);
      if (i % 2 == 0)
        sal_native_stop_release (&stop);
      g_assert_cmpint (waitpid (program, &status, 0), ==, program);
      g_assert_true (WIFSIGNALED (status));
      g_assert_cmpint (stop_patiently (program, &stop), ==, SAL_NATIVE_STOP_GONE);
    }
}

/* A signal that comes while the thread is held is not lost, and does not hold it longer. */
static void
test_signals_are_handed_on (void)
{
  pid_t program = start_program ();
  pid_t stopper;
  guint64 before;

  wait_for_more (&shared->steps);
  stopper = start_stopper (program);
  wait_for_more (&shared->stops);
  before = atomic_load (&shared->signals);
  for (guint i = 1; i <= 200; i++)
    {
      /* It may be handled before kill () has returned. */
      kill (program, SIGUSR1);
      wait_for (&shared->signals, before + i);
    }
  g_assert_cmpuint (atomic_load (&shared->signals) - before, ==, 200);
  end_process (stopper);
  wait_for_more (&shared->steps);
  end_process (program);
}

/* The status of a child that ends while it is stopped again and again is left for its parent. */
static void
test_a_child_s_status_is_left_alone (void)
{
  pid_t program = start_program ();
  uint64_t registers[SAL_NATIVE_N_REGISTERS];
  SalNativeStopResult result = SAL_NATIVE_STOP_OK;
  SalNativeStop stop;
  int status;

  wait_for_more (&shared->steps);
  for (guint i = 0; result != SAL_NATIVE_STOP_GONE; i++)
    {
      if (i == 20)
        kill (program, SIGTERM);
      result = sal_native_stop (program, true, SAL_NATIVE_STOP_PATIENCE, &stop, registers);
      while (result == SAL_NATIVE_STOP_LATE)
        result = sal_native_stop_settle (&stop);
      if (result == SAL_NATIVE_STOP_OK)
        sal_native_stop_release (&stop);
      g_assert_cmpint (result, !=, SAL_NATIVE_STOP_DENIED);
    }
  g_assert_cmpint (waitpid (program, &status, 0), ==, program);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGTERM);
}

static int
wait_for_end_of_input (void *fd)
{
  char byte;

  (void)!read (*(int *)fd, &byte, 1);
  return 0;
}

/* Starts a program that cannot stop before its child, which waits for us, has ended: clone(2),
 * CLONE_VFORK. */
static pid_t
start_program_with_vfork (int fds[2])
{
  static uint8_t stack[65536] __attribute__ ((aligned (16)));
  pid_t pid = fork_child ();

  if (pid > 0)
    return pid;
  close (fds[1]);
  clone (wait_for_end_of_input, stack + sizeof stack, CLONE_VFORK | SIGCHLD, &fds[0]);
  for (;;)
    atomic_fetch_add (&shared->steps, 1);
}

static gboolean
is_in_disk_wait (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return strrchr (text, ')')[2] == 'D';
}

/* A stop that was asked for in vain is taken up again, and stands when it comes. */
static void
test_who_cannot_stop_is_waited_for (void)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  uint64_t registers[SAL_NATIVE_N_REGISTERS];
  SalNativeStopResult result;
  SalNativeStop stop;
  pid_t program;
  guint64 before;
  int fds[2];

  g_assert_no_errno (pipe (fds));
  program = start_program_with_vfork (fds);
  close (fds[0]);
  while (!is_in_disk_wait (program))
    g_assert_cmpint (g_get_monotonic_time (), <, end);
  before = atomic_load (&shared->steps);
  g_assert_cmpint (sal_native_stop (program, true, SAL_NATIVE_STOP_AT_ONCE, &stop, registers),
                   ==,
                   SAL_NATIVE_STOP_LATE);
  g_assert_cmpint (sal_native_stop_wait (&stop, 0, registers), ==, SAL_NATIVE_STOP_LATE);
  close (fds[1]);
  while ((result = sal_native_stop_wait (&stop, SAL_NATIVE_STOP_PATIENCE, registers)) ==
         SAL_NATIVE_STOP_LATE)
    g_assert_cmpint (g_get_monotonic_time (), <, end);
  g_assert_cmpint (result, ==, SAL_NATIVE_STOP_OK);
  g_assert_cmpuint (registers[SAL_NATIVE_RSP], !=, 0);
  g_assert_cmpuint (atomic_load (&shared->steps), ==, before);
  g_assert_true (sal_native_stop_release (&stop));
  wait_for_more (&shared->steps);
  end_process (program);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (shared != MAP_FAILED);
  g_test_add_func ("/native/stop/killing-the-stopper-stops-nobody",
                   test_killing_the_stopper_stops_nobody);
  g_test_add_func ("/native/stop/who-is-let-go-runs", test_who_is_let_go_runs);
  g_test_add_func ("/native/stop/who-dies-while-held-is-gone",
                   test_who_dies_while_held_is_gone);
  g_test_add_func ("/native/stop/who-cannot-stop-is-waited-for",
                   test_who_cannot_stop_is_waited_for);
  g_test_add_func ("/native/stop/signals-are-handed-on", test_signals_are_handed_on);
  g_test_add_func ("/native/stop/a-child-s-status-is-left-alone",
                   test_a_child_s_status_is_left_alone);
  g_test_add_func ("/native/stop/a-thread-that-dies-while-held-is-gone",
                   test_a_thread_that_dies_while_held_is_gone);
  return g_test_run ();
}
