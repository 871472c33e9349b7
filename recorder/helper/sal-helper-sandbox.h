/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the helper takes from itself before it listens to anybody. */
#pragma once

#include <stdbool.h>

typedef enum
{
  SAL_HELPER_SANDBOX_OPENER,  /* keeps what opening and stopping a process needs */
  SAL_HELPER_SANDBOX_SERVICE, /* keeps no capability */
} SalHelperSandbox;

/**
 * sal_helper_sandbox_begin: an empty environment, no descriptor but the three, no core, no new
 * privileges, not dumpable.
 *
 * Returns false, with errno, when one of them fails. Thread: main only, with no other running.
 */
bool sal_helper_sandbox_begin (void) __attribute__ ((warn_unused_result));

/**
 * sal_helper_sandbox_confine: drops capabilities and system calls that @sandbox does not need.
 *
 * Returns false when it cannot. Thread: main only, with no other running.
 * Source: capabilities(7), seccomp(2).
 */
bool sal_helper_sandbox_confine (SalHelperSandbox sandbox) __attribute__ ((warn_unused_result));
