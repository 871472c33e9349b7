/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file mapped into a process: its unwind table, its bytes, its symbols. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-target.h"

#include "sal-native-cython.h"
#include "sal-native-perf-map.h"
#include "sal-native-symbols.h"
#include "sal-native-table.h"
#include "sal-native-types.h"

/* One unwind table, as libunwind reads it. */
typedef struct
{
  SalNativeSection header; /* .eh_frame_hdr, or one of our own making */
  SalNativeSection frames; /* .eh_frame, or .debug_frame made into one */
  SalNativeTable table;    /* n_entries 0 = there is none */
} SalNativeTables;

/* .eh_frame's is asked first, then .debug_frame's: what is in both is there the same. */
#define SAL_NATIVE_N_TABLES 2

/* .init, of which no table tells: where it begins, and the instructions at which one word of the
 * stack is above the return address; last 0 = it is not as the C library has it. */
typedef struct
{
  uint64_t start;
  uint64_t first;
  uint64_t last;
} SalNativeInit;

struct _SalNativeModule
{
  /* Fixed once made; owned. */
  char *path; /* as the target names it, without " (deleted)" */
  uint64_t inode;
  int fd; /* -1 = cannot be read */
  bool is_elf;
  bool is_made; /* no file of code, but all that the program made while it ran: fd is of its map */

  /* The sampling thread's. */
  SalNativeTables tables[SAL_NATIVE_N_TABLES];
  SalNativeInit init;

  /* The naming thread's. */
  SalNativeSymbols *symbols;
  SalNativePerfMap *made;  /* of what is_made */
  SalNativeCython *cython; /* NULL = not needed yet */
  bool has_symbols;        /* that either was looked for */
};

/**
 * sal_native_module_new: the file behind @region, with its unwind table read.
 *
 * A file that cannot be opened or is no ELF file gives a module without a table. NULL without
 * memory. Blocks on the file. Ownership: sal_native_module_free().
 */
SalNativeModule *sal_native_module_new (SalTarget *target, const SalTargetRegion *region)
    __attribute__ ((warn_unused_result));

/**
 * sal_native_module_new_made: the code that the program behind @target makes while it runs.
 *
 * NULL as long as there is no map of it. Ownership: sal_native_module_free().
 */
SalNativeModule *sal_native_module_new_made (const SalTarget *target)
    __attribute__ ((warn_unused_result));

/** sal_native_module_get_bias: what to add to the module's linked addresses in @region of it. */
bool sal_native_module_get_bias (const SalNativeModule *module,
                                 const SalTargetRegion *region,
                                 uint64_t *bias);

/** sal_native_module_read: @length bytes of the unwind tables at linked @address; false when they
 * are not all in it. */
bool sal_native_module_read (const SalNativeModule *module,
                             uint64_t address,
                             void *buffer,
                             size_t length);

/** sal_native_module_free: NULL is fine. */
void sal_native_module_free (SalNativeModule *module);
