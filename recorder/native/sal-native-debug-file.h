/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the file that a stripped ELF file's symbols were put in. */
#pragma once

#include <libelf.h>

/**
 * sal_native_debug_file_open: a descriptor of it, or -1.
 *
 * By build-id in @folder (NULL = "/usr/lib/debug"), and the file found must bear the same; else by
 * .gnu_debuglink beside @path, in .debug there and below @folder, and its checksum must be right.
 * Only regular files are opened. The caller closes it.
 * Source: GDB manual, "Debugging Information in Separate Files".
 */
int sal_native_debug_file_open (Elf *elf, const char *path, const char *folder);
