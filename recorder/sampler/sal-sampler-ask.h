/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks a target for what the kernel does not tell us of its threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-target.h"

/* A question takes long, most of which is waiting for whoever answers; so unless it is worth its
 * while each time, no more than a quarter of all time is spent on them. */
typedef struct
{
  SalTarget *target; /* borrowed */
  bool is_free;      /* worth it each time */
  int64_t paid_ns;   /* CLOCK_MONOTONIC: the time up to here is spent */
} SalSamplerAsk;

/** sal_sampler_ask: as SalTargetOps.read_text, and the length; "" where it is not told, or, of a
 * call, where that is not worth while now. Thread: the sampling thread. */
size_t sal_sampler_ask (
    SalSamplerAsk *ask, SalTargetText what, uint64_t number, char *text, size_t size);
