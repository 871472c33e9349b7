/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threads of a process that run no Python: those of pools that libraries make. */
#include "sal-sampler-loners.h"

#include <stdbool.h>
#include <string.h>

#define PAUSE_NS 50000000
#define MOST_TASKS 4096

static bool
is_python (const SalSamplerThreads *threads, size_t n_python, uint64_t tid)
{
  for (size_t i = 0; i < n_python; i++)
    if (threads->items[i]->tid == tid)
      return true;
  return false;
}

static bool
was_listed (const SalSamplerLoners *loners, uint64_t tid)
{
  for (size_t i = 0; i < loners->n_listed && loners->listed[i] <= tid; i++)
    if (loners->listed[i] == tid)
      return true;
  return false;
}

void
sal_sampler_loners_list (SalSamplerLoners *loners,
                         SalTarget *target,
                         const SalSamplerThreads *threads,
                         size_t n_python,
                         int64_t now_ns)
{
  uint64_t tids[MOST_TASKS];
  uint64_t listed[SAL_SAMPLER_MOST_LONERS];
  size_t n_listed = 0;
  size_t n_tids = 0;

  if (loners->listed_ns != 0 && now_ns - loners->listed_ns < PAUSE_NS)
    return;
  loners->listed_ns = now_ns;
  if (target->ops->list_threads (target, tids, MOST_TASKS, &n_tids) != SAL_TARGET_OK)
    n_tids = 0;
  loners->n_tids = 0;
  for (size_t i = 0; i < n_tids && i < MOST_TASKS && n_listed < SAL_SAMPLER_MOST_LONERS; i++)
    {
      if (is_python (threads, n_python, tids[i]))
        continue;
      if (was_listed (loners, tids[i]))
        loners->tids[loners->n_tids++] = tids[i];
      listed[n_listed++] = tids[i];
    }
  memcpy (loners->listed, listed, n_listed * sizeof *listed);
  loners->n_listed = n_listed;
}

void
sal_sampler_loners_forget (SalSamplerLoners *loners)
{
  loners->n_tids = 0;
  loners->n_listed = 0;
  loners->listed_ns = 0;
}
