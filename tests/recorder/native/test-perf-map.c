/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the names that a program writes down for code that it has made. */
#include "sal-native-perf-map.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

static void
append (int fd, const char *text)
{
  g_assert_cmpint (write (fd, text, strlen (text)), ==, (gssize)strlen (text));
}

static void
test_names_are_read_as_they_come (void)
{
  int fd = memfd_create ("map", MFD_CLOEXEC);
  SalNativePerfMap *map = sal_native_perf_map_new (fd);

  g_assert_null (sal_native_perf_map_find (map, 0x1000));
  append (fd, "1000 10 py::f:/srv/a b.py\n2000 20 py::g");
  g_assert_cmpstr (sal_native_perf_map_find (map, 0x1000), ==, "py::f:/srv/a b.py");
  g_assert_cmpstr (sal_native_perf_map_find (map, 0x100f), ==, "py::f:/srv/a b.py");
  g_assert_null (sal_native_perf_map_find (map, 0x1010));
  g_assert_null (sal_native_perf_map_find (map, 0xfff));
  g_assert_null (sal_native_perf_map_find (map, 0x2000));
  append (fd, ":b.py\n1008 8 later\n");
  g_assert_cmpstr (sal_native_perf_map_find (map, 0x201f), ==, "py::g:b.py");
  g_assert_cmpstr (sal_native_perf_map_find (map, 0x1007), ==, "py::f:/srv/a b.py");
  g_assert_cmpstr (sal_native_perf_map_find (map, 0x1008), ==, "later");
  sal_native_perf_map_free (map);
  close (fd);
}

/* Lines that are none, and one that has no end. */
static void
test_nonsense_is_skipped (void)
{
  int fd = memfd_create ("map", MFD_CLOEXEC);
  SalNativePerfMap *map = sal_native_perf_map_new (fd);
  g_autofree char *endless = g_strnfill (100000, 'x');

  append (fd, "\n\nhello\n1000\n1000 \n1000 0 nothing\n1000 10\n1000 10 \n");
  append (fd, "fffffffffffffff0 20 over the end\n-1 -1 minus\nzz 10 no number\n");
  append (fd, "3000 8 good\n4000 8 ");
  append (fd, endless);
  append (fd, "\n5000 8 never seen\n");
  g_assert_null (sal_native_perf_map_find (map, 0x1000));
  g_assert_null (sal_native_perf_map_find (map, 0xfffffffffffffff8));
  g_assert_cmpstr (sal_native_perf_map_find (map, 0x3000), ==, "good");
  g_assert_null (sal_native_perf_map_find (map, 0x4000));
  g_assert_null (sal_native_perf_map_find (map, 0x5000));
  sal_native_perf_map_free (map);
  close (fd);
}

/* Only what the program itself can have written is believed, and nothing is waited for. */
static void
test_only_a_file_of_the_program_s (void)
{
  SalTarget target = { .pid = getpid () };
  g_autofree char *path = g_strdup_printf ("/tmp/perf-%d.map", getpid ());
  g_autofree char *elsewhere = g_strconcat (path, ".other", NULL);
  int fd;

  g_unlink (path);
  g_assert_cmpint (sal_native_perf_map_open (&target), ==, -1);
  g_assert_true (g_file_set_contents (path, "1000 10 mine\n", -1, NULL));
  fd = sal_native_perf_map_open (&target);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  if (geteuid () == 0)
    {
      g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
      g_assert_cmpint (sal_native_perf_map_open (&target), ==, -1);
    }
  g_assert_cmpint (g_rename (path, elsewhere), ==, 0);
  g_assert_cmpint (symlink (elsewhere, path), ==, 0);
  g_assert_cmpint (sal_native_perf_map_open (&target), ==, -1);
  g_unlink (path);
  g_unlink (elsewhere);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  g_assert_cmpint (sal_native_perf_map_open (&target), ==, -1);
  g_unlink (path);
  target.pid = 0;
  g_assert_cmpint (sal_native_perf_map_open (&target), ==, -1);
}

/* A process of another user that waits to be killed, with a map of its own; in a name space of
 * mounts of its own if @is_apart. 0: the kernel does not let it be so. */
static pid_t
start_stranger (bool is_apart, mode_t mode)
{
  int tell[2];
  pid_t pid;
  char byte;

  g_assert_cmpint (pipe (tell), ==, 0);
  pid = fork ();
  if (pid == 0)
    {
      g_autofree char *path = g_strdup_printf ("/tmp/perf-%d.map", getpid ());
      int fd;

      close (tell[0]);
      if ((is_apart && unshare (CLONE_NEWNS) != 0) || setgid (65533) != 0 || setuid (65533) != 0)
        _exit (1);
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      g_unlink (path);
      fd = open (path, O_WRONLY | O_CREAT | O_EXCL, 0600);
      if (fd < 0 || fchmod (fd, mode) != 0 || write (tell[1], "", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  close (tell[1]);
  if (read (tell[0], &byte, 1) != 1)
    {
      waitpid (pid, NULL, 0);
      pid = 0;
    }
  close (tell[0]);
  return pid;
}

/* Whether a user of no right over process @pid opens its map; ends the process. */
static bool
opens_as_nobody (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/tmp/perf-%d.map", pid);
  pid_t nobody = fork ();
  int status;

  if (nobody == 0)
    {
      SalTarget target = { .pid = pid };

      if (setgid (65534) != 0 || setuid (65534) != 0)
        _exit (2);
      _exit (sal_native_perf_map_open (&target) >= 0);
    }
  g_assert_cmpint (waitpid (nobody, &status, 0), ==, nobody);
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  g_unlink (path);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) < 2);
  return WEXITSTATUS (status) == 1;
}

/* Whose file system the kernel keeps from us is believed what is in ours, if both are one. */
static void
test_files_of_another_user (void)
{
  pid_t pid;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can be two other users");
      return;
    }
  g_assert_true (opens_as_nobody (start_stranger (false, 0644)));
  g_assert_false (opens_as_nobody (start_stranger (false, 0600)));
  pid = start_stranger (true, 0644);
  if (pid == 0)
    g_test_skip ("no name space of mounts can be made here");
  else
    g_assert_false (opens_as_nobody (pid));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/native/perf-map/names-are-read-as-they-come",
                   test_names_are_read_as_they_come);
  g_test_add_func ("/native/perf-map/nonsense-is-skipped", test_nonsense_is_skipped);
  g_test_add_func ("/native/perf-map/only-a-file-of-the-program-s",
                   test_only_a_file_of_the_program_s);
  g_test_add_func ("/native/perf-map/files-of-another-user", test_files_of_another_user);
  return g_test_run ();
}
