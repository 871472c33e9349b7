/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the frame pointer of a thread is that was not stopped, so that it could not be read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-native-rule.h"

/* A function with a frame pointer has it a number of bytes above the stack pointer, which is the
 * same each time it is at one instruction, unless it makes room on the stack that depends on what
 * it is given. Zeroed: nothing is known. */
typedef struct
{
  uint32_t distance; /* of the two, at the instruction */
  enum
  {
    SAL_NATIVE_FRAME_UNSEEN,
    SAL_NATIVE_FRAME_SEEN,  /* at that distance */
    SAL_NATIVE_FRAME_FIXED, /* and its code has no other */
    SAL_NATIVE_FRAME_LOOSE, /* it may be another the next time */
  } kind;
} SalNativeFrameSize;

/** sal_native_frame_has_pointer: whether @rule finds a caller by nothing but the frame pointer. */
bool sal_native_frame_has_pointer (const SalNativeRule *rule);

/** sal_native_frame_see: takes note of where both pointers are in a thread that was stopped. */
void sal_native_frame_see (SalNativeFrameSize *size,
                           const uint64_t registers[SAL_NATIVE_N_REGISTERS]);

/** sal_native_frame_is_fixed: whether a function sets up its frame pointer and moves its stack
 * pointer by nothing but numbers that are in its @length bytes of @code. Looks for what would move
 * it otherwise at each byte, so that some that do not are taken for such that do.
 * Source: AMD64 Architecture Programmer's Manual 3, 3.2: ADD, AND, LEA, MOV, SUB. */
bool sal_native_frame_is_fixed (const uint8_t *code, size_t length);
