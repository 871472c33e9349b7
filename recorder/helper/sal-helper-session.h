/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One process opened for one caller, from the order to the end of the session. */
#pragma once

#include "sal-helper-verdict.h"

/**
 * sal_helper_session_run: identifies, waits for the word, opens, and serves until either socket is
 * closed.
 *
 * @control_fd: to the service. @client_fd: to the caller's recorder. Both stay open.
 * Runs in a process of its own, with nothing else in it.
 */
void sal_helper_session_run (const SalHelperOrder *order, int control_fd, int client_fd);
