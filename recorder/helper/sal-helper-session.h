/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One process opened for one caller, from the order to the end of the session. */
#pragma once

#include "sal-helper-process.h"

/* Service to opener, with two descriptors: our end for the word and the answers, the caller's
 * socket. */
typedef struct
{
  uint64_t start_time;
  uint32_t pid;
  uint32_t reserved;
} SalHelperOrder;

/* Session to service, twice: who it is, before polkit is asked; and after the service has sent one
 * byte, whether it was opened. */
typedef struct
{
  SalHelperIdentity identity;
  uint32_t verdict;
  uint32_t n_command;
  char command[256]; /* the first bytes of its command line, as the process has them: hostile */
} SalHelperAnswer;

/**
 * sal_helper_session_run: identifies, waits for the word, opens, and serves until either socket is
 * closed.
 *
 * @control_fd: to the service. @client_fd: to the caller's recorder. Both stay open.
 * Runs in a process of its own, with nothing else in it.
 */
void sal_helper_session_run (const SalHelperOrder *order, int control_fd, int client_fd);
