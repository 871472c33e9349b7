/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What asking another process can come to. */
typedef enum
{
  SAL_TARGET_OK = 0,
  SAL_TARGET_GONE,    /* the process has ended, or the pid belongs to another one now */
  SAL_TARGET_DENIED,  /* the kernel refuses; errno tells */
  SAL_TARGET_FAULT,   /* no memory at that address */
  SAL_TARGET_CORRUPT, /* a file or text of the target makes no sense */
  SAL_TARGET_LIMIT,   /* more than we are willing to take */
  SAL_TARGET_MEMORY,  /* ours is exhausted */
  SAL_TARGET_ABSENT,  /* what was looked for is not there */
} SalTargetResult;
