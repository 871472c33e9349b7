/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at programs whose stacks the interpreter itself has told. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interpreters.h"
#include "sal-target-direct.h"

#define DEADLINE_US (60 * G_USEC_PER_SEC)

static GPtrArray *interpreters;

typedef struct
{
  const Interpreter *interpreter;
  const char *kind;
} Case;

static Program *
start (const Case *test)
{
  return program_start (test->interpreter,
                        test->interpreter->major == 2 ? "stacks-2.7.py" : "stacks.py", test->kind);
}

static const SalPythonThread *
find_thread (SalPython *python, const SalPythonLook *look, const char *name)
{
  for (size_t i = 0; i < look->n_threads; i++)
    {
      char *found = sal_python_dup_thread_name (python, look->threads[i].thread_id, NULL);
      gboolean is_it = g_strcmp0 (found, name) == 0;

      free (found);
      if (is_it)
        return &look->threads[i];
    }
  return NULL;
}

/* The stack from the outside in, without the innermost frame: as the program told it. */
static char *
describe (SalPython *python, const SalPythonThread *thread)
{
  GString *text = g_string_new (NULL);

  for (uint32_t i = thread->n_frames; i-- > 1;)
    {
      SalPythonFrame frame = thread->frames[i];
      SalPythonPosition position = sal_python_get_position (python, frame.code, frame.offset);

      g_string_append_printf (text, "%u %s\n", position.line,
                              sal_python_get_code (python, frame.code)->name);
    }
  return g_string_free (text, FALSE);
}

static char *
expect (char **lines, int n)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "%s\n", lines[i]);
  return g_string_free (text, FALSE);
}

/* Waits until the thread has gone to sleep in stop() and the look is good. */
static void
check_thread (SalPython *python, const char *name, const char *expected)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_US;
  g_autofree char *found = NULL;

  do
    {
      SalPythonLook look;
      const SalPythonThread *thread;

      g_assert_cmpint (sal_python_look (python, &look), ==, SAL_PYTHON_OK);
      thread = find_thread (python, &look, name);
      if (thread == NULL || thread->result != SAL_PYTHON_LOOK_OK)
        continue;
      g_clear_pointer (&found, g_free);
      found = describe (python, thread);
    }
  while (g_strcmp0 (found, expected) != 0 && g_get_monotonic_time () < end);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_stack (const void *data)
{
  const Case *test = data;
  Program *program = start (test);
  SalTarget *target;
  SalPython *python = program_open (program, &target);
  int n_threads = 0;

  for (char **line = program->lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "thread "))
      {
        g_auto (GStrv) words = g_strsplit (*line, " ", 3);
        int n = atoi (words[2]);
        g_autofree char *expected = expect (line + 1, n);

        check_thread (python, words[1], expected);
        n_threads++;
        line += n;
      }
  g_assert_cmpint (n_threads, >, 0);
  sal_python_free (python);
  sal_target_free (target);
  program_free (program);
}

typedef gboolean (*Seen) (SalPython *python, const SalPythonLook *look);

static void
wait_until (const Case *test, Seen seen)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_US;
  Program *program = start (test);
  SalTarget *target;
  SalPython *python = program_open (program, &target);
  gboolean is_seen = FALSE;

  while (!is_seen && g_get_monotonic_time () < end)
    {
      SalPythonLook look;

      g_assert_cmpint (sal_python_look (python, &look), ==, SAL_PYTHON_OK);
      is_seen = seen (python, &look);
    }
  g_assert_true (is_seen);
  sal_python_free (python);
  sal_target_free (target);
  program_free (program);
}

static gboolean
is_collecting (SalPython *python, const SalPythonLook *look)
{
  return look->n_threads == 1 && look->threads[0].in_gc &&
         look->threads[0].holds_gil == (look->threads[0].gil != 0);
}

static void
test_collecting (const void *data)
{
  wait_until (data, is_collecting);
}

/* Without a lock it is the one that has stopped the other. */
static gboolean
is_collecting_among (SalPython *python, const SalPythonLook *look)
{
  const SalPythonThread *other = find_thread (python, look, "spinner");
  const SalPythonThread *collector = find_thread (python, look, "MainThread");

  if (other == NULL || collector == NULL)
    return FALSE;
  g_assert_false (other->in_gc);
  return collector->in_gc;
}

static void
test_collecting_among (const void *data)
{
  wait_until (data, is_collecting_among);
}

