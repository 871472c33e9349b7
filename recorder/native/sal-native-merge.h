/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One stack out of a native one and the interpreter's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-native-types.h"

/* Frames that one machine frame interprets. */
typedef struct
{
  uint64_t entry; /* an address on the stack within that machine frame; 0 = not known */
  uint32_t n_frames;
} SalNativeActivation;

typedef enum
{
  SAL_NATIVE_MERGED_NATIVE, /* index: of the native frame */
  SAL_NATIVE_MERGED_PYTHON, /* index: of the interpreted frame */
  SAL_NATIVE_MERGED_SEAM,   /* between what fits and what does not: native frames are missing */
} SalNativeMergedKind;

typedef struct
{
  SalNativeMergedKind kind;
  uint32_t index;
} SalNativeMerged;

/** sal_native_merge_get_need: the most frames that a merge gives. */
size_t sal_native_merge_get_need (size_t n_native, size_t n_interpreted);

/**
 * sal_native_merge_place: gives activations whose entry is not known one in a frame of @loops, the
 * functions that run interpreted frames, each of them one.
 *
 * @loops: NULL = no function. The outermost run has the outermost activation, and the innermost may
 * have none, since it begins or ends; of a stack that was not followed to its outer end, the
 * innermost run has the innermost. Where the numbers tell that it cannot be, nothing is placed.
 */
void sal_native_merge_place (const SalNativeFrame *frames,
                             size_t n_frames,
                             SalNativeReach reach,
                             const SalNativeFunction *const *loops,
                             size_t n_loops,
                             SalNativeActivation *activations,
                             size_t n_activations);

/**
 * sal_native_merge: puts interpreted frames where the machine runs them.
 *
 * Shape: everything is innermost first; the frames of activation i + 1 follow those of i. A machine
 * frame owns the stack from its own stack pointer to that of the frame outside it; the activation
 * whose entry lies there has its frames just inside of it. @merged has room for
 * sal_native_merge_get_need(). Every interpreted frame is given, in order. From the first
 * activation on that no machine frame owns they come outside of a seam; inside of it are the native
 * frames up to the last owner, or all of them when the walk did not reach the outer end.
 * Returns whether everything fitted, that is without a seam. Thread: any.
 */
bool sal_native_merge (const SalNativeFrame *frames,
                       size_t n_frames,
                       SalNativeReach reach,
                       const SalNativeActivation *activations,
                       size_t n_activations,
                       SalNativeMerged *merged,
                       size_t *n_merged);
