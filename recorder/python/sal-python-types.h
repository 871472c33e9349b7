/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What frames, code objects and places in the source are: values. */

#include <stdbool.h>
#include <stdint.h>

/* One frame as seen: raw. Innermost first in a stack. */
typedef struct
{
  uint32_t code;  /* index of the code object among those ever seen: sal_python_get_code() */
  int32_t offset; /* of the instruction at work, in bytes from the first; -1 = not begun */
} SalPythonFrame;

/* The evaluation loop, and what the compiler has put apart of it. */
#define SAL_PYTHON_N_LOOPS 2

/* What a code object is. Strings are UTF-8, terminated, owned by the SalPython, valid for its life.
 * */
typedef struct
{
  const char *name; /* qualified name (3.11 on) */
  const char *file;
  uint32_t first_line;
  bool readable; /* false: the target's object made no sense; name is "<unreadable>" */
  bool is_task;  /* an asyncio task: name is its and its coroutine's; the rest is the coroutine's */
} SalPythonCode;

typedef struct
{
  uint32_t line; /* 0 = the instruction has none */
  uint32_t end_line;
  uint32_t column; /* 1-based, bytes; 0 = unknown */
  uint32_t end_column;
} SalPythonPosition;
