/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process that has the capabilities: it opens processes on orders, each in a child. */
#include "sal-helper-opener.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sal-helper-packet.h"
#include "sal-helper-sandbox.h"
#include "sal-helper-session.h"

/* A session waits for the threads that it stops, so it must hear of them. */
static void
run_session (const SalHelperOrder *order, const int *fds)
{
  sigset_t child;

  signal (SIGCHLD, SIG_DFL);
  sigemptyset (&child);
  sigaddset (&child, SIGCHLD);
  sigprocmask (SIG_BLOCK, &child, NULL);
  sal_helper_session_run (order, fds[0], fds[1]);
}

static void
obey (int socket)
{
  SalHelperOrder order;
  int fds[2];
  ssize_t received;

  while ((received =
              sal_helper_packet_receive (socket, &order, sizeof order, sizeof order, fds, 2)) >= 0)
    {
      if (received == 0)
        continue;
      /* Without a child the service sees its end of the control socket closed. */
      if (fork () == 0)
        {
          close (socket);
          run_session (&order, fds);
          _exit (0);
        }
      close (fds[0]);
      close (fds[1]);
    }
}

int
sal_helper_opener_start (void)
{
  int sockets[2];
  pid_t pid;

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
    return -1;
  pid = fork ();
  if (pid == 0)
    {
      close (sockets[0]);
      signal (SIGCHLD, SIG_IGN);
      if (sal_helper_sandbox_confine (SAL_HELPER_SANDBOX_OPENER))
        obey (sockets[1]);
      _exit (0);
    }
  close (sockets[1]);
  return pid > 0 ? sockets[0] : -1;
}
