/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of /proc/PID/maps, one after the other in a bounded buffer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct
{
  uint64_t start;
  uint64_t end;
  uint64_t device;
  uint64_t inode; /* 0 = no file */
  bool is_executable;
  const char *path; /* terminated; "" = none; hostile */
} SalHelperMapping;

/**
 * sal_helper_maps_find: the first mapping for which @matches says true.
 *
 * Reads @fd from its beginning. @found: its path is not kept. Returns false when there is none or
 * the text makes no sense.
 * Source: proc(5); Linux fs/proc/task_mmu.c, show_map_vma().
 */
bool sal_helper_maps_find (int fd,
                           bool (*matches) (const SalHelperMapping *mapping, const void *data),
                           const void *data,
                           SalHelperMapping *found);
