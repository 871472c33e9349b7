/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of samples. */
#include "sal-profile-private.h"

void
sal_samples_init (SalSamples *samples)
{
  sal_column_init (&samples->times, sizeof (gint64));
  sal_column_init (&samples->threads, sizeof (guint32));
  sal_column_init (&samples->stacks, sizeof (guint32));
  sal_column_init (&samples->weights, sizeof (guint32));
  sal_column_init (&samples->cpus, sizeof (guint32));
  sal_column_init (&samples->waits, sizeof (guint16));
  sal_column_init (&samples->states, sizeof (guint8));
  sal_column_init (&samples->wide, sizeof (SalWideSample));
}

void
sal_samples_clear (SalSamples *samples)
{
  sal_column_clear (&samples->times);
  sal_column_clear (&samples->threads);
  sal_column_clear (&samples->stacks);
  sal_column_clear (&samples->weights);
  sal_column_clear (&samples->cpus);
  sal_column_clear (&samples->waits);
  sal_column_clear (&samples->states);
  sal_column_clear (&samples->wide);
}

void
sal_samples_share (const SalSamples *samples, SalSamples *copy)
{
  sal_column_share (&samples->times, &copy->times);
  sal_column_share (&samples->threads, &copy->threads);
  sal_column_share (&samples->stacks, &copy->stacks);
  sal_column_share (&samples->weights, &copy->weights);
  sal_column_share (&samples->cpus, &copy->cpus);
  sal_column_share (&samples->waits, &copy->waits);
  sal_column_share (&samples->states, &copy->states);
  sal_column_share (&samples->wide, &copy->wide);
}

static gboolean
append_wide (SalSamples *samples, const SalSample *sample, guint64 at)
{
  SalWideSample *wide = sal_column_append (&samples->wide);

  if (wide == NULL)
    return FALSE;
  *wide = (SalWideSample){ at, sample->weight_ns, sample->cpu_ns };
  return TRUE;
}

static gboolean
append_narrow (SalSamples *samples, const SalSample *sample, gboolean is_wide)
{
  gint64 *time = sal_column_append (&samples->times);
  guint32 *thread = sal_column_append (&samples->threads);
  guint32 *stack = sal_column_append (&samples->stacks);
  guint32 *weight = sal_column_append (&samples->weights);
  guint32 *cpu = sal_column_append (&samples->cpus);
  guint16 *wait = sal_column_append (&samples->waits);
  guint8 *state = sal_column_append (&samples->states);

  if (time == NULL || thread == NULL || stack == NULL || weight == NULL || cpu == NULL ||
      wait == NULL || state == NULL)
    return FALSE;
  *time = sample->time_ns;
  *thread = sample->thread;
  *stack = sample->stack;
  *weight = is_wide ? SAL_WIDE : (guint32)sample->weight_ns;
  *cpu = is_wide ? SAL_WIDE : (guint32)sample->cpu_ns;
  *wait = sample->wait;
  *state = sample->state;
  return TRUE;
}

static void
truncate_column (SalColumn *column, guint64 length)
{
  sal_column_truncate (column, MIN (column->length, length));
}

gboolean
sal_samples_append (SalSamples *samples, const SalSample *sample)
{
  guint64 at = samples->times.length;
  guint64 n_wide = samples->wide.length;
  gboolean is_wide = sample->weight_ns >= SAL_WIDE || sample->cpu_ns >= SAL_WIDE;

  if ((!is_wide || append_wide (samples, sample, at)) && append_narrow (samples, sample, is_wide))
    return TRUE;
  truncate_column (&samples->times, at);
  truncate_column (&samples->threads, at);
  truncate_column (&samples->stacks, at);
  truncate_column (&samples->weights, at);
  truncate_column (&samples->cpus, at);
  truncate_column (&samples->waits, at);
  truncate_column (&samples->states, at);
  truncate_column (&samples->wide, n_wide);
  return FALSE;
}

static void
get_wide (const SalSamples *samples, guint64 at, SalSample *sample)
{
  guint64 low = 0;
  guint64 high = samples->wide.length;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;
      const SalWideSample *wide = sal_column_at (&samples->wide, middle);

      if (wide->sample < at)
        low = middle + 1;
      else if (wide->sample > at)
        high = middle;
      else
        {
          sample->weight_ns = wide->weight_ns;
          sample->cpu_ns = wide->cpu_ns;
          return;
        }
    }
}

SalSample
sal_samples_get (const SalSamples *samples, guint64 at)
{
  SalSample sample = {
    .time_ns = SAL_COLUMN_GET (&samples->times, gint64, at),
    .thread = SAL_COLUMN_GET (&samples->threads, guint32, at),
    .stack = SAL_COLUMN_GET (&samples->stacks, guint32, at),
    .weight_ns = SAL_COLUMN_GET (&samples->weights, guint32, at),
    .cpu_ns = SAL_COLUMN_GET (&samples->cpus, guint32, at),
    .wait = SAL_COLUMN_GET (&samples->waits, guint16, at),
    .state = SAL_COLUMN_GET (&samples->states, guint8, at),
  };

  if (sample.weight_ns == SAL_WIDE && sample.cpu_ns == SAL_WIDE)
    get_wide (samples, at, &sample);
  return sample;
}
