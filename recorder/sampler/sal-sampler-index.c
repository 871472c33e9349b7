/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table that gives equal keys equal, dense ids. */
#include "sal-sampler-index.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024
#define MOST_SLOTS (UINT32_C (1) << 31)

void
sal_sampler_index_init (SalSamplerIndex *index, uint32_t n_words, uint32_t max_keys)
{
  *index = (SalSamplerIndex){ .n_words = n_words, .max_keys = max_keys };
}

static uint32_t
hash_key (const uint32_t *key, uint32_t n_words)
{
  uint64_t hash = UINT64_C (0x9E3779B97F4A7C15);

  for (uint32_t i = 0; i < n_words; i++)
    hash = (hash ^ key[i]) * UINT64_C (0xD6E8FEB86659FD93);
  return (uint32_t)(hash >> 32);
}

/* The slot where @key is, or the free one where it would go. */
static uint32_t
find_slot (const SalSamplerIndex *index, const uint32_t *key)
{
  uint32_t mask = index->n_slots - 1;
  uint32_t slot = hash_key (key, index->n_words) & mask;

  while (index->slots[slot] != 0)
    {
      const uint32_t *other = &index->keys[(size_t)(index->slots[slot] - 1) * index->n_words];
      uint32_t i = 0;

      while (i < index->n_words && other[i] == key[i])
        i++;
      if (i == index->n_words)
        break;
      slot = (slot + 1) & mask;
    }
  return slot;
}

uint32_t
sal_sampler_index_find (const SalSamplerIndex *index, const uint32_t *key)
{
  if (index->n_slots == 0)
    return SAL_SAMPLER_INDEX_NONE;
  return index->slots[find_slot (index, key)] - 1; /* a free slot: 0 − 1 is NONE */
}

static bool
grow (SalSamplerIndex *index)
{
  uint32_t n_slots = index->n_slots == 0 ? FIRST_SLOTS : index->n_slots * 2;
  uint32_t *slots;
  uint32_t *keys;

  if (index->n_slots >= MOST_SLOTS)
    return false;
  keys = realloc (index->keys, (size_t)(n_slots / 2) * index->n_words * sizeof *keys);
  if (keys == NULL)
    return false;
  index->keys = keys;
  slots = calloc (n_slots, sizeof *slots);
  if (slots == NULL)
    return false;

  free (index->slots);
  index->slots = slots;
  index->n_slots = n_slots;
  for (uint32_t i = 0; i < index->n_keys; i++)
    slots[find_slot (index, &keys[(size_t)i * index->n_words])] = i + 1;
  return true;
}

uint32_t
sal_sampler_index_add (SalSamplerIndex *index, const uint32_t *key, bool *is_new)
{
  uint32_t id = sal_sampler_index_find (index, key);

  *is_new = false;
  if (id != SAL_SAMPLER_INDEX_NONE)
    return id;
  if (index->n_keys >= index->max_keys)
    return SAL_SAMPLER_INDEX_NONE;
  if (index->n_keys >= index->n_slots / 2 && !grow (index))
    return SAL_SAMPLER_INDEX_NONE;

  id = index->n_keys++;
  memcpy (&index->keys[(size_t)id * index->n_words], key, index->n_words * sizeof *key);
  index->slots[find_slot (index, key)] = id + 1;
  *is_new = true;
  return id;
}

void
sal_sampler_index_empty (SalSamplerIndex *index)
{
  if (index->n_slots > 0)
    memset (index->slots, 0, index->n_slots * sizeof *index->slots);
  index->n_keys = 0;
}

void
sal_sampler_index_clear (SalSamplerIndex *index)
{
  free (index->keys);
  free (index->slots);
  sal_sampler_index_init (index, index->n_words, index->max_keys);
}