static gboolean
is_held_by_none (SalPython *python, const SalPythonLook *look)
{
  for (size_t i = 0; i < look->n_threads; i++)
    if (look->threads[i].holds_gil || look->threads[i].gil != 0 || look->threads[i].gil_size != 0)
      return FALSE;
  return look->n_threads == 2;
}

static void
test_no_lock (const void *data)
{
  wait_until (data, is_held_by_none);
}

/* The one that spins has the lock, and the one that sleeps has not. */
static gboolean
is_held_by_one (SalPython *python, const SalPythonLook *look)
{
  const SalPythonThread *busy = find_thread (python, look, "MainThread");

  return look->n_threads == 2 && busy != NULL && busy->holds_gil && busy->gil != 0 &&
         !look->threads[busy == look->threads].holds_gil;
}

/* A free-threaded build is told to use it. */
static void
test_lock (const void *data)
{
  const Case *test = data;

  if (test->interpreter->is_free_threaded)
    g_assert_true (g_setenv ("PYTHON_GIL", "1", TRUE));
  wait_until (data, is_held_by_one);
  g_unsetenv ("PYTHON_GIL");
}

/* Code objects come and go at the same addresses: the number in a callee's name is its caller's. */
static void
test_reused (const void *data)
{
  const Case *test = data;
  Program *program = start (test);
  SalTarget *target;
  SalPython *python = program_open (program, &target);
  int n_pairs = 0;

  for (int i = 0; i < 20000; i++)
    {
      SalPythonLook look;
      const char *inner;
      const char *outer;

      g_assert_cmpint (sal_python_look (python, &look), ==, SAL_PYTHON_OK);
      if (look.threads[0].result != SAL_PYTHON_LOOK_OK || look.threads[0].n_frames != 5)
        continue;
      inner = sal_python_get_code (python, look.threads[0].frames[0].code)->name;
      outer = sal_python_get_code (python, look.threads[0].frames[1].code)->name;
      if (!g_str_has_prefix (inner, "inner_") || !g_str_has_prefix (outer, "outer_"))
        continue;
      g_assert_cmpstr (inner + 6, ==, outer + 6);
      n_pairs++;
    }
  g_test_message ("%d pairs seen", n_pairs);
  sal_python_free (python);
  sal_target_free (target);
  program_free (program);
}

/* Its stack can be told though a code object that was known had its address before it. */
static gboolean
is_outgrown (SalPython *python, const SalPythonLook *look)
{
  const SalPythonThread *thread = look->threads;

  return look->n_threads == 1 && thread->result == SAL_PYTHON_LOOK_OK && thread->n_frames > 1 &&
         strcmp (sal_python_get_code (python, thread->frames[1].code)->name, "forever") == 0;
}

static void
test_outgrown (const void *data)
{
  wait_until (data, is_outgrown);
}

/* The innermost frames of the thread called @name, as many as @stack has. */
static char *
describe_names (SalPython *python, const SalPythonLook *look, const char *name, const char *stack)
{
  const SalPythonThread *thread = find_thread (python, look, name);
  GString *text = g_string_new (NULL);

  for (uint32_t i = 0; thread != NULL && i < thread->n_frames && text->len < strlen (stack); i++)
    g_string_append_printf (text, "%s ",
                            sal_python_get_code (python, thread->frames[i].code)->name);
  return g_string_free (text, FALSE);
}

static gboolean
is_at (SalPython *python, const SalPythonLook *look, const char *name, const char *stack)
{
  g_autofree char *found = describe_names (python, look, name, stack);

  return g_str_equal (found, stack);
}

/* A thread that went into another interpreter is one thread with one stack. */
static gboolean
are_all_there (SalPython *python, const SalPythonLook *look)
{
  for (size_t i = 0; i < look->n_threads; i++)
    for (size_t k = 0; k < i; k++)
      if (look->threads[i].tid == look->threads[k].tid)
        return FALSE;
  return look->n_threads == 4 && is_at (python, look, "MainThread", "main <module> ") &&
         is_at (python, look, "visitor", "inner middle <module> enter Thread.run ") &&
         is_at (python, look, "host", "inner middle begin <module> enter Thread.run ") &&
         is_at (python, look, "native", "inner middle Thread.run ");
}

