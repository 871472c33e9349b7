/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings in this process, and what benchmarks make of their figures. */
#pragma once

#include <time.h>

#include <glib.h>

#include "sal-sampler.h"

/* A sampler at work. */
typedef struct
{
  SalSampler *sampler;
  int output_fd;
  int event_fd;
} BenchSampler;

/** bench_get_seconds: what @clock says. */
double bench_get_seconds (clockid_t clock);

/** bench_get_quantile: the value that the share @at of @values is below: doubles, which are sorted
 * by this. */
double bench_get_quantile (GArray *values, double at);

/** bench_sampler_start: samples process @pid at the rate of @options, natively and through the
 * broker as they say, to their output or nowhere; returns when it has begun. */
BenchSampler bench_sampler_start (pid_t pid, const SalSamplerOptions *options);

/** bench_sampler_stop: ends it; returns how it stood then. */
SalSamplerStatus bench_sampler_stop (BenchSampler *self);
