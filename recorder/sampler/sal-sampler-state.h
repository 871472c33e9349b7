/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread did when it was looked at. */
#pragma once

#include <stdint.h>

#include "sal-python.h"

#include "sal-sampler-cpu.h"
#include "sal-sampler-threads.h"

/** sal_sampler_state_get: its SAL_CAPTURE_ON_CPU and so on, by what @seen and its account say. */
uint32_t sal_sampler_state_get (const SalSamplerThread *thread, const SalPythonThread *seen);

/** sal_sampler_state_get_stir: what @seen says of it for its account. One with the lock that does
 * not run is about to. */
SalSamplerStir sal_sampler_state_get_stir (const SalSamplerThread *thread,
                                           const SalPythonThread *seen);
