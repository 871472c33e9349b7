/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that finds Python in the processes of the program. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "sal-python-result.h"

#include "sal-sampler-process.h"

/* Finding Python takes milliseconds, which the sampling thread does not have: it is handed the
 * processes in which Python was found, samples them, and hands them back when their Python is gone,
 * by exec or by their end. */
typedef struct _SalSamplerScout SalSamplerScout;

typedef struct
{
  bool follows_all;              /* sample the children of Python processes too */
  char *(*describe) (pid_t pid); /* the command line of a process for the recording; free() it */
  SalTargetBroker *broker;       /* sessions with the helper, or NULL; borrowed */
  SalSamplerMail *out;           /* processes for the sampling thread; borrowed */
  int out_fd;                    /* an eventfd told of each of them; borrowed */
  int event_fd;                  /* an eventfd told of every change of the status; borrowed */
} SalSamplerScoutOptions;

typedef struct
{
  SalPythonResult result; /* of the first process, or what made the search fail */
  char version[32];       /* of the first Python met, "" = none yet */
  bool has_seen_runtime;  /* that any Python was there, though perhaps not far enough */
  bool is_first_python;   /* that Python was found in the first process */
  bool has_failed;        /* there is no hope of a Python */
  bool has_python;        /* any process was handed over */
} SalSamplerScoutStatus;

/** sal_sampler_scout_new: knows no process yet; NULL without memory or descriptors. */
SalSamplerScout *sal_sampler_scout_new (const SalSamplerScoutOptions *options)
    __attribute__ ((warn_unused_result));

/** sal_sampler_scout_start: begins to search; false when no thread could be started. */
bool sal_sampler_scout_start (SalSamplerScout *scout) __attribute__ ((warn_unused_result));

/** sal_sampler_scout_add: also search process @pid, a child of @parent_pid (0 = the first of all).
 * Without memory nothing happens: it will be missing. Thread: any. */
void sal_sampler_scout_add (SalSamplerScout *scout,
                            pid_t pid,
                            pid_t parent_pid,
                            bool is_patient);

/** sal_sampler_scout_end: process @pid has ended with @status (as waitpid(2) gives it, −1 = not
 * known). Nobody looks at it again from the next tick on. Thread: any. */
void sal_sampler_scout_end (SalSamplerScout *scout, pid_t pid, int status);

/** sal_sampler_scout_return: hands back @process. Thread: the sampling thread. */
void sal_sampler_scout_return (SalSamplerScout *scout, SalSamplerProcess *process);

/** sal_sampler_scout_get_status: how the search stands. Thread: any. */
void sal_sampler_scout_get_status (SalSamplerScout *scout, SalSamplerScoutStatus *status);

/** sal_sampler_scout_stop: ends the search and waits for the thread. Nothing is handed over
 * afterwards. */
void sal_sampler_scout_stop (SalSamplerScout *scout);

/** sal_sampler_scout_get_process: after the stop, process number @i of those that are not done
 * with, in the order in which they came; NULL behind the last. */
SalSamplerProcess *sal_sampler_scout_get_process (SalSamplerScout *scout, size_t i);

/** sal_sampler_scout_free: stops it if need be and lets go of the processes; NULL is fine. */
void sal_sampler_scout_free (SalSamplerScout *scout);
