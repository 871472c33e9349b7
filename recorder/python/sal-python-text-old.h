/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* str and unicode objects of Python 2.7 as our own memory. */

#include "sal-python-layout.h"
#include "sal-target.h"

/**
 * sal_python_text_dup_old: the str or unicode object at @address as UTF-8.
 *
 * A str holds bytes of no known encoding: see sal_python_text_from_bytes().
 * Returns NULL when there is neither object there, when it is longer than SAL_PYTHON_MAX_TEXT, or
 * when memory is out. Ownership: free() it.
 * Source: CPython 2.7 Include/stringobject.h, unicodeobject.h, object.h (Py_TPFLAGS_…_SUBCLASS).
 */
char *sal_python_text_dup_old (SalTarget *target, const SalPythonLayout *layout, uint64_t address);
