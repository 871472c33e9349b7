/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Finds what there was before 3.7 in place of _PyRuntime. */

#include <stdbool.h>
#include <stdint.h>

#include "sal-target-elf.h"
#include "sal-target.h"

/* Addresses; 0 = not there. */
typedef struct
{
  uint64_t list;       /* interp_head: of the interpreters */
  uint64_t current;    /* _PyThreadState_Current: the thread that holds the lock */
  uint64_t lock;       /* 2.7: interpreter_lock, a pointer, NULL before there are threads */
  uint64_t waits;      /* 3.6: where those who wait for the lock sleep */
  uint64_t collecting; /* whether the collector is at work */
  uint32_t waits_size;
  bool has_narrow_unicode; /* 2.7: characters of two bytes */
} SalPythonRuntimeOld;

/**
 * sal_python_runtime_old_find: looks for it in one file, which is loaded with @bias.
 *
 * Where the file has no symbols but those it exports, interp_head is taken from the instructions of
 * PyInterpreterState_Head(), which does nothing but return it, and interpreter_lock from those of
 * PyEval_ReleaseLock(), which hands it on; waits and collecting are not found then.
 * Source: CPython 2.7 and 3.6 Python/pystate.c, Modules/gcmodule.c, Include/unicodeobject.h; 2.7
 * Python/ceval.c; 3.6 Python/ceval_gil.h.
 */
void sal_python_runtime_old_find (SalTarget *target,
                                  SalTargetElf *elf,
                                  uint64_t bias,
                                  SalPythonRuntimeOld *old);
