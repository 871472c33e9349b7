/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast the recorder can look through the helper's descriptors, against directly: half as fast
 * is wanted. The same program, by turns, in one run, by the recorder's own processor time, so that
 * what else runs matters little; for root only.
 *
 * The kernel takes one range of memory in a read of the mem descriptor, and any number in
 * process_vm_readv(). On Linux 6.18, x86-64: 0.83 µs for each such read, 0.69 µs for each further
 * piece of one preadv(), which has to follow the piece before, and 0.35 µs for each further range
 * of process_vm_readv(). Each thread has three or four ranges that lie far apart, so where many
 * threads run between two looks, what is left of the speed goes to a little under a half. Those
 * that the interpreter's lock was never with are not read, which is most of them as a rule. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#include "brokered-session.h"
#include "sal-native-stop.h"
#include "sal-python.h"
#include "sal-target-direct.h"

#define N_ROUNDS 5
#define ROUND_S 0.6
/* Bytes of a stack that is some ten frames deep. */
#define STACK 4096
#define PATIENCE_US 20000

static double
now_s (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static SalPython *
find_python (SalTarget *target)
{
  SalPython *python = NULL;
  char version[32];

  for (int i = 0; i < 500; i++)
    {
      if (sal_python_open (target, version, &python) == SAL_PYTHON_OK)
        return python;
      g_usleep (10000);
    }
  return NULL;
}

static double
look (SalPython *python)
{
  double start = now_s (CLOCK_MONOTONIC);
  double start_cpu = now_s (CLOCK_THREAD_CPUTIME_ID);
  guint64 n_looks = 0;
  SalPythonLook seen;

  while (now_s (CLOCK_MONOTONIC) - start < ROUND_S)
    n_looks += sal_python_look (python, &seen) == SAL_PYTHON_OK;
  return (double)n_looks / (now_s (CLOCK_THREAD_CPUTIME_ID) - start_cpu);
}

/* Holds a second of wall time, of which a sample with native frames takes one: the first thread is
 * stopped, and some of its stack copied. */
static double
hold (SalTarget *target)
{
  static guint8 bytes[STACK];
  double start = now_s (CLOCK_MONOTONIC);
  guint64 n_holds = 0;

  while (now_s (CLOCK_MONOTONIC) - start < ROUND_S)
    {
      SalTargetSnapshot snapshot = { .tid = target->pid,
                                     .patience_us = PATIENCE_US,
                                     .stack = bytes,
                                     .length = STACK };
      guint64 registers[SAL_NATIVE_N_REGISTERS];
      SalNativeStopResult result;
      SalNativeStop stop;

      if (target->ops->snapshot != NULL)
        {
          n_holds += target->ops->snapshot (target, NULL, 0, &snapshot) == SAL_TARGET_OK;
          continue;
        }
      result = sal_native_stop (target->pid, true, SAL_NATIVE_STOP_PATIENCE, &stop, registers);
      while (result == SAL_NATIVE_STOP_LATE)
        result = sal_native_stop_settle (&stop);
      if (result == SAL_NATIVE_STOP_OK)
        {
          n_holds += sal_target_read (target, registers[SAL_NATIVE_RSP], bytes, STACK) ==
                     SAL_TARGET_OK;
          sal_native_stop_release (&stop);
        }
    }
  return (double)n_holds / (now_s (CLOCK_MONOTONIC) - start);
}

static void
measure_holds (SalTarget *direct, SalTarget *brokered, const char *name)
{
  SalTarget *targets[] = { direct, brokered };
  double best[] = { 0, 0 };

  for (int round = 0; round < N_ROUNDS; round++)
    for (int i = 0; i < 2; i++)
      best[i] = MAX (best[i], hold (targets[i]));
  printf ("%-12s direct %8.0f holds, brokered %8.0f holds a second: %.2f of direct\n",
          name, best[0], best[1], best[1] / best[0]);
}

static gboolean
measure (SalTarget *direct, SalTarget *brokered, const char *name)
{
  SalPython *pythons[] = { find_python (direct), find_python (brokered) };
  double best[] = { 0, 0 };

  if (pythons[0] == NULL || pythons[1] == NULL)
    return FALSE;
  for (int round = 0; round < N_ROUNDS; round++)
    for (int i = 0; i < 2; i++)
      best[i] = MAX (best[i], look (pythons[i]));
  printf ("%-12s direct %8.0f looks, brokered %8.0f looks a CPU second: %.2f of direct "
          "(wanted: 0.50)\n",
          name, best[0], best[1], best[1] / best[0]);
  for (int i = 0; i < 2; i++)
    sal_python_free (pythons[i]);
  return TRUE;
}

static gboolean
run (const char *folder, const char *name)
{
  g_autofree char *script = g_build_filename (folder, name, NULL);
  const char *argv[] = { "/usr/bin/python3", script, "3600", NULL };
  BrokeredSession session = { 0 };
  SalTarget *direct = NULL;
  SalTarget *brokered = NULL;
  gboolean good = FALSE;
  GPid pid;

  if (!g_spawn_async (NULL, (char **)argv, NULL,
                      G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, &pid,
                      NULL))
    return FALSE;
  g_usleep (500000);
  if (brokered_session_begin (&session, pid) &&
      sal_target_direct_new (pid, &direct) == SAL_TARGET_OK &&
      sal_target_broker_open (session.broker, pid, &brokered) == SAL_TARGET_OK)
    {
      good = measure (direct, brokered, name);
      measure_holds (direct, brokered, name);
    }
  sal_target_free (brokered);
  sal_target_free (direct);
  brokered_session_end (&session);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  return good;
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    return 2;
  if (getuid () != 0)
    {
      puts ("skipped: needs root, as the helper does");
      return 77;
    }
  if (!run (argv[1], "deep.py") || !run (argv[1], "threads.py"))
    return 1;
  return 0;
}
