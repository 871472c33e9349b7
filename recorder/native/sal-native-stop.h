/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holds one thread of another process still, and lets it go again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sal-native-types.h"

/* A thread that runs beside us stops within so many ns, most times; one that waits for a processor,
 * when it gets one. */
#define SAL_NATIVE_STOP_AT_ONCE 20000
#define SAL_NATIVE_STOP_PATIENCE 50000000

typedef enum
{
  SAL_NATIVE_STOP_OK = 0,
  SAL_NATIVE_STOP_GONE,   /* the thread has ended */
  SAL_NATIVE_STOP_DENIED, /* the kernel refuses, or somebody else traces it */
  SAL_NATIVE_STOP_LATE,   /* it has not stopped yet */
} SalNativeStopResult;

/* A thread that was asked to stop. The kernel lets it run when the thread that stopped it ends, for
 * whatever reason. */
typedef struct
{
  pid_t tid;
  bool is_leader;   /* the first thread of its process */
  int signal;       /* that came while it was stopped, to be handed on; 0 = none */
  int64_t since_ns; /* CLOCK_MONOTONIC when it was asked */
} SalNativeStop;

/**
 * sal_native_stop: stops thread @tid and reads its registers.
 *
 * @is_leader: it is the first thread of its process: if that is a child of ours, how it ends is
 * left for waitpid(2) to tell.
 * On OK it stays stopped until sal_native_stop_release(), which must follow soon. On LATE
 * sal_native_stop_wait() or sal_native_stop_settle() must be called now and then until one says
 * otherwise. In the other cases the thread runs.
 * Thread: one and the same for a stop and its end; waits up to @patience_ns, and not longer than it
 * must where all threads of this process have SIGCHLD blocked.
 * Source: ptrace(2), PTRACE_SEIZE and PTRACE_INTERRUPT.
 */
SalNativeStopResult sal_native_stop (pid_t tid,
                                     bool is_leader,
                                     int64_t patience_ns,
                                     SalNativeStop *stop,
                                     uint64_t registers[SAL_NATIVE_N_REGISTERS])
    __attribute__ ((warn_unused_result));

/** sal_native_stop_wait: goes on waiting for a thread that was LATE, and as sal_native_stop(). */
SalNativeStopResult sal_native_stop_wait (SalNativeStop *stop,
                                          int64_t patience_ns,
                                          uint64_t registers[SAL_NATIVE_N_REGISTERS])
    __attribute__ ((warn_unused_result));

/** sal_native_stop_nap: sleeps, where SIGCHLD is blocked, until any thread that was asked has
 * stopped, or about as long again as was @waited_ns for. */
void sal_native_stop_nap (int64_t waited_ns);

/** sal_native_stop_convert: the registers in @length bytes of the kernel's NT_PRSTATUS; false when
 * they are not those of a thread that can be followed. */
bool sal_native_stop_convert (const void *bytes,
                              size_t length,
                              uint64_t registers[SAL_NATIVE_N_REGISTERS]);

/** sal_native_stop_release: lets the thread run, handing on a signal that came meanwhile. False: it
 * was killed while it stood still; its process cannot end before sal_native_stop_settle() has taken
 * note of it, which must be called as after LATE. Source: ptrace(2), Death under ptrace. */
bool sal_native_stop_release (const SalNativeStop *stop);

/** sal_native_stop_settle: lets a thread that was LATE run if it has stopped by now. LATE: not yet;
 * GONE: nothing is left to do. Does not wait. */
SalNativeStopResult sal_native_stop_settle (SalNativeStop *stop);
