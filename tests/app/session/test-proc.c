/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of /proc: as the kernel writes them, and as a hostile process would like them. */
#include "sal-proc.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define AFTER_NAME "S 41 42 42 0 -1 4194560 1 2 3 4 150 50 7 8 20 0 1 0 987654 1 2 3"

static void
test_stat (void)
{
  SalProcStat stat = { 0 };

  g_assert_true (sal_proc_parse_stat ("42 (python3) " AFTER_NAME "\n", &stat));
  g_assert_cmpint (stat.pid, ==, 42);
  g_assert_cmpint (stat.parent, ==, 41);
  g_assert_cmpint (stat.state, ==, 'S');
  g_assert_cmpuint (stat.cpu_ticks, ==, 200);
  g_assert_cmpuint (stat.start_ticks, ==, 987654);
  g_assert_false (stat.is_kernel);
  g_assert_cmpstr (stat.name, ==, "python3");
}

static void
test_stat_with_a_hostile_name (void)
{
  SalProcStat stat = { 0 };

  g_assert_true (sal_proc_parse_stat ("42 (a) Z 1 (\xff) ) " AFTER_NAME, &stat));
  g_assert_cmpint (stat.state, ==, 'S');
  g_assert_cmpint (stat.parent, ==, 41);
  g_assert_true (g_utf8_validate (stat.name, -1, NULL));
}

static void
test_damaged_stat (void)
{
  static const char *const texts[] = {
    "",
    "42",
    "42 (",
    "42 ()",
    "42 (x",
    "42 (x)",
    "42 (x) ",
    ") x (",
    "42 (x) S",
    "0 (x) " AFTER_NAME,
    "42 (x) S 1 2 3",
    "42 (x) S a b c",
    "42 (x) S 99999999999999999999 2 3 4 5 6 7 8 9 10 11 12 13",
  };
  const char *whole = "42 (python3) " AFTER_NAME;
  SalProcStat stat;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (sal_proc_parse_stat (texts[i], &stat));
  for (gsize length = 0; length < strlen (whole); length++)
    {
      g_autofree char *cut = g_strndup (whole, length);

      if (sal_proc_parse_stat (cut, &stat))
        g_assert_cmpint (stat.parent, ==, 41);
    }
}

static void
test_status (void)
{
  SalProcStatus status;

  sal_proc_parse_status ("Name:\tUid:\nUid:\t1000\t1001\t1002\t1003\nGid:\t5\t6\t7\t8\n"
                         "NSpid:\t4711\t17\nCapPrm:\t0000000000080000\nCapEff:\t1\nSeccomp:\t2\n",
                         &status);
  g_assert_cmpint (status.uids[0], ==, 1000);
  g_assert_cmpint (status.uids[1], ==, 1001);
  g_assert_cmpint (status.uids[2], ==, 1002);
  g_assert_cmpint (status.gids[2], ==, 7);
  g_assert_cmpuint (status.permitted, ==, 1 << 19);
  g_assert_cmpuint (status.effective, ==, 1);
  g_assert_cmpuint (status.n_namespaces, ==, 2);
  g_assert_cmpint (status.inner_pid, ==, 17);
  g_assert_true (status.has_seccomp);
}

static void
test_damaged_status (void)
{
  SalProcStatus status;

  sal_proc_parse_status ("", &status);
  g_assert_cmpint (status.uids[1], ==, -1);
  sal_proc_parse_status ("Uid:\nUid\n:\nGid:\t-5 x\nNSpid:\nCapPrm:\tzz", &status);
  g_assert_cmpint (status.uids[0], ==, -1);
  g_assert_cmpint (status.gids[0], ==, -1);
  g_assert_cmpuint (status.n_namespaces, ==, 0);
  sal_proc_parse_status ("Uid:\t99999999999999999999\t1\t2\t3\n", &status);
  g_assert_cmpint (status.uids[0], ==, -1);
}

