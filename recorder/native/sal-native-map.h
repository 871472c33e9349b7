/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is mapped where in a process, for code and what describes it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-target.h"

#include "sal-native-module.h"

typedef struct
{
  uint64_t start;
  uint64_t end;
  uint64_t bias;           /* of the module's linked addresses */
  uint64_t offset;         /* in the file */
  SalNativeModule *module; /* NULL: of no file, or of none that code is run from */
  bool is_code;
  bool is_writable;
} SalNativeRegion;

/* Thread: one at a time. */
typedef struct
{
  SalTarget *target;        /* borrowed */
  SalNativeRegion *regions; /* owned; sorted by address */
  size_t n_regions;
  SalNativeModule **modules; /* owned, as are the modules; never forgotten before the end */
  size_t n_modules;
  size_t modules_capacity;
  SalNativeModule *made; /* borrowed: code that the process makes; NULL = none seen */
  int64_t sought_ns;     /* CLOCK_MONOTONIC when a map of that was looked for, 0 = never */
  size_t last;           /* index of the region found last */
  int64_t listed_ns;     /* CLOCK_MONOTONIC when the regions were listed, 0 = never */
  int64_t failed_ns;     /* when they did not have what was sought */
} SalNativeMap;

/** sal_native_map_init: knows nothing of @target (borrowed) yet. */
void sal_native_map_init (SalNativeMap *map, SalTarget *target);

/**
 * sal_native_map_refresh: lists the regions anew.
 *
 * Returns whether any region has changed. What cannot be listed leaves the map as it was.
 * @age_ns: only when the list is older.
 */
bool sal_native_map_refresh (SalNativeMap *map, int64_t age_ns);

/** sal_native_map_seek: the same as sal_native_map_find(), of code when @is_code, else one that can
 * be a stack, listing the regions anew where none is known, unless for code that was of no use a
 * moment ago. *@is_changed: whether any region has changed. */
const SalNativeRegion *
sal_native_map_seek (SalNativeMap *map, uint64_t address, bool is_code, bool *is_changed);

/** sal_native_map_find: the region that holds @address, or NULL. Does not read the target. */
const SalNativeRegion *sal_native_map_find (SalNativeMap *map, uint64_t address);

/**
 * sal_native_map_read: the word at @address, of code, constants and unwind tables.
 *
 * From the mapped file where the region is not writable, else from the target. False when there is
 * none.
 */
bool sal_native_map_read (SalNativeMap *map, uint64_t address, uint64_t *word);

/** sal_native_map_get_made: the code that the process makes while it runs, as far as it tells of
 * it; else NULL. Looks for its map at most 50 times a second. */
const SalNativeModule *sal_native_map_get_made (SalNativeMap *map);

/** sal_native_map_forget: another process is to be looked at, or another program in it; modules
 * stay. */
void sal_native_map_forget (SalNativeMap *map, SalTarget *target);

/** sal_native_map_clear: forgets everything; modules are gone then. */
void sal_native_map_clear (SalNativeMap *map);
