/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speaks with the program that started the recorder. */
#pragma once

#include <stdbool.h>

#include "sal-control-wire.h"

typedef enum
{
  SAL_COMMAND_ORDER_NONE = 0, /* nothing (more) has come */
  SAL_COMMAND_ORDER_STOP,
  SAL_COMMAND_ORDER_KILL,
  SAL_COMMAND_ORDER_CLOSED, /* nobody is there any longer */
} SalCommandOrder;

/** sal_command_control_is_socket: whether @fd is a socket of the right kind. */
bool sal_command_control_is_socket (int fd);

/** sal_command_control_receive: the next order from socket @fd, without waiting. Packets that are
 * none are skipped. */
SalCommandOrder sal_command_control_receive (int fd);

/**
 * sal_command_control_send: sends @event to socket @fd.
 *
 * A STATUS that does not fit in the socket at once is dropped; other events wait up to a second.
 * Nothing is reported: whoever does not read does not know.
 */
void sal_command_control_send (int fd, const SalControlEvent *event);
