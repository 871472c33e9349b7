/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interpreters in every shape they come in: stripped, deleted, embedded, in containers. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "interpreters.h"
#include "sal-python-private.h"
#include "sal-target-direct.h"

#define DEADLINE_US (60 * G_USEC_PER_SEC)

/* What each of the programs runs: a stack of known names, of two threads. */
#define SCRIPT                                               \
  "import sys, threading, time\n"                            \
  "def inner():\n"                                           \
  "    time.sleep(1000)\n"                                   \
  "def outer():\n"                                           \
  "    inner()\n"                                            \
  "second = threading.Thread(target=outer, name='second')\n" \
  "second.daemon = True\n"                                   \
  "second.start()\n"                                         \
  "print('ready')\n"                                         \
  "sys.stdout.flush()\n"                                     \
  "outer()\n"

static GPtrArray *interpreters;

/* A program, and a folder of its own. */
typedef struct
{
  char *folder;
  GPid pid;    /* of what was started */
  GPid python; /* of the process that is Python: perhaps its child */
} Case;

static void
case_init (Case *test)
{
  *test = (Case){ .folder = g_dir_make_tmp ("salamander-XXXXXX", NULL) };
  g_assert_nonnull (test->folder);
}

static void
case_clear (Case *test)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", test->folder);

  if (test->python != test->pid)
    kill (test->python, SIGKILL);
  if (test->pid > 0)
    {
      kill (test->pid, SIGKILL);
      waitpid (test->pid, NULL, 0);
    }
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_free (test->folder);
}

/* Runs a command whose first line on standard output is returned. */
static char *
ask (const char *const *argv)
{
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  return g_strdup (g_strstrip (output));
}

/* Starts a program and waits until it says "ready". */
static void
start (Case *test, const char *const *argv, char **environment)
{
  g_autoptr (GError) error = NULL;
  char text[7] = "";
  size_t n = 0;
  ssize_t got;
  int fd;

  g_spawn_async_with_pipes (NULL, (char **)argv, environment,
                            G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, die_with_parent, NULL,
                            &test->pid, NULL, &fd, NULL, &error);
  g_assert_no_error (error);
  test->python = test->pid;
  while (n < 6 && (got = read (fd, text + n, 6 - n)) > 0)
    n += (size_t)got;
  close (fd);
  g_assert_cmpstr (text, ==, "ready\n");
}

/* Copies an interpreter into the test's folder. (transfer full): the environment it needs. */
static char **
copy_python (Case *test, const Interpreter *interpreter)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "copy-python.sh", NULL);
  const char *argv[] = { script, interpreter->path, test->folder, NULL };
  g_autofree char *home = ask (argv);
  char **environment = g_environ_setenv (g_get_environ (), "PYTHONHOME", home, TRUE);

  return g_environ_setenv (environment, "LD_LIBRARY_PATH", test->folder, TRUE);
}

/* Without any capability: as far as files of its own uid go, root is then like others. */
#define POWERLESS "setpriv", "--bounding-set=-all", "--inh-caps=-all"

static void
start_copy (Case *test, char **environment)
{
  g_autofree char *path = g_build_filename (test->folder, "python", NULL);
  const char *argv[] = { path, "-c", SCRIPT, NULL };

  start (test, argv, environment);
}

/* Does @edit to every file of the test's folder. */
static void
edit_copies (Case *test, void (*edit) (const char *path))
{
  GDir *dir = g_dir_open (test->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (test->folder, name, NULL);

      edit (path);
    }
  g_dir_close (dir);
}

static gboolean
has_stack (SalPython *python, const SalPythonThread *thread)
{
  gboolean has_inner = FALSE;

  for (uint32_t i = 0; i < thread->n_frames; i++)
    {
      const char *name = sal_python_get_code (python, thread->frames[i].code)->name;

      if (g_str_equal (name, "inner"))
        has_inner = TRUE;
      else if (has_inner && g_str_equal (name, "outer"))
        return TRUE;
    }
  return FALSE;
}

/* Whether both threads are seen in the stack they are in, by name and by what the kernel calls
 * them. */