static void
test_strings (void)
{
  const char data[] = "python3\0-c\0\0bad \xff\xfe\0last";
  g_auto (GStrv) argv = sal_proc_parse_strings (data, sizeof data - 1);
  g_auto (GStrv) none = sal_proc_parse_strings ("", 0);

  g_assert_cmpuint (g_strv_length (argv), ==, 5);
  g_assert_cmpstr (argv[0], ==, "python3");
  g_assert_cmpstr (argv[2], ==, "");
  g_assert_true (g_utf8_validate (argv[3], -1, NULL));
  g_assert_cmpstr (argv[4], ==, "last");
  g_assert_cmpuint (g_strv_length (none), ==, 0);
}

static void
test_strings_are_bounded (void)
{
  g_autofree char *many = g_malloc0 (100000);
  g_autofree char *one = g_strnfill (100000, 'x');
  g_auto (GStrv) argv = sal_proc_parse_strings (many, 100000);
  g_auto (GStrv) word = sal_proc_parse_strings (one, 100000);

  g_assert_cmpuint (g_strv_length (argv), ==, 256);
  g_assert_cmpuint (g_strv_length (word), ==, 1);
  g_assert_cmpuint (strlen (word[0]), ==, 4096);
}

static void
test_containers (void)
{
  static const struct
  {
    const char *text;
    const char *name; /* NULL = none */
  } cases[] = {
    { "0::/user.slice/user-1000.slice/session-2.scope\n", NULL },
    { "0::/\n", NULL },
    { "", NULL },
    { "no slash at all", NULL },
    { "0::/system.slice/docker-0123456789abcdef0123.scope\n", "docker 0123456789ab" },
    { "4:memory:/docker/fedcba9876543210\n0::/\n", "docker fedcba987654" },
    { "0::/machine.slice/libpod-00112233445566.scope/container\n", "podman 001122334455" },
    { "0::/machine.slice/libpod-conmon-00112233445566.scope\n", NULL },
    { "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-aabbccddeeff00.scope\n",
      "kubernetes aabbccddeeff" },
    { "0::/lxc.payload.web/init.scope\n", "lxc web" },
    { "0::/machine.slice/systemd-nspawn@deb.service/payload\n", "nspawn deb" },
    { "0::/user.slice/app.slice/app-flatpak-org.gnome.Builder-1234.scope\n",
      "flatpak org.gnome.Builder" },
    { "0::/docker-\xff\xff.scope\n", "docker \xef\xbf\xbd\xef\xbf\xbd" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = sal_proc_parse_container (cases[i].text);

      g_assert_cmpstr (name, ==, cases[i].name);
    }
}

static void
test_programs (void)
{
  static const struct
  {
    const char *path;
    gboolean is_python;
    const char *version;
  } cases[] = {
    { "/usr/bin/python3.11", TRUE, "3.11" },
    { "/usr/bin/python3.11 (deleted)", TRUE, "3.11" },
    { "/usr/bin/python", TRUE, NULL },
    { "python3", TRUE, NULL },
    { "/opt/python2.7", TRUE, "2.7" },
    { "/home/me/.pyenv/versions/3.12.1/bin/python3.12", TRUE, "3.12.1" },
    { "/uv/python/cpython-3.13.0+freethreaded-linux/bin/python3.13t", TRUE, "3.13.0t" },
    { "/x/13.12.1/bin/python3.12", TRUE, "3.12" },
    { "/usr/bin/python3.11-dbg", TRUE, "3.11" },
    { "/usr/bin/python3-config", FALSE, NULL },
    { "/usr/bin/python3.11-config", FALSE, NULL },
    { "/usr/bin/pythonista", FALSE, NULL },
    { "/home/python3/bin/bash", FALSE, NULL },
    { "/usr/bin/ipython3", FALSE, NULL },
    { "", FALSE, NULL },
    { "/", FALSE, NULL },
    { "/usr/bin/python3.99999999999", FALSE, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *version = NULL;

      g_test_message ("%s", cases[i].path);
      g_assert_cmpint (sal_proc_is_python_program (cases[i].path, &version), ==,
                       cases[i].is_python);
      g_assert_cmpstr (version, ==, cases[i].version);
    }
}

/* What a process whose maps are @maps is taken for. */
static void
check_maps (const char *maps,
            gssize length,
            const char *executable,
            gboolean is,
            const char *version)
{
  g_autofree char *folder = g_dir_make_tmp ("proc-XXXXXX", NULL);
  g_autofree char *pid = g_build_filename (folder, "7", NULL);
  g_autofree char *path = g_build_filename (pid, "maps", NULL);
  g_auto (SalProcPython) python = { 0 };
  int fd;

  g_assert_cmpint (g_mkdir (pid, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, maps, length, NULL));
  fd = sal_proc_open (folder, 7);
  g_assert_cmpint (fd, !=, -1);
  g_assert_true (sal_proc_find_python (fd, executable, &python));
  g_assert_cmpint (python.is_python, ==, is);
  g_assert_cmpstr (python.version, ==, version);
  close (fd);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (pid), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

#define LINE "7f00-7f01 r-xp 00000000 08:01 1234    "

static void
test_maps (void)
{
  check_maps ("", 0, NULL, FALSE, NULL);
  check_maps (LINE "/usr/lib/x86_64-linux-gnu/libc.so.6\n", -1, "/bin/bash", FALSE, NULL);
  check_maps (LINE "/usr/lib/libpython3.11.so.1.0\n", -1, "/usr/bin/uwsgi", TRUE, "3.11");
  check_maps (LINE "/usr/lib/libpython3.11.so.1.0 (deleted)\n", -1, NULL, TRUE, "3.11");
  check_maps (LINE "/usr/lib/libpython3.so\n", -1, "/x/y", FALSE, NULL);
  check_maps (LINE "/c/lib/python3.10/lib-dynload/_json.so\n", -1, "/c/bin/python", TRUE, "3.10");
  check_maps (LINE "[heap]\n" LINE "\n\n\n", -1, "/usr/bin/python3.12", TRUE, "3.12");
}

static void
test_hostile_maps (void)
{
  g_autofree char *long_line = g_strnfill (200000, '/');
  g_autoptr (GString) late = g_string_new (NULL);

  /* A file's name may hold anything but a line's end, which the kernel writes as \012. */
  check_maps (LINE "/tmp/\\012libpython3.11.so\n", -1, NULL, FALSE, NULL);
  check_maps (LINE "/tmp/libpython3.\xff\n" LINE "/\n" LINE "libpython3.11.so\n", -1, NULL, FALSE,
              NULL);
  check_maps (long_line, -1, "/usr/bin/python3.11", TRUE, "3.11");
  check_maps ("a\0/libpython3.11.so\n", 19, NULL, FALSE, NULL);
  for (guint i = 0; i < 5000; i++)
    g_string_append (late, LINE "/usr/lib/something-with-a-name.so\n");
  g_string_append (late, LINE "/usr/lib/libpython3.9.so.1.0\n");
  check_maps (late->str, -1, NULL, TRUE, "3.9");
}

static void
test_reading_is_bounded (void)
{
  int folder = sal_proc_open ("/proc", getpid ());
  gsize length = 0;
  g_autofree char *text = sal_proc_read (folder, "status", 10, &length);
  g_autofree char *none = sal_proc_read (folder, "no-such-file", 10, NULL);

  g_assert_cmpuint (length, ==, 10);
  g_assert_cmpuint (strlen (text), ==, 10);
  g_assert_null (none);
  g_assert_cmpint (sal_proc_open ("/proc", G_MAXINT), ==, -1);
  close (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/proc/stat", test_stat);
  g_test_add_func ("/session/proc/stat-with-a-hostile-name", test_stat_with_a_hostile_name);
  g_test_add_func ("/session/proc/damaged-stat", test_damaged_stat);
  g_test_add_func ("/session/proc/status", test_status);
  g_test_add_func ("/session/proc/damaged-status", test_damaged_status);
  g_test_add_func ("/session/proc/strings", test_strings);
  g_test_add_func ("/session/proc/strings-are-bounded", test_strings_are_bounded);
  g_test_add_func ("/session/proc/containers", test_containers);
  g_test_add_func ("/session/proc/programs", test_programs);
  g_test_add_func ("/session/proc/maps", test_maps);
  g_test_add_func ("/session/proc/hostile-maps", test_hostile_maps);
  g_test_add_func ("/session/proc/reading-is-bounded", test_reading_is_bounded);
  return g_test_run ();
}
