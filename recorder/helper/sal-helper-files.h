/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The descriptors of a process that the helper hands out, all of them read-only. */
#pragma once

#include <stdint.h>

#include "sal-helper-wire.h"

#include "sal-helper-process.h"

/**
 * sal_helper_files_open: opens what SAL_HELPER_ATTACHED carries, in its order.
 *
 * The pidfd is a copy of @process's. The executable is −1 when it cannot be opened, as on another
 * user's FUSE file system. On failure nothing is left open and errno tells.
 * Errors: GONE, DENIED, NOT_PYTHON (no file whose path speaks of Python is mapped to be run),
 * FAILED.
 */
SalHelperVerdict sal_helper_files_open (const SalHelperProcess *process,
                                        int fds[SAL_HELPER_N_DESCRIPTORS])
    __attribute__ ((warn_unused_result));

/** sal_helper_files_close: closes them. */
void sal_helper_files_close (int fds[SAL_HELPER_N_DESCRIPTORS]);

/**
 * sal_helper_files_open_mapped: opens the file whose mapping starts at @address.
 *
 * @maps_fd: as sal_helper_files_open() gave it. @fd: the caller's on success.
 * Errors: ABSENT (no mapping of a regular file that is somewhere mapped to be run starts there, or
 * it cannot be opened: errno tells), FAILED.
 * Source: proc(5), /proc/PID/map_files.
 */
SalHelperResult sal_helper_files_open_mapped (const SalHelperProcess *process,
                                              int maps_fd,
                                              uint64_t address,
                                              int *fd) __attribute__ ((warn_unused_result));
