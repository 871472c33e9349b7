/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The bytes and characters of the target as our own UTF-8. */

#include <stddef.h>
#include <stdint.h>

#include "sal-python-layout.h"
#include "sal-target.h"

/* Characters, or bytes in 2.7, that a text may have. */
#define SAL_PYTHON_MAX_TEXT 65536

/**
 * sal_python_text_decode: @n_characters of @width bytes (1, 2 or 4) as UTF-8.
 *
 * Ownership: free() it; NULL when memory is out or @width is none of these.
 */
char *sal_python_text_decode (const uint8_t *bytes, size_t n_characters, unsigned width);

/**
 * sal_python_text_from_bytes: @length bytes of no known encoding as UTF-8.
 *
 * Those that are no UTF-8, and NUL, are written out as \xe4. Ownership: free() it; NULL when memory
 * is out.
 */
char *sal_python_text_from_bytes (const uint8_t *bytes, size_t length);

/**
 * sal_python_bytes_dup: the contents of the bytes object at @address; *@length of them.
 *
 * Returns NULL when it is longer than @limit or unreadable. Never NULL for an empty object that can
 * be read. Ownership: free() it.
 * Source: CPython Include/cpython/bytesobject.h.
 */
uint8_t *sal_python_bytes_dup (SalTarget *target,
                               const SalPythonLayout *layout,
                               uint64_t address,
                               size_t limit,
                               size_t *length);
