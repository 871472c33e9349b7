/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads whose stacks are kept, and threads seen at work, in programs that pass the lock on all
 * the time. */
#include <signal.h>
#include <sys/wait.h>

#include "interpreters.h"
#include "sal-python-private.h"

#define N_STOPS 200
#define MOST_LOOKS 12
#define LONGEST_PAUSE_US 400
#define DEADLINE_US (60 * G_USEC_PER_SEC)

static void
look_at (SalPython *python, SalPythonLook *look)
{
  g_assert_cmpint (sal_python_look (python, look), ==, SAL_PYTHON_OK);
}

/* While the program is stopped, a look at everything must find what the look before it, which kept
 * some, has found. Returns how many threads that one had kept. */
static gsize
compare_stopped (Program *program, SalPython *python)
{
  SalPythonLook look;
  g_autofree gboolean *was_good = NULL;
  gsize n_threads;
  gsize n_kept;
  int status;

  g_assert_cmpint (kill (program->pid, SIGSTOP), ==, 0);
  g_assert_cmpint (waitpid (program->pid, &status, WUNTRACED), ==, program->pid);
  g_assert_true (WIFSTOPPED (status));
  look_at (python, &look);
  g_assert_cmpuint (interpreters_count_at_work (&look), ==, 0);
  n_kept = look.n_kept;
  n_threads = look.n_threads;
  was_good = g_new0 (gboolean, n_threads);
  for (gsize i = 0; i < n_threads; i++)
    was_good[i] = look.threads[i].result <= SAL_PYTHON_LOOK_PARTIAL;
  _sal_python_still_forget (python);
  look_at (python, &look);
  g_assert_cmpuint (look.n_kept, ==, 0);
  g_assert_cmpuint (look.n_threads, ==, n_threads);
  for (gsize i = 0; i < n_threads; i++)
    if (was_good[i] && look.threads[i].result <= SAL_PYTHON_LOOK_PARTIAL)
      g_assert_true (look.threads[i].same_as_before);
  g_assert_cmpint (kill (program->pid, SIGCONT), ==, 0);
  return n_kept;
}

static void
test_turns (const void *data)
{
  const Interpreter *interpreter = data;
  Program *program = program_start (interpreter, "turns.py", "");
  SalTarget *target;
  SalPython *python = program_open (program, &target);
  SalPythonLook look;
  gsize n_kept = 0;
  gsize n_kept_stopped = 0;
  guint n_at_work = 0;
  guint n_looks = 0;
  gint64 end;

  sal_python_set_watchful (python, true);
  for (int i = 0; i < N_STOPS; i++)
    {
      for (int n = g_test_rand_int_range (1, MOST_LOOKS); n > 0; n--)
        {
          look_at (python, &look);
          n_kept += look.n_kept;
          if (!python->runtime.layout.is_free_threaded)
            g_assert_cmpuint (interpreters_count_at_work (&look), <=, 1);
          n_at_work += interpreters_count_at_work (&look);
          n_looks++;
          g_usleep ((gulong)g_test_rand_int_range (0, LONGEST_PAUSE_US));
        }
      n_kept_stopped += compare_stopped (program, python);
    }
  /* On a busy machine it rarely runs while it is read. */
  end = g_get_monotonic_time () + DEADLINE_US;
  while (n_at_work == 0 && g_get_monotonic_time () < end)
    {
      look_at (python, &look);
      n_at_work += interpreters_count_at_work (&look);
    }
  g_test_message ("kept: %" G_GSIZE_FORMAT ", and %" G_GSIZE_FORMAT
                  " while stopped; %u seen at work in %u looks",
                  n_kept, n_kept_stopped, n_at_work, n_looks);
  g_assert_cmpuint (n_at_work, >, 0);
  if (python->runtime.layout.gil_switches != SAL_PYTHON_NO_FIELD)
    g_assert_cmpuint (n_kept_stopped, >, 0);
  else
    g_assert_cmpuint (n_kept + n_kept_stopped, ==, 0);
  sal_python_free (python);
  sal_target_free (target);
  program_free (program);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) interpreters = NULL;

  g_test_init (&argc, &argv, NULL);
  interpreters = interpreters_list ();
  for (guint i = 0; i < interpreters->len; i++)
    {
      const Interpreter *interpreter = interpreters->pdata[i];
      g_autofree char *path = g_strdup_printf ("/python/turns/%s", interpreter->version);

      if (interpreters_is_supported (interpreter))
        g_test_add_data_func (path, interpreter, test_turns);
    }
  return g_test_run ();
}
