/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a recording failed, as a sentence and as an exit status. */
#include "sal-command-fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void
sal_command_fault_print (const SalCommandFault *fault, pid_t pid)
{
  const char *why = strerror (fault->error);

  fputs ("salamander-recorder: ", stderr);
  switch (fault->kind)
    {
    case SAL_CONTROL_FAULT_SPAWN:
      fprintf (stderr, "cannot start \"%s\": %s\n", fault->detail, why);
      break;
    case SAL_CONTROL_FAULT_NO_PROCESS:
      fprintf (stderr, "there is no process %d\n", (int)pid);
      break;
    case SAL_CONTROL_FAULT_DENIED:
      fprintf (stderr, "not allowed to read the memory of process %d: %s\n", (int)pid, why);
      break;
    case SAL_CONTROL_FAULT_NOT_PYTHON:
      fprintf (stderr, "process %d is not a Python program\n", (int)pid);
      break;
    case SAL_CONTROL_FAULT_PYTHON_VERSION:
      fprintf (stderr, "cannot read Python %s of process %d\n", fault->detail, (int)pid);
      break;
    case SAL_CONTROL_FAULT_DEBUG_BUILD:
      fprintf (stderr, "cannot read the debug build of Python of process %d\n", (int)pid);
      break;
    case SAL_CONTROL_FAULT_OUTPUT:
      fprintf (stderr, "cannot write \"%s\": %s\n", fault->detail, why);
      break;
    case SAL_CONTROL_FAULT_ENDED:
      fprintf (stderr, "process %d ended before Python had started in it\n", (int)pid);
      break;
    case SAL_CONTROL_FAULT_NONE:
    case SAL_CONTROL_FAULT_USAGE:
    case SAL_CONTROL_FAULT_INTERNAL:
    default:
      fprintf (stderr, "cannot go on: %s\n", why);
      break;
    }
}

int
sal_command_fault_get_exit_status (const SalCommandFault *fault)
{
  if (fault->kind == SAL_CONTROL_FAULT_NONE)
    return 0;
  if (fault->kind != SAL_CONTROL_FAULT_SPAWN)
    return SAL_COMMAND_EXIT_FAILED;
  return fault->error == ENOENT ? SAL_COMMAND_EXIT_NOT_FOUND : SAL_COMMAND_EXIT_CANNOT_RUN;
}
