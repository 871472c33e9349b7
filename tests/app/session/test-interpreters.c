/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interpreters, found in a made-up home: shell scripts play the interpreters. */
#include "sal-interpreters.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define DEADLINE_SECONDS 60

typedef struct
{
  char *root;
} Place;

static void
remove_tree (const char *path)
{
  const char *argv[] = { "/bin/rm", "-rf", path, NULL };

  g_assert_true (g_spawn_sync (NULL,
                               (char **)argv,
                               NULL,
                               G_SPAWN_DEFAULT,
                               NULL,
                               NULL,
                               NULL,
                               NULL,
                               NULL,
                               NULL));
}

static void
place_clear (Place *place)
{
  remove_tree (place->root);
  g_free (place->root);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

/* A home without anything; PATH is @root/bin. */
static Place
make_place (void)
{
  Place place = { g_dir_make_tmp ("interpreters-XXXXXX", NULL) };
  g_autofree char *bin = g_build_filename (place.root, "bin", NULL);
  g_autofree char *pyenv = g_build_filename (place.root, "pyenv", NULL);

  g_setenv ("PYENV_ROOT", pyenv, TRUE);
  g_setenv ("PATH", bin, TRUE);
  g_unsetenv ("VIRTUAL_ENV");
  g_unsetenv ("CONDA_PREFIX");
  return place;
}

static char *
add_file (Place *place, const char *name, const char *contents)
{
  char *path = g_build_filename (place->root, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, contents, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
  return path;
}

/* An interpreter that says it is @version, and that it is @executable, NULL = the file itself. */
static void
add_python (Place *place, const char *name, const char *version, const char *executable)
{
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\necho %s\necho %s\n",
                                             version,
                                             executable != NULL ? executable : "\"$0\"");

  g_free (add_file (place, name, script));
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static GPtrArray *
find (const char *directory)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *found;
  gint64 deadline = g_get_monotonic_time () + DEADLINE_SECONDS * G_USEC_PER_SEC;

  sal_interpreters_find_async (directory, NULL, found_cb, &result);
  while (result == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
  found = sal_interpreters_find_finish (result, &error);
  g_assert_no_error (error);
  return found;
}

static const SalInterpreter *
get (GPtrArray *found, guint i)
{
  g_assert_cmpuint (i, <, found->len);
  return found->pdata[i];
}

static void
test_path (void)
{
  g_auto (Place) place = make_place ();
  g_autofree char *python = g_build_filename (place.root, "bin", "python3", NULL);
  g_autofree char *link = g_build_filename (place.root, "bin", "python3.11", NULL);
  g_autoptr (GPtrArray) found = NULL;

  add_python (&place, "bin/python3", "3.11.2", NULL);
  add_python (&place, "bin/python3.9", "3.9.1", NULL);
  add_python (&place, "bin/python3.13", "3.13.0", NULL);
  add_python (&place, "bin/python3-config", "0.0.0", NULL);
  g_assert_cmpint (symlink (python, link), ==, 0);
  found = find (NULL);
  g_assert_cmpuint (found->len, ==, 3);
  g_assert_cmpstr (get (found, 0)->path, ==, python);
  g_assert_cmpstr (get (found, 0)->version, ==, "3.11.2");
  g_assert_cmpstr (get (found, 1)->version, ==, "3.13.0");
  g_assert_cmpstr (get (found, 2)->version, ==, "3.9.1");
  g_assert_nonnull (strstr (get (found, 0)->label, "3.11.2"));
  g_assert_nonnull (strstr (get (found, 0)->label, python));
}

static void
test_virtual_environment_is_its_own (void)
{
  g_auto (Place) place = make_place ();
  g_autofree char *python = g_build_filename (place.root, "bin", "python3", NULL);
  g_autofree char *link = g_build_filename (place.root, "project/.venv/bin/python", NULL);
  g_autofree char *directory = g_build_filename (place.root, "project", NULL);
  g_autoptr (GPtrArray) found = NULL;

  add_python (&place, "bin/python3", "3.11.2", NULL);
  g_free (add_file (&place, "project/.venv/pyvenv.cfg", "home = /x\nversion = 3.11.2\n"));
  g_free (add_file (&place, "project/.venv/bin/other", ""));
  g_assert_cmpint (symlink (python, link), ==, 0);
  g_free (add_file (&place, "project/venv/pyvenv.cfg", "version_info = 3.12.1.final.0\n"));
  add_python (&place, "project/venv/bin/python", "never asked", NULL);
  found = find (directory);
  g_assert_cmpuint (found->len, ==, 3);
  g_assert_cmpstr (get (found, 0)->path, ==, link);
  g_assert_cmpstr (get (found, 0)->label, ==, "Python 3.11.2 (.venv)");
  g_assert_cmpstr (get (found, 1)->version, ==, "3.12.1");
  g_assert_cmpstr (get (found, 2)->path, ==, python);
}

static void
test_active_environment_comes_first_and_once (void)
{
  g_auto (Place) place = make_place ();
  g_autofree char *active = g_build_filename (place.root, "active", NULL);
  g_autofree char *path = g_strdup_printf ("%s/bin:%s/bin", active, place.root);
  g_autoptr (GPtrArray) found = NULL;

  add_python (&place, "bin/python3", "3.11.2", NULL);
  g_free (add_file (&place, "active/pyvenv.cfg", "version = 3.13.0\n"));
  add_python (&place, "active/bin/python3", "3.13.0", NULL);
  add_python (&place, "active/bin/python", "3.13.0", NULL);
  g_setenv ("VIRTUAL_ENV", active, TRUE);
  g_setenv ("PATH", path, TRUE);
  found = find (NULL);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_cmpstr (get (found, 0)->label, ==, "Python 3.13.0 (active)");
  g_assert_cmpstr (get (found, 1)->version, ==, "3.11.2");
}

/* pyenv puts scripts on PATH that start one of its versions. */
static void
test_shims_are_seen_through (void)
{
  g_auto (Place) place = make_place ();
  g_autofree char *real = g_build_filename (place.root, "pyenv/versions/3.12.1/bin/python", NULL);
  g_autoptr (GPtrArray) found = NULL;

  add_python (&place, "pyenv/versions/3.12.1/bin/python", "3.12.1", NULL);
  add_python (&place, "pyenv/versions/3.9.0/bin/python", "3.9.0", NULL);
  add_python (&place, "bin/python3", "3.12.1", real);
  add_python (&place, "bin/python3.12", "3.12.1", real);
  found = find (NULL);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_cmpstr (get (found, 0)->path, ==, real);
  g_assert_cmpstr (get (found, 1)->version, ==, "3.9.0");
  g_assert_cmpstr (get (found, 1)->label, ==, "Python 3.9.0 (3.9.0)");
}

static void
test_what_does_not_run_is_left_out (void)
{
  g_auto (Place) place = make_place ();
  g_autoptr (GPtrArray) found = NULL;

  g_free (add_file (&place, "bin/python3", "#!/bin/sh\nexit 1\n"));
  g_free (add_file (&place, "bin/python3.11", "#!/bin/sh\necho 'not a version'\n"));
  g_free (add_file (&place, "bin/python3.12", "#!/nowhere/sh\n"));
  g_free (add_file (&place, "bin/python3.13", "no program"));
  found = find (NULL);
  g_assert_cmpuint (found->len, ==, 0);
}

static void
test_cancel (void)
{
  g_auto (Place) place = make_place ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 deadline = g_get_monotonic_time () + DEADLINE_SECONDS * G_USEC_PER_SEC;

  g_free (add_file (&place, "bin/python3", "#!/bin/sh\nexec /bin/sleep 100\n"));
  sal_interpreters_find_async (NULL, cancellable, found_cb, &result);
  g_cancellable_cancel (cancellable);
  while (result == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_null (sal_interpreters_find_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("session-XXXXXX", NULL);
  int result;

  /* G_TEST_OPTION_ISOLATE_DIRS leaks, which would drown our own leaks. */
  g_setenv ("HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/interpreters/path", test_path);
  g_test_add_func ("/session/interpreters/virtual-environment-is-its-own",
                   test_virtual_environment_is_its_own);
  g_test_add_func ("/session/interpreters/active-environment-comes-first-and-once",
                   test_active_environment_comes_first_and_once);
  g_test_add_func ("/session/interpreters/shims-are-seen-through", test_shims_are_seen_through);
  g_test_add_func ("/session/interpreters/what-does-not-run-is-left-out",
                   test_what_does_not_run_is_left_out);
  g_test_add_func ("/session/interpreters/cancel", test_cancel);
  result = g_test_run ();
  remove_tree (home);
  return result;
}
