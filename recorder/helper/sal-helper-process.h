/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a process is, pinned so that its number cannot come to mean another one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the opener found. */
typedef enum
{
  SAL_HELPER_VERDICT_OK = 0,
  SAL_HELPER_VERDICT_GONE,
  SAL_HELPER_VERDICT_CHANGED,
  SAL_HELPER_VERDICT_KERNEL_THREAD,
  SAL_HELPER_VERDICT_ITSELF,
  SAL_HELPER_VERDICT_NOT_PYTHON,
  SAL_HELPER_VERDICT_DENIED,
  SAL_HELPER_VERDICT_FAILED,
} SalHelperVerdict;

/* Who a process is. Compared as bytes, so that nothing in it may be left unset. */
typedef struct
{
  uint64_t start_time;   /* clock ticks after boot */
  uint64_t capabilities; /* permitted */
  uint32_t pid;
  uint32_t uids[4];   /* real, effective, saved, file system */
  uint32_t gids[4];   /* likewise */
  uint32_t owner_uid; /* of its files in /proc: not its own when it is not dumpable */
} SalHelperIdentity;

typedef struct
{
  int pidfd;
  int folder_fd; /* /proc/PID, as a path only */
  int status_fd; /* /proc/PID/status */
  int owner_fd;  /* /proc/PID/ns, as a path only: it is asked whose it is */
} SalHelperProcess;

/**
 * sal_helper_process_open: pins process @pid and tells who it is.
 *
 * Looks at nothing that is not everybody's to see. What it opens ends with this process, in case
 * of an error too. Errors: GONE (no such process, or it did not start at @start_time),
 * KERNEL_THREAD, ITSELF (a process of the same executable as ours), DENIED, FAILED.
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

/**
 * sal_helper_process_has_owner: of sal_helper_process_check() what takes a microsecond at most:
 * its files in /proc are owned by whom @identity says. They become root's as soon as its user or
 * group changes or its capabilities grow, until it sets itself dumpable again, and another user's
 * if that one differs.
 * Source: Linux kernel/cred.c commit_creds(), fs/proc/base.c pid_getattr(), task_dump_owner().
 */
bool sal_helper_process_has_owner (const SalHelperProcess *process,
                                   const SalHelperIdentity *identity)
    __attribute__ ((warn_unused_result));

/** sal_helper_process_is_alive: whether it has not ended, so that its number is still its own. */
bool sal_helper_process_is_alive (const SalHelperProcess *process);

/**
 * sal_helper_process_read: the first bytes of its file @name in /proc.
 *
 * Returns how many, at most @size − 1, and a zero byte is behind them; 0 when it cannot be read.
 */
size_t sal_helper_process_read (const SalHelperProcess *process,
                                const char *name,
                                char *text,
                                size_t size);

/** sal_helper_process_get_verdict: what errno says when one of its files could not be opened. */
SalHelperVerdict sal_helper_process_get_verdict (void);
