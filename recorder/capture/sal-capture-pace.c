/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How time goes from sample to sample, by which the next one's is predicted. */
#include "sal-capture-pace.h"

#define PARTS 256

void
sal_capture_pace_go (SalCapturePace *pace, int64_t time_ns)
{
  if (time_ns != pace->time_ns)
    pace->step_ns += (time_ns - pace->time_ns - pace->step_ns) / 8;
  pace->time_ns = time_ns;
}

int64_t
sal_capture_pace_round (const SalCapturePace *pace, int64_t time_ns)
{
  int64_t difference = time_ns - pace->time_ns - pace->step_ns;
  int64_t unit = 1;
  int64_t rounded;

  while (unit <= pace->step_ns / (2 * PARTS))
    unit *= 2;
  rounded = time_ns - (int64_t)((uint64_t)difference & (uint64_t)(unit - 1));
  return rounded > pace->time_ns ? rounded : time_ns;
}
