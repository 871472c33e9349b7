/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads held and copied by the helper, of each Python. */
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "brokered-session.h"
#include "interpreters.h"
#include "sal-sampler-hold.h"
#include "sal-sampler-place.h"

#define DEADLINE_US (60 * G_USEC_PER_SEC)
#define N_FRAMES 10000

typedef struct
{
  GPid pid;
  BrokeredSession session;
  SalTarget *target;
  SalPython *python;
  SalSamplerHolds *holds;
} Fixture;

/* The innermost of so many frames works. */
static GPid
start_program (const Interpreter *interpreter)
{
  g_autofree char *source =
      g_strdup_printf ("import sys\n"
                       "def dig(level):\n"
                       "    if level > 1:\n"
                       "        return dig(level - 1)\n"
                       "    sys.stdout.write('ready')\n"
                       "    sys.stdout.flush()\n"
                       "    while True:\n"
                       "        pass\n"
                       "sys.setrecursionlimit(%d)\n"
                       "dig(%d)\n",
                       N_FRAMES * 2, N_FRAMES - 1);
  const char *argv[] = { interpreter->path, "-c", source, NULL };
  g_autoptr (GError) error = NULL;
  char byte;
  GPid pid;
  int fd;

  g_spawn_async_with_pipes (NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent,
                            NULL, &pid, NULL, &fd, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  close (fd);
  return pid;
}

static void
set_up (Fixture *fixture, const Interpreter *interpreter, gboolean is_hurried)
{
  char version[32];

  fixture->pid = start_program (interpreter);
  g_assert_true (brokered_session_begin (&fixture->session, fixture->pid));
  g_assert_cmpint (
      sal_target_broker_open (fixture->session.broker, fixture->pid, &fixture->target), ==,
      SAL_TARGET_OK);
  g_assert_nonnull (fixture->target->ops->snapshot);
  g_assert_cmpint (sal_python_open (fixture->target, version, &fixture->python), ==, SAL_PYTHON_OK);
  fixture->holds = sal_sampler_holds_new (is_hurried);
}

static void
tear_down (Fixture *fixture)
{
  sal_sampler_holds_free (fixture->holds);
  sal_python_free (fixture->python);
  sal_target_free (fixture->target);
  brokered_session_end (&fixture->session);
  kill (fixture->pid, SIGKILL);
  waitpid (fixture->pid, NULL, 0);
}

/* The one thread's stack, again while a busy machine keeps it from stopping in time. */
static void
hold (Fixture *fixture, SalPythonHeld *held)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_US;
  SalNativeStopResult stopped;
  SalPythonResult result;
  SalPythonLook look;

  do
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_assert_cmpint (sal_python_look (fixture->python, &look), ==, SAL_PYTHON_OK);
      result = sal_sampler_hold_look (fixture->holds, fixture->target, fixture->pid,
                                      fixture->python, 0, held, &stopped);
    }
  while (result == SAL_PYTHON_NOT_READY && stopped == SAL_NATIVE_STOP_LATE);
  g_assert_cmpint (stopped, ==, SAL_NATIVE_STOP_OK);
  g_assert_cmpint (result, ==, SAL_PYTHON_OK);
}

/* Up to 3.10 the memory of such a stack lies in hundreds of places, and is megabytes. */
static void
test_deep (void)
{
  g_autoptr (GPtrArray) interpreters = interpreters_list ();
  guint n_tested = 0;

  if (getuid () != 0)
    {
      g_test_skip ("needs root, as the helper does");
      return;
    }
  for (guint i = 0; i < interpreters->len; i++)
    {
      const Interpreter *interpreter = interpreters->pdata[i];
      Fixture fixture = { 0 };
      SalPythonHeld held;

      if (!interpreters_is_supported (interpreter))
        continue;
      set_up (&fixture, interpreter, FALSE);
      hold (&fixture, &held);
      g_test_message ("%s: %u frames", interpreter->version, held.thread.n_frames);
      g_assert_cmpint (held.thread.result, ==, SAL_PYTHON_LOOK_OK);
      g_assert_cmpuint (held.thread.n_frames, ==, N_FRAMES);
      tear_down (&fixture);
      n_tested++;
    }
  g_assert_cmpuint (n_tested, >, 0);
}

/* Where threads are held as often as possible, we keep to the processor of the helper, so that it
 * and we leave the others to the program. */
static void
test_place (void)
{
  g_autoptr (GPtrArray) interpreters = interpreters_list ();
  Fixture fixture = { 0 };
  SalPythonHeld held;
  cpu_set_t before;
  cpu_set_t now;

  if (getuid () != 0)
    {
      g_test_skip ("needs root, as the helper does");
      return;
    }
  g_assert_cmpint (sched_getaffinity (0, sizeof before, &before), ==, 0);
  for (gint is_hurried = 0; is_hurried < 2; is_hurried++)
    {
      set_up (&fixture, interpreters->pdata[interpreters->len - 1], is_hurried);
      hold (&fixture, &held);
      g_assert_cmpint (sched_getaffinity (0, sizeof now, &now), ==, 0);
      g_assert_cmpint (CPU_COUNT (&now), ==, is_hurried ? 1 : CPU_COUNT (&before));
      tear_down (&fixture);
    }
  sal_sampler_place_go_anywhere ();
  g_assert_cmpint (sched_getaffinity (0, sizeof now, &now), ==, 0);
  g_assert_true (CPU_EQUAL (&now, &before));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/brokered/deep-stacks-are-whole", test_deep);
  g_test_add_func ("/sampler/brokered/keeps-to-the-helpers-processor", test_place);
  return g_test_run ();
}
