/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dictionaries and attributes of objects of the target. */
#include "sal-python-dict.h"

#include <stdlib.h>
#include <string.h>

#include "sal-python-bytes.h"

#define MAX_ENTRIES SAL_PYTHON_MAX_DICT
#define MAX_NAME SAL_PYTHON_MAX_KEY
#define MAX_HEADER 256

/* struct _dictkeysobject: the same from 3.11 to 3.13. */
#define KEYS_LOG2_INDEX_BYTES 9
#define KEYS_KIND 10
#define KEYS_N_ENTRIES 24
#define KEYS_INDICES 32

#define KIND_GENERAL 0

/* Py_TPFLAGS_INLINE_VALUES and Py_TPFLAGS_MANAGED_DICT. */
#define FLAG_INLINE_VALUES ((uint64_t)1 << 2)
#define FLAG_MANAGED_DICT ((uint64_t)1 << 4)

static bool
read_word (SalTarget *target, uint64_t address, uint64_t *word)
{
  return sal_target_read (target, address, word, sizeof *word) == SAL_TARGET_OK;
}

/* Entries of @keys; where @values is not 0, their values are there, in the same order. */
static SalPythonDictEntry *
read_keys (SalTarget *target, uint64_t keys, uint64_t values, size_t *n_entries)
{
  uint8_t header[KEYS_INDICES];
  SalPythonDictEntry *entries;
  uint8_t *raw;
  uint64_t n;
  size_t size;
  uint64_t at;

  *n_entries = 0;
  if (sal_target_read (target, keys, header, sizeof header) != SAL_TARGET_OK ||
      header[KEYS_LOG2_INDEX_BYTES] > 32)
    return NULL;
  n = sal_python_u64 (header + KEYS_N_ENTRIES);
  size = header[KEYS_KIND] == KIND_GENERAL ? 24 : 16;
  at = keys + KEYS_INDICES + ((uint64_t)1 << header[KEYS_LOG2_INDEX_BYTES]);
  if (n > MAX_ENTRIES)
    return NULL;
  raw = malloc ((size_t)n * (size + 8) + 1);
  entries = malloc ((size_t)n * sizeof *entries + 1);
  if (raw == NULL || entries == NULL ||
      (n > 0 && sal_target_read (target, at, raw, (size_t)n * size) != SAL_TARGET_OK) ||
      (n > 0 && values != 0 &&
       sal_target_read (target, values, raw + (size_t)n * size, (size_t)n * 8) != SAL_TARGET_OK))
    {
      free (raw);
      free (entries);
      return NULL;
    }
  for (size_t i = 0; i < n; i++)
    {
      const uint8_t *entry = raw + i * size + size - 16;
      SalPythonDictEntry found = { sal_python_u64 (entry), sal_python_u64 (entry + 8) };

      if (values != 0)
        found.value = sal_python_u64 (raw + (size_t)n * size + i * 8);
      if (found.key != 0 && found.value != 0)
        entries[(*n_entries)++] = found;
    }
  free (raw);
  return entries;
}

SalPythonDictEntry *
sal_python_dict_read (SalTarget *target,
                      const SalPythonLayout *layout,
                      uint64_t address,
                      size_t *n_entries)
{
  uint64_t keys;
  uint64_t values;

  *n_entries = 0;
  if (address != 0 && layout->dict_form != SAL_PYTHON_DICT_LOG2)
    return sal_python_dict_read_old (target, layout, address, n_entries);
  if (address == 0 || !read_word (target, address + layout->dict_keys, &keys) ||
      !read_word (target, address + layout->dict_values, &values))
    return NULL;
  return read_keys (target, keys, values != 0 ? values + layout->values_data : 0, n_entries);
}

void
sal_python_dict_read_objects (SalTarget *target,
                              const SalPythonDictEntry *entries,
                              size_t n_entries,
                              uint64_t offset,
                              uint8_t *bytes,
                              size_t size,
                              bool *is_read)
{
  SalTargetRange ranges[SAL_PYTHON_DICT_BATCH];
  size_t n_done = 0;

  while (n_done < n_entries)
    {
      size_t n_read;
      size_t n = 0;

      for (; n < SAL_PYTHON_DICT_BATCH && n_done + n < n_entries; n++)
        ranges[n] = (SalTargetRange){ entries[n_done + n].key + offset, bytes + (n_done + n) * size,
                                      size };
      if (target->ops->read_many (target, ranges, n, &n_read) == SAL_TARGET_OK)
        n_read = n;
      for (size_t i = 0; i < n_read; i++)
        is_read[n_done++] = true;
      /* The one that could not be read costs only itself. */
      if (n_read < n)
        is_read[n_done++] = false;
    }
}

