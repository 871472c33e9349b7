/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table that gives equal keys equal, dense ids. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAL_SAMPLER_INDEX_NONE UINT32_MAX

/* Keys are arrays of a fixed number of 32-bit words. Open addressing, doubled when half full:
 * finding never allocates, adding does so ever more rarely.
 * Thread: one at a time.
 */
typedef struct
{
  uint32_t *keys;   /* of id i: n_words words from i × n_words */
  uint32_t *slots;  /* id + 1, 0 = free */
  uint32_t n_words; /* of a key */
  uint32_t n_slots; /* a power of two, 0 before the first key */
  uint32_t n_keys;
  uint32_t max_keys;
} SalSamplerIndex;

/** sal_sampler_index_init: an empty table of keys of @n_words words that takes @max_keys of
 * them. */
void sal_sampler_index_init (SalSamplerIndex *index, uint32_t n_words, uint32_t max_keys);

/** sal_sampler_index_find: the id of @key, or SAL_SAMPLER_INDEX_NONE. */
uint32_t sal_sampler_index_find (const SalSamplerIndex *index, const uint32_t *key);

/**
 * sal_sampler_index_add: the id of @key, which gets the next one when it is new.
 *
 * Shape: ids are 0, 1, 2, … in the order of adding. *@is_new tells whether this one was given now.
 * Errors: SAL_SAMPLER_INDEX_NONE when the table is full or memory is short; nothing has changed
 * then.
 */
uint32_t sal_sampler_index_add (SalSamplerIndex *index, const uint32_t *key, bool *is_new);

/** sal_sampler_index_empty: forgets every key and keeps the memory; ids begin anew. */
void sal_sampler_index_empty (SalSamplerIndex *index);

/** sal_sampler_index_clear: forgets every key and gives back the memory. */
void sal_sampler_index_clear (SalSamplerIndex *index);
