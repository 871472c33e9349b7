/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table that gives equal texts equal, dense ids, and keeps them. */
#include "sal-sampler-strings.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024
#define MOST_SLOTS (UINT32_C (1) << 24)

/* Bytes of the well-formed UTF-8 character at @text, 0 when there is none.
 * Source: The Unicode Standard 15, table 3-7. */
static size_t
character_length (const unsigned char *text)
{
  static const struct
  {
    unsigned char first_low, first_high, second_low, second_high;
    size_t length;
  } forms[] = {
    { 0xC2, 0xDF, 0x80, 0xBF, 2 },
    { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
    { 0xE1, 0xEC, 0x80, 0xBF, 3 },
    { 0xED, 0xED, 0x80, 0x9F, 3 },
    { 0xEE, 0xEF, 0x80, 0xBF, 3 },
    { 0xF0, 0xF0, 0x90, 0xBF, 4 },
    { 0xF1, 0xF3, 0x80, 0xBF, 4 },
    { 0xF4, 0xF4, 0x80, 0x8F, 4 },
  };

  if (text[0] < 0x80)
    return text[0] != 0;
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
    {
      size_t n = 2;

      if (text[0] < forms[i].first_low || text[0] > forms[i].first_high)
        continue;
      if (text[1] < forms[i].second_low || text[1] > forms[i].second_high)
        return 0;
      while (n < forms[i].length && (text[n] & 0xC0) == 0x80)
        n++;
      return n == forms[i].length ? n : 0;
    }
  return 0;
}

char *
sal_sampler_strings_dup_clean (const char *text, uint32_t *length)
{
  size_t n_in = strnlen (text, SAL_SAMPLER_STRINGS_LONGEST + 1);
  size_t n = 0;
  char *clean = malloc (n_in + 1);

  if (clean == NULL)
    return NULL;
  for (size_t i = 0; i < n_in;)
    {
      size_t width = character_length ((const unsigned char *)text + i);

      if (n + (width == 0 ? 1 : width) > SAL_SAMPLER_STRINGS_LONGEST)
        break;
      if (width == 0)
        {
          clean[n++] = '?';
          i++;
          continue;
        }
      memcpy (clean + n, text + i, width);
      n += width;
      i += width;
    }
  clean[n] = '\0';
  *length = (uint32_t)n;
  return clean;
}

/* FNV-1a. */
static uint32_t
hash_bytes (const char *bytes, uint32_t length)
{
  uint32_t hash = 2166136261U;

  for (uint32_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)bytes[i]) * 16777619U;
  return hash;
}

static uint32_t
find_slot (const SalSamplerStrings *strings, const SalSamplerString *item)
{
  uint32_t mask = strings->n_slots - 1;
  uint32_t slot = item->hash & mask;

  while (strings->slots[slot] != 0)
    {
      const SalSamplerString *other = &strings->items[strings->slots[slot] - 1];

      if (other->hash == item->hash && other->length == item->length &&
          memcmp (other->bytes, item->bytes, item->length) == 0)
        break;
      slot = (slot + 1) & mask;
    }
  return slot;
}

static bool
grow (SalSamplerStrings *strings)
{
  uint32_t n_slots = strings->n_slots == 0 ? FIRST_SLOTS : strings->n_slots * 2;
  SalSamplerString *items;
  uint32_t *slots;

  if (n_slots > MOST_SLOTS)
    return false;
  items = realloc (strings->items, (size_t)(n_slots / 2) * sizeof *items);
  if (items == NULL)
    return false;
  strings->items = items;
  slots = calloc (n_slots, sizeof *slots);
  if (slots == NULL)
    return false;

  free (strings->slots);
  strings->slots = slots;
  strings->n_slots = n_slots;
  for (uint32_t i = 0; i < strings->n_items; i++)
    if (items[i].bytes != NULL)
      slots[find_slot (strings, &items[i])] = i + 1;
  return true;
}

uint32_t
sal_sampler_strings_add (SalSamplerStrings *strings, const char *text, bool *is_new)
{
  SalSamplerString item = { 0 };
  char *bytes = sal_sampler_strings_dup_clean (text, &item.length);
  uint32_t slot;

  *is_new = false;
  if (bytes == NULL)
    return SAL_SAMPLER_STRINGS_NONE;
  item.bytes = bytes;
  item.hash = hash_bytes (bytes, item.length);
  if (strings->n_items >= strings->n_slots / 2 && !grow (strings))
    {
      free (bytes);
      return SAL_SAMPLER_STRINGS_NONE;
    }

  slot = find_slot (strings, &item);
  if (strings->slots[slot] != 0)
    {
      free (bytes);
      return strings->slots[slot] - 1;
    }
  strings->items[strings->n_items++] = item;
  strings->slots[slot] = strings->n_items;
  *is_new = true;
  return strings->n_items - 1;
}

uint32_t
sal_sampler_strings_reserve (SalSamplerStrings *strings)
{
  if (strings->n_items >= strings->n_slots / 2 && !grow (strings))
    return SAL_SAMPLER_STRINGS_NONE;
  strings->items[strings->n_items] = (SalSamplerString){ 0 };
  return strings->n_items++;
}

void
sal_sampler_strings_clear (SalSamplerStrings *strings)
{
  for (uint32_t i = 0; i < strings->n_items; i++)
    free ((char *)strings->items[i].bytes);
  free (strings->items);
  free (strings->slots);
  *strings = (SalSamplerStrings){ 0 };
}
