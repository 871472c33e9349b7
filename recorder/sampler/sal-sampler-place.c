/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processor that the calling thread keeps to. */
#include "sal-sampler-place.h"

#include <sched.h>

/* Where the calling thread was allowed to run, and where it is kept now; −1 = not kept. */
typedef struct
{
  bool is_known;
  cpu_set_t allowed;
  int processor;
} Place;

static _Thread_local Place place = { .processor = -1 };

static bool
is_known (void)
{
  if (!place.is_known)
    place.is_known = sched_getaffinity (0, sizeof place.allowed, &place.allowed) == 0;
  return place.is_known;
}

bool
sal_sampler_place_is_only (void)
{
  return is_known () && CPU_COUNT (&place.allowed) == 1;
}

bool
sal_sampler_place_go_to (int processor)
{
  cpu_set_t there;

  if (processor == place.processor)
    return processor >= 0;
  if (!is_known () || processor < 0 || processor >= CPU_SETSIZE ||
      !CPU_ISSET ((size_t)processor, &place.allowed))
    return false;
  CPU_ZERO (&there);
  CPU_SET ((size_t)processor, &there);
  if (sched_setaffinity (0, sizeof there, &there) != 0)
    return false;
  place.processor = processor;
  return true;
}

void
sal_sampler_place_go_anywhere (void)
{
  if (place.processor < 0)
    return;
  place.processor = -1;
  (void)sched_setaffinity (0, sizeof place.allowed, &place.allowed);
}
