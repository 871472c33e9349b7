/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A running process that salamander-helper has opened for us, read through its descriptors. */

#include <sys/types.h>

#include "sal-target.h"

/* The sessions with the helper that we were given, one for each process. Thread: one at a time. */
typedef struct _SalTargetBroker SalTargetBroker;

/** sal_target_broker_new: none yet; NULL when there is no memory. */
SalTargetBroker *sal_target_broker_new (void) __attribute__ ((warn_unused_result));

/**
 * sal_target_broker_add: takes the socket of a session, and what the helper says first.
 *
 * @socket: as org.salamander_profiler.Recorder1.Attach returned it; the broker's on success.
 * @pid: whose process it is. Waits for the helper for at most 5 seconds.
 * Errors: CORRUPT (it is no such socket), GONE (the helper has ended), MEMORY.
 */
SalTargetResult sal_target_broker_add (SalTargetBroker *broker, int socket, pid_t *pid)
    __attribute__ ((warn_unused_result));

/**
 * sal_target_broker_open: opens the process @pid for reading, through its session where there is
 * one, and otherwise as sal_target_direct_new() does.
 *
 * @broker: outlives *@out; NULL when there are no sessions. A session ends with the program: after
 * an exec the process is opened directly, or not at all.
 * Ownership: *@out is the caller's: sal_target_free(). Errors: as sal_target_direct_new().
 * Thread: one at a time, with everything else of @broker. May block on /proc.
 * Source: proc(5).
 */
SalTargetResult sal_target_broker_open (SalTargetBroker *broker, pid_t pid, SalTarget **out)
    __attribute__ ((warn_unused_result));

/** sal_target_broker_free: ends the sessions; NULL is fine. */
void sal_target_broker_free (SalTargetBroker *broker);