/* The value of the ASCII str @name. */
static uint64_t
find (SalTarget *target,
      const SalPythonLayout *layout,
      const SalPythonDictEntry *entries,
      size_t n_entries,
      const char *name)
{
  uint8_t objects[SAL_PYTHON_DICT_BATCH * (MAX_HEADER + MAX_NAME)];
  bool is_read[SAL_PYTHON_DICT_BATCH];
  size_t length = strlen (name);
  size_t header = layout->text_ascii_data;
  size_t size = header + length;

  if (header > MAX_HEADER || length > MAX_NAME || layout->text_length + 8 > header)
    return 0;
  for (size_t start = 0; start < n_entries; start += SAL_PYTHON_DICT_BATCH)
    {
      size_t n = n_entries - start < SAL_PYTHON_DICT_BATCH ? n_entries - start
                                                           : SAL_PYTHON_DICT_BATCH;

      sal_python_dict_read_objects (target, entries + start, n, 0, objects, size, is_read);
      for (size_t i = 0; i < n; i++)
        if (is_read[i] &&
            sal_python_u64 (objects + i * size + layout->text_length) == length &&
            memcmp (objects + i * size + header, name, length) == 0)
          return entries[start + i].value;
    }
  return 0;
}

uint64_t
sal_python_dict_find (SalTarget *target,
                      const SalPythonLayout *layout,
                      uint64_t address,
                      const char *name)
{
  size_t n_entries;
  SalPythonDictEntry *entries = sal_python_dict_read (target, layout, address, &n_entries);
  uint64_t value = entries != NULL ? find (target, layout, entries, n_entries, name) : 0;

  free (entries);
  return value;
}

/* Where the values of the object's own attributes are, in the order of its class's keys: 0 when it
 * has a dict instead, whose address is then in *@dict. */
static uint64_t
find_values (SalTarget *target,
             const SalPythonLayout *layout,
             uint64_t address,
             uint64_t type,
             uint64_t flags,
             uint64_t *dict)
{
  uint64_t before = layout->is_free_threaded ? 8 : 24;
  uint64_t word;

  *dict = 0;
  switch (layout->values_place)
    {
    case SAL_PYTHON_VALUES_DICT:
      if (read_word (target, type + layout->type_dict_offset, &word) && word != 0 &&
          word <= MAX_ENTRIES && !read_word (target, address + word, dict))
        *dict = 0;
      return 0;
    case SAL_PYTHON_VALUES_POINTER:
      if (!read_word (target, address - 24, dict) || *dict != 0)
        return 0;
      return read_word (target, address - 32, &word) ? word : 0;
    case SAL_PYTHON_VALUES_TAGGED:
      if (!read_word (target, address - 24, &word))
        return 0;
      if ((word & 1) != 0)
        return word + 1;
      *dict = word;
      return 0;
    case SAL_PYTHON_VALUES_INLINE:
      if (!read_word (target, address - before, dict) || *dict != 0 ||
          (flags & FLAG_INLINE_VALUES) == 0 ||
          !read_word (target, type + layout->type_basic_size, &word) || word > MAX_ENTRIES)
        return 0;
      return address + word;
    default:
      return 0;
    }
}

uint64_t
sal_python_object_find (SalTarget *target,
                        const SalPythonLayout *layout,
                        uint64_t address,
                        const char *name)
{
  SalPythonDictEntry *entries;
  uint64_t type;
  uint64_t flags;
  uint64_t values;
  uint64_t dict;
  uint64_t keys;
  size_t n_entries;
  uint64_t value;

  if (address == 0 || !read_word (target, address + layout->object_type, &type) ||
      !read_word (target, type + layout->type_flags, &flags) ||
      (layout->values_place != SAL_PYTHON_VALUES_DICT && (flags & FLAG_MANAGED_DICT) == 0))
    return 0;
  values = find_values (target, layout, address, type, flags, &dict);
  if (values == 0)
    return sal_python_dict_find (target, layout, dict, name);
  if (!read_word (target, type + layout->heap_type_cached_keys, &keys))
    return 0;
  entries = read_keys (target, keys, values + layout->values_data, &n_entries);
  value = entries != NULL ? find (target, layout, entries, n_entries, name) : 0;
  free (entries);
  return value;
}
