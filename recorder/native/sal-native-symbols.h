/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions that an ELF file names, by address. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Thread: one at a time. */
typedef struct _SalNativeSymbols SalNativeSymbols;

/**
 * sal_native_symbols_new: reads the symbols of the ELF file behind @fd, which stays the caller's.
 *
 * .symtab and .dynsym of the file; where it has no .symtab, that of the file with its debugging
 * information too: found by build-id, else by .gnu_debuglink with the right checksum, in
 * @debug_folder (NULL = "/usr/lib/debug") and, for the latter, beside @path. Never asks a server.
 * NULL when it is no ELF file or memory is out. Blocks on files; at most 4 million symbols.
 * Source: elf(5); GDB manual, "Debugging Information in Separate Files".
 */
SalNativeSymbols *sal_native_symbols_new (int fd, const char *path, const char *debug_folder)
    __attribute__ ((warn_unused_result));

/**
 * sal_native_symbols_find: the raw name of the function that holds the linked @address.
 *
 * NULL when none does. Of several names the one is taken that is not local, not weak, and begins
 * with the fewest underscores. Ownership: borrowed from @symbols.
 */
const char *sal_native_symbols_find (const SalNativeSymbols *symbols, uint64_t address);

/** sal_native_symbols_free: NULL is fine. */
void sal_native_symbols_free (SalNativeSymbols *symbols);
