/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The location table of a code object: which place in the source an instruction comes from. */

#include <stddef.h>
#include <stdint.h>

#include "sal-python-types.h"

/**
 * sal_python_lines_find: the place of the instruction at @offset bytes from the first.
 *
 * @table is co_linetable, @length bytes; hostile bytes are fine. An offset outside of the table, or
 * one below 0, has no place: all fields 0.
 * Thread: any. Does not allocate. Cost is linear in @length.
 * Source: CPython 3.11 Objects/locations.md (3.12 on: InternalDocs/code_objects.md).
 */
SalPythonPosition
sal_python_lines_find (const uint8_t *table, size_t length, uint32_t first_line, int32_t offset);
