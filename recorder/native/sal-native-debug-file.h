/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the file that a stripped ELF file's symbols were put in. */
#pragma once

#include <libelf.h>

#include "sal-native-servers.h"

/**
 * sal_native_debug_file_open: a descriptor of it, or -1.
 *
 * @servers (NULL = none) are asked last of all, by build-id.
 *
 * By build-id in @folder (NULL = "/usr/lib/debug"), and the file found must bear the same; else by
 * .gnu_debuglink beside @path, in .debug there and below @folder, and its checksum must be right.
 * Only regular files are opened. The caller closes it.
 * Source: GDB manual, "Debugging Information in Separate Files".
 */
int sal_native_debug_file_open (Elf *elf,
                                const char *path,
                                const char *folder,
                                SalNativeServers *servers);

/**
 * sal_native_debug_file_open_common: the file that shares debugging information with @elf, or -1.
 *
 * By .gnu_debugaltlink, in ".dwz" of @folder as above; it must bear the build-id that stands there.
 * The caller closes it. Source: dwz(1).
 */
int sal_native_debug_file_open_common (Elf *elf, const char *folder);

/**
 * sal_native_debug_file_unpack: the ELF file that is packed into .gnu_debugdata of @elf, or NULL.
 *
 * It has a .symtab and nothing else of use. *@bytes is what it was unpacked to, to be freed after
 * elf_end(). Source: GDB manual, "Debugging information in a special section".
 */
Elf *sal_native_debug_file_unpack (Elf *elf, char **bytes);
