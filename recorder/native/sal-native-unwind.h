/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers and stack bytes of a thread → its native frames. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sal-target.h"

#include "sal-native-types.h"

#define SAL_NATIVE_MAX_FRAMES 2048

/* Follows the stacks of one process with libunwind over copied bytes. What a program counter needs
 * is worked out once and kept.
 * Thread: one at a time.
 */
typedef struct _SalNativeUnwinder SalNativeUnwinder;

/** sal_native_unwinder_new: for the process behind @target (borrowed); NULL without memory. */
SalNativeUnwinder *sal_native_unwinder_new (SalTarget *target) __attribute__ ((warn_unused_result));

/**
 * sal_native_unwinder_run: the frames of @snapshot.
 *
 * Shape: frames[0] is the innermost; at most SAL_NATIVE_MAX_FRAMES, for which there must be room;
 * the stack pointers rise; none where the program counter is in no code. Reads the target only
 * for code not met before.
 */
SalNativeReach sal_native_unwinder_run (SalNativeUnwinder *unwinder,
                                        const SalNativeSnapshot *snapshot,
                                        SalNativeFrame *frames,
                                        size_t *n_frames);

/** sal_native_unwinder_find_function: the function around @address, as frames have it; NULL when
 * no table of a file tells. */
const SalNativeFunction *
sal_native_unwinder_find_function (SalNativeUnwinder *unwinder, uint64_t address);

/**
 * sal_native_unwinder_find_stack: where the region that holds the stack pointer @address ends; 0
 * when none does. *@start: where it begins, or @address.
 */
uint64_t
sal_native_unwinder_find_stack (SalNativeUnwinder *unwinder, uint64_t address, uint64_t *start);

/** sal_native_unwinder_forget: the process has become another program: nothing is where it was.
 * Functions given out stay. */
void sal_native_unwinder_forget (SalNativeUnwinder *unwinder, SalTarget *target);

/** sal_native_unwinder_free: the functions given out go with it; NULL is fine. */
void sal_native_unwinder_free (SalNativeUnwinder *unwinder);
