/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a recording failed, as a sentence and as an exit status. */
#pragma once

#include <sys/types.h>

#include "sal-control-wire.h"

/* Exit statuses of the recorder's own, as env(1) and timeout(1) have them. */
enum
{
  SAL_COMMAND_EXIT_FAILED = 125,
  SAL_COMMAND_EXIT_CANNOT_RUN = 126,
  SAL_COMMAND_EXIT_NOT_FOUND = 127,
};

typedef struct
{
  SalControlFault kind;
  int error;          /* errno, 0 = none */
  const char *detail; /* the name it is about, or ""; borrowed */
} SalCommandFault;

/** sal_command_fault_print: says on standard error, in one sentence, what @fault was about process
 * @pid (0 = none yet). */
void sal_command_fault_print (const SalCommandFault *fault, pid_t pid);

/** sal_command_fault_get_exit_status: what the recorder exits with after @fault. */
int sal_command_fault_get_exit_status (const SalCommandFault *fault);
