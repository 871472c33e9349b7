/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* str objects of the target as our own memory. */

#include <stdint.h>

#include "sal-python-decode.h"
#include "sal-python-layout.h"
#include "sal-target.h"

/**
 * sal_python_text_measure: how many bytes the str object has up to its last character, of which
 * @header are the first layout->text_ascii_data; 0 = it is none, or longer than 65,536 characters.
 *
 * *@data receives where the characters begin, *@width the bytes of each. Not for 2.7.
 */
uint64_t sal_python_text_measure (const SalPythonLayout *layout,
                                  const uint8_t *header,
                                  uint32_t *data,
                                  unsigned *width);

/**
 * sal_python_text_dup: the str object at @address as UTF-8.
 *
 * Lone surrogates (as in undecodable file names) and NUL are written out as \udc80 and \x00.
 * Returns NULL when there is no str object there, when it is longer than 65,536 characters, or when
 * memory is out. Ownership: free() it.
 * Source: CPython 3.11 – 3.13 Include/cpython/unicodeobject.h, PEP 393.
 */
char *sal_python_text_dup (SalTarget *target, const SalPythonLayout *layout, uint64_t address);
