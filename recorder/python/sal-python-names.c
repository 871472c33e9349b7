/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names that threading.Thread objects carry. */
#include <stdlib.h>

#include "sal-python-bytes.h"
#include "sal-python-dict.h"
#include "sal-python-private.h"
#include "sal-python-text.h"

/* PyModuleObject.md_dict, PyLongObject's size and digits come first in their objects: the same from
 * 3.6 to 3.15; in 2.7 the value of a PyIntObject is where the size is. */
#define DIGIT_BITS 30
#define MAX_DIGITS 3
#define INT_SIZE (8 + MAX_DIGITS * 4)

/* Where the object's own fields begin: its type is the last of those that all have. */
static uint32_t
get_header_size (const SalPythonLayout *layout)
{
  return layout->object_type + 8;
}

/* The int whose own fields are @number, if it is at most 64 bits wide and not negative. */
static bool
decode_int (const SalPythonLayout *layout, const uint8_t number[INT_SIZE], uint64_t *value)
{
  uint64_t n_digits;

  if (layout->has_plain_int)
    {
      *value = sal_python_u64 (number);
      return true;
    }
  /* From 3.12 on the three lowest bits are the sign and a flag. */
  n_digits = sal_python_u64 (number) >> layout->long_size_shift;
  if (n_digits > MAX_DIGITS)
    return false;
  *value = 0;
  for (uint64_t i = 0; i < n_digits; i++)
    *value |= (uint64_t)sal_python_u32 (number + 8 + i * 4) << DIGIT_BITS * i;
  return true;
}

static bool
read_int (SalTarget *target, const SalPythonLayout *layout, uint64_t address, uint64_t *value)
{
  uint8_t number[INT_SIZE];

  return sal_target_read (target, address + get_header_size (layout), number, sizeof number) ==
             SAL_TARGET_OK &&
         decode_int (layout, number, value);
}

/* The one whose key is the int @ident; NULL = there is none. */
static const SalPythonDictEntry *
find_entry (SalPython *self, const SalPythonDictEntry *entries, size_t n_entries, uint64_t ident)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  uint8_t numbers[SAL_PYTHON_DICT_BATCH * INT_SIZE];
  bool is_read[SAL_PYTHON_DICT_BATCH];

  for (size_t start = 0; start < n_entries; start += SAL_PYTHON_DICT_BATCH)
    {
      size_t n = n_entries - start < SAL_PYTHON_DICT_BATCH ? n_entries - start
                                                           : SAL_PYTHON_DICT_BATCH;

      sal_python_dict_read_objects (self->target, entries + start, n, get_header_size (layout),
                                    numbers, INT_SIZE, is_read);
      for (size_t i = 0; i < n; i++)
        {
          uint64_t found;

          if (is_read[i] && decode_int (layout, numbers + i * INT_SIZE, &found) && found == ident)
            return &entries[start + i];
        }
    }
  return NULL;
}

static char *
find_name (SalPython *self, uint64_t active, uint64_t thread_id, uint64_t *tid)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  size_t n_entries;
  SalPythonDictEntry *entries = sal_python_dict_read (self->target, layout, active, &n_entries);
  const SalPythonDictEntry *entry =
      entries != NULL ? find_entry (self, entries, n_entries, thread_id) : NULL;
  char *name = NULL;

  if (entry != NULL)
    {
      uint64_t native_id;

      name = sal_python_text_dup (
          self->target, layout,
          sal_python_object_find (self->target, layout, entry->value,
                                  layout->is_text_bytes ? "_Thread__name" : "_name"));
      native_id = sal_python_object_find (self->target, layout, entry->value, "_native_id");
      if (native_id == 0 || !read_int (self->target, layout, native_id, tid))
        *tid = 0;
    }
  free (entries);
  return name;
}

/* Source: CPython Lib/threading.py: _active maps idents to Thread objects, whose name is _name
 * (2.7: __name, mangled) and whose native id, from 3.8 on, is _native_id. */
char *
sal_python_dup_thread_name (SalPython *self, uint64_t thread_id, uint64_t *tid)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  uint64_t native_id = 0;
  char *name = NULL;

  /* The main one, which is the last, knows a thread by its name that is the main thread of another
   * only. */
  for (size_t i = self->n_interpreters; i-- > 0 && name == NULL;)
    {
      uint64_t modules;
      uint64_t threading;
      uint64_t names;

      if (sal_target_read (self->target,
                           self->interpreters[i].address + layout->interpreter_modules, &modules,
                           sizeof modules) != SAL_TARGET_OK)
        continue;
      threading = sal_python_dict_find (self->target, layout, modules, "threading");
      if (threading == 0 || sal_target_read (self->target, threading + get_header_size (layout),
                                             &names, sizeof names) != SAL_TARGET_OK)
        continue;
      name = find_name (self, sal_python_dict_find (self->target, layout, names, "_active"),
                        thread_id, &native_id);
    }
  if (tid != NULL)
    *tid = native_id;
  return name;
}
