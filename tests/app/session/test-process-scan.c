/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of processes: a made-up /proc with everything in it, then the real one. */
#include "sal-process-scan.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "sal-command-line.h"
#include "sal-process-launcher.h"
#include "sal-python-version.h"

#define DEADLINE_SECONDS 60

typedef struct
{
  char *root;
} Place;

static Place
make_place (void)
{
  return (Place){ g_dir_make_tmp ("scan-XXXXXX", NULL) };
}

static void
place_clear (Place *place)
{
  const char *argv[] = { "/bin/rm", "-rf", place->root, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
                               NULL, NULL));
  g_free (place->root);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static void
write_file (Place *place, int pid, const char *name, const char *text, gssize length)
{
  g_autofree char *path = g_strdup_printf ("%s/%d/%s", place->root, pid, name);

  g_assert_true (g_file_set_contents (path, text, length, NULL));
}

/* @command: its words separated by blanks. @maps, @executable: NULL = they may not be read. */
static void
add_process (Place *place,
             int pid,
             int parent,
             const char *name,
             const char *command,
             const char *executable,
             const char *maps)
{
  g_autofree char *folder = g_strdup_printf ("%s/%d", place->root, pid);
  g_autofree char *exe = g_build_filename (folder, "exe", NULL);
  g_autofree char *stat =
      g_strdup_printf ("%d (%s) S %d 1 1 0 -1 4194560 1 2 3 4 100 0 0 0 20 0 1 0 %d 1 2 3\n",
                       pid, name, parent, 1000 + pid);
  g_autofree char *words = g_strdup (command);

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  write_file (place, pid, "stat", stat, -1);
  write_file (place, pid, "status", "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nNSpid:\t1\n", -1);
  write_file (place, pid, "cgroup", "0::/\n", -1);
  write_file (place, pid, "cmdline", g_strdelimit (words, " ", '\0'), (gssize)strlen (command) + 1);
  if (maps != NULL)
    write_file (place, pid, "maps", maps, -1);
  if (executable != NULL)
    g_assert_cmpint (symlink (executable, exe), ==, 0);
}

static const SalProcessInfo *
get (GPtrArray *list, int pid)
{
  const SalProcessInfo *info = sal_process_info_find (list, pid);

  g_assert_nonnull (info);
  return info;
}

#define LIBPYTHON "7f00-7f01 r-xp 0 08:01 1    /usr/lib/libpython3.11.so.1.0\n"

static void
test_python_is_told_from_others (void)
{
  g_auto (Place) place = make_place ();
  g_autoptr (SalProcessScan) scan = sal_process_scan_new (place.root);
  g_autoptr (GPtrArray) list = NULL;

  add_process (&place, 10, 1, "python3.11", "python3 -u app.py x", "/usr/bin/python3.11", "");
  add_process (&place, 11, 1, "uwsgi", "uwsgi --ini x", "/usr/bin/uwsgi", LIBPYTHON);
  add_process (&place, 12, 1, "bash", "bash", "/bin/bash", "");
  /* A command line is a process's own to choose: with files to look at, only these count. */
  add_process (&place, 13, 1, "python3", "/usr/bin/python3 liar.py", "/usr/bin/sleep", "");
  add_process (&place, 14, 1, "server", "/usr/bin/python3 server.py", NULL, NULL);
  add_process (&place, 15, 1, "server", "server", NULL, NULL);
  list = sal_process_scan_run (scan, 0);

  g_assert_cmpuint (list->len, ==, 3);
  g_assert_cmpstr (get (list, 10)->name, ==, "app.py");
  g_assert_cmpstr (get (list, 10)->python, ==, "3.11");
  g_assert_cmpstr (get (list, 10)->command, ==, "python3 -u app.py x");
  g_assert_true (get (list, 10)->is_certain);
  g_assert_cmpint (get (list, 10)->start_ticks, ==, 1010);
  g_assert_cmpstr (get (list, 11)->name, ==, "uwsgi");
  g_assert_cmpstr (get (list, 11)->python, ==, "3.11");
  g_assert_cmpstr (get (list, 14)->name, ==, "server.py");
  g_assert_false (get (list, 14)->is_certain);
}

