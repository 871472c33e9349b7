/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parser of /proc/PID/maps. */
#include "fuzz-target.h"

#include <stdlib.h>

#include "sal-target-maps.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SalTargetRegions regions;

  if (sal_target_maps_parse ((const char *)data, size, &regions) == SAL_TARGET_OK)
    for (size_t i = 1; i < regions.n_items; i++)
      if (regions.items[i].start < regions.items[i - 1].start)
        abort ();
  sal_target_regions_free (&regions);
  return 0;
}
