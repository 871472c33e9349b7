/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers that write to a pipe. g_unix_signal_add() does not tell who sent the signal. */
#include "sal-terminal-signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <glib-unix.h>

typedef struct
{
  int number;
  int code;
} Note;

static int notes[2] = { -1, -1 };
static SalTerminalSignalFunc callback;

static void
handle (int number, siginfo_t *info, void *context)
{
  Note note = { number, info->si_code };
  int saved = errno;

  /* A full pipe has enough of them. */
  if (write (notes[1], &note, sizeof note) < 0)
    errno = saved;
  errno = saved;
}

static gboolean
note_cb (int fd, GIOCondition condition, gpointer user_data)
{
  Note note;

  /* What the terminal sends comes from the kernel, not from a process. */
  while (read (fd, &note, sizeof note) == sizeof note)
    callback (note.number, note.code == SI_KERNEL, user_data);
  return G_SOURCE_CONTINUE;
}

void
sal_terminal_signals_watch (SalTerminalSignalFunc func, gpointer user_data)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
  struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_RESTART };
  g_autoptr (GError) error = NULL;

  callback = func;
  if (!g_unix_open_pipe (notes, FD_CLOEXEC, &error) ||
      !g_unix_set_fd_nonblocking (notes[0], TRUE, &error) ||
      !g_unix_set_fd_nonblocking (notes[1], TRUE, &error))
    g_error ("%s", error->message);
  g_unix_fd_add (notes[0], G_IO_IN, note_cb, user_data);
  sigemptyset (&action.sa_mask);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      struct sigaction old;

      if (sigaction (numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction (numbers[i], &action, NULL);
    }
}
