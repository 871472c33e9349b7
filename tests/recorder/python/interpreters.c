/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Python interpreters of this machine, and programs run by them. */
#include "interpreters.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sal-target-direct.h"

#define DEADLINE_US (60 * G_USEC_PER_SEC)

static void
interpreter_free (gpointer data)
{
  Interpreter *interpreter = data;

  g_free (interpreter->path);
  g_free (interpreter->version);
  g_free (interpreter);
}

static void
consider (GPtrArray *list, const char *path, gboolean is_fetched)
{
  const char *argv[] = { path, "-c",
                         "import sys; v = sys.version_info; "
                         "t = getattr(sys, 'abiflags', '') == 't'; "
                         "print('%d %d %d.%d.%d%s %s' % (v[:2] + v[:3] + "
                         "(t * 't', sys.executable)))",
                         NULL };
  g_autofree char *output = NULL;
  g_auto (GStrv) words = NULL;
  Interpreter *interpreter;

  if (!g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) ||
      !g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output,
                     NULL, NULL, NULL) ||
      output == NULL)
    return;
  words = g_strsplit (g_strstrip (output), " ", 4);
  if (g_strv_length (words) != 4)
    return;
  for (guint i = 0; i < list->len; i++)
    if (g_str_equal (((Interpreter *)list->pdata[i])->version, words[2]))
      return;
  interpreter = g_new0 (Interpreter, 1);
  interpreter->path = g_strdup (is_fetched ? path : words[3]);
  interpreter->version = g_strdup (words[2]);
  interpreter->major = atoi (words[0]);
  interpreter->minor = atoi (words[1]);
  interpreter->is_fetched = is_fetched;
  interpreter->is_free_threaded = g_str_has_suffix (words[2], "t");
  g_printerr ("# interpreter: %s is %s\n", interpreter->path, words[2]);
  g_ptr_array_add (list, interpreter);
}

static void
consider_pyenv (GPtrArray *list)
{
  g_autofree char *folder = g_build_filename (g_get_home_dir (), ".pyenv", "versions", NULL);
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, "bin", "python", NULL);

      consider (list, path, FALSE);
    }
  g_clear_pointer (&dir, g_dir_close);
}

const char *
interpreters_get_fetched (void)
{
  const char *folder = g_getenv ("SAL_TEST_PYTHONS");

  return folder != NULL ? folder : INTERPRETERS_FETCHED;
}

/* Those of a newer Debian, which tests/pythons.sh fetches. */
static void
consider_fetched (GPtrArray *list)
{
  const char *names[] = { "python3.13", "python3.14", "python3.15" };
  const char *built[] = { "python3.13t", "python3.14t" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *fetched =
          g_build_filename (interpreters_get_fetched (), "bin", names[i], NULL);

      consider (list, fetched, TRUE);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (built); i++)
    {
      g_autofree char *path =
          g_build_filename (interpreters_get_fetched (), "bin", built[i], NULL);

      consider (list, path, FALSE);
    }
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const Interpreter *left = *(const Interpreter *const *)a;
  const Interpreter *right = *(const Interpreter *const *)b;

  return left->major != right->major ? left->major - right->major : left->minor - right->minor;
}

GPtrArray *
interpreters_list (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (interpreter_free);
  const char *names[] = { "python2.7", "python3", "python3.6", "python3.7", "python3.8",
                          "python3.9", "python3.10", "python3.11", "python3.12", "python3.13",
                          "python3.13t", "python3.14t", "python3.15t" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_find_program_in_path (names[i]);

      if (path != NULL)
        consider (list, path, FALSE);
    }
  consider (list, "/usr/bin/python3", FALSE);
  consider_pyenv (list);
  consider_fetched (list);
  g_ptr_array_sort (list, compare);
  return list;
}

gboolean
interpreters_is_supported (const Interpreter *interpreter)
{
  if (interpreter->major == 2)
    return interpreter->minor == 7;
  return interpreter->minor >= 6 && interpreter->minor <= 15;
}

void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GString *
read_until_ready (int fd)
{
  GString *text = g_string_new (NULL);
  char buffer[4096];
  ssize_t n;

  while (!g_str_has_suffix (text->str, "ready\n") && (n = read (fd, buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, n);
  return text;
}

Program *
program_start (const Interpreter *interpreter, const char *script, const char *argument)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, script, NULL);
  const char *argv[] = { interpreter->path, path, argument, NULL };
  g_autoptr (GError) error = NULL;
  Program *program = g_new0 (Program, 1);
  GString *text;
  int fd;

  g_spawn_async_with_pipes (NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent,
                            NULL, &program->pid, NULL, &fd, NULL, &error);
  g_assert_no_error (error);
  text = read_until_ready (fd);
  close (fd);
  g_assert_true (g_str_has_suffix (text->str, "ready\n"));
  program->lines = g_strsplit (text->str, "\n", -1);
  g_string_free (text, TRUE);
  return program;
}

void
program_free (Program *program)
{
  kill (program->pid, SIGKILL);
  waitpid (program->pid, NULL, 0);
  g_spawn_close_pid (program->pid);
  g_strfreev (program->lines);
  g_free (program);
}

SalPython *
program_open (Program *program, SalTarget **target)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_US;
  SalPython *python = NULL;
  SalPythonResult result;
  char version[32];

  g_assert_cmpint (sal_target_direct_new (program->pid, target), ==, SAL_TARGET_OK);
  do
    result = sal_python_open (*target, version, &python);
  while (result == SAL_PYTHON_NOT_READY && g_get_monotonic_time () < end);
  g_assert_cmpstr (sal_python_result_name (result), ==, "ok");
  return python;
}

guint
interpreters_count_at_work (const SalPythonLook *look)
{
  guint n = 0;

  for (gsize i = 0; i < look->n_threads; i++)
    n += look->threads[i].is_at_work;
  return n;
}
