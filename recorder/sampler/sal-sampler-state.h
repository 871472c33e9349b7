/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread did when it was looked at. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sal-python.h"

#include "sal-sampler-cpu.h"
#include "sal-sampler-threads.h"

/** sal_sampler_state_get: its SAL_CAPTURE_ON_CPU and so on, by what @seen and its account say. */
uint32_t sal_sampler_state_get (const SalSamplerThread *thread, const SalPythonThread *seen);

/**
 * sal_sampler_state_ask: brings its account up to date, of which @seen says how it has to be asked.
 *
 * One with the lock that does not run is about to. One that waited for the lock and has not had it
 * since still does: nothing else ends the wait. Unless @has_rest: where it sleeps is needed anyway.
 * Source: CPython 3.7.16 – 3.11.7 Python/ceval_gil.h, 3.12.1 – 3.15.0rc1 Python/ceval_gil.c,
 * take_gil(); after drop_gil() a thread may wait for the next one to take the lock, but is still
 * named as the one that had it last.
 */
void sal_sampler_state_ask (SalSamplerThread *thread,
                            const SalPythonThread *seen,
                            bool has_rest,
                            int64_t now_ns);
