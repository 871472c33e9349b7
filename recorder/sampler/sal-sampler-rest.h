/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a thread has rested since it was last held still, so that its stack is the same. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sal-sampler-cpu.h"

/* A thread that waits in a system call and has got no processor time since has the stack that it
 * had. Holding it costs it a little time itself and may make it begin the call again; so the look
 * after a hold compares the call, and only those after that the account as well.
 * Source: proc_pid_schedstat(5), proc_pid_syscall(5).
 */
typedef struct
{
  SalSamplerAccount account; /* not known = not settled */
  char call[192];            /* syscall, "" = it ran when it was held */
} SalSamplerRest;

/** sal_sampler_rest_begin: notes what @cpu's thread does, just before it is held. */
void sal_sampler_rest_begin (SalSamplerRest *rest, const SalSamplerCpu *cpu);

/** sal_sampler_rest_is_possible: whether the thread waited then; if not, it does not rest. */
bool sal_sampler_rest_is_possible (const SalSamplerRest *rest);

/**
 * sal_sampler_rest_goes_on: whether the thread rests since sal_sampler_rest_begin().
 *
 * @is_same: its Python stack is the same as then. Of a @cpu asked at @now_ns no read of /proc, once
 * it has settled.
 */
bool sal_sampler_rest_goes_on (SalSamplerRest *rest,
                               const SalSamplerCpu *cpu,
                               bool is_same,
                               int64_t now_ns);

/** sal_sampler_rest_end: it is not known to rest. */
void sal_sampler_rest_end (SalSamplerRest *rest);
