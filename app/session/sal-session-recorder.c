/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The child process: where it is, its arguments, its descriptors. */
#include "config.h"

#include "sal-session-recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define RECORDER_NAME "salamander-recorder"

/* Descriptors as the recorder sees them. */
#define CONTROL_FD 3
#define OUTPUT_FD 4
#define HELPER_FD 5

/* The recorder of the same build, when this program was not installed: the first folder above ours
 * that meson made holds it in recorder/command. */
static char *
find_in_build (void)
{
  g_autofree char *folder = g_file_read_link ("/proc/self/exe", NULL);

  while (folder != NULL && strlen (folder) > 1)
    {
      g_autofree char *ninja = NULL;
      char *parent = g_path_get_dirname (folder);

      g_free (folder);
      folder = parent;
      ninja = g_build_filename (folder, "build.ninja", NULL);
      if (g_file_test (ninja, G_FILE_TEST_IS_REGULAR))
        return g_build_filename (folder, "recorder", "command", RECORDER_NAME, NULL);
    }
  return NULL;
}

/* (transfer full): the path of salamander-recorder. In this order: the environment's
 * SALAMANDER_RECORDER; the build folder that this program is in; libexec. */
static char *
find_recorder (GError **error)
{
  const char *given = g_getenv ("SALAMANDER_RECORDER");
  g_autofree char *path = NULL;

  if (given != NULL && given[0] != '\0')
    path = g_strdup (given);
  else
    path = find_in_build ();
  if (path == NULL)
    path = g_build_filename (SAL_LIBEXEC_DIR, RECORDER_NAME, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&path);
  g_set_error (error,
               SAL_SESSION_ERROR,
               SAL_SESSION_ERROR_RECORDER,
               _ ("Cannot record: the recorder “%s” is missing; install Salamander again."),
               path);
  return NULL;
}

/* A file name made of the time and the program: "2026-11-22-171500-app.py-XXXXXX.salamander". */
static char *
make_capture_name (const SalSessionOptions *options)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%d-%H%M%S");
  g_autofree char *program = NULL;

  if (options->argv != NULL && options->argv[0] != NULL)
    program = g_path_get_basename (options->argv[0]);
  else
    program = g_strdup_printf ("%d", options->pid);
  g_strcanon (program, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._+", '_');
  if (strlen (program) > 64)
    program[64] = '\0';
  return g_strdup_printf ("%s-%s-XXXXXX.salamander", time, program);
}

static void
set_output_error (GError **error, const char *path, int error_number)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error,
               SAL_SESSION_ERROR,
               SAL_SESSION_ERROR_OUTPUT,
               _ ("Cannot record: “%s” cannot be written (%s); check the folder and its "
                  "permissions."),
               name,
               g_strerror (error_number));
}

/* (transfer full): a template in the cache folder, which exists from now on. */
static char *
make_capture_path (const SalSessionOptions *options, GError **error)
{
  g_autofree char *folder =
      g_build_filename (g_get_user_cache_dir (), "salamander", "recordings", NULL);
  g_autofree char *name = make_capture_name (options);

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return g_build_filename (folder, name, NULL);
  set_output_error (error, folder, errno);
  return NULL;
}

int
sal_session_recorder_create_capture (const SalSessionOptions *options, GFile **file, GError **error)
{
  g_autofree char *path =
      *file != NULL ? g_file_get_path (*file) : make_capture_path (options, error);
  int fd;

  if (path == NULL)
    return -1;
  if (*file != NULL)
    fd = g_open (path, O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  else
    fd = g_mkstemp_full (path, O_WRONLY | O_CLOEXEC, 0600);
  if (fd == -1)
    {
      set_output_error (error, path, errno);
      return -1;
    }
  if (*file == NULL)
    *file = g_file_new_for_path (path);
  return fd;
}

static void
add_number (GPtrArray *argv, const char *option, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ptr_array_add (argv, g_strdup (option));
  g_ptr_array_add (argv, g_strdup (g_ascii_dtostr (text, sizeof text, number)));
}

static GPtrArray *
make_argv (const char *recorder, const SalSessionOptions *options, gboolean has_helper)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (argv, g_strdup (recorder));
  if (options->rate_hz > 0)
    {
      add_number (argv, "--rate", options->rate_hz);
    }
  else
    {
      g_ptr_array_add (argv, g_strdup ("--rate"));
      g_ptr_array_add (argv, g_strdup ("max"));
    }
  if (options->duration_s > 0)
    add_number (argv, "--duration", options->duration_s);
  add_number (argv, "--budget", options->budget_percent);
  if (options->subprocesses)
    g_ptr_array_add (argv, g_strdup ("--subprocesses"));
  if (options->native)
    g_ptr_array_add (argv, g_strdup ("--native"));
  if (options->blocking)
    g_ptr_array_add (argv, g_strdup ("--blocking"));
  if (options->debuginfod)
    g_ptr_array_add (argv, g_strdup ("--debuginfod"));
  g_ptr_array_add (argv, g_strdup ("--output-fd"));
  g_ptr_array_add (argv, g_strdup_printf ("%d", OUTPUT_FD));
  g_ptr_array_add (argv, g_strdup ("--control-fd"));
  g_ptr_array_add (argv, g_strdup_printf ("%d", CONTROL_FD));
  if (has_helper)
    {
      g_ptr_array_add (argv, g_strdup ("--broker"));
      g_ptr_array_add (argv, g_strdup_printf ("%d", HELPER_FD));
    }
  if (options->argv == NULL)
    {
      g_ptr_array_add (argv, g_strdup ("--pid"));
      g_ptr_array_add (argv, g_strdup_printf ("%d", options->pid));
    }
  else
    {
      if (options->directory != NULL)
        {
          g_ptr_array_add (argv, g_strdup ("--directory"));
          g_ptr_array_add (argv, g_strdup (options->directory));
        }
      g_ptr_array_add (argv, g_strdup ("--"));
      for (guint i = 0; options->argv[i] != NULL; i++)
        g_ptr_array_add (argv, g_strdup (options->argv[i]));
    }
  g_ptr_array_add (argv, NULL);
  return g_steal_pointer (&argv);
}

