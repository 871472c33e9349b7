/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The line tables of code objects before 3.11. */

#include <stddef.h>
#include <stdint.h>

#include "sal-python-layout.h"
#include "sal-python-types.h"

/**
 * sal_python_lines_find_old: the line of the instruction at @offset bytes from the first.
 *
 * @table is co_lnotab, 3.10: co_linetable, @length bytes; hostile bytes are fine. Columns are 0. An
 * offset below 0, and in 3.10 one outside of the table or without a line, has no place: all fields
 * 0. Numbers wrap modulo 2³².
 * Thread: any. Does not allocate. Cost is linear in @length.
 * Source: CPython 2.7, 3.6 and 3.10 Objects/lnotab_notes.txt, Lib/dis.py findlinestarts(), PEP 626.
 */
SalPythonPosition sal_python_lines_find_old (SalPythonLinesForm form,
                                             const uint8_t *table,
                                             size_t length,
                                             uint32_t first_line,
                                             int32_t offset);
