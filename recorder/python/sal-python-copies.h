/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The copies of a code object's instructions, one for each thread that runs them. */

#include <stdint.h>

#include "sal-python-layout.h"
#include "sal-target.h"

/* Where they begin, as far as it was read. All 0: nothing is known. */
typedef struct
{
  uint64_t list;    /* address of the target's list of them */
  uint64_t *starts; /* owned; 0 = there is none of that number */
  uint32_t n_starts;
} SalPythonCopies;

/**
 * sal_python_copies_read: reads where the copies are that the code object at @code has.
 *
 * *@copies is forgotten first, and stays so when they cannot be read. Reads the target three times.
 * Source: CPython 3.14.7, 3.15.0rc1 Include/cpython/code.h: _PyCodeArray, a length and as many
 * pointers, which co_tlbc points at. Objects/codeobject.c: a longer one takes its place when a
 * thread with a higher number comes by; a copy stays while any thread has its number.
 */
void sal_python_copies_read (SalTarget *target,
                             const SalPythonLayout *layout,
                             uint64_t code,
                             SalPythonCopies *copies);

/** sal_python_copies_get: address of the first instruction of copy @copy; 0 = not known. */
uint64_t sal_python_copies_get (const SalPythonCopies *copies, uint32_t copy);

/** sal_python_copies_forget: frees what @copies owns. */
void sal_python_copies_forget (SalPythonCopies *copies);
