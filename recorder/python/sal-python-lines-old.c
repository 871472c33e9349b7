/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line tables of code objects before 3.11. */
#include "sal-python-lines-old.h"

/* In a table of ranges: a range without a line. */
#define NO_LINE (-128)

static SalPythonPosition
at_line (uint32_t line)
{
  return (SalPythonPosition){ .line = line, .end_line = line };
}

static SalPythonPosition
find_range (const uint8_t *table, size_t length, uint32_t line, uint32_t offset)
{
  uint32_t end = 0;

  for (size_t i = 0; i + 1 < length; i += 2)
    {
      int32_t delta = (int8_t)table[i + 1];

      end += table[i];
      if (delta != NO_LINE)
        line += (uint32_t)delta;
      if (offset < end)
        return at_line (delta != NO_LINE ? line : 0);
    }
  return at_line (0);
}

SalPythonPosition
sal_python_lines_find_old (SalPythonLinesForm form,
                           const uint8_t *table,
                           size_t length,
                           uint32_t first_line,
                           int32_t offset)
{
  uint32_t line = first_line;
  uint32_t start = 0;
  int32_t delta;

  if (offset < 0)
    return at_line (0);
  if (form == SAL_PYTHON_LINES_RANGES)
    return find_range (table, length, first_line, (uint32_t)offset);
  for (size_t i = 0; i + 1 < length; i += 2)
    {
      start += table[i];
      if (start > (uint32_t)offset)
        break;
      delta = form == SAL_PYTHON_LINES_SIGNED ? (int8_t)table[i + 1] : table[i + 1];
      line += (uint32_t)delta;
    }
  return at_line (line);
}
