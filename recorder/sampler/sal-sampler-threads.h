/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered of each thread of the program from one look to the next. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sal-python.h"

#include "sal-sampler-cpu.h"
#include "sal-sampler-intern.h"
#include "sal-sampler-native.h"
#include "sal-sampler-rest.h"

typedef struct
{
  /* Who it is. */
  uint64_t tid;
  uint64_t address;   /* of its PyThreadState */
  uint64_t thread_id; /* Python's */
  uint32_t id;        /* in the capture */
  int64_t start_ns;   /* first seen, of the recording's time */

  /* Its name, asked for again now and then. */
  uint32_t name;       /* string, or NO_ID */
  bool is_name_python; /* and not the kernel's */
  int64_t name_due_ns;
  int64_t name_patience_ns;

  /* What it showed last. */
  int64_t last_ns; /* its time is spoken for up to here */
  uint32_t stack;
  bool is_stack_known; /* that its last look gave stack */
  SalSamplerTrail trail;
  SalSamplerCpu cpu;
  bool waits_for_gil;     /* it did when cpu told last, and had had no turn before */
  uint32_t wait;          /* what it slept for when cpu told last, counted from 1 */
  SalSamplerRest rest;    /* of the native stack that it showed last */
  SalSamplerStack native; /* where native stacks are taken */
  bool is_awaited;        /* it ran when it was asked to stop, and has not been held since */
} SalSamplerThread;

/* The threads in the order of the look at work, behind them those it has not met (yet). */
typedef struct
{
  SalSamplerThread **items;
  size_t n_items;
  size_t capacity;
} SalSamplerThreads;

/**
 * sal_sampler_threads_meet: the thread that the look at work shows at @position.
 *
 * Called with positions 0, 1, 2, … of one look; in steady state each thread is where it was before.
 * A thread not met before is made, zeroed but for who it is, and *@is_new tells so.
 * Ownership: the table's. Errors: NULL without memory.
 */
SalSamplerThread *sal_sampler_threads_meet (SalSamplerThreads *threads,
                                            size_t position,
                                            const SalPythonThread *seen,
                                            bool *is_new);

/**
 * sal_sampler_threads_is_unborn: whether number @index of @look is a thread state that has not got
 * its thread yet.
 *
 * @position: that it would be met at. Until a new thread runs, its state bears the id of the thread
 * that makes it, and no frame; it is listed before those that were there already.
 * Source: CPython 3.11 Python/pystate.c, init_threadstate and _PyThreadState_SetCurrent.
 */
bool sal_sampler_threads_is_unborn (const SalSamplerThreads *threads,
                                    size_t position,
                                    const SalPythonLook *look,
                                    size_t index);

/** sal_sampler_threads_is_known: whether the thread that the look at work shows at @position was
 * met before. */
bool sal_sampler_threads_is_known (const SalSamplerThreads *threads,
                                   size_t position,
                                   const SalPythonThread *seen);

/** sal_sampler_threads_remove_last: forgets the thread at the end of the table. */
void sal_sampler_threads_remove_last (SalSamplerThreads *threads);

/** sal_sampler_threads_clear: forgets every thread. */
void sal_sampler_threads_clear (SalSamplerThreads *threads);
