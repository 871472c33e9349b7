/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What asyncio's own C code says of where it keeps its tasks. */

#include <stdbool.h>
#include <stdint.h>

#include "sal-python-layout.h"
#include "sal-target.h"

/* Bytes of a task that have all that is read of it. */
#define SAL_PYTHON_TASK_FIELDS 64

/* All numbers are bytes from the start of the structure named. */
typedef struct
{
  /* PyThreadState, with what lies behind it */
  uint32_t running; /* the task that the thread runs */

  /* TaskObj, and FutureObj as far as that goes */
  uint32_t name; /* a str, or the int that makes one of it: "Task-7" */
  uint32_t awaited_by;
  uint32_t is_task;          /* char */
  uint32_t awaited_by_a_set; /* char: a set of several tasks and futures, else one */
  uint32_t coroutine;
  uint32_t start; /* of the bytes that have all of these fields */
  uint32_t length;
  uint32_t future_start; /* of those that have what a future has, too */
  uint32_t future_length;
  uint8_t mask[SAL_PYTHON_TASK_FIELDS]; /* 255 where these bytes are of a field, else 0 */
} SalPythonTaskTable;

/**
 * sal_python_task_table_find: looks for the table in the extension _asyncio, or in the file that
 * the runtime at @runtime is from, which may have asyncio built in.
 *
 * False: there is none (yet: asyncio has not been imported), or it cannot be.
 * Source: CPython 3.14.10 and 3.15.2 Modules/_asynciomodule.c, Py_AsyncioModuleDebugOffsets, which
 * is the section .AsyncioDebug.
 */
bool sal_python_task_table_find (SalTarget *target, uint64_t runtime, SalPythonTaskTable *table);
