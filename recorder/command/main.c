/* SPDX-License-Identifier: GPL-3.0-or-later */
/* salamander-recorder: starts or finds a Python program and records it. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "sal-control-wire.h"

#include "sal-command-control.h"
#include "sal-command-fault.h"
#include "sal-command-options.h"
#include "sal-command-run.h"

/* Keeps a descriptor that was handed to us from the program; false when it is not open. */
static bool
keep (int fd)
{
  return fd < 0 || fcntl (fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool
keep_brokers (const SalCommandOptions *options)
{
  for (size_t i = 0; i < options->n_brokers; i++)
    if (!keep (options->broker_fds[i]) ||
        !sal_command_control_is_socket (options->broker_fds[i]))
      return false;
  return true;
}

static int
refuse (int control_fd)
{
  SalControlEvent event = { .kind = SAL_CONTROL_FAULT, .fault = SAL_CONTROL_FAULT_USAGE };

  if (sal_command_control_is_socket (control_fd))
    {
      sal_command_control_send (control_fd, &event);
      event.kind = SAL_CONTROL_FINISHED;
      event.end_reason = 3; /* SAL_CAPTURE_END_LOST */
      sal_command_control_send (control_fd, &event);
    }
  return SAL_COMMAND_EXIT_FAILED;
}

int
main (int argc, char **argv)
{
  SalCommandOptions options;

  if (geteuid () != getuid () || getegid () != getgid ())
    {
      fputs ("salamander-recorder: refusing to run with somebody else's rights\n", stderr);
      /* At once: nothing that a library does at exit shall run with them either. */
      _exit (SAL_COMMAND_EXIT_FAILED);
    }
  switch (sal_command_options_parse (argc, argv, &options))
    {
    case SAL_COMMAND_OPTIONS_DONE:
      return fflush (stdout) == 0 ? 0 : SAL_COMMAND_EXIT_FAILED;
    case SAL_COMMAND_OPTIONS_WRONG:
      return refuse (options.control_fd);
    case SAL_COMMAND_OPTIONS_RUN:
    default:
      break;
    }
  if (!keep (options.output_fd) || !keep (options.control_fd) ||
      (options.control_fd >= 0 && !sal_command_control_is_socket (options.control_fd)) ||
      !keep_brokers (&options))
    {
      fputs ("salamander-recorder: a descriptor that was named is not open or of the wrong kind\n",
             stderr);
      return refuse (options.control_fd);
    }
  return sal_command_run (&options);
}
