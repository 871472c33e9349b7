/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of code that a program made while it ran, by what it writes down for perf(1). */
#pragma once

#include <stdint.h>

#include "sal-target.h"

/**
 * sal_native_perf_map_open: a descriptor of the map of the process behind @target, or -1.
 *
 * That is /tmp/perf-PID.map in the process's own file system and by the number that it has for
 * itself. Only a regular file that belongs to the process's user is believed, and never more of it
 * than 64 MiB. Of a process whose file system is closed to us, as is that of one that only the
 * helper may open, it is the file of that name in ours, if both are one, where we may read it.
 * Source: linux/tools/perf/Documentation/jit-interface.txt; CPython 3.12 Python/perf_trampoline.c;
 * proc_pid_mountinfo(5).
 */
int sal_native_perf_map_open (const SalTarget *target);

/* Thread: one at a time. */
typedef struct _SalNativePerfMap SalNativePerfMap;

/** sal_native_perf_map_new: the map behind @fd, which stays the caller's; NULL without memory. */
SalNativePerfMap *sal_native_perf_map_new (int fd) __attribute__ ((warn_unused_result));

/**
 * sal_native_perf_map_find: what the code at @address is called, or NULL.
 *
 * Of several the one written last, which has taken the place of the others. Reads what the program
 * has written since, if it is not there yet. Ownership: borrowed until the next call.
 */
const char *sal_native_perf_map_find (SalNativePerfMap *map, uint64_t address);

/** sal_native_perf_map_free: NULL is fine. */
void sal_native_perf_map_free (SalNativePerfMap *map);
