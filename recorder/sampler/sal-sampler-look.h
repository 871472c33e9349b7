/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one look at one process gives: a sample of each of its threads. */
#pragma once

#include <stdint.h>

#include "sal-sampler-book.h"
#include "sal-sampler-process.h"

/**
 * sal_sampler_look: looks once at @process, whose Python was found, and queues what it sees.
 *
 * @start_ns: CLOCK_MONOTONIC at the recording's start. The ring must have room for a thousand
 * records. Returns what sal_python_look() says.
 */
SalPythonResult
sal_sampler_look (SalSamplerBook *book, SalSamplerProcess *process, int64_t start_ns);

/** sal_sampler_look_away: nobody has looked up to @now_ns: that time belongs to nobody. */
void sal_sampler_look_away (SalSamplerProcess *process, int64_t now_ns);

/** sal_sampler_look_end: ends every thread of @process and forgets its Python; waits for room if
 * need be. */
void sal_sampler_look_end (SalSamplerBook *book, SalSamplerProcess *process, int64_t now_ns);
