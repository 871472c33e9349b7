/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speaks with the program that started the recorder. */
#include "sal-command-control.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

#define PATIENCE_MS 1000

bool
sal_command_control_is_socket (int fd)
{
  int type = 0;
  socklen_t length = sizeof type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
}

/* Whether the other end is gone; an empty packet looks alike to recv(2). */
static bool
is_closed (int fd)
{
  struct pollfd state = { .fd = fd, .events = POLLRDHUP };

  return poll (&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

SalCommandOrder
sal_command_control_receive (int fd)
{
  for (;;)
    {
      SalControlCommand command = { 0 };
      ssize_t n = recv (fd, &command, sizeof command, MSG_DONTWAIT | MSG_TRUNC);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return errno == EAGAIN ? SAL_COMMAND_ORDER_NONE : SAL_COMMAND_ORDER_CLOSED;
      if (n == 0 && is_closed (fd))
        return SAL_COMMAND_ORDER_CLOSED;
      if (n != sizeof command)
        continue;
      if (command.kind == SAL_CONTROL_STOP)
        return SAL_COMMAND_ORDER_STOP;
      if (command.kind == SAL_CONTROL_KILL)
        return SAL_COMMAND_ORDER_KILL;
    }
}

void
sal_command_control_send (int fd, const SalControlEvent *event)
{
  struct pollfd ready = { .fd = fd, .events = POLLOUT };

  while (send (fd, event, sizeof *event, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    {
      if (errno == EINTR)
        continue;
      if (errno != EAGAIN || event->kind == SAL_CONTROL_STATUS ||
          poll (&ready, 1, PATIENCE_MS) <= 0)
        return;
    }
}
