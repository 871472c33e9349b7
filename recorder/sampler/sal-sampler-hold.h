/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread at a time held still and copied, and how long that took. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sal-capture-record.h"
#include "sal-native-stop.h"
#include "sal-native-unwind.h"
#include "sal-python.h"
#include "sal-target.h"

#include "sal-sampler-rest.h"

/* All that a recording holds. Thread: the sampling thread, since the kernel lets what it has
 * stopped run when it ends. */
typedef struct _SalSamplerHolds SalSamplerHolds;

/* What is remembered of a thread's stack from one hold to the next. */
typedef struct
{
  uint64_t base;     /* up to where it was needed the last time, 0 = not known */
  size_t depth;      /* bytes from the stack pointer to there, lately at most */
  size_t length;     /* bytes to copy all the same, 0 = as those say */
  uint64_t hidden;   /* the stack pointer of a rest that only a hold could tell, 0 = none */
  uint32_t n_hidden; /* how often in a row */
} SalSamplerStack;

/* One hold at work. */
typedef struct
{
  /* Set by who holds; borrowed. */
  SalSamplerHolds *holds;
  SalTarget *target;
  SalNativeUnwinder *unwinder;  /* NULL: nothing of its native stack is wanted */
  const SalSamplerStack *stack; /* of no use then */
  SalSamplerRest *rest;         /* NULL: it is stopped; otherwise it is read while it rests */
  int64_t patience_ns;          /* for it to stop */
  pid_t tid;
  /* What comes of it. */
  SalNativeSnapshot snapshot; /* its bytes live until the next hold; length 0 = none */
  SalNativeStopResult result; /* how it went to stop it */
  /* At work. */
  SalNativeStop stop;
  SalTargetRange wanted; /* of its stack, until that was read */
  int64_t copy_ns;       /* that reading has taken while it was held */
  bool is_placed;        /* that it is known where it rests */
  bool is_held;
} SalSamplerHold;

/** sal_sampler_holds_new: none yet; NULL without memory. @is_hurried: threads are held as often as
 * possible; where the helper does that, the calling thread keeps to its processor then, where the
 * two take turns and leave the others to the program. */
SalSamplerHolds *sal_sampler_holds_new (bool is_hurried) __attribute__ ((warn_unused_result));

/**
 * sal_sampler_hold_read: stops the thread where it runs, and reads; as SalPythonHold.read.
 *
 * One that does not stop at once, since others have the processors, is LATE and stays asked: the
 * next hold of it goes on with that. Where the helper reads for us, each read is a stop of its own.
 * One that rests is ABSENT if it has run before all was read; of its registers only the stack
 * pointer and the program counter are known.
 */
SalTargetResult
sal_sampler_hold_read (void *hold, SalTargetRange *ranges, size_t n_ranges, SalTargetRange *stack);

/** sal_sampler_hold_resume: lets it run; as SalPythonHold.resume. */
void sal_sampler_hold_resume (void *hold);

/** sal_sampler_hold_learn: its stack was needed up to @base, all of it. */
void sal_sampler_hold_learn (const SalSamplerHold *hold, SalSamplerStack *stack, uint64_t base);

/** sal_sampler_hold_widen: whether more of the stack can be copied than @hold did; *@stack asks for
 * it then. */
bool sal_sampler_hold_widen (const SalSamplerHold *hold, SalSamplerStack *stack);

/**
 * sal_sampler_hold_look: looks at the Python stack of thread @tid while it stands still.
 *
 * @position: of the thread in the latest look of @python, which reads @target. *@stopped: whether
 * it was held. Errors: as sal_python_look_held(); NOT_READY where it was not held.
 */
SalPythonResult sal_sampler_hold_look (SalSamplerHolds *holds,
                                       SalTarget *target,
                                       pid_t tid,
                                       SalPython *python,
                                       size_t position,
                                       SalPythonHeld *held,
                                       SalNativeStopResult *stopped)
    __attribute__ ((warn_unused_result));

/** sal_sampler_holds_expect: whether thread @tid has been asked to stop and is still to be held. */
bool sal_sampler_holds_expect (SalSamplerHolds *holds, pid_t tid);

/** sal_sampler_holds_settle: lets go threads that stopped later than was waited for, and takes note
 * of those that were killed while they were held. Returns whether there are still some to come:
 * then call it again soon. */
bool sal_sampler_holds_settle (SalSamplerHolds *holds);

/** sal_sampler_holds_get_counters: fills in what @counters has of stops; times are an eighth more
 * at worst. */
void sal_sampler_holds_get_counters (const SalSamplerHolds *holds, SalCaptureCounters *counters);

/** sal_sampler_holds_free: NULL is fine. */
void sal_sampler_holds_free (SalSamplerHolds *holds);