static void
test_launchers_lead_to_python (void)
{
  g_auto (Place) place = make_place ();
  g_autoptr (SalProcessScan) scan = sal_process_scan_new (place.root);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) of_make = NULL;
  g_autoptr (GPtrArray) of_shell = NULL;
  g_autoptr (GPtrArray) of_master = NULL;
  g_autoptr (GPtrArray) of_also = NULL;

  add_process (&place, 20, 1, "bash", "-bash", "/bin/bash", "");
  add_process (&place, 21, 20, "make", "make run", "/usr/bin/make", "");
  add_process (&place, 22, 21, "sh", "/bin/sh -c gunicorn", "/bin/dash", "");
  add_process (&place, 23, 22, "gunicorn", "python3 /x/gunicorn app", "/usr/bin/python3.11", "");
  add_process (&place, 24, 23, "gunicorn", "python3 /x/gunicorn app", "/usr/bin/python3.11", "");
  add_process (&place, 25, 23, "gunicorn", "python3 /x/gunicorn app", "/usr/bin/python3.11", "");
  add_process (&place, 30, 1, "tool", "tool", "/opt/tool", "");
  add_process (&place, 31, 30, "python3.11", "python3 a.py", "/usr/bin/python3.11", "");
  list = sal_process_scan_run (scan, 0);

  g_assert_null (sal_process_info_find (list, 20));
  g_assert_false (get (list, 21)->is_python);
  g_assert_cmpint (get (list, 21)->access, ==, SAL_ACCESS_NOT_PYTHON);
  g_assert_cmpint (get (list, 22)->parent, ==, 21);
  g_assert_cmpint (get (list, 23)->parent, ==, 22);
  g_assert_cmpint (get (list, 25)->parent, ==, 23);
  g_assert_cmpstr (get (list, 23)->name, ==, "gunicorn");
  of_make = sal_process_info_find_started (list, 21);
  of_shell = sal_process_info_find_started (list, 22);
  of_master = sal_process_info_find_started (list, 23);
  g_assert_cmpuint (of_make->len, ==, 1);
  g_assert_true (of_make->pdata[0] == get (list, 23));
  g_assert_cmpuint (of_shell->len, ==, 1);
  g_assert_cmpuint (of_master->len, ==, 2);

  g_assert_null (sal_process_info_find (list, 30));
  g_ptr_array_unref (list);
  list = sal_process_scan_run (scan, 30);
  of_also = sal_process_info_find_started (list, 30);
  g_assert_cmpuint (of_also->len, ==, 1);
  g_assert_true (of_also->pdata[0] == get (list, 31));
}

static void
test_a_new_program_is_noticed (void)
{
  g_auto (Place) place = make_place ();
  g_autoptr (SalProcessScan) scan = sal_process_scan_new (place.root);
  g_autofree char *exe = g_build_filename (place.root, "40", "exe", NULL);
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) during = NULL;
  g_autoptr (GPtrArray) after = NULL;

  add_process (&place, 40, 1, "sh", "sh -c x", "/bin/sh", "");
  before = sal_process_scan_run (scan, 0);
  g_assert_cmpuint (before->len, ==, 0);
  g_assert_cmpint (g_unlink (exe), ==, 0);
  g_assert_cmpint (symlink ("/usr/bin/python3.12", exe), ==, 0);
  write_file (&place, 40, "cmdline", "python3\0b.py", 13);
  during = sal_process_scan_run (scan, 0);
  g_assert_cmpstr (get (during, 40)->name, ==, "b.py");
  g_assert_cmpstr (get (during, 40)->python, ==, "3.12");
  g_assert_cmpint (g_unlink (exe), ==, 0);
  g_assert_cmpint (symlink ("/bin/cat", exe), ==, 0);
  after = sal_process_scan_run (scan, 0);
  g_assert_cmpuint (after->len, ==, 0);
}

