/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threads of a process that run no Python: those of pools that libraries make. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sal-target.h"

#include "sal-sampler-threads.h"

/* As many as are looked at. */
#define SAL_SAMPLER_MOST_LONERS 512

typedef struct
{
  uint64_t tids[SAL_SAMPLER_MOST_LONERS]; /* ascending */
  size_t n_tids;
  /* Those of the latest list. A thread that begins or ends has no Python for a moment, either: so
   * only those count that two lists have. */
  uint64_t listed[SAL_SAMPLER_MOST_LONERS]; /* ascending */
  size_t n_listed;
  int64_t listed_ns; /* 0 = never */
} SalSamplerLoners;

/**
 * sal_sampler_loners_list: brings the list up to date, some times a second.
 *
 * @threads: those that have Python are its first @n_python. @now_ns: any clock that goes on.
 */
void sal_sampler_loners_list (SalSamplerLoners *loners,
                              SalTarget *target,
                              const SalSamplerThreads *threads,
                              size_t n_python,
                              int64_t now_ns);

/** sal_sampler_loners_forget: there is none that was seen before. */
void sal_sampler_loners_forget (SalSamplerLoners *loners);
