/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One recording: looks at a program's Python and writes what it sees. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sal-capture-record.h"
#include "sal-capture-result.h"
#include "sal-python-result.h"
#include "sal-target-brokered.h"

/* Three threads of its own do the work: one finds Python in the processes that it is told of, one
 * looks at all of them and keeps, one writes. The caller's thread starts and stops them, tells of
 * processes and reads their counters.
 * Thread: one at a time.
 */
typedef struct _SalSampler SalSampler;

typedef struct
{
  double rate_hz;          /* 0 = flat out */
  bool native;             /* native stacks too: threads are held still for a moment each */
  bool blocking;           /* threads may be held still where their stacks change too fast */
  bool debuginfod;         /* servers may be asked for the names of native functions */
  int output_fd;           /* where the capture goes; borrowed, blocking */
  int event_fd;            /* an eventfd told of every change of state; borrowed */
  const char *command;     /* of the program, as a shell would take it; copied */
  const char *directory;   /* it was started in, or NULL; copied */
  SalTargetBroker *broker; /* sessions with the helper, or NULL; borrowed */
  double budget;           /* share of a processor that sampling may take, 0 = no bound */

  /* Sample the children of Python processes too, not only such processes as have no Python among
   * their parents. */
  bool follows_all;

  /* The command line of a process, as a shell would take it; the sampler free()s it. Called on a
   * thread of the sampler. */
  char *(*describe) (pid_t pid);
} SalSamplerOptions;

typedef enum
{
  SAL_SAMPLER_SEEKING = 0, /* no process is being sampled (yet, or any longer) */
  SAL_SAMPLER_SAMPLING,
  SAL_SAMPLER_FAILED,   /* no hope of a Python: python_result says why; stop it */
  SAL_SAMPLER_FINISHED, /* stopped, and the capture is complete */
} SalSamplerState;

typedef struct
{
  SalSamplerState state;
  SalPythonResult python_result; /* of the last attempt to find Python in the first process, or
                                  * what else explains that nothing was found */
  char python[32];               /* version of the first, "" = not known */
  bool has_sampled;              /* that Python was ever found */
  bool is_first_python;          /* that Python was found in the first process itself */
  bool has_seen_runtime;         /* that a Python was there, though perhaps not far enough */
  int output_error;              /* errno of writing the capture, 0 = none */
  int64_t elapsed_ns;            /* since the start, standing still when stopped */
  uint64_t bytes;                /* that can be read from the capture */
  uint64_t n_left;               /* records still to be written; 0 while it goes on */
  uint32_t n_threads;            /* in the last look */
  uint32_t n_processes;          /* likewise */
  SalCaptureCounters counters;
} SalSamplerStatus;

/**
 * sal_sampler_new: begins a capture on the output, before there is a program.
 *
 * Errors: IO (errno tells), MEMORY; *@out is NULL then.
 */
SalCaptureResult sal_sampler_new (const SalSamplerOptions *options, SalSampler **out)
    __attribute__ ((warn_unused_result));

/**
 * sal_sampler_start: begins the recording: time 0 of it is now.
 *
 * Call once. Errors: false when no thread could be started.
 */
bool sal_sampler_start (SalSampler *sampler) __attribute__ ((warn_unused_result));

/**
 * sal_sampler_add_process: looks for Python in process @pid, and samples it when there is one.
 *
 * @parent_pid: the process that made it, which was added before; 0 for the first of all.
 * @is_patient: the process may still become Python (it was started just now, perhaps as a shell
 * that will exec), so only its end ends the search; otherwise a first process that is not Python
 * fails the recording at once. A process that has become another program is searched anew.
 */
void sal_sampler_add_process (SalSampler *sampler,
                              pid_t pid,
                              pid_t parent_pid,
                              bool is_patient);

/** sal_sampler_end_process: process @pid has ended with @status, as waitpid(2) gives it, −1 = not
 * known. It is not looked at from the next tick on. */
void sal_sampler_end_process (SalSampler *sampler, pid_t pid, int status);

/**
 * sal_sampler_stop: ends the recording for @reason; the first call counts.
 *
 * Does not wait: the state becomes FINISHED when the capture is complete.
 */
void sal_sampler_stop (SalSampler *sampler, SalCaptureEndReason reason);

/** sal_sampler_hurry: no server is asked for names any longer, also not the one at work. */
void sal_sampler_hurry (SalSampler *sampler);

/** sal_sampler_get_status: how it stands. */
void sal_sampler_get_status (SalSampler *sampler, SalSamplerStatus *status);

/** sal_sampler_free: stops it if need be, waits for it and frees it; NULL is fine. */
void sal_sampler_free (SalSampler *sampler);
