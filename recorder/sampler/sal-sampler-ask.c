/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks a target for what the kernel does not tell us of its threads. */
#include "sal-sampler-ask.h"

#include <string.h>

#include "sal-sampler-clock.h"

/* A question costs so many times the time that it takes, of which there is so much at once. */
#define COST 4
#define SAVINGS_NS 20000000

size_t
sal_sampler_ask (
    SalSamplerAsk *ask, SalTargetText what, uint64_t number, char *text, size_t size)
{
  int64_t now = sal_sampler_clock_now ();
  bool is_told;

  text[0] = '\0';
  if (ask->paid_ns < now - SAVINGS_NS)
    ask->paid_ns = now - SAVINGS_NS;
  if (!ask->is_free && ask->paid_ns > now && what == SAL_TARGET_TEXT_CALL)
    return 0;
  is_told = ask->target->ops->read_text (ask->target, what, number, text, size) == SAL_TARGET_OK;
  if (!ask->is_free)
    ask->paid_ns += COST * (sal_sampler_clock_now () - now);
  return is_told ? strlen (text) : 0;
}
