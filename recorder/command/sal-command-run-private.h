/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "sal-sampler.h"

#include "sal-command-fault.h"
#include "sal-command-options.h"
#include "sal-command-tree.h"

/* One recording, for the two files that make it: sal-command-open.c opens all that it needs,
 * sal-command-run.c serves it to its end. Thread: main only.
 */
typedef struct
{
  const SalCommandOptions *options; /* borrowed */
  const char *output_name;          /* for a sentence; borrowed */

  /* Owned; descriptors are -1 when there is none (any longer). */
  SalSampler *sampler;
  SalTargetBroker *broker;
  SalCommandTree *tree; /* of the program */
  int output_fd;
  int event_fd;
  int signal_fd;
  int control_fd; /* borrowed */

  /* The world as it was, for the program. */
  sigset_t mask;
  int pipe_ignored;

  /* The program. */
  pid_t pid;
  bool is_child;
  bool has_exited;
  int status; /* as waitpid(2) gives it, -1 = not known */

  /* How it goes. */
  int64_t search_due_ns; /* INT64_MAX = never */
  int64_t status_due_ns;
  int64_t end_ns; /* when the duration is over, INT64_MAX = never */
  bool is_started;
  bool is_stopped;  /* the sampler was told to stop */
  bool is_finished; /* the capture is complete */
  SalCaptureEndReason end_reason;
  SalCommandFault fault;
  int n_signals;
} SalCommandRun;

/** _sal_command_run_open: opens everything, in an order that lets nothing run before it is known
 * that the capture can be written: signals, what the helper gave, the capture, the program. False
 * when the recording cannot begin; the fault is set then, and what was opened is still the
 * caller's to clear. */
bool _sal_command_run_open (SalCommandRun *run);

/** _sal_command_run_set_fault: notes and tells why the recording fails; the first reason counts.
 * @error: errno, 0 = none. @detail: (nullable): the name it is about; borrowed as long as @run
 * lives. */
void _sal_command_run_set_fault (SalCommandRun *run,
                                 SalControlFault kind,
                                 int error,
                                 const char *detail);