static gboolean
is_seen (SalPython *python, SalTarget *target)
{
  uint64_t tids[64];
  size_t n_tids;
  SalPythonLook look;
  guint n_good = 0;

  g_assert_cmpint (sal_python_look (python, &look), ==, SAL_PYTHON_OK);
  g_assert_cmpint (target->ops->list_threads (target, tids, 64, &n_tids), ==, SAL_TARGET_OK);
  for (size_t i = 0; i < look.n_threads; i++)
    {
      const SalPythonThread *thread = &look.threads[i];
      char *name = sal_python_dup_thread_name (python, thread->thread_id, NULL);
      gboolean is_main = thread->tid == (uint64_t)target->pid;
      gboolean is_known = FALSE;

      for (size_t k = 0; k < n_tids; k++)
        is_known = is_known || tids[k] == thread->tid;
      n_good += is_known && has_stack (python, thread) &&
                g_strcmp0 (name, is_main ? "MainThread" : "second") == 0;
      free (name);
    }
  return look.n_threads == 2 && n_good == 2;
}

/* Threads come to where they stay a moment after they have said so. */
static void
await_seen (SalPython *python, SalTarget *target)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_US;

  while (!is_seen (python, target))
    g_assert_cmpint (g_get_monotonic_time (), <, end);
}

/* (transfer full): the Python of @pid, once its threads are seen; so is *@out_target. */
static SalPython *
open_seen (GPid pid, SalTarget **out_target)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_US;
  SalPython *python = NULL;
  SalTarget *target;
  SalPythonResult result;
  char version[32];

  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  do
    result = sal_python_open (target, version, &python);
  while (result == SAL_PYTHON_NOT_READY && g_get_monotonic_time () < end);
  g_assert_cmpstr (sal_python_result_name (result), ==, "ok");
  await_seen (python, target);
  *out_target = target;
  return python;
}

static void
assert_seen (GPid pid)
{
  SalTarget *target;
  SalPython *python = open_seen (pid, &target);

  g_assert_null (sal_python_get_warning (python));
  sal_python_free (python);
  sal_target_free (target);
}

static void
strip (const char *path)
{
  const char *argv[] = { "strip", path, NULL };
  g_autofree char *output = ask (argv);
}

static void
test_stripped (const void *data)
{
  g_auto (GStrv) environment = NULL;
  Case test;

  case_init (&test);
  environment = copy_python (&test, data);
  edit_copies (&test, strip);
  start_copy (&test, environment);
  assert_seen (test.pid);
  case_clear (&test);
}

/* Without its variables 2.7 still shows where threads wait for the lock, and 3.6 does not, of which
 * the recording will tell. */
static void
test_stripped_old (const void *data)
{
  const Interpreter *interpreter = data;
  g_auto (GStrv) environment = NULL;
  SalPythonLook look;
  SalTarget *target;
  SalPython *python;
  const char *warning;
  Case test;

  case_init (&test);
  environment = copy_python (&test, data);
  edit_copies (&test, strip);
  start_copy (&test, environment);
  python = open_seen (test.pid, &target);
  warning = sal_python_get_warning (python);
  g_assert_cmpint (sal_python_look (python, &look), ==, SAL_PYTHON_OK);
  if (interpreter->major == 2)
    g_assert_null (warning);
  else
    g_assert_nonnull (strstr (warning, "wait for the GIL"));
  g_assert_cmpuint (look.threads[0].gil_size, ==, interpreter->major == 2 ? 32 : 0);
  g_assert_cmphex (look.threads[0].gil, !=, 0);
  sal_python_free (python);
  sal_target_free (target);
  case_clear (&test);
}

static void delete (const char *path)
{
  g_assert_no_errno (g_unlink (path));
}

static void
test_deleted (const void *data)
{
  g_auto (GStrv) environment = NULL;
  Case test;

  case_init (&test);
  environment = copy_python (&test, data);
  start_copy (&test, environment);
  edit_copies (&test, delete);
  assert_seen (test.pid);
  case_clear (&test);
}

/* A library that is gone can be opened by root only; its memory can be read by whoever may read the
 * program's. Only those from 3.13 on can be made out by that. */
