/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Dictionaries and attributes of objects of the target. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-python-dict-old.h"
#include "sal-python-layout.h"
#include "sal-target.h"

/* Bytes of a name that can be looked for. */
#define SAL_PYTHON_MAX_KEY 128

/**
 * sal_python_dict_read: the entries of the dict at @address, in order of insertion.
 *
 * Shape: entries without a key or a value are left out. NULL when it cannot be read, makes no sense
 * or has more than 65,536 entries. Ownership: free() it.
 * Source: CPython 3.11 – 3.13 Include/internal/pycore_dict.h, struct _dictkeysobject.
 */
SalPythonDictEntry *sal_python_dict_read (SalTarget *target,
                                          const SalPythonLayout *layout,
                                          uint64_t address,
                                          size_t *n_entries);

/* Keys that are read at once. */
#define SAL_PYTHON_DICT_BATCH ((size_t)64)

/**
 * sal_python_dict_read_objects: reads @size bytes of each key, from @offset bytes into it, with few
 * system calls.
 *
 * Shape: @bytes gets them one after the other; @is_read tells of each whether it could be read.
 */
void sal_python_dict_read_objects (SalTarget *target,
                                   const SalPythonDictEntry *entries,
                                   size_t n_entries,
                                   uint64_t offset,
                                   uint8_t *bytes,
                                   size_t size,
                                   bool *is_read);

/** sal_python_dict_find: the value under the ASCII str @name in the dict at @address; 0 = none. */
uint64_t sal_python_dict_find (SalTarget *target,
                               const SalPythonLayout *layout,
                               uint64_t address,
                               const char *name);

/**
 * sal_python_object_find: the value of the attribute @name that the object at @address itself has.
 *
 * Knows objects whose class is written in Python and has no __slots__; 0 = there is none.
 * Source: CPython 3.11 – 3.13 Include/internal/pycore_object.h, Py_TPFLAGS_MANAGED_DICT;
 * before that Include/object.h, tp_dictoffset.
 */
uint64_t sal_python_object_find (SalTarget *target,
                                 const SalPythonLayout *layout,
                                 uint64_t address,
                                 const char *name);
