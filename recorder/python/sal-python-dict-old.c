/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dictionaries up to 3.10. */
#include "sal-python-dict-old.h"

#include <stdlib.h>

#include "sal-python-bytes.h"

/* struct _dictkeysobject: the same from 3.6 to 3.10. */
#define KEYS_SIZE 8
#define KEYS_N_ENTRIES 32
#define KEYS_INDICES 40

/* Hash, key, value. */
#define ENTRY 24

/* Entries at @at; where @values is not 0, their values are there, in the same order. */
static SalPythonDictEntry *
read_entries (SalTarget *target, uint64_t at, uint64_t n, uint64_t values, size_t *n_entries)
{
  uint8_t *raw = malloc ((size_t)n * (ENTRY + 8) + 1);
  SalPythonDictEntry *entries = malloc ((size_t)n * sizeof *entries + 1);

  if (raw == NULL || entries == NULL ||
      (n > 0 && sal_target_read (target, at, raw, (size_t)n * ENTRY) != SAL_TARGET_OK) ||
      (n > 0 && values != 0 &&
       sal_target_read (target, values, raw + n * ENTRY, (size_t)n * 8) != SAL_TARGET_OK))
    {
      free (raw);
      free (entries);
      return NULL;
    }
  for (uint64_t i = 0; i < n; i++)
    {
      SalPythonDictEntry found = { sal_python_u64 (raw + i * ENTRY + 8),
                                   sal_python_u64 (raw + i * ENTRY + 16) };

      if (values != 0)
        found.value = sal_python_u64 (raw + n * ENTRY + i * 8);
      if (found.key != 0 && found.value != 0)
        entries[(*n_entries)++] = found;
    }
  free (raw);
  return entries;
}

/* How many bytes an index into the entries takes. */
static uint64_t
get_index_width (uint64_t size)
{
  if (size <= 0xff)
    return 1;
  return size <= 0xffff ? 2 : 4;
}

SalPythonDictEntry *
sal_python_dict_read_old (SalTarget *target,
                          const SalPythonLayout *layout,
                          uint64_t address,
                          size_t *n_entries)
{
  uint8_t header[KEYS_INDICES];
  uint64_t keys;
  uint64_t values;
  uint64_t size;
  uint64_t n;

  *n_entries = 0;
  if (sal_target_read (target, address + layout->dict_keys, &keys, sizeof keys) != SAL_TARGET_OK ||
      sal_target_read (target, address + layout->dict_values, &values, sizeof values) !=
          SAL_TARGET_OK)
    return NULL;
  if (layout->dict_form == SAL_PYTHON_DICT_OPEN)
    return keys < SAL_PYTHON_MAX_DICT ? read_entries (target, values, keys + 1, 0, n_entries)
                                      : NULL;
  if (sal_target_read (target, keys, header, sizeof header) != SAL_TARGET_OK)
    return NULL;
  size = sal_python_u64 (header + KEYS_SIZE);
  n = sal_python_u64 (header + KEYS_N_ENTRIES);
  if (n > SAL_PYTHON_MAX_DICT || size > UINT32_MAX)
    return NULL;
  return read_entries (target, keys + KEYS_INDICES + size * get_index_width (size), n, values,
                       n_entries);
}
