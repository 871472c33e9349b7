/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking from the processor that the program runs on, where it stands still meanwhile.
 *
 * Where calls are shorter than the time that a copy of a stack takes, stacks that stand still for
 * longer are easier to copy whole, and would come out too large. On the processor of the thread
 * that runs Python that thread cannot run while we do: what is read then is from one moment, and
 * which moment that is does not depend on what the program does. Waking up there costs the program
 * some 40 µs a look, so that it is done only where looks from elsewhere show that the program moves
 * while it is read. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sal-python.h"

/* How it is with one process. A zeroed one is ready. Thread: the sampling thread. */
typedef struct
{
  bool is_near;       /* it is looked at from its processor */
  bool is_open;       /* stat_fd is of thread @tid */
  bool is_timed;      /* schedstat_fd is open */
  int stat_fd;        /* /proc/PID/task/TID/stat */
  int schedstat_fd;   /* /proc/thread-self/schedstat */
  uint64_t waited_ns; /* for processors by the calling thread, when that was last asked for */
  uint64_t tid;       /* that ran Python at the last look */
  uint32_t n_looks;   /* from where they are taken now */
  uint32_t n_late;    /* that would have been from its processor, in a row */
  uint32_t score;     /* of looks from elsewhere: how much speaks for the program being quick */
  uint32_t stay;      /* looks from its processor, before some are taken from elsewhere again */
} SalSamplerNear;

/* From where a look would be taken. */
typedef enum
{
  SAL_SAMPLER_PLACE_ANYWHERE,
  SAL_SAMPLER_PLACE_NEAR, /* the program's processor, in a moment that was ours to choose */
  SAL_SAMPLER_PLACE_LATE, /* there, but the program went on until it let us in itself */
} SalSamplerPlace;

/**
 * sal_sampler_near_cut_in: lets the calling thread run as soon as it wakes up, on a processor that
 * is in use, too.
 *
 * A thread that wakes up otherwise waits until the one at work has had its turn or goes to sleep:
 * then a program that computes and waits by turns is found waiting nearly always. Where the kernel
 * does not know of turns of one's own (before Linux 6.12), nothing changes.
 * Source: sched_setattr(2); Linux Documentation/scheduler/sched-eevdf.rst.
 */
void sal_sampler_near_cut_in (void);

/**
 * sal_sampler_near_come: moves the calling thread to the processor where @near's process runs
 * Python, when it should be looked at from there; lets it go where it likes otherwise.
 *
 * A thread that wakes up may have to wait for the one at work, up to some system call that has the
 * kernel look again whose turn it is, as asking for the processor time does. A look taken then
 * would find the program there, however rarely it is; so it is to be left out.
 * Not for processors that the calling thread was not allowed to use from the start.
 * Source: sched(7), cpuset(7); proc_pid_stat(5), field 39; proc_pid_schedstat(5); Linux
 * kernel/sched/fair.c, check_preempt_wakeup_fair(), update_curr().
 */
SalSamplerPlace sal_sampler_near_come (SalSamplerNear *near, pid_t pid);

/** sal_sampler_near_learn: takes in how a look went, on which it depends from where the next ones
 * are. */
void sal_sampler_near_learn (SalSamplerNear *near, const SalPythonLook *look);

/** sal_sampler_near_clear: forgets the process. */
void sal_sampler_near_clear (SalSamplerNear *near);
