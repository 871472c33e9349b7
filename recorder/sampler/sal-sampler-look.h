/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one look at one process gives: a sample of each of its threads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sal-capture-pace.h"
#include "sal-capture-record.h"

#include "sal-sampler-intern.h"
#include "sal-sampler-native.h"
#include "sal-sampler-process.h"
#include "sal-sampler-ring.h"

/* What all processes of a recording share. Times are of the recording: nanoseconds since its start.
 * Thread: the sampling thread.
 */
typedef struct
{
  SalSamplerRing *ring;       /* borrowed */
  SalSamplerIntern *intern;   /* borrowed */
  SalSamplerNatives *natives; /* owned by who owns the book; NULL: no native stacks wanted */
  uint32_t n_thread_ids;
  SalCapturePace pace; /* of the samples queued */
  bool is_near;        /* this tick looked from the program's own processor */
  SalCaptureCounters counters;
} SalSamplerBook;

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