static void
test_deleted_from_users (const void *data)
{
  g_autofree char *path = NULL;
  g_autofree char *pid = NULL;
  g_autofree char *output = NULL;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_auto (GStrv) environment = NULL;
  Case test;

  case_init (&test);
  environment = copy_python (&test, data);
  path = g_build_filename (test.folder, "python", NULL);
  start (&test, (const char *[]){ POWERLESS, path, "-c", SCRIPT, NULL }, environment);
  edit_copies (&test, delete);
  pid = g_strdup_printf ("%d", test.pid);
  output = ask ((const char *[]){ POWERLESS, self, "--see", pid, NULL });
  case_clear (&test);
}

/* As an upgrade does it: another file comes to be called by the name. */
static void
replace (const char *path)
{
  g_assert_true (g_file_set_contents (path, "not what it was", -1, NULL));
}

static void
test_replaced (const void *data)
{
  g_auto (GStrv) environment = NULL;
  Case test;

  case_init (&test);
  environment = copy_python (&test, data);
  start_copy (&test, environment);
  edit_copies (&test, replace);
  assert_seen (test.pid);
  case_clear (&test);
}

static void
test_virtual_environment (const void *data)
{
  const Interpreter *interpreter = data;
  Case test;
  g_autofree char *path = NULL;
  g_autofree char *output = NULL;

  case_init (&test);
  path = g_build_filename (test.folder, "venv", "bin", "python", NULL);
  output = ask ((const char *[]){ interpreter->path, "-c",
                                  "import sys, venv; venv.create(sys.argv[1] + '/venv')",
                                  test.folder, NULL });
  start (&test, (const char *[]){ path, "-c", SCRIPT, NULL }, NULL);
  assert_seen (test.pid);
  case_clear (&test);
}

static void
test_embedded (const void *data)
{
  const Interpreter *interpreter = data;
  g_autofree char *embed = g_test_build_filename (G_TEST_BUILT, "embed", NULL);
  g_autofree char *library =
      ask ((const char *[]){ interpreter->path, "-c",
                             "import sysconfig as s; v = s.get_config_var; "
                             "print(v('LIBDIR') + '/' + v('INSTSONAME'))",
                             NULL });
  g_autofree char *home = ask (
      (const char *[]){ interpreter->path, "-c", "import sys; print(sys.base_prefix)", NULL });
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "PYTHONHOME", home, TRUE);
  Case test;

  if (!g_str_has_suffix (library, ".so.1.0") || !g_file_test (library, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("it has no shared library");
      return;
    }
  case_init (&test);
  start (&test, (const char *[]){ embed, library, SCRIPT, NULL }, environment);
  assert_seen (test.pid);
  case_clear (&test);
}

/* The process that @pid has started. */
static GPid
find_child (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", pid, pid);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return atoi (text);
}

/* In pid and mount name spaces of its own, where it is process 1. */
static void
test_container (const void *data)
{
  const Interpreter *interpreter = data;
  Case test;

  case_init (&test);
  start (&test,
         (const char *[]){ "unshare", "--mount", "--pid", "--fork", "--kill-child",
                           "--map-root-user", "--mount-proc", interpreter->path, "-c", SCRIPT,
                           NULL },
         NULL);
  test.python = find_child (test.pid);
  g_assert_cmpint (test.python, >, 0);
  assert_seen (test.python);
  case_clear (&test);
}

/* With another root, as those that tests/pythons.sh fetches are run. */
static void
test_root (const void *data)
{
  const Interpreter *interpreter = data;
  Case test;
  g_autofree char *link = NULL;
  g_autofree char *root = NULL;

  case_init (&test);
  start (&test, (const char *[]){ interpreter->path, "-c", SCRIPT, NULL }, NULL);
  link = g_strdup_printf ("/proc/%d/root", test.pid);
  root = g_file_read_link (link, NULL);
  g_assert_cmpstr (root, !=, "/");
  assert_seen (test.pid);
  case_clear (&test);
}

