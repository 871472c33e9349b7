/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Which class a function is of, up to 3.10, where its code object does not say. */

#include <stdint.h>

#include "sal-python-layout.h"
#include "sal-target.h"

/* What is known of a function: addresses of objects. */
typedef struct
{
  uint64_t code;
  uint64_t name;        /* its co_name */
  uint64_t frame;       /* that has run it */
  uint64_t first_local; /* the first variable of that */
} SalPythonFunction;

/**
 * sal_python_qualify: "Class.name" for a function whose first argument is called self or cls.
 *
 * @name is its plain name. The class is the one of its bases that has the function: then the answer
 * is the function's own __qualname__ (2.7: the names of both). Where no base has it, as when a
 * decorator put another in its place, the class of the first argument is taken.
 * Returns NULL when the first argument is called otherwise or tells nothing. Reads the target up to
 * some hundred times. Ownership: free() it.
 * Source: CPython 2.7 – 3.10 Include/object.h, classobject.h, funcobject.h, cellobject.h.
 */
char *sal_python_qualify (SalTarget *target,
                          const SalPythonLayout *layout,
                          const SalPythonFunction *function,
                          const char *name);
