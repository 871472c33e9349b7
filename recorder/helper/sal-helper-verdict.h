/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the helper say to each other: the service, which talks to the bus and to
 * polkit and has no capability, and the opener, which has them and talks to nobody else. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

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

/* Service to opener, with two descriptors: our end for orders and answers, the caller's socket. */
typedef struct
{
  uint64_t start_time;
  uint32_t pid;
  uint32_t reserved;
} SalHelperOrder;

/* Opener to service, twice: who it is, before polkit is asked; and after the service has sent one
 * byte, whether it was opened. */
typedef struct
{
  SalHelperIdentity identity;
  uint32_t verdict;
  uint32_t n_command;
  char command[256]; /* the first bytes of its command line, as the process has them: hostile */
} SalHelperAnswer;
