/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every function that was seen in native stacks, once. */
#pragma once

#include "sal-native-types.h"

#define SAL_NATIVE_MAX_FUNCTIONS (1u << 20)

/* Functions never move: other threads may read those that they were told of.
 * Thread: one at a time for the table itself.
 */
typedef struct
{
  SalNativeFunction **blocks; /* owned */
  uint32_t *slots;            /* owned: number + 1, 0 = free */
  uint32_t n_functions;
  uint32_t n_slots; /* a power of two, 0 before the first */
} SalNativeFunctions;

/** sal_native_functions_get: the function that begins at @address of @module, made when it is new;
 * NULL when there is no room for more. */
SalNativeFunction *sal_native_functions_get (SalNativeFunctions *functions,
                                             const SalNativeModule *module,
                                             uint64_t address);

/** sal_native_functions_clear: frees all of them. */
void sal_native_functions_clear (SalNativeFunctions *functions);
