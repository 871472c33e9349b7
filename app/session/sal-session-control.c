/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The session's end of the control socket: events in, commands out. */
#include "config.h"

#include "sal-session-control.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

/* Packets taken in one go: they may not keep the main loop. */
#define MAX_PACKETS 64

/* Returns FALSE when the other end is closed, or ours. */
static gboolean
receive (SalSessionControl *self)
{
  for (int i = 0; i < MAX_PACKETS; i++)
    {
      union
      {
        SalControlEvent event;
        char bytes[sizeof (SalControlEvent) + 1];
      } packet;
      ssize_t n = recv (self->fd, &packet, sizeof packet, MSG_DONTWAIT);

      if (n == 0)
        return FALSE;
      if (n < 0)
        return errno == EAGAIN || errno == EINTR;
      if (n == sizeof packet.event)
        self->func (self->owner, &packet.event);
      if (self->fd == -1)
        return FALSE;
    }
  return TRUE;
}

static gboolean
ready_cb (int fd, GIOCondition condition, gpointer user_data)
{
  SalSessionControl *self = user_data;
  g_autoptr (GObject) owner = g_object_ref (self->owner);

  if (receive (self))
    return G_SOURCE_CONTINUE;
  sal_session_control_close (self);
  return G_SOURCE_REMOVE;
}

void
sal_session_control_open (SalSessionControl *self,
                          int fd,
                          GObject *owner,
                          SalSessionControlFunc func)
{
  self->fd = fd;
  self->owner = owner;
  self->func = func;
  self->source = g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, ready_cb, self);
}

void
sal_session_control_close (SalSessionControl *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->fd != -1)
    close (self->fd);
  self->fd = -1;
}

void
sal_session_control_drain (SalSessionControl *self)
{
  while (self->fd != -1)
    {
      char byte;

      if (!receive (self) || recv (self->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) <= 0)
        sal_session_control_close (self);
    }
}

void
sal_session_control_send (SalSessionControl *self, SalControlCommandKind kind)
{
  SalControlCommand command = { .kind = kind };

  if (self->fd != -1)
    send (self->fd, &command, sizeof command, MSG_NOSIGNAL | MSG_DONTWAIT);
}