static void
set_environment (GSubprocessLauncher *launcher, char **environment)
{
  for (guint i = 0; environment != NULL && environment[i] != NULL; i++)
    {
      const char *sign = strchr (environment[i], '=');

      if (sign != NULL && sign != environment[i])
        {
          g_autofree char *name = g_strndup (environment[i], (gsize)(sign - environment[i]));

          g_subprocess_launcher_setenv (launcher, name, sign + 1, TRUE);
        }
    }
}

/* One pipe for stdout and stderr keeps what the program prints in order. */
static gboolean
capture_output (GSubprocessLauncher *launcher, GInputStream **output, GError **error)
{
  int fds[2];
  int copy;

  if (!g_unix_open_pipe (fds, FD_CLOEXEC, error))
    return FALSE;
  copy = fcntl (fds[1], F_DUPFD_CLOEXEC, 3);
  if (copy == -1)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      close (fds[0]);
      close (fds[1]);
      return FALSE;
    }
  g_subprocess_launcher_take_stdout_fd (launcher, fds[1]);
  g_subprocess_launcher_take_stderr_fd (launcher, copy);
  *output = g_unix_input_stream_new (fds[0], TRUE);
  return TRUE;
}

static GSubprocess *
spawn (const char *recorder,
       const SalSessionOptions *options,
       int capture_fd,
       int helper_fd,
       int remote_fd,
       GInputStream **output,
       GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GPtrArray) argv = make_argv (recorder, options, helper_fd != -1);

  /* Without a flag for it, stdin is /dev/null. */
  launcher = g_subprocess_launcher_new (options->capture_output ? G_SUBPROCESS_FLAGS_NONE
                                                                : G_SUBPROCESS_FLAGS_STDIN_INHERIT);
  g_subprocess_launcher_take_fd (launcher, remote_fd, CONTROL_FD);
  g_subprocess_launcher_take_fd (launcher, capture_fd, OUTPUT_FD);
  if (helper_fd != -1)
    g_subprocess_launcher_take_fd (launcher, helper_fd, HELPER_FD);
  set_environment (launcher, options->environment);
  if (options->capture_output && !capture_output (launcher, output, error))
    return NULL;
  return g_subprocess_launcher_spawnv (launcher, (const char *const *)argv->pdata, error);
}

static void
close_given (int capture_fd, int helper_fd)
{
  close (capture_fd);
  if (helper_fd != -1)
    close (helper_fd);
}

GSubprocess *
sal_session_recorder_spawn (const SalSessionOptions *options,
                            int capture_fd,
                            int helper_fd,
                            int *control_fd,
                            GInputStream **output,
                            GError **error)
{
  g_autofree char *recorder = find_recorder (error);
  g_autoptr (GError) cause = NULL;
  GSubprocess *process = NULL;
  int sockets[2];

  *control_fd = -1;
  *output = NULL;
  if (recorder == NULL)
    {
      close_given (capture_fd, helper_fd);
      return NULL;
    }
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
    {
      cause = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, g_strerror (errno));
      close_given (capture_fd, helper_fd);
    }
  else
    {
      /* The descriptors given away are closed with the launcher. */
      process = spawn (recorder, options, capture_fd, helper_fd, sockets[1], output, &cause);
      if (process != NULL && g_unix_set_fd_nonblocking (sockets[0], TRUE, &cause))
        {
          *control_fd = sockets[0];
          return process;
        }
      close (sockets[0]);
    }
  g_clear_object (&process);
  g_clear_object (output);
  g_set_error (error,
               SAL_SESSION_ERROR,
               SAL_SESSION_ERROR_RECORDER,
               _ ("Cannot record: the recorder “%s” could not be started (%s); install Salamander "
                  "again."),
               recorder,
               cause->message);
  return NULL;
}
