/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every function that was seen in native stacks, once. */
#include "sal-native-functions.h"

#include <stdlib.h>

#define BLOCK 1024u
#define N_BLOCKS (SAL_NATIVE_MAX_FUNCTIONS / BLOCK)
#define FIRST_SLOTS 4096u

static SalNativeFunction *
get_function (const SalNativeFunctions *self, uint32_t number)
{
  return &self->blocks[number / BLOCK][number % BLOCK];
}

static uint32_t
find_slot (const SalNativeFunctions *self, const SalNativeModule *module, uint64_t address)
{
  uint64_t hash = (address ^ (uint64_t)(uintptr_t)module << 7) * UINT64_C (0x9e3779b97f4a7c15);
  uint32_t slot = (uint32_t)(hash >> 32) & (self->n_slots - 1);

  for (; self->slots[slot] != 0; slot = (slot + 1) & (self->n_slots - 1))
    {
      const SalNativeFunction *function = get_function (self, self->slots[slot] - 1);

      if (function->module == module && function->address == address)
        break;
    }
  return slot;
}

static bool
grow (SalNativeFunctions *self)
{
  uint32_t n_slots = self->n_slots == 0 ? FIRST_SLOTS : self->n_slots * 2;
  uint32_t *slots = calloc (n_slots, sizeof *slots);

  if (slots == NULL)
    return false;
  free (self->slots);
  self->slots = slots;
  self->n_slots = n_slots;
  for (uint32_t i = 0; i < self->n_functions; i++)
    {
      const SalNativeFunction *function = get_function (self, i);

      slots[find_slot (self, function->module, function->address)] = i + 1;
    }
  return true;
}

static SalNativeFunction *
append (SalNativeFunctions *self)
{
  uint32_t block = self->n_functions / BLOCK;

  if (self->n_functions == SAL_NATIVE_MAX_FUNCTIONS)
    return NULL;
  if (self->blocks == NULL && (self->blocks = calloc (N_BLOCKS, sizeof *self->blocks)) == NULL)
    return NULL;
  if (self->blocks[block] == NULL &&
      (self->blocks[block] = calloc (BLOCK, sizeof **self->blocks)) == NULL)
    return NULL;
  return get_function (self, self->n_functions++);
}

SalNativeFunction *
sal_native_functions_get (SalNativeFunctions *self,
                          const SalNativeModule *module,
                          uint64_t address)
{
  SalNativeFunction *function;
  uint32_t slot;

  if (self->n_functions >= self->n_slots / 2 && !grow (self))
    return NULL;
  slot = find_slot (self, module, address);
  if (self->slots[slot] != 0)
    return get_function (self, self->slots[slot] - 1);
  function = append (self);
  if (function == NULL)
    return NULL;
  *function = (SalNativeFunction){ .module = module, .address = address };
  self->slots[slot] = self->n_functions;
  return function;
}

void
sal_native_functions_clear (SalNativeFunctions *self)
{
  for (uint32_t i = 0; self->blocks != NULL && i < N_BLOCKS; i++)
    free (self->blocks[i]);
  free (self->blocks);
  free (self->slots);
  *self = (SalNativeFunctions){ 0 };
}
