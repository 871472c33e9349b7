/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session with the helper's own code, without a bus and polkit: for root only. */
#include "brokered-session.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "sal-helper-packet.h"
#include "sal-helper-session.h"

static guint64
read_start_time (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  words = g_strsplit (strrchr (text, ')') + 2, " ", -1);
  return g_ascii_strtoull (words[19], NULL, 10);
}

bool
brokered_session_begin (BrokeredSession *session, pid_t pid)
{
  SalHelperOrder order = { .pid = (guint32)pid, .start_time = read_start_time (pid) };
  SalHelperAnswer found;
  int control[2];
  int client[2];
  pid_t opened;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, client), ==, 0);
  session->helper = fork ();
  if (session->helper == 0)
    {
      sigset_t child;

      close (control[0]);
      close (client[0]);
      sigemptyset (&child);
      sigaddset (&child, SIGCHLD);
      sigprocmask (SIG_BLOCK, &child, NULL);
      sal_helper_session_run (&order, control[1], client[1]);
      _exit (0);
    }
  close (control[1]);
  close (client[1]);
  session->control = control[0];
  session->broker = sal_target_broker_new ();
  if (sal_helper_packet_receive (control[0], &found, sizeof found, sizeof found, NULL, 0) > 0 &&
      found.verdict == SAL_HELPER_VERDICT_OK && send (control[0], "", 1, MSG_NOSIGNAL) == 1 &&
      sal_helper_packet_receive (control[0], &found, sizeof found, sizeof found, NULL, 0) > 0 &&
      found.verdict == SAL_HELPER_VERDICT_OK &&
      sal_target_broker_add (session->broker, client[0], &opened) == SAL_TARGET_OK)
    return opened == pid;
  close (client[0]);
  brokered_session_end (session);
  return false;
}

void
brokered_session_end (BrokeredSession *session)
{
  if (session->helper <= 0)
    return;
  sal_target_broker_free (session->broker);
  close (session->control);
  waitpid (session->helper, NULL, 0);
  session->helper = 0;
}