static void
test_versions_and_containers_are_told (void)
{
  g_auto (Place) place = make_place ();
  g_autoptr (SalProcessScan) scan = sal_process_scan_new (place.root);
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *sentence = NULL;

  add_process (&place, 50, 1, "python2.5", "python2.5 x.py", "/opt/python2.5", "");
  add_process (&place, 51, 1, "python3.11", "python x.py", "/usr/bin/python3.11", "");
  write_file (&place, 51, "cgroup", "0::/system.slice/docker-00112233445566.scope\n", -1);
  list = sal_process_scan_run (scan, 0);
  g_assert_cmpint (get (list, 50)->access, ==, SAL_ACCESS_VERSION);
  sentence = sal_process_info_describe (get (list, 50), TRUE);
  g_assert_nonnull (strstr (sentence, "Python 2.5"));
  g_assert_cmpstr (get (list, 51)->container, ==, "docker 001122334455");
  g_assert_true (sal_python_version_is_supported ("3.11.7"));
  g_assert_true (sal_python_version_is_supported ("no version"));
  g_assert_true (sal_python_version_is_supported ("3.16.0"));
  g_assert_true (sal_python_version_is_supported ("3.14.0t"));
  g_assert_false (sal_python_version_is_supported ("1.5.2"));
}

/* Nothing that a process writes into its texts breaks a list's lines, or us. */
static void
test_hostile_texts (void)
{
  g_auto (Place) place = make_place ();
  g_autoptr (SalProcessScan) scan = sal_process_scan_new (place.root);
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *folder = g_build_filename (place.root, "99999999999", NULL);
  g_autofree char *flood = g_strnfill (300000, 'x');
  const SalProcessInfo *info;

  add_process (&place, 60, 60, "py) S\n", "python3 \x1b[2J\n\xff.py", "/usr/bin/python3.11", "");
  write_file (&place, 60, "status", flood, -1);
  write_file (&place, 60, "cgroup", flood, -1);
  add_process (&place, 61, 62, "a", "python3", "/usr/bin/python3.11", "");
  add_process (&place, 62, 61, "b", "sh -c x", "/bin/sh", "");
  write_file (&place, 61, "cmdline", flood, -1);
  add_process (&place, 63, 1, "c", "python3", "/usr/bin/python3.11", "");
  write_file (&place, 63, "stat", "63 (c", -1);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  list = sal_process_scan_run (scan, 0);

  info = get (list, 60);
  g_assert_null (strpbrk (info->name, "\n\x1b"));
  g_assert_null (strpbrk (info->command, "\n\x1b"));
  g_assert_true (g_utf8_validate (info->name, -1, NULL));
  g_assert_true (g_utf8_validate (info->command, -1, NULL));
  g_assert_cmpuint (strlen (get (list, 61)->command), <=, 1024);
  g_assert_null (sal_process_info_find (list, 63));
}

static void
test_names (void)
{
  static const struct
  {
    const char *command;
    const char *name;
  } cases[] = {
    { "python3 app.py", "app.py" },
    { "/usr/bin/python3 -u -W ignore -X dev /srv/app/main.py --port 1", "main.py" },
    { "python -m http.server 80", "http.server" },
    { "python -um http.server", "http.server" },
    { "python3.11 -mthis", "this" },
    { "python3 -c pass", "python3 -c" },
    { "python3 -Wignore x.py", "x.py" },
    { "python3", "python3" },
    { "python3 -", "-" },
    { "/opt/bin/uwsgi --ini x", "uwsgi" },
    { "gunicorn:", "gunicorn:" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) argv = g_strsplit (cases[i].command, " ", -1);
      g_autofree char *name = sal_command_line_get_name ((const char *const *)argv);

      g_assert_cmpstr (name, ==, cases[i].name);
    }
}

