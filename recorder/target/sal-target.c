/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sal-target.h"

#include <stdlib.h>

SalTargetResult
sal_target_read (SalTarget *target, uint64_t address, void *buffer, size_t length)
{
  SalTargetRange range = { address, buffer, length };
  size_t n_read;

  return target->ops->read_many (target, &range, 1, &n_read);
}

void
sal_target_regions_free (SalTargetRegions *regions)
{
  for (size_t i = 0; i < regions->n_items; i++)
    free (regions->items[i].path);
  free (regions->items);
  regions->items = NULL;
  regions->n_items = 0;
}

void
sal_target_free (SalTarget *target)
{
  if (target != NULL)
    target->ops->free (target);
}
