/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Threads of a process that counts them in a pid name space of its own, as containers do. */

#include <stdint.h>

#include "sal-target.h"

/**
 * sal_target_get_inner_pid: the number that the process behind @target has for itself.
 *
 * 0 when it cannot be told, as for an image. Source: as below.
 */
uint64_t sal_target_get_inner_pid (const SalTarget *target);

/**
 * sal_target_translate_thread: the thread id that we know a thread by which calls itself @tid.
 *
 * They differ when the process lives in a pid name space inside of ours. Returns 0 when it has no
 * such thread (any more), and @tid for an image. Reads files of /proc, all the process's threads
 * in the worst case: once per thread.
 * Source: proc_pid_status(5), NSpid; pid_namespaces(7).
 */
uint64_t sal_target_translate_thread (const SalTarget *target, uint64_t tid);
