/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The location table of a code object: which place in the source an instruction comes from. */
#include "sal-python-lines.h"

/* Kinds of entry; 0 – 9 are the short forms. */
enum
{
  KIND_ONE_LINE_0 = 10,
  KIND_ONE_LINE_2 = 12,
  KIND_NO_COLUMNS = 13,
  KIND_LONG = 14,
  KIND_NONE = 15,
};

typedef struct
{
  const uint8_t *at;
  const uint8_t *end;
} Cursor;

/* A byte beyond the end counts as 0, which ends every number. */
static uint8_t
read_byte (Cursor *cursor)
{
  return cursor->at < cursor->end ? *cursor->at++ : 0;
}

static uint32_t
read_unsigned (Cursor *cursor)
{
  uint32_t value = 0;
  unsigned shift = 0;
  uint8_t byte;

  do
    {
      byte = read_byte (cursor);
      if (shift < 32)
        value |= (uint32_t)(byte & 63) << shift;
      shift += 6;
    }
  while (byte & 64);
  return value;
}

static uint32_t
read_signed (Cursor *cursor)
{
  uint32_t value = read_unsigned (cursor);

  return value & 1 ? 0 - (value >> 1) : value >> 1;
}

/* Reads what follows the first byte of an entry; *@line is that of the entry before. Arithmetic is
 * modulo 2³², so that hostile tables give odd numbers rather than overflow. */
static SalPythonPosition
read_entry (Cursor *cursor, unsigned kind, uint32_t *line)
{
  SalPythonPosition position = { 0 };

  switch (kind)
    {
    case KIND_NONE:
      return position;
    case KIND_LONG:
      *line += read_signed (cursor);
      position.end_line = *line + read_unsigned (cursor);
      position.column = read_unsigned (cursor);
      position.end_column = read_unsigned (cursor);
      break;
    case KIND_NO_COLUMNS:
      *line += read_signed (cursor);
      position.end_line = *line;
      break;
    case KIND_ONE_LINE_0:
    case KIND_ONE_LINE_0 + 1:
    case KIND_ONE_LINE_2:
      *line += kind - KIND_ONE_LINE_0;
      position.end_line = *line;
      position.column = read_byte (cursor) + 1u;
      position.end_column = read_byte (cursor) + 1u;
      break;
    default:
      {
        uint8_t byte = read_byte (cursor);

        position.end_line = *line;
        position.column = (kind << 3 | byte >> 4) + 1;
        position.end_column = position.column + (byte & 15);
        break;
      }
    }
  position.line = *line;
  return position;
}

SalPythonPosition
sal_python_lines_find (const uint8_t *table, size_t length, uint32_t first_line, int32_t offset)
{
  Cursor cursor = { table, table + length };
  uint32_t line = first_line;
  uint32_t unit = (uint32_t)offset / 2;
  uint32_t start = 0;

  if (offset < 0)
    return (SalPythonPosition){ 0 };
  while (cursor.at < cursor.end)
    {
      uint8_t first = read_byte (&cursor);
      uint32_t n_units = (first & 7u) + 1;
      SalPythonPosition position = read_entry (&cursor, first >> 3 & 15, &line);

      if (unit - start < n_units)
        return position;
      start += n_units;
    }
  return (SalPythonPosition){ 0 };
}
