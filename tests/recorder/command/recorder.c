/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interpreters, and runs of salamander-recorder for its tests. */
#include "recording.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define CONTROL_FD 9
/* Where tests/pythons.sh puts what it fetches. */
#define PYTHONS_FETCHED "/var/lib/salamander-tests"
#define PATIENCE_US (60 * G_USEC_PER_SEC)

/* Whether @path runs as Python @minor, "3.14" or "3.14t"; prints it then. */
static gboolean
is_python (const char *path, const char *minor)
{
  const char *argv[] = { path,
                         "-c",
                         "import sys; t = getattr(sys, 'abiflags', '') == 't'; "
                         "print('%d.%d' % sys.version_info[:2] + t * 't')",
                         NULL };
  g_autofree char *out = NULL;
  int status;

  if (!g_spawn_sync (NULL,
                     (char **)argv,
                     NULL,
                     G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL,
                     NULL,
                     &out,
                     NULL,
                     &status,
                     NULL) ||
      status != 0)
    return FALSE;
  g_strstrip (out);
  if (strcmp (out, minor) != 0)
    return FALSE;
  g_test_message ("using %s (Python %s)", path, out);
  return TRUE;
}

char *
python_lookup (const char *minor)
{
  g_autofree char *name = g_strdup_printf ("python%s", minor);
  g_autofree char *in_path = g_find_program_in_path (name);
  const char *folder = g_getenv ("SAL_TEST_PYTHONS");
  g_autofree char *fetched = g_build_filename (folder != NULL ? folder : PYTHONS_FETCHED,
                                               "bin",
                                               name,
                                               NULL);
  g_autofree char *versions = g_build_filename (g_get_home_dir (), ".pyenv", "versions", NULL);
  g_autoptr (GDir) dir = g_dir_open (versions, 0, NULL);
  const char *version;

  /* pyenv's own first: they are what they say, while its shims follow a configuration. */
  while (dir != NULL && (version = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (versions, version, "bin", "python", NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) && is_python (path, minor))
        return g_steal_pointer (&path);
    }
  if (in_path != NULL && is_python (in_path, minor))
    return g_steal_pointer (&in_path);
  if (is_python (fetched, minor))
    return g_steal_pointer (&fetched);
  if (is_python ("/usr/bin/python3", minor))
    return g_strdup ("/usr/bin/python3");
  return NULL;
}

char *
python_find (const char *minor)
{
  char *path = python_lookup (minor);

  if (path == NULL)
    {
      g_autofree char *reason = g_strdup_printf ("no Python %s here", minor);

      g_test_skip (reason);
    }
  return path;
}

char *
python_find_any (void)
{
  static const char *const minors[] = { "3.11", "3.12", "3.13" };

  for (gsize i = 0; i < G_N_ELEMENTS (minors); i++)
    {
      char *path = python_lookup (minors[i]);

      if (path != NULL)
        return path;
    }
  g_test_skip ("no Python 3.11, 3.12 or 3.13 here");
  return NULL;
}

char *
target_path (const char *name)
{
  return g_build_filename (g_getenv ("SAL_TARGETS"), name, NULL);
}

static char *
get_sibling (const Recorder *recorder, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (recorder->output);

  return g_build_filename (folder, name, NULL);
}

