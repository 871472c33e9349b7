/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which samples count. */
#include "sal-filter.h"

SalFilter *
sal_filter_copy (const SalFilter *filter)
{
  SalFilter *copy = g_memdup2 (filter, sizeof *filter);

  copy->threads = g_memdup2 (filter->threads, filter->n_threads);
  return copy;
}

void
sal_filter_free (SalFilter *filter)
{
  if (filter == NULL)
    return;
  g_free ((gpointer)filter->threads);
  g_free (filter);
}

gboolean
sal_filter_keeps (const SalFilter *filter, const SalSample *sample)
{
  if (filter->threads != NULL && sample->thread < filter->n_threads &&
      filter->threads[sample->thread] == 0)
    return FALSE;
  if (sample->time_ns < filter->start_ns && filter->start_ns != 0)
    return FALSE;
  if (filter->end_ns != 0 && sample->time_ns >= filter->end_ns)
    return FALSE;
  if (filter->on_cpu_only && (sample->state & SAL_SAMPLE_ON_CPU) == 0)
    return FALSE;
  return !filter->gil_only || (sample->state & SAL_SAMPLE_HAS_GIL) != 0;
}