static gboolean
are_all_known (const SalPythonLook *look)
{
  for (size_t i = 0; i < look->n_threads; i++)
    if (!look->threads[i].same_as_before)
      return FALSE;
  return TRUE;
}

static void
test_interpreters (const void *data)
{
  const Case *test = data;
  Program *program = program_start (test->interpreter, "subinterpreters.py", NULL);
  gint64 end = g_get_monotonic_time () + DEADLINE_US;
  SalTarget *target;
  SalPython *python = program_open (program, &target);
  SalPythonLook look;

  do
    g_assert_cmpint (sal_python_look (python, &look), ==, SAL_PYTHON_OK);
  while (!are_all_there (python, &look) && g_get_monotonic_time () < end);
  g_assert_true (are_all_there (python, &look));
  /* And all of them are known again, once they have gone to sleep. */
  do
    g_assert_cmpint (sal_python_look (python, &look), ==, SAL_PYTHON_OK);
  while (!are_all_known (&look) && g_get_monotonic_time () < end);
  g_assert_true (are_all_known (&look) && are_all_there (python, &look));
  sal_python_free (python);
  sal_target_free (target);
  program_free (program);
}

/* Threads come and go while they are looked at: each good stack begins where a thread begins, and
 * bears the id of a thread of the kernel's. */
static void
test_comers (const void *data)
{
  const Case *test = data;
  gint64 end = g_get_monotonic_time () + DEADLINE_US;
  Program *program = start (test);
  SalTarget *target;
  SalPython *python = program_open (program, &target);
  guint n_seen = 0;

  while (n_seen < 200 && g_get_monotonic_time () < end)
    {
      SalPythonLook look;
      SalPythonResult result = sal_python_look (python, &look);

      /* The list of threads may change too fast to be had. */
      if (result == SAL_PYTHON_CORRUPT)
        continue;
      g_assert_cmpint (result, ==, SAL_PYTHON_OK);
      for (size_t i = 0; i < look.n_threads; i++)
        {
          const SalPythonThread *thread = &look.threads[i];
          const char *outermost;

          if (thread->result != SAL_PYTHON_LOOK_OK)
            continue;
          outermost =
              sal_python_get_code (python, thread->frames[thread->n_frames - 1].code)->name;
          if (g_str_equal (outermost, "<module>"))
            g_assert_cmpuint (thread->tid, ==, program->pid);
          else
            {
              g_assert_true (g_str_has_suffix (outermost, "_bootstrap"));
              g_assert_cmpuint (thread->tid, !=, program->pid);
              n_seen++;
            }
        }
    }
  g_assert_cmpuint (n_seen, >=, 200);
  sal_python_free (python);
  sal_target_free (target);
  program_free (program);
}

static void
test_gone (const void *data)
{
  const Case *test = data;
  Program *program = start (test);
  SalTarget *target;
  SalPython *python = program_open (program, &target);
  SalPythonLook look;

  program_free (program);
  g_assert_cmpint (sal_python_look (python, &look), ==, SAL_PYTHON_GONE);
  sal_python_free (python);
  sal_target_free (target);
}