static void
test_shells (void)
{
  static const struct
  {
    const char *program;
    const char *command;
    gboolean is_launcher;
  } cases[] = {
    { "uv", "uv run x.py", TRUE },
    { "bash", "bash", FALSE },
    { "bash", "-bash", FALSE },
    { "bash", "bash --login -i", FALSE },
    { "bash", "bash run.sh", TRUE },
    { "sh", "sh -c x", TRUE },
    { "dash", "/bin/sh -lc x", TRUE },
    { "gnome-shell", "gnome-shell", FALSE },
    { "sh", "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) argv = g_strsplit (cases[i].command, " ", -1);

      g_assert_cmpint (sal_process_is_launcher (cases[i].program, (const char *const *)argv),
                       ==,
                       cases[i].is_launcher);
    }
}

/* The file of an interpreter: what is called python3 may be a script that starts one. */
static char *
find_python (void)
{
  g_autofree char *path = NULL;

  if (!g_spawn_command_line_sync ("python3 -c 'import os, sys; print(end=sys.executable)'",
                                  &path,
                                  NULL,
                                  NULL,
                                  NULL))
    return NULL;
  return g_steal_pointer (&path);
}

/* A real Python, in a real virtual environment's folder. */
static void
test_a_real_process (void)
{
  g_auto (Place) place = make_place ();
  g_autofree char *python = find_python ();
  g_autofree char *bin = g_build_filename (place.root, "shop", ".venv", "bin", NULL);
  g_autofree char *link = g_build_filename (bin, "python", NULL);
  g_autofree char *config = g_build_filename (place.root, "shop", ".venv", "pyvenv.cfg", NULL);
  const char *argv[] = { link, "-c", "import time; time.sleep(600)", NULL };
  g_autoptr (SalProcessScan) scan = sal_process_scan_new ("/proc");
  g_autoptr (GPtrArray) list = NULL;
  const SalProcessInfo *info = NULL;
  gint64 deadline = g_get_monotonic_time () + DEADLINE_SECONDS * G_USEC_PER_SEC;
  GPid pid;

  if (python == NULL)
    {
      g_test_skip ("there is no python3");
      return;
    }
  g_test_message ("with %s", python);
  g_assert_cmpint (g_mkdir_with_parents (bin, 0700), ==, 0);
  g_assert_true (g_file_set_contents (config, "home = /usr/bin\n", -1, NULL));
  g_assert_cmpint (symlink (python, link), ==, 0);
  g_assert_true (g_spawn_async (NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                &pid, NULL));
  /* The child is a copy of us until it has become Python. */
  while (info == NULL || !info->is_python)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_clear_pointer (&list, g_ptr_array_unref);
      list = sal_process_scan_run (scan, pid);
      info = sal_process_info_find (list, pid);
    }
  g_assert_cmpstr (info->name, ==, "python -c");
  g_assert_cmpstr (info->environment, ==, "shop/.venv");
  g_assert_true (info->is_certain);
  g_assert_cmpint (ABS (info->start_time - g_get_real_time () / G_USEC_PER_SEC), <, 3600);
  g_assert_cmpfloat (info->cpu, >=, 0);
  g_assert_null (sal_process_info_find (list, getpid ()));
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  g_ptr_array_unref (list);
  list = sal_process_scan_run (scan, pid);
  g_assert_null (sal_process_info_find (list, pid));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/process-scan/python-is-told-from-others",
                   test_python_is_told_from_others);
  g_test_add_func ("/session/process-scan/launchers-lead-to-python",
                   test_launchers_lead_to_python);
  g_test_add_func ("/session/process-scan/a-new-program-is-noticed",
                   test_a_new_program_is_noticed);
  g_test_add_func ("/session/process-scan/versions-and-containers-are-told",
                   test_versions_and_containers_are_told);
  g_test_add_func ("/session/process-scan/hostile-texts", test_hostile_texts);
  g_test_add_func ("/session/process-scan/names", test_names);
  g_test_add_func ("/session/process-scan/shells", test_shells);
  g_test_add_func ("/session/process-scan/a-real-process", test_a_real_process);
  return g_test_run ();
}
