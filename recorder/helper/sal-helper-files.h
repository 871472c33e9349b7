/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the helper opens or reads of a process in its folder of /proc, all of it read-only. */
#pragma once

#include <sys/types.h>

#include "sal-helper-wire.h"

#include "sal-helper-process.h"

/**
 * sal_helper_files_open: opens what SAL_HELPER_ATTACHED carries, in its order, but for the copy.
 *
 * The pidfd is @process's. The executable is −1 when it cannot be opened, as on another user's
 * FUSE file system. What is open ends with this process, in case of an error too.
 * Errors: GONE, DENIED, NOT_PYTHON (no file whose path speaks of Python is mapped to be run),
 * FAILED.
 */
SalHelperVerdict sal_helper_files_open (const SalHelperProcess *process,
                                        int fds[SAL_HELPER_N_DESCRIPTORS])
    __attribute__ ((warn_unused_result));

/**
 * sal_helper_files_open_mapped: opens the file that is mapped to be run from @address on.
 *
 * @maps_fd: as sal_helper_files_open() gave it. Returns −1 with errno when no executable mapping
 * of a regular file starts there, or the file cannot be opened.
 * Source: proc(5), /proc/PID/map_files.
 */
int sal_helper_files_open_mapped (const SalHelperProcess *process, int maps_fd, uint64_t address)
    __attribute__ ((warn_unused_result));

/**
 * sal_helper_files_find_code: the end of the executable mapping of a file that starts at @start,
 * or, if @start is 0, of the first whose path speaks of Python; 0 when there is none.
 *
 * @maps_fd: read from its beginning, in a bounded buffer.
 * Source: proc(5); Linux fs/proc/task_mmu.c, show_map_vma().
 */
uint64_t sal_helper_files_find_code (int maps_fd, uint64_t start);

/** sal_helper_files_read_call: what the kernel says of the system call that thread @tid of @process
 * waits in; −1 with errno. Source: proc_pid_syscall(5). */
ssize_t sal_helper_files_read_call (const SalHelperProcess *process,
                                    uint64_t tid,
                                    char text[SAL_HELPER_MAX_TEXT]);

/** sal_helper_files_read_link: what it says of descriptor @number of @process, which is not opened;
 * −1 with errno. Source: proc_pid_fd(5). */
ssize_t sal_helper_files_read_link (const SalHelperProcess *process,
                                    uint64_t number,
                                    char text[SAL_HELPER_MAX_TEXT]);
