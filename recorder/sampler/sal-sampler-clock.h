/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to look: the schedule of a recording. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Deadlines follow one another from deadline to deadline, never from the moment a tick began, so a
 * late tick does not push the later ones. Each gap is the interval ± a half, drawn anew: from any
 * phase of a rhythm as long as the interval every other is equally likely next, so that each sample
 * tells of such a program as much as an independent one (with a quarter the phase walks, and it
 * takes four times as many). Because a gap does not depend on the phase it starts from, neither
 * counting samples nor adding up their gaps is biased. (A deadline jittered around a fixed grid
 * would give later moments in the grid's cell the larger gaps.) The mean gap is the interval.
 * Thread: one at a time.
 */
typedef struct
{
  int64_t interval_ns; /* 0 = flat out */
  int64_t deadline_ns; /* of the next tick, CLOCK_MONOTONIC */
  uint64_t random;     /* state of the jitter, never 0 */
  uint64_t n_missed;   /* deadlines that passed unused */
  uint64_t n_late;     /* ticks that began more than a tenth of the interval late */
  int64_t woke_ns;     /* when the last wait was over */
  bool gives_way;      /* between two ticks others get the processor as long as a tick took */
} SalSamplerClock;

/**
 * sal_sampler_clock_now: CLOCK_MONOTONIC in nanoseconds.
 *
 * Thread: any; a vDSO read, no system call on the machines we know.
 */
int64_t sal_sampler_clock_now (void);

/** sal_sampler_clock_init: a schedule whose first tick is due at @now_ns. */
void sal_sampler_clock_init (SalSamplerClock *clock,
                             int64_t interval_ns,
                             int64_t now_ns,
                             uint64_t seed);

/**
 * sal_sampler_clock_book: notes that a tick begins at @now_ns and sets the next deadline.
 *
 * Counts the tick as late when it is, and every deadline up to @now_ns as missed: none is made up
 * for.
 */
void sal_sampler_clock_book (SalSamplerClock *clock, int64_t now_ns);

/**
 * sal_sampler_clock_wait: sleeps until the next tick is due, books it and gives its moment.
 *
 * Below 50 µs of interval it spins, since waking up costs up to 30 µs on its own, unless it gives
 * way. Returns early,
 * with nothing booked and -1, when @stop becomes true (seen within 100 ms).
 * Source: clock_nanosleep(2).
 */
int64_t sal_sampler_clock_wait (SalSamplerClock *clock, const atomic_bool *stop);
