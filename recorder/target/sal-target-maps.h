/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The text of /proc/PID/maps as a list of regions. */

#include <stddef.h>

#include "sal-target.h"

/**
 * sal_target_maps_parse: reads @length bytes of the text that /proc/PID/maps gives.
 *
 * Shape: @regions is sorted by address; lines that are out of order are refused. The text need not
 * be terminated. Paths keep what the kernel appends (" (deleted)"); its octal escapes are undone.
 * Ownership: *@regions is the caller's: sal_target_regions_free(). Empty on failure.
 * Errors: CORRUPT (a line that is none), LIMIT (more than 1 million lines), MEMORY.
 * Source: proc(5); Linux fs/proc/task_mmu.c, show_map_vma().
 */
SalTargetResult sal_target_maps_parse (const char *text, size_t length, SalTargetRegions *regions)
    __attribute__ ((warn_unused_result));
