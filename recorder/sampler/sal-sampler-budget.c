/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps what recording costs within what it may cost, by looking less often. */
#include "sal-sampler-budget.h"

#define REVIEW_EVERY_NS 250000000
#define LONGEST_INTERVAL_NS 1000000000
/* Below this part of what is allowed the interval shrinks again; in between it stays, so that it
 * does not swing. */
#define SLACK 0.8
/* What was not spent may be spent later: so much, in nanoseconds of the time it was saved in. The
 * beginning, when all names and code are new, takes more than what follows. */
#define MOST_SAVED_NS 2e9

void
sal_sampler_budget_init (SalSamplerBudget *budget,
                         int64_t asked_ns,
                         double share,
                         int64_t now_ns,
                         int64_t cpu_ns)
{
  *budget = (SalSamplerBudget){
    .asked_ns = asked_ns,
    .share = share,
    .since_ns = now_ns,
    .cpu_ns = cpu_ns,
    .saved_ns = share * MOST_SAVED_NS,
  };
}

bool
sal_sampler_budget_is_due (const SalSamplerBudget *budget, int64_t now_ns)
{
  return budget->share > 0 && budget->asked_ns > 0 && now_ns - budget->since_ns >= REVIEW_EVERY_NS;
}

int64_t
sal_sampler_budget_review (SalSamplerBudget *budget,
                           int64_t now_ns,
                           int64_t cpu_ns,
                           int64_t interval_ns)
{
  double elapsed_ns = (double)(now_ns - budget->since_ns);
  double part;
  double wanted_ns = (double)interval_ns;
  double longest_ns = LONGEST_INTERVAL_NS;

  if (elapsed_ns <= 0)
    return interval_ns;
  if (longest_ns < (double)budget->asked_ns)
    longest_ns = (double)budget->asked_ns;
  part = (double)(cpu_ns - budget->cpu_ns) / elapsed_ns / budget->share;
  if (interval_ns > budget->asked_ns)
    budget->withheld +=
        elapsed_ns / (double)budget->asked_ns - elapsed_ns / (double)interval_ns;
  budget->saved_ns += elapsed_ns * budget->share * (1 - part);
  if (budget->saved_ns > budget->share * MOST_SAVED_NS)
    budget->saved_ns = budget->share * MOST_SAVED_NS;
  if (budget->saved_ns < 0)
    budget->saved_ns = 0;
  budget->since_ns = now_ns;
  budget->cpu_ns = cpu_ns;

  if (part > 1 && budget->saved_ns > 0)
    return interval_ns;
  if (part > 1)
    wanted_ns *= part;
  else if (part < SLACK)
    wanted_ns *= part / SLACK > 0.5 ? part / SLACK : 0.5;
  if (wanted_ns < (double)budget->asked_ns)
    wanted_ns = (double)budget->asked_ns;
  if (wanted_ns > longest_ns)
    wanted_ns = longest_ns;
  return (int64_t)wanted_ns;
}
