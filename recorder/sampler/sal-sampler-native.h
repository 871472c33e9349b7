/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Native stacks of the threads of one process, and how long it took to get them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sal-capture-record.h"
#include "sal-native-merge.h"
#include "sal-python.h"

#include "sal-sampler-hold.h"
#include "sal-sampler-intern.h"

/* The native stacks of all processes of a recording. Thread: the sampling thread. Functions in what
 * it gives must be written by the sink before it is freed. */
typedef struct _SalSamplerNatives SalSamplerNatives;

/* Those of one process. */
typedef struct _SalSamplerNative SalSamplerNative;

/* One thread as it was while it was held, or rested. Borrowed until the next look. */
typedef struct
{
  SalNativeStopResult stopped; /* where it was not held: why */
  SalPythonHeld held;          /* result SAL_PYTHON_LOOK_EMPTY for a thread without Python */
  SalSamplerMixed mixed;       /* whole, for the interning tables */
} SalSamplerNativeLook;

/** sal_sampler_native_is_possible: whether native stacks can be followed on this machine. */
bool sal_sampler_native_is_possible (void);

/** sal_sampler_natives_new: of no process yet; threads are held by @holds (borrowed). NULL without
 * memory. */
SalSamplerNatives *sal_sampler_natives_new (SalSamplerHolds *holds)
    __attribute__ ((warn_unused_result));

/** sal_sampler_natives_begin: for the process behind @target (borrowed); NULL without memory. What
 * an earlier process has shown of the same files is not read again. */
SalSamplerNative *sal_sampler_natives_begin (SalSamplerNatives *natives, SalTarget *target)
    __attribute__ ((warn_unused_result));

/** sal_sampler_natives_end: the process is no longer looked at; NULL is fine. */
void sal_sampler_natives_end (SalSamplerNatives *natives, SalSamplerNative *native);

/** sal_sampler_native_is_denied: whether the kernel has refused to stop a thread of the process. */
bool sal_sampler_native_is_denied (const SalSamplerNative *native);

/**
 * sal_sampler_native_look: holds the thread @tid, copies it, lets it go and merges its stacks.
 *
 * @rest: not NULL: it rests, so that it is held only where its stack cannot be told without those
 * registers that only a thread that is stopped shows, or where it goes on too soon.
 * @python may be NULL for a thread that has none; otherwise it is the thread at @position of the
 * latest look. Errors: as sal_python_look_held(); NOT_READY where it was not held.
 */
SalPythonResult sal_sampler_native_look (SalSamplerNative *native,
                                         pid_t tid,
                                         SalPython *python,
                                         size_t position,
                                         SalSamplerStack *stack,
                                         SalSamplerRest *rest,
                                         SalSamplerNativeLook *look)
    __attribute__ ((warn_unused_result));

/** sal_sampler_native_expects: whether thread @tid has been asked to stop and has not been held
 * yet: to look at it once more goes on with that. */
bool sal_sampler_native_expects (const SalSamplerNative *native, pid_t tid);

/** sal_sampler_native_count_again: a sample was taken whose stack is that of the sample before. */
void sal_sampler_native_count_again (SalSamplerNative *native);

/** sal_sampler_native_count_missing: a sample was taken without the native stack that it should
 * have: it counts as one with a seam. */
void sal_sampler_native_count_missing (SalSamplerNative *native);

/** sal_sampler_natives_get_counters: fills in what @counters has of native stacks. */
void sal_sampler_natives_get_counters (const SalSamplerNatives *natives,
                                       SalCaptureCounters *counters);

/** sal_sampler_natives_free: NULL is fine. */
void sal_sampler_natives_free (SalSamplerNatives *natives);
