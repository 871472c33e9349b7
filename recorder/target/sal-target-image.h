/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A saved process: pieces of its memory and what is known about them, in one file.
 *
 * The file begins with the eight bytes "SALIMG01" and goes on with records to its end. Numbers are
 * little-endian. A record is a tag of four letters, the length of what follows as 32 bits, and
 * that:
 *
 *   "MEM "  an address as 64 bits, and the bytes that were there. In ascending order, not
 *           overlapping; a read may cross from one into the next where they touch.
 *   "MAPS"  lines as in /proc/PID/maps. At most one.
 *   "TIDS"  kernel thread ids, 64 bits each, ascending. At most one.
 *   "FILE"  an inode number as 64 bits, and the contents of the mapped file that has it. Need not
 *           be the whole file: an ELF file with the symbols that matter does.
 */

#include <stddef.h>

#include "sal-target.h"

/**
 * sal_target_image_new: opens the image file at @path.
 *
 * Ownership: *@out is the caller's: sal_target_free().
 * Errors: ABSENT (cannot be opened), CORRUPT (not as above), LIMIT (over 256 MiB), MEMORY.
 */
SalTargetResult sal_target_image_new (const char *path, SalTarget **out)
    __attribute__ ((warn_unused_result));

/** sal_target_image_new_for_bytes: the same for an image in memory, which is copied. */
SalTargetResult sal_target_image_new_for_bytes (const void *bytes, size_t length, SalTarget **out)
    __attribute__ ((warn_unused_result));
