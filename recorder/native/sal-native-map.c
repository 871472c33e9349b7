/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is mapped where in a process, for code and what describes it. */
#include "sal-native-map.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_MODULES 4096
#define LEAST_NS INT64_C (20000000)

void
sal_native_map_init (SalNativeMap *map, SalTarget *target)
{
  *map = (SalNativeMap){ .target = target };
}

static int64_t
get_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

/* Whether @region is of a file, or of the kernel's page of code. */
static bool
has_module (const SalTargetRegion *region)
{
  return region->path != NULL && (region->inode != 0 || strcmp (region->path, "[vdso]") == 0);
}

static bool
is_of (const SalNativeModule *module, const SalTargetRegion *region)
{
  size_t length = strlen (module->path);

  return module->inode == region->inode && strncmp (module->path, region->path, length) == 0 &&
         (region->path[length] == '\0' || strcmp (region->path + length, " (deleted)") == 0);
}

static bool
add_module (SalNativeMap *map, SalNativeModule *module)
{
  if (map->n_modules == map->modules_capacity)
    {
      size_t capacity = map->modules_capacity == 0 ? 32 : map->modules_capacity * 2;
      SalNativeModule **modules = realloc (map->modules, capacity * sizeof *modules);

      if (modules == NULL)
        return false;
      map->modules = modules;
      map->modules_capacity = capacity;
    }
  map->modules[map->n_modules++] = module;
  return true;
}

/* @module, which may be NULL, if there is room for it. */
static SalNativeModule *
keep_module (SalNativeMap *map, SalNativeModule *module)
{
  if (module == NULL || (map->n_modules < MAX_MODULES && add_module (map, module)))
    return module;
  sal_native_module_free (module);
  return NULL;
}

/* The module of @region; made when @is_wanted and it is new. */
static SalNativeModule *
get_module (SalNativeMap *map, const SalTargetRegion *region, bool is_wanted)
{
  for (size_t i = map->n_modules; i-- > 0;)
    if (is_of (map->modules[i], region))
      return map->modules[i];
  if (!is_wanted || map->n_modules == MAX_MODULES)
    return NULL;
  return keep_module (map, sal_native_module_new (map->target, region));
}

static const SalNativeRegion *
find_same (const SalNativeMap *map, size_t hint, const SalTargetRegion *region)
{
  for (size_t i = 0; i < map->n_regions; i++)
    {
      const SalNativeRegion *old = &map->regions[(hint + i) % map->n_regions];

      if (old->start == region->start)
        return old->end == region->end && old->offset == region->offset ? old : NULL;
    }
  return NULL;
}

static SalNativeRegion
make_region (SalNativeMap *map, size_t i, const SalTargetRegion *from, bool *is_new)
{
  SalNativeRegion region = {
    .start = from->start,
    .end = from->end,
    .offset = from->offset,
    .is_code = from->permissions[2] == 'x',
    .is_writable = from->permissions[1] == 'w',
  };
  const SalNativeRegion *old = map->n_regions > 0 ? find_same (map, i, from) : NULL;

  if (has_module (from))
    region.module = get_module (map, from, region.is_code);
  if (old != NULL && old->module == region.module && old->is_code == region.is_code)
    region.bias = old->bias;
  else
    {
      *is_new = true;
      /* The kernel's page is linked at 0, whole. */
      if (region.module != NULL && from->inode == 0)
        region.bias = region.start;
      else if (region.module != NULL &&
               !sal_native_module_get_bias (region.module, from, &region.bias))
        region.module = NULL;
    }
  return region;
}

bool
sal_native_map_refresh (SalNativeMap *map, int64_t age_ns)
{
  int64_t now = get_now ();
  SalTargetRegions regions;
  SalNativeRegion *made;
  bool is_changed = false;

  if (map->listed_ns != 0 && now - map->listed_ns < age_ns)
    return false;
  map->listed_ns = now;
  if (map->target->ops->list_regions (map->target, &regions) != SAL_TARGET_OK)
    return false;
  made = calloc (regions.n_items + 1, sizeof *made);
  if (made != NULL)
    {
      for (size_t i = 0; i < regions.n_items; i++)
        made[i] = make_region (map, i, &regions.items[i], &is_changed);
      is_changed = is_changed || regions.n_items != map->n_regions;
      free (map->regions);
      map->regions = made;
      map->n_regions = regions.n_items;
      map->last = 0;
    }
  sal_target_regions_free (&regions);
  return is_changed;
}

const SalNativeRegion *
sal_native_map_find (SalNativeMap *map, uint64_t address)
{
  size_t low = 0;
  size_t high = map->n_regions;

  if (map->last < map->n_regions && address >= map->regions[map->last].start &&
      address < map->regions[map->last].end)
    return &map->regions[map->last];
  while (low < high)
    {
      size_t middle = low + (high - low) / 2;

      if (map->regions[middle].end <= address)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == map->n_regions || address < map->regions[low].start)
    return NULL;
  map->last = low;
  return &map->regions[low];
}

const SalNativeRegion *
sal_native_map_seek (SalNativeMap *map, uint64_t address, bool is_code, bool *is_changed)
{
  *is_changed = false;
  for (;;)
    {
      const SalNativeRegion *region = sal_native_map_find (map, address);

      if (region != NULL && (is_code ? region->is_code : region->is_writable))
        return region;
      if (*is_changed && is_code)
        map->failed_ns = map->listed_ns;
      if (*is_changed || (is_code && get_now () - map->failed_ns < LEAST_NS) ||
          !sal_native_map_refresh (map, 0))
        return NULL;
      *is_changed = true;
    }
}

bool
sal_native_map_read (SalNativeMap *map, uint64_t address, uint64_t *word)
{
  const SalNativeRegion *region = sal_native_map_find (map, address);
  const SalNativeModule *module = region != NULL ? region->module : NULL;

  if (module != NULL &&
      sal_native_module_read (module, address - region->bias, word, sizeof *word))
    return true;
  if (module != NULL && !region->is_writable && module->fd >= 0 &&
      pread (module->fd, word, sizeof *word,
             (off_t)(region->offset + (address - region->start))) == (ssize_t)sizeof *word)
    return true;
  return region != NULL &&
         sal_target_read (map->target, address, word, sizeof *word) == SAL_TARGET_OK;
}

const SalNativeModule *
sal_native_map_get_made (SalNativeMap *map)
{
  int64_t now = get_now ();

  if (map->made == NULL && (map->sought_ns == 0 || now - map->sought_ns >= LEAST_NS))
    {
      map->sought_ns = now;
      map->made = keep_module (map, sal_native_module_new_made (map->target));
    }
  return map->made;
}

void
sal_native_map_forget (SalNativeMap *map, SalTarget *target)
{
  map->target = target;
  map->listed_ns = 0;
  map->made = NULL;
  map->sought_ns = 0;
}

void
sal_native_map_clear (SalNativeMap *map)
{
  for (size_t i = 0; i < map->n_modules; i++)
    sal_native_module_free (map->modules[i]);
  free (map->modules);
  free (map->regions);
  *map = (SalNativeMap){ .target = map->target };
}
