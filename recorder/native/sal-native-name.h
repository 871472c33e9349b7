/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of native functions as a person reads them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sal-native-lines.h"
#include "sal-native-servers.h"
#include "sal-native-types.h"

/**
 * sal_native_name_demangle: the name that a compiler made of a C++, Rust, D or Cython name, undone.
 *
 * What GCC appends to parts and copies of a function (".cold", ".part.0", ".constprop.0") is
 * dropped. NULL without memory; free() it. Thread: any.
 */
char *sal_native_name_demangle (const char *raw);

/**
 * sal_native_name_dup: what @function is called: "sha256_block", "libfoo.so+0x1234" where no symbol
 * tells, "<anonymous code>" for what no file holds and the program has not told (perf(1)'s map).
 *
 * Reads the symbols of a module the first time it comes, asking @servers (NULL = none) for what is
 * not there. NULL without memory; free() it.
 * Thread: one at a time, but not necessarily the one that unwinds.
 */
char *sal_native_name_dup (const SalNativeFunction *function, SalNativeServers *servers);

/**
 * sal_native_name_find_places: where the instruction @site is in the source.
 *
 * Shape: as sal_native_lines_find(): its function and those inlined there, outermost first, at most
 * SAL_NATIVE_MAX_PLACES. Texts live as long as the unwinder. Thread: as sal_native_name_dup().
 */
size_t sal_native_name_find_places (const SalNativeFunction *site,
                                    SalNativePlace *places,
                                    SalNativeServers *servers);

/** sal_native_name_dup_inlined: what the function inlined at @place is called; NULL without memory;
 * free() it. Thread: any. */
char *sal_native_name_dup_inlined (const SalNativePlace *place);

/** sal_native_name_dup_file: the path of the source file of @place; "" = not known. NULL without
 * memory; free() it. Thread: any. */
char *sal_native_name_dup_file (const SalNativePlace *place);

/** sal_native_name_get_library: the path of the file that @function is in; "" = none. */
const char *sal_native_name_get_library (const SalNativeFunction *function);
