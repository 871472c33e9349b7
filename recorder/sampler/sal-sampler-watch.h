/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one tick does: looks at every process that is being sampled. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-capture-record.h"

#include "sal-sampler-process.h"
#include "sal-sampler-ring.h"

/* Times are of the recording: nanoseconds since its start.
 * Thread: the sampling thread, where nothing else is said.
 */
typedef struct _SalSamplerWatch SalSamplerWatch;

/** sal_sampler_watch_new: watches nothing yet; records go to @ring (borrowed). @native: native
 * stacks are taken along. @blocking: a thread may be held still where its stack changes too fast.
 * @is_hurried: ticks come as often as possible.
 * What it put in the ring must have been written when it is freed. NULL without memory. */
SalSamplerWatch *sal_sampler_watch_new (SalSamplerRing *ring,
                                        bool native,
                                        bool blocking,
                                        bool is_hurried)
    __attribute__ ((warn_unused_result));

/** sal_sampler_watch_list: tells the capture what @process is: a new process, or, when it was told
 * of before, what has become of it. Waits for room if need be. */
void
sal_sampler_watch_list (SalSamplerWatch *watch, SalSamplerProcess *process, int64_t time_ns);

/** sal_sampler_watch_begin: looks at @process, whose Python was found, from @time_ns on. False
 * without memory. */
bool sal_sampler_watch_begin (SalSamplerWatch *watch,
                              SalSamplerProcess *process,
                              int64_t time_ns) __attribute__ ((warn_unused_result));

/** sal_sampler_watch_end: tells the capture that @process, which it knows, has ended. */
void
sal_sampler_watch_end (SalSamplerWatch *watch, const SalSamplerProcess *process, int64_t time_ns);

/** sal_sampler_watch_get_n: how many processes are looked at. */
size_t sal_sampler_watch_get_n (const SalSamplerWatch *watch);

/** sal_sampler_watch_is_near: whether the last tick looked from the processor of a program, which
 * must be left to it in between. */
bool sal_sampler_watch_is_near (const SalSamplerWatch *watch);

/** sal_sampler_watch_set_schedule: takes over what the clock and the budget have counted. */
void sal_sampler_watch_set_schedule (SalSamplerWatch *watch,
                                     uint64_t n_missed,
                                     uint64_t n_late,
                                     uint64_t n_withheld,
                                     uint64_t rate_mhz);

/**
 * sal_sampler_watch_tick: looks once at each process.
 *
 * @start_ns: CLOCK_MONOTONIC at the recording's start. When the ring is full the tick is counted as
 * missed and nothing is looked at.
 */
void sal_sampler_watch_tick (SalSamplerWatch *watch, int64_t start_ns);

/** sal_sampler_watch_find_complaint: one of the processes that have one, from a look; or NULL. */
SalSamplerProcess *sal_sampler_watch_find_complaint (const SalSamplerWatch *watch);

/** sal_sampler_watch_pop_lost: one of the processes whose Python was gone at the last ticks, no
 * longer looked at; NULL when there is none left. */
SalSamplerProcess *sal_sampler_watch_pop_lost (SalSamplerWatch *watch);

/** sal_sampler_watch_leave: stops looking at all of them; they are not lost. */
void sal_sampler_watch_leave (SalSamplerWatch *watch, int64_t time_ns);

/** sal_sampler_watch_settle: lets go threads that have stopped late; returns whether there are
 * still some to come. */
bool sal_sampler_watch_settle (SalSamplerWatch *watch);

/**
 * sal_sampler_watch_rest: waits until @until_ns (CLOCK_MONOTONIC) as long as a thread of the
 * program is to be let go as soon as it stops; usually there is none, and it returns at once.
 */
void sal_sampler_watch_rest (SalSamplerWatch *watch, int64_t until_ns);

/** sal_sampler_watch_put_counters: queues the counters so far, if there is room. */
void sal_sampler_watch_put_counters (SalSamplerWatch *watch, int64_t time_ns);

/** sal_sampler_watch_get_counters: what was counted up to the last tick. Thread: any. */
void sal_sampler_watch_get_counters (SalSamplerWatch *watch,
                                     SalCaptureCounters *counters,
                                     uint32_t *n_threads,
                                     uint32_t *n_processes);

/** sal_sampler_watch_free: NULL is fine. */
void sal_sampler_watch_free (SalSamplerWatch *watch);
