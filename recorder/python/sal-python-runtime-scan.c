/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds a runtime in the memory of a process alone, where its file cannot be had. */
#include "sal-python-runtime-scan.h"

#include <stdlib.h>
#include <string.h>

#include "sal-python-layout.h"

#define MAX_BYTES ((uint64_t)64 << 20)
#define STEP ((size_t)64 << 10)

/* The struct is aligned to its words, so its mark lies whole in one step. */
static uint64_t
scan_step (uint64_t address, const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i + SAL_PYTHON_DEBUG_OFFSETS_HEADER <= length; i += 8)
    if (sal_python_layout_get_length (bytes + i) != 0)
      return address + i;
  return 0;
}

static uint64_t
scan_region (SalTarget *target, const SalTargetRegion *region, uint8_t *bytes, uint64_t *n_bytes)
{
  uint64_t found = 0;

  for (uint64_t at = region->start; at < region->end && found == 0 && *n_bytes < MAX_BYTES;
       at += STEP)
    {
      size_t length = region->end - at < STEP ? (size_t)(region->end - at) : STEP;

      *n_bytes += length;
      if (sal_target_read (target, at, bytes, length) == SAL_TARGET_OK)
        found = scan_step (at, bytes, length);
    }
  return found;
}

uint64_t
sal_python_runtime_scan (SalTarget *target)
{
  SalTargetRegions regions;
  uint8_t *bytes = malloc (STEP);
  uint64_t n_bytes = 0;
  uint64_t found = 0;

  if (bytes == NULL || target->ops->list_regions (target, &regions) != SAL_TARGET_OK)
    {
      free (bytes);
      return 0;
    }
  for (size_t i = 0; i < regions.n_items && found == 0; i++)
    {
      const SalTargetRegion *region = &regions.items[i];
      const char *name = region->path != NULL ? strrchr (region->path, '/') : NULL;

      if (name != NULL && strstr (name, "python") != NULL && region->permissions[1] == 'w')
        found = scan_region (target, region, bytes, &n_bytes);
    }
  sal_target_regions_free (&regions);
  free (bytes);
  return found;
}
