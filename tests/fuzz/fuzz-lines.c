/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The decoders of line tables. */
#include "fuzz-target.h"

#include "sal-python-lines-old.h"
#include "sal-python-lines.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  for (int32_t offset = -2; offset < 64; offset++)
    {
      sal_python_lines_find (data, size, 1, offset);
      sal_python_lines_find_old (SAL_PYTHON_LINES_RANGES, data, size, 1, offset);
      sal_python_lines_find_old (SAL_PYTHON_LINES_SIGNED, data, size, 1, offset);
      sal_python_lines_find_old (SAL_PYTHON_LINES_UNSIGNED, data, size, 1, offset);
    }
  sal_python_lines_find (data, size, UINT32_MAX, INT32_MAX);
  return 0;
}
