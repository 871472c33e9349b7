/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stops threads of a process for as long as it takes to copy their registers and some memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sal-helper-wire.h"

#include "sal-helper-process.h"

/* Threads that can be waited for at once. */
#define SAL_HELPER_MAX_UNSETTLED 64

typedef struct
{
  /* Borrowed. */
  const SalHelperProcess *process;
  const SalHelperIdentity *identity;
  int mem_fd;

  int64_t checked_ns; /* when the process was last compared with all of @identity */
  /* Threads that were asked to stop and had not yet, or were killed while they stood still; see
   * sal_helper_snapshot_settle(). */
  struct
  {
    int tid;
    int64_t asked_ns; /* 0: it was killed */
  } unsettled[SAL_HELPER_MAX_UNSETTLED];
  size_t n_unsettled;
} SalHelperStops;

/**
 * sal_helper_snapshot_is_valid: whether @request keeps to the limits of the wire: counts, the bytes
 * together, threads that exist in the list.
 */
bool sal_helper_snapshot_is_valid (const SalHelperRequest *request)
    __attribute__ ((warn_unused_result));

/**
 * sal_helper_snapshot_take: stops, copies and lets run.
 *
 * @request: valid. *@snapshot is good for as many threads and ranges as it has, on OK; it must be
 * memory of our own, since what is copied counts only when it is known whose it was.
 * A timer ends this process if it takes longer than a quarter of a second, and with it every stop:
 * the threads are seized without PTRACE_O_EXITKILL.
 * Errors: GONE (ended, runs another program, or its user or rights changed: nothing is copied),
 * BUSY. SIGCHLD must be blocked and at its default.
 * Source: ptrace(2).
 */
SalHelperResult sal_helper_snapshot_take (SalHelperStops *stops,
                                          const SalHelperRequest *request,
                                          SalHelperSnapshot *snapshot)
    __attribute__ ((warn_unused_result));

/** sal_helper_snapshot_settle: lets those run that have stopped too late, and those end that were
 * killed; true when none is left. To be called once a millisecond until then. While requests come
 * (@is_idle is false) those are left out that the next one may ask for: for 50 ms since they were
 * asked. */
bool sal_helper_snapshot_settle (SalHelperStops *stops, bool is_idle);

/** sal_helper_snapshot_is_unchanged: whether the process is who it was and runs what it ran: its
 * owner now, all of its identity within the last 10 ms. */
bool sal_helper_snapshot_is_unchanged (SalHelperStops *stops);

/** sal_helper_snapshot_get_time: of the monotonic clock, in ns. */
int64_t sal_helper_snapshot_get_time (void);
