/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Finds the Python runtime of a process: where it is, which version, laid out how. */

#include <stdint.h>

#include "sal-python-layout.h"
#include "sal-python-types.h"
#include "sal-target.h"

typedef struct
{
  uint64_t address;                   /* of _PyRuntime; before 3.7, of interp_head */
  uint64_t gil;                       /* of the one lock; 0 = each interpreter says */
  uint64_t waits;                     /* where those who wait for it sleep; 0 = in the lock */
  uint64_t lock;                      /* 2.7: of the pointer to where they sleep; else 0 */
  uint64_t collecting;                /* of the process's flag; 0 = each interpreter has one */
  uint64_t loops[SAL_PYTHON_N_LOOPS]; /* as sal_python_get_loops() has them */
  SalPythonLayout layout;
} SalPythonRuntime;

/** sal_python_result_of: what a failure of the target means for who reads a Python in it. */
SalPythonResult sal_python_result_of (SalTargetResult result);

/**
 * sal_python_runtime_find: looks for a runtime in the files mapped into @target.
 *
 * By the symbol _PyRuntime, else the section .PyRuntime, else the symbol interp_head; the version
 * by the runtime's own cookie, else the symbol Py_Version, else the file's name, else a version
 * string among its constants.
 * @version receives it ("3.11.7", "3.13.0t") whenever it was found, "" otherwise.
 * Errors: NOT_PYTHON, UNSUPPORTED, DEBUG_BUILD, DENIED, GONE, CORRUPT, MEMORY.
 * Source: CPython 3.11 Include/internal/pycore_runtime.h, Python/pylifecycle.c (the section),
 * Include/pylifecycle.h (Py_Version).
 */
SalPythonResult
sal_python_runtime_find (SalTarget *target, char version[32], SalPythonRuntime *runtime)
    __attribute__ ((warn_unused_result));
