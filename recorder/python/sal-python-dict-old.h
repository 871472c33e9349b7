/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Dictionaries up to 3.10. */

#include <stddef.h>
#include <stdint.h>

#include "sal-python-layout.h"
#include "sal-target.h"

/* Entries that a dict may have. */
#define SAL_PYTHON_MAX_DICT 65536

typedef struct
{
  uint64_t key;   /* address of an object */
  uint64_t value; /* of another */
} SalPythonDictEntry;

/**
 * sal_python_dict_read_old: the entries of a dict, in order of insertion; 2.7: of the table.
 *
 * Shape: as sal_python_dict_read(). For 2.7 and 3.6 – 3.10. Ownership: free() it.
 *
 * Source: CPython 2.7 Include/dictobject.h; 3.6 – 3.10 Objects/dict-common.h, struct
 * _dictkeysobject.
 */
SalPythonDictEntry *sal_python_dict_read_old (SalTarget *target,
                                              const SalPythonLayout *layout,
                                              uint64_t address,
                                              size_t *n_entries);