static int
create_file (const Recorder *recorder, const char *name)
{
  g_autofree char *path = get_sibling (recorder, name);
  int fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static void
spawn (Recorder *recorder, char **argv, int control_fd)
{
  int out = create_file (recorder, "out");
  int err = create_file (recorder, "err");
  const int source_fds[] = { control_fd };
  const int target_fds[] = { CONTROL_FD };
  g_autoptr (GError) error = NULL;

  g_spawn_async_with_pipes_and_fds (NULL,
                                    (const char *const *)argv,
                                    NULL,
                                    G_SPAWN_DO_NOT_REAP_CHILD,
                                    NULL,
                                    NULL,
                                    -1,
                                    out,
                                    err,
                                    source_fds,
                                    target_fds,
                                    control_fd >= 0 ? 1 : 0,
                                    &recorder->pid,
                                    NULL,
                                    NULL,
                                    NULL,
                                    &error);
  g_assert_no_error (error);
  close (out);
  close (err);
}

Recorder *
recorder_start (gboolean with_control, const char *const *options, const char *const *command)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;
  g_autofree char *folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  Recorder *recorder = g_new0 (Recorder, 1);
  int ends[2] = { -1, -1 };

  g_assert_nonnull (folder);
  recorder->output = g_build_filename (folder, "test.salamander", NULL);
  g_strv_builder_add_many (words, g_getenv ("SAL_RECORDER"), "--output", recorder->output, NULL);
  if (with_control)
    {
      g_assert_no_errno (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
      g_strv_builder_add_many (words, "--control-fd", G_STRINGIFY (CONTROL_FD), NULL);
    }
  g_strv_builder_addv (words, (const char **)options);
  if (command != NULL)
    {
      g_strv_builder_add (words, "--");
      g_strv_builder_addv (words, (const char **)command);
    }
  argv = g_strv_builder_end (words);
  recorder->control_fd = ends[0];
  spawn (recorder, argv, ends[1]);
  if (ends[1] >= 0)
    close (ends[1]);
  return recorder;
}

int
recorder_wait (Recorder *recorder)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  g_autofree char *out = get_sibling (recorder, "out");
  g_autofree char *err = get_sibling (recorder, "err");

  while (waitpid (recorder->pid, &recorder->status, WNOHANG) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (1000);
    }
  recorder->pid = 0;
  g_assert_true (g_file_get_contents (out, &recorder->out, NULL, NULL));
  g_assert_true (g_file_get_contents (err, &recorder->err, NULL, NULL));
  if (recorder->err[0] != '\0')
    g_test_message ("standard error: %s", recorder->err);
  return WIFEXITED (recorder->status) ? WEXITSTATUS (recorder->status)
                                      : -WTERMSIG (recorder->status);
}

SalControlEvent
recorder_expect (Recorder *recorder, SalControlEventKind kind)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  SalControlEvent event = { 0 };

  do
    {
      struct pollfd ready = { .fd = recorder->control_fd, .events = POLLIN };

      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (poll (&ready, 1, 1000) <= 0)
        continue;
      g_assert_cmpint (recv (recorder->control_fd, &event, sizeof event, 0), ==, sizeof event);
    }
  while (event.kind != kind);
  return event;
}

void
recorder_order (Recorder *recorder, SalControlCommandKind kind)
{
  SalControlCommand command = { .kind = kind };

  g_assert_cmpint (send (recorder->control_fd, &command, sizeof command, MSG_NOSIGNAL),
                   ==,
                   sizeof command);
}

guint
recorder_scale (guint n_samples)
{
  const char *times = g_getenv ("SAL_TEST_TIMES");

  return times != NULL ? n_samples * (guint)g_ascii_strtoull (times, NULL, 10) : n_samples;
}

/* Whether the program has said that it is at work. */
static gboolean
is_at_work (const Recorder *recorder)
{
  g_autofree char *path = get_sibling (recorder, "out");
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return strstr (text, "at work\n") != NULL;
}

void
recorder_await_samples (Recorder *recorder, guint n_samples)
{
  SalControlEvent event;
  guint64 n_wanted;

  recorder_expect (recorder, SAL_CONTROL_STARTED);
  do
    event = recorder_expect (recorder, SAL_CONTROL_STATUS);
  while (!is_at_work (recorder));
  n_wanted = event.samples + n_samples;
  while (event.samples < n_wanted)
    event = recorder_expect (recorder, SAL_CONTROL_STATUS);
}

void
recorder_sample (Recorder *recorder, guint n_samples)
{
  recorder_await_samples (recorder, n_samples);
  recorder_order (recorder, SAL_CONTROL_KILL);
  recorder_expect (recorder, SAL_CONTROL_EXITED);
  recorder_wait (recorder);
}

Recording *
recorder_load (Recorder *recorder)
{
  return recording_load (recorder->output);
}

void
recorder_free (Recorder *recorder)
{
  static const char *const names[] = { "out", "err", "test.salamander" };
  g_autofree char *folder = g_path_get_dirname (recorder->output);

  if (recorder->control_fd >= 0)
    close (recorder->control_fd);
  if (recorder->pid > 0)
    {
      kill (recorder->pid, SIGKILL);
      waitpid (recorder->pid, NULL, 0);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = get_sibling (recorder, names[i]);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_free (recorder->output);
  g_free (recorder->out);
  g_free (recorder->err);
  g_free (recorder);
}

Recorder *
recorder_run (const char *const *options, const char *const *command)
{
  Recorder *recorder = recorder_start (FALSE, options, command);

  recorder->exit_status = recorder_wait (recorder);
  return recorder;
}