static void
test_debug_build (const void *data)
{
  SalPython *python = NULL;
  SalTarget *target;
  char version[32];
  Case test;

  case_init (&test);
  start (&test, (const char *[]){ data, "-c", SCRIPT, NULL }, NULL);
  g_assert_cmpint (sal_target_direct_new (test.pid, &target), ==, SAL_TARGET_OK);
  g_assert_cmpstr (sal_python_result_name (sal_python_open (target, version, &python)), ==,
                   "debug build");
  g_assert_true (g_str_has_prefix (version, "3.14."));
  sal_target_free (target);
  case_clear (&test);
}

/* Makes a running Python say that it is of @version (as PY_VERSION_HEX). */
static void
lie_about_version (GPid pid, SalTarget *target, uint64_t version)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/mem", pid);
  SalPython *python;
  char text[32];
  int fd = open (path, O_RDWR | O_CLOEXEC);

  g_assert_cmpint (sal_python_open (target, text, &python), ==, SAL_PYTHON_OK);
  g_assert_cmpint (pwrite (fd, &version, 8, (off_t)python->runtime.address + 8), ==, 8);
  close (fd);
  sal_python_free (python);
}

/* One that is newer than what we know is tried, and the recording will say so. */
static void
test_newer (const void *data)
{
  const Interpreter *interpreter = data;
  SalPython *python = NULL;
  SalTarget *target;
  char version[32];
  Case test;

  case_init (&test);
  start (&test, (const char *[]){ interpreter->path, "-c", SCRIPT, NULL }, NULL);
  g_assert_cmpint (sal_target_direct_new (test.pid, &target), ==, SAL_TARGET_OK);
  lie_about_version (test.pid, target, 0x031000f0);
  g_assert_cmpint (sal_python_open (target, version, &python), ==, SAL_PYTHON_OK);
  g_assert_cmpstr (version, ==, "3.16.0");
  g_assert_nonnull (strstr (sal_python_get_warning (python), "3.16.0"));
  await_seen (python, target);
  sal_python_free (python);
  sal_target_free (target);
  case_clear (&test);
}

static void
add (const Interpreter *interpreter, const char *name, GTestDataFunc function)
{
  g_autofree char *path = g_strdup_printf ("/python/builds/%s/%s", interpreter->version, name);

  g_test_add_data_func (path, interpreter, function);
}

int
main (int argc, char **argv)
{
  g_autofree char *debug = NULL;
  int minor = 0;
  int result;

  if (argc == 3 && g_str_equal (argv[1], "--see"))
    {
      assert_seen (atoi (argv[2]));
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  interpreters = interpreters_list ();
  debug = g_build_filename (interpreters_get_fetched (), "bin", "python3.14-dbg", NULL);
  if (g_file_test (debug, G_FILE_TEST_EXISTS))
    g_test_add_data_func ("/python/builds/debug", debug, test_debug_build);
  for (guint i = 0; i < interpreters->len; i++)
    {
      const Interpreter *interpreter = interpreters->pdata[i];

      if (!interpreters_is_supported (interpreter))
        continue;
      if (interpreter->is_fetched)
        add (interpreter, "root", test_root);
      if (interpreter->is_fetched && interpreter->minor == 15)
        add (interpreter, "newer", test_newer);
      if (!interpreter->is_fetched && (interpreter->major == 2 || interpreter->minor == 6))
        add (interpreter, "stripped", test_stripped_old);
      /* One of each way of finding the runtime that can be copied will do: 3.8 stands for all that
       * have it in .bss. */
      if (interpreter->is_fetched || interpreter->major != 3 || interpreter->minor == minor ||
          (interpreter->minor < 11 && interpreter->minor != 8))
        continue;
      minor = interpreter->minor;
      add (interpreter, "stripped", test_stripped);
      add (interpreter, "deleted", test_deleted);
      add (interpreter, "replaced", test_replaced);
      if (interpreter->minor >= 13)
        add (interpreter, "deleted-from-users", test_deleted_from_users);
      add (interpreter, "virtual-environment", test_virtual_environment);
      add (interpreter, "embedded", test_embedded);
      add (interpreter, "container", test_container);
    }
  result = g_test_run ();
  g_ptr_array_unref (interpreters);
  return result;
}
