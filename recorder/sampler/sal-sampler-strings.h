/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table that gives equal texts equal, dense ids, and keeps them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAL_SAMPLER_STRINGS_NONE UINT32_MAX

/* The longest text kept, in bytes; longer ones are cut at a character's border. */
#define SAL_SAMPLER_STRINGS_LONGEST 4096

typedef struct
{
  const char *bytes; /* UTF-8, terminated; NULL: reserved */
  uint32_t length;
  uint32_t hash;
} SalSamplerString;

/* Thread: one at a time; texts that were given out may be read by any thread. */
typedef struct
{
  SalSamplerString *items; /* by id */
  uint32_t *slots;         /* id + 1, 0 = free */
  uint32_t n_items;
  uint32_t n_slots; /* a power of two, 0 before the first text */
} SalSamplerStrings;

/**
 * sal_sampler_strings_add: the id of @text (terminated), which gets the next one when it is new.
 *
 * Bytes that are no UTF-8 become "?" each. Ownership: copies @text; the copy's bytes stay where
 * they are until sal_sampler_strings_clear().
 * Errors: SAL_SAMPLER_STRINGS_NONE without memory; nothing has changed then.
 */
uint32_t sal_sampler_strings_add (SalSamplerStrings *strings, const char *text, bool *is_new);

/** sal_sampler_strings_reserve: the next id, for a text that is not known yet and that no other
 * shares. Errors: as above. */
uint32_t sal_sampler_strings_reserve (SalSamplerStrings *strings);

/** sal_sampler_strings_dup_clean: @text (terminated) as the table would keep it; free() it.
 * *@length in bytes. NULL without memory. */
char *sal_sampler_strings_dup_clean (const char *text, uint32_t *length);

/** sal_sampler_strings_clear: frees every text; the table is empty and usable again. */
void sal_sampler_strings_clear (SalSamplerStrings *strings);
