/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the Python of a process, however long the process takes to become one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sal-python.h"
#include "sal-target-brokered.h"
#include "sal-target.h"

typedef struct
{
  pid_t pid;
  bool is_patient; /* not being Python (yet) is no failure */

  /* Sessions with the helper; borrowed; NULL = none. */
  SalTargetBroker *broker;

  /* What was found; owned. */
  SalTarget *target;
  SalPython *python;

  /* How the last attempt ended. */
  SalPythonResult result;
  char version[32];
  bool has_seen_runtime; /* NOT_READY or better, ever */

  /* CLOCK_MONOTONIC. */
  int64_t due_ns;   /* when to try next */
  int64_t try_ns;   /* before this, trying waits for another program */
  int64_t since_ns; /* since when the answer has been the same, 0 = none yet */
  char program[96]; /* the end of its executable's path when it was last tried */
} SalSamplerSeek;

typedef enum
{
  SAL_SAMPLER_SEEK_PENDING = 0, /* try again when due */
  SAL_SAMPLER_SEEK_FOUND,       /* the struct has it */
  SAL_SAMPLER_SEEK_HOPELESS,    /* result says why; trying again is allowed, and rarely due */
} SalSamplerSeekState;

/**
 * sal_sampler_seek_begin: gives up what was found, and begins anew at @now_ns: the first attempt is
 * due at once.
 */
void sal_sampler_seek_begin (SalSamplerSeek *seek, int64_t now_ns);

/**
 * sal_sampler_seek_try: tries once to find Python and sets when the next attempt is due.
 *
 * Attempts follow each other after 300 µs at first, then ever more rarely. A process that shows a
 * part of Python is tried every 20 ms at least, since that may be a beginning. One that is another
 * thing is looked at as often, but only for having become another program by exec, which costs a
 * few microseconds; it is tried whenever it has, and now and then for having loaded libpython. A
 * refusal, an unsupported version or a debug build is believed when it stands for 100 ms, since a
 * process in the middle of exec or of loading its libraries shows strange things. A process that
 * has just been made by vfork(2) or fork(2) shows the threads of its parent: it is not ready until
 * it has one of its own, or has stood so for 100 ms and is one of which Python was not told.
 */
SalSamplerSeekState sal_sampler_seek_try (SalSamplerSeek *seek, int64_t now_ns);

/**
 * sal_sampler_seek_has_task: whether thread @tid, as a Python tells it, is one of process @pid.
 *
 * True also where that cannot be told: in another pid namespace threads have other numbers.
 */
bool sal_sampler_seek_has_task (pid_t pid, uint64_t tid);

/** sal_sampler_seek_clear: gives up what was found. */
void sal_sampler_seek_clear (SalSamplerSeek *seek);