static void
test_unsupported (const void *data)
{
  const Case *test = data;
  const char *argv[] = { test->interpreter->path, "-c",
                         "import sys, time; print(1); sys.stdout.flush(); time.sleep(999)", NULL };
  SalPython *python = NULL;
  SalTarget *target;
  SalPythonResult result;
  char version[32];
  char byte;
  GPid pid;
  int fd;

  g_assert_true (g_spawn_async_with_pipes (NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                           die_with_parent, NULL, &pid, NULL, &fd, NULL, NULL));
  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  close (fd);
  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  result = sal_python_open (target, version, &python);
  g_assert_cmpstr (sal_python_result_name (result), ==, "unsupported version");
  g_assert_true (g_str_has_prefix (test->interpreter->version, version));
  g_assert_cmpuint (strlen (version), >=, 3);
  sal_target_free (target);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

static void
test_not_python (void)
{
  const char *argv[] = { "sleep", "1000", NULL };
  SalPython *python = NULL;
  SalTarget *target;
  char version[32];
  GPid pid;

  g_assert_true (g_spawn_async (NULL, (char **)argv, NULL,
                                G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent,
                                NULL, &pid, NULL));
  g_assert_cmpint (sal_target_direct_new (pid, &target), ==, SAL_TARGET_OK);
  g_assert_cmpint (sal_python_open (target, version, &python), ==, SAL_PYTHON_NOT_PYTHON);
  g_assert_cmpstr (version, ==, "");
  sal_target_free (target);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

/* Where the newest were promised (tests/run does) none may be missing. */
static void
test_matrix (const void *data)
{
  int minor = GPOINTER_TO_INT (data);

  for (guint i = 0; i < interpreters->len; i++)
    if (((Interpreter *)interpreters->pdata[i])->minor == minor)
      return;
  if (g_getenv ("SAL_TEST_PYTHONS") == NULL)
    g_test_skip ("not there; tests/pythons.sh fetches it");
  else
    g_test_fail_printf ("there is no Python 3.%d, though tests/pythons.sh was to fetch it", minor);
}

/* One without the lock, which is built from source, may be missing where that is. */
static void
test_free_threaded_matrix (void)
{
  g_autofree char *path = g_build_filename (interpreters_get_fetched (), "no-free-threaded", NULL);
  g_autofree char *reason = NULL;

  for (guint i = 0; i < interpreters->len; i++)
    if (((Interpreter *)interpreters->pdata[i])->is_free_threaded)
      return;
  if (g_file_get_contents (path, &reason, NULL, NULL))
    g_test_skip (g_strstrip (reason));
  else if (g_getenv ("SAL_TEST_PYTHONS") == NULL)
    g_test_skip ("not there; tests/pythons.sh builds it");
  else
    g_test_fail_printf ("there is no free-threaded Python; tests/pythons.sh was to build it");
}

static void
add (const Interpreter *interpreter, const char *name, const char *kind, GTestDataFunc function)
{
  g_autofree char *path = g_strdup_printf ("/python/live/%s/%s", interpreter->version, name);
  Case *test = g_new (Case, 1);

  *test = (Case){ interpreter, kind };
  g_test_add_data_func_full (path, test, function, g_free);
}

int
main (int argc, char **argv)
{
  static const char *const kinds[] = {
    "nested",
    "recursion",
    "generators",
    "coroutines",
    "exceptions",
    "callbacks",
    "comprehensions",
    "class_body",
    "executed",
    "decorated",
    "destructor",
    "unicode_names",
    "with_threads",
    "deep",
    "through_c",
    "methods",
  };
  static const char *const only_in_3[] = { "coroutines", "decorated", "unicode_names", NULL };
  int result;

  g_test_init (&argc, &argv, NULL);
  interpreters = interpreters_list ();
  g_test_add_func ("/python/live/not-python", test_not_python);
  g_test_add_data_func ("/python/live/matrix/3.13", GINT_TO_POINTER (13), test_matrix);
  g_test_add_data_func ("/python/live/matrix/3.14", GINT_TO_POINTER (14), test_matrix);
  g_test_add_data_func ("/python/live/matrix/3.15", GINT_TO_POINTER (15), test_matrix);
  g_test_add_func ("/python/live/matrix/free-threaded", test_free_threaded_matrix);
  for (guint i = 0; i < interpreters->len; i++)
    {
      const Interpreter *interpreter = interpreters->pdata[i];

      if (!interpreters_is_supported (interpreter))
        {
          add (interpreter, "unsupported", "", test_unsupported);
          continue;
        }
      for (size_t k = 0; k < G_N_ELEMENTS (kinds); k++)
        if (interpreter->major == 3 || !g_strv_contains (only_in_3, kinds[k]))
          add (interpreter, kinds[k], kinds[k], test_stack);
      add (interpreter, "collecting", "collecting", test_collecting);
      add (interpreter, "lock", "busy", test_lock);
      if (interpreter->is_free_threaded)
        {
          add (interpreter, "no-lock", "busy", test_no_lock);
          add (interpreter, "collecting-among", "collecting_among", test_collecting_among);
        }
      /* Without a lock, objects of other sizes are kept elsewhere. */
      if (interpreter->major == 3 && !interpreter->is_free_threaded)
        add (interpreter, "outgrown", "outgrown", test_outgrown);
      add (interpreter, "reused", "reused", test_reused);
      add (interpreter, "comers", "comers", test_comers);
      add (interpreter, "gone", "nested", test_gone);
      if (interpreter->major == 3 && interpreter->minor >= 11)
        add (interpreter, "interpreters", "", test_interpreters);
    }
  result = g_test_run ();
  g_ptr_array_unref (interpreters);
  return result;
}
