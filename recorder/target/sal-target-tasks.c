/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threads of a process, as the kernel lists them. */
#include "sal-target-tasks.h"

#include <stdlib.h>

static int
compare_tids (const void *a, const void *b)
{
  uint64_t left = *(const uint64_t *)a;
  uint64_t right = *(const uint64_t *)b;

  return left < right ? -1 : left > right;
}

void
sal_target_tasks_list (DIR *folder, uint64_t *tids, size_t capacity, size_t *n_tids)
{
  struct dirent *entry;
  size_t n = 0;

  while ((entry = readdir (folder)) != NULL)
    {
      if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
        continue;
      if (n < capacity)
        tids[n] = strtoull (entry->d_name, NULL, 10);
      n++;
    }
  closedir (folder);
  qsort (tids, n < capacity ? n : capacity, sizeof *tids, compare_tids);
  *n_tids = n;
}
