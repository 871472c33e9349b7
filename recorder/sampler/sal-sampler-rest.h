/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a thread has rested since it was last held still, so that its stack is the same. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sal-sampler-cpu.h"

/* A thread that waits in a system call and has got no processor since has the stack that it had; so
 * what is read of it meanwhile is of one moment, as if it were held. Holding it costs it a little
 * time itself and may make it begin the call again; so the look after a hold compares the call, and
 * only those after that the account as well.
 * Source: proc_pid_schedstat(5), proc_pid_syscall(5).
 */
typedef struct
{
  const SalSamplerCpu *cpu;         /* borrowed, from sal_sampler_rest_begin() on */
  SalSamplerAccount account;        /* of the rest, or of the time before it may have begun */
  bool is_settled;                  /* it was seen to rest since the account */
  char call[SAL_SAMPLER_CALL_SIZE]; /* as sal_sampler_cpu_get_call() */
} SalSamplerRest;

/** sal_sampler_rest_begin: notes what the thread of @cpu (borrowed), asked at @now_ns, does, just
 * before it is read or held. */
void sal_sampler_rest_begin (SalSamplerRest *rest, const SalSamplerCpu *cpu, int64_t now_ns);

/** sal_sampler_rest_is_possible: whether the thread waited then; if not, it does not rest. */
bool sal_sampler_rest_is_possible (const SalSamplerRest *rest);

/** sal_sampler_rest_is_pending: whether the next look at its Python stack may tell that it rests,
 * which is neither known yet nor excluded. */
bool sal_sampler_rest_is_pending (const SalSamplerRest *rest);

/** sal_sampler_rest_find: where it waits: its *@stack pointer and program counter *@pc. False: not
 * known. */
bool sal_sampler_rest_find (const SalSamplerRest *rest, uint64_t *stack, uint64_t *pc);

/** sal_sampler_rest_is_proved: whether it has not run since sal_sampler_rest_begin(), so that what
 * was read of it in between is of one moment. One read of /proc. */
bool sal_sampler_rest_is_proved (SalSamplerRest *rest);

/**
 * sal_sampler_rest_goes_on: whether the thread rests since sal_sampler_rest_begin().
 *
 * @is_same: its Python stack is the same as then. Of a @cpu asked at @now_ns no read of /proc, once
 * it has settled.
 */
bool sal_sampler_rest_goes_on (SalSamplerRest *rest, bool is_same, int64_t now_ns);

/** sal_sampler_rest_unsettle: it will be held after all. */
void sal_sampler_rest_unsettle (SalSamplerRest *rest);
