/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of opening the file of a recording. */
#include "sal-command-output.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

typedef struct
{
  char *folder;
  char *path;
  char *other;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "file", NULL);
  fixture->other = g_build_filename (fixture->folder, "other", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_unlink (fixture->other);
  g_rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->other);
  g_free (fixture->folder);
}

static void
assert_refused (const char *path, int expected)
{
  int fd = sal_command_output_open (path);
  int error = errno;

  g_assert_cmpint (fd, ==, -1);
  g_assert_cmpint (error, ==, expected);
}

static void
test_a_new_file_is_the_owners (Fixture *fixture, gconstpointer data)
{
  int fd = sal_command_output_open (fixture->path);
  struct stat status;

  g_assert_no_errno (fstat (fd, &status));
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, FD_CLOEXEC);
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_ACCMODE, ==, O_WRONLY);
  close (fd);
}

static void
test_an_old_file_is_emptied_and_closed_to_others (Fixture *fixture, gconstpointer data)
{
  struct stat status;
  int fd;

  g_assert_true (g_file_set_contents (fixture->path, "old", 3, NULL));
  g_assert_no_errno (g_chmod (fixture->path, 0644));
  fd = sal_command_output_open (fixture->path);
  g_assert_no_errno (fstat (fd, &status));
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  g_assert_cmpint (status.st_size, ==, 0);
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, ==, 0);
  close (fd);
}

static void
test_links_are_not_followed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *contents = NULL;

  g_assert_true (g_file_set_contents (fixture->other, "kept", 4, NULL));
  g_assert_no_errno (symlink (fixture->other, fixture->path));
  assert_refused (fixture->path, ELOOP);
  g_unlink (fixture->path);
  g_assert_no_errno (link (fixture->other, fixture->path));
  assert_refused (fixture->path, EPERM);
  g_assert_true (g_file_get_contents (fixture->other, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "kept");
}

static void
test_only_plain_files_and_devices (Fixture *fixture, gconstpointer data)
{
  int fd = sal_command_output_open ("/dev/null");

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  assert_refused (fixture->folder, EISDIR);
  g_assert_no_errno (mkfifo (fixture->path, 0600));
  errno = 0;
  g_assert_cmpint (sal_command_output_open (fixture->path), ==, -1);
}

static void
test_no_folder_no_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "none", "file", NULL);

  assert_refused (path, ENOENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/command/output/a-new-file", test_a_new_file_is_the_owners);
  ADD ("/command/output/an-old-file", test_an_old_file_is_emptied_and_closed_to_others);
  ADD ("/command/output/links-are-not-followed", test_links_are_not_followed);
  ADD ("/command/output/only-plain-files", test_only_plain_files_and_devices);
  ADD ("/command/output/no-folder", test_no_folder_no_file);
  return g_test_run ();
}
