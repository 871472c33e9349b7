/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A running process, read with process_vm_readv. */

#include <sys/types.h>

#include "sal-target.h"

/**
 * sal_target_direct_new: opens the process @pid for reading.
 *
 * The process is held by a pidfd and its start time, so that a later process of the same number is
 * GONE rather than read by mistake. Nothing of the process is changed, and it is not stopped.
 * Ownership: *@out is the caller's: sal_target_free(). Left alone on failure.
 * Errors: GONE (no such process), DENIED (the kernel will not let us read its memory; errno tells),
 * MEMORY, CORRUPT (its /proc text makes no sense).
 * Thread: one at a time. May block on /proc.
 * Source: process_vm_readv(2), pidfd_open(2), proc(5).
 */
SalTargetResult sal_target_direct_new (pid_t pid, SalTarget **out)
    __attribute__ ((warn_unused_result));
