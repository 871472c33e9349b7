/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The asyncio tasks seen in a target, by address and by what is in them. */

#include <stddef.h>
#include <stdint.h>

#include "sal-python-code.h"
#include "sal-python-task-table.h"

#define SAL_PYTHON_TASK_NAME 160
#define SAL_PYTHON_TASK_SET 64
#define SAL_PYTHON_TASK_RANGES 5

/* A task, or a future that tasks wait for, such as that of gather(): all that leads from it to the
 * one that waits for it, and what tells it from another that is at its address later. */
typedef struct
{
  uint64_t address;
  uint64_t parent;  /* that waits for it: a task or future; 0 = none */
  uint64_t frame;   /* of its coroutine; 0 = this is not Python's own */
  uint64_t code;    /* that this runs, as the frame refers to it */
  uint32_t label;   /* index of the code object that stands for it; SAL_PYTHON_NO_CODE = a future */
  uint64_t name;    /* address of its name's object */
  uint64_t set;     /* of all that wait for it, where these are several; 0 = they are not */
  uint64_t slot;    /* where @parent stands among these; 0 = none does */
  uint32_t n_named; /* bytes of @named */
  uint8_t fields[SAL_PYTHON_TASK_FIELDS];
  uint8_t named[SAL_PYTHON_TASK_NAME]; /* the name's object, from its type on */
  uint8_t members[SAL_PYTHON_TASK_SET];
} SalPythonTask;

/* Memory of the target, and what it held when the task was read. */
typedef struct
{
  uint64_t address;
  uint32_t length;
  const void *expected;
  const uint8_t *mask; /* 0 where the bytes don't matter; NULL = all do */
} SalPythonTaskRange;

typedef struct _SalPythonTasks SalPythonTasks;

/** sal_python_tasks_new: knows none. Borrows @target, @layout and @codes; NULL: out of memory. */
SalPythonTasks *sal_python_tasks_new (SalTarget *target,
                                      const SalPythonLayout *layout,
                                      const SalPythonTaskTable *table,
                                      SalPythonCodes *codes);

/** sal_python_tasks_get_table: that given. */
const SalPythonTaskTable *sal_python_tasks_get_table (const SalPythonTasks *tasks);

/**
 * sal_python_tasks_get: the task or future at @address, as it was when it was read last.
 *
 * Reads the target when it is not known; adds to *@n_calls the times. NULL when there cannot be
 * one. Borrowed until the next call.
 */
const SalPythonTask *
sal_python_tasks_get (SalPythonTasks *tasks, uint64_t address, uint32_t *n_calls);

/** sal_python_tasks_forget: the one at @address is to be read again. */
void sal_python_tasks_forget (SalPythonTasks *tasks, uint64_t address);

/** sal_python_tasks_list_ranges: what must be as it was for @task to be what it was. Shape: returns
 * how many, one at least. */
size_t sal_python_tasks_list_ranges (const SalPythonTasks *tasks,
                                     const SalPythonTask *task,
                                     SalPythonTaskRange ranges[SAL_PYTHON_TASK_RANGES]);

/** sal_python_tasks_get_cut: index of the code object that stands for tasks beyond those followed.
 * SAL_PYTHON_NO_CODE when memory is out. */
uint32_t sal_python_tasks_get_cut (SalPythonTasks *tasks);

/** sal_python_tasks_free: NULL is fine. */
void sal_python_tasks_free (SalPythonTasks *tasks);
