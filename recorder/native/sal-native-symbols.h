/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions that an ELF file names, by address, and their places in the source. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sal-native-lines.h"
#include "sal-native-servers.h"

/* Thread: one at a time. */
typedef struct _SalNativeSymbols SalNativeSymbols;

/**
 * sal_native_symbols_new: reads the symbols of the ELF file behind @fd, which stays the caller's.
 *
 * .symtab and .dynsym of the file, and its DWARF sections. Where it lacks either they are taken
 * from the file with its debugging information: found by build-id, else by .gnu_debuglink with the
 * right checksum, in @debug_folder (NULL = "/usr/lib/debug") and, for the latter, beside @path.
 * Where neither has a .symtab, one that is packed into .gnu_debugdata serves. @servers, if any, are
 * asked for what is found nowhere.
 * NULL when it is no ELF file or memory is out. Blocks on files; at most 4 million symbols.
 * Source: elf(5); GDB manual, "Debugging Information in Separate Files".
 */
SalNativeSymbols *sal_native_symbols_new (int fd,
                                          const char *path,
                                          const char *debug_folder,
                                          SalNativeServers *servers)
    __attribute__ ((warn_unused_result));

/**
 * sal_native_symbols_find: the raw name of the function that holds the linked @address.
 *
 * NULL when none does. Of several names the one is taken that is not local, not weak, and begins
 * with the fewest underscores. Ownership: borrowed from @symbols.
 */
const char *sal_native_symbols_find (const SalNativeSymbols *symbols, uint64_t address);

/** sal_native_symbols_find_places: the functions that the linked @address is in, as
 * sal_native_lines_find(). */
size_t sal_native_symbols_find_places (const SalNativeSymbols *symbols,
                                       uint64_t address,
                                       SalNativePlace *places);

/** sal_native_symbols_free: NULL is fine. */
void sal_native_symbols_free (SalNativeSymbols *symbols);
