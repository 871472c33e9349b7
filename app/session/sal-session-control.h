/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The session's end of the control socket: events in, commands out. */
#pragma once

#include <glib-object.h>

#include "sal-control-wire.h"

G_BEGIN_DECLS

/* Takes an event; it may close the control that it came from. */
typedef void (*SalSessionControlFunc) (gpointer owner, const SalControlEvent *event);

/* A value, part of what it belongs to. Thread: main. */
typedef struct
{
  int fd; /* −1 = closed */
  guint source;
  GObject *owner; /* borrowed, and held while its events are taken */
  SalSessionControlFunc func;
} SalSessionControl;

#define SAL_SESSION_CONTROL_CLOSED ((SalSessionControl){ .fd = -1 })

/** sal_session_control_open: gives every event that comes over @fd (transfer full), a non-blocking
 * socket, to @func with @owner, until the other end closes it. */
void sal_session_control_open (SalSessionControl *self,
                               int fd,
                               GObject *owner,
                               SalSessionControlFunc func);
/** sal_session_control_close: no event comes any longer; fine when closed already. The recorder
 * takes it for the order to stop. */
void sal_session_control_close (SalSessionControl *self);
/** sal_session_control_drain: takes at once what has come, of a recorder that is gone, and
 * closes. */
void sal_session_control_drain (SalSessionControl *self);
/** sal_session_control_send: an order for the recorder. Nothing is said of a failure: the recorder
 * is going then, which is noticed elsewhere. */
void sal_session_control_send (SalSessionControl *self, SalControlCommandKind kind);

G_END_DECLS
