/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processor that the calling thread keeps to. */
#pragma once

#include <stdbool.h>

/** sal_sampler_place_is_only: whether the calling thread was allowed to use just one processor from
 * the start. */
bool sal_sampler_place_is_only (void);

/**
 * sal_sampler_place_go_to: keeps the calling thread to @processor from now on, which costs little
 * when it is there already.
 *
 * Not to one that the thread was not allowed to use from the start: false, and nothing changes.
 * Source: sched_setaffinity(2), cpuset(7).
 */
bool sal_sampler_place_go_to (int processor);

/** sal_sampler_place_go_anywhere: lets the calling thread go where it likes again. */
void sal_sampler_place_go_anywhere (void);
