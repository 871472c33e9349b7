/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Has polkit ask for passwords on our terminal, where no desktop does it. */
#include "sal-session-agent.h"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>
#include <glib-unix.h>

#include "sal-proc.h"

#define AGENT_NAME "pkttyagent"
#define NOTIFY_FD 3

struct _SalSessionAgent
{
  GSubprocess *process;
  int terminal;
  struct termios mode;
};

void
sal_session_agent_end (SalSessionAgent *self)
{
  if (self == NULL)
    return;
  if (self->process != NULL)
    g_subprocess_send_signal (self->process, SIGTERM);
  g_clear_object (&self->process);
  /* It may have ended while a password was being typed, unseen. */
  tcsetattr (self->terminal, TCSANOW, &self->mode);
  close (self->terminal);
  g_free (self);
}

/* Its "pid,start time" names us for ever. */
static char *
make_subject (void)
{
  int folder = sal_proc_open ("/proc", getpid ());
  g_autofree char *text = folder != -1 ? sal_proc_read (folder, "stat", 4096, NULL) : NULL;
  SalProcStat stat;

  if (folder != -1)
    close (folder);
  if (text == NULL || !sal_proc_parse_stat (text, &stat))
    return g_strdup_printf ("%d", getpid ());
  return g_strdup_printf ("%d,%" G_GUINT64_FORMAT, getpid (), stat.start_ticks);
}

/* Returns what ends when the agent is ready, or has failed. */
static GInputStream *
spawn (SalSessionAgent *self)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_INHERIT);
  g_autofree char *subject = make_subject ();
  g_autofree char *number = g_strdup_printf ("%d", NOTIFY_FD);
  int fds[2];

  if (!g_unix_open_pipe (fds, FD_CLOEXEC, NULL))
    return NULL;
  g_subprocess_launcher_take_fd (launcher, fds[1], NOTIFY_FD);
  self->process = g_subprocess_launcher_spawn (launcher,
                                               NULL,
                                               AGENT_NAME,
                                               "--notify-fd",
                                               number,
                                               "--process",
                                               subject,
                                               NULL);
  if (self->process != NULL)
    return g_unix_input_stream_new (fds[0], TRUE);
  close (fds[0]);
  return NULL;
}

static void
ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = G_TASK (user_data);
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);

  g_task_return_pointer (task,
                         g_object_steal_data (G_OBJECT (task), "agent"),
                         (GDestroyNotify)sal_session_agent_end);
}

void
sal_session_agent_begin_async (GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GInputStream) notice = NULL;
  SalSessionAgent *self = g_new0 (SalSessionAgent, 1);

  self->terminal = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (self->terminal == -1 || tcgetattr (self->terminal, &self->mode) != 0)
    {
      if (self->terminal != -1)
        close (self->terminal);
      g_free (self);
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  g_object_set_data_full (G_OBJECT (task), "agent", self, (GDestroyNotify)sal_session_agent_end);
  notice = spawn (self);
  if (notice == NULL)
    g_task_return_pointer (task, NULL, NULL);
  else
    g_input_stream_read_bytes_async (notice,
                                     1,
                                     G_PRIORITY_DEFAULT,
                                     cancellable,
                                     ready_cb,
                                     g_object_ref (task));
}

SalSessionAgent *
sal_session_agent_begin_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
