/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps what recording costs within what it may cost, by looking less often. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Reviewed a few times a second. A look costs what the program makes it cost (threads, depth of
 * stacks, processes), so the interval is set from what was measured: cost / share.
 * Thread: one at a time.
 */
typedef struct
{
  int64_t asked_ns; /* the interval asked for, 0 = flat out */
  double share;     /* of a processor that may be taken, 0 = no bound */
  int64_t since_ns; /* of the last review, CLOCK_MONOTONIC */
  int64_t cpu_ns;   /* spent up to then */
  double saved_ns;  /* processor time that was allowed and not spent */
  double withheld;  /* ticks of the interval asked for that were left out */
} SalSamplerBudget;

/** sal_sampler_budget_init: reviews begin at @now_ns, when @cpu_ns had been spent. */
void sal_sampler_budget_init (SalSamplerBudget *budget,
                              int64_t asked_ns,
                              double share,
                              int64_t now_ns,
                              int64_t cpu_ns);

/** sal_sampler_budget_is_due: whether there is a bound, and it is time for a review. */
bool sal_sampler_budget_is_due (const SalSamplerBudget *budget, int64_t now_ns);

/**
 * sal_sampler_budget_review: the interval for the time to come.
 *
 * @interval_ns: the one of the time since the last review; @cpu_ns: spent in all. Shape: never
 * shorter than the one asked for, never longer than a second unless that was asked for; it grows
 * when what was saved is spent, and shrinks by a half a review at most.
 */
int64_t sal_sampler_budget_review (SalSamplerBudget *budget,
                                   int64_t now_ns,
                                   int64_t cpu_ns,
                                   int64_t interval_ns);
