/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a process is, pinned so that its number cannot come to mean another one. */
#pragma once

#include <sys/types.h>

#include "sal-helper-verdict.h"

typedef struct
{
  int pidfd;
  int folder_fd; /* /proc/PID, as a path only */
  int status_fd; /* /proc/PID/status */
} SalHelperProcess;

/**
 * sal_helper_process_open: pins process @pid and tells who it is.
 *
 * Looks at nothing that is not everybody's to see. @process is left open on success only:
 * sal_helper_process_close(). Errors: GONE (no such process, or it did not start at @start_time),
 * KERNEL_THREAD, ITSELF (a process of the same executable as ours), FAILED.
 * Source: proc(5), pidfd_open(2).
 */
SalHelperVerdict sal_helper_process_open (SalHelperProcess *process,
                                          pid_t pid,
                                          uint64_t start_time,
                                          SalHelperIdentity *identity)
    __attribute__ ((warn_unused_result));

/**
 * sal_helper_process_check: whether the process is still the one that @identity says, alive and
 * with the same user, group, capabilities and protection.
 *
 * Errors: GONE, CHANGED.
 */
SalHelperVerdict sal_helper_process_check (const SalHelperProcess *process,
                                           const SalHelperIdentity *identity)
    __attribute__ ((warn_unused_result));

/** sal_helper_process_close: lets go of it. */
void sal_helper_process_close (SalHelperProcess *process);

/**
 * sal_helper_identity_is_own: whether user @uid could look at the process as at one of its own: all
 * its user ids are @uid, all its group ids the same, it is dumpable and has no capability that the
 * user has not.
 *
 * Source: ptrace(2), "Ptrace access mode checking".
 */
bool sal_helper_identity_is_own (const SalHelperIdentity *identity, uint32_t uid);
