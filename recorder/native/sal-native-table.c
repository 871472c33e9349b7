/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sorted table of a module's functions that libunwind searches. */
#include "sal-native-table.h"

#include <stdlib.h>
#include <string.h>

/* DW_EH_PE_*: how addresses are written. */
enum
{
  ENCODING_ABSOLUTE = 0x00,
  ENCODING_UDATA4 = 0x03,
  ENCODING_PCREL_SDATA4 = 0x1b,
  ENCODING_PCREL_SDATA8 = 0x1c,
  ENCODING_DATAREL_SDATA4 = 0x3b,
  ENCODING_NONE = 0xff,
};

#define HEADER_SIZE 12
#define MAX_ENTRIES ((size_t)8 << 20)

/* As it lies in .eh_frame_hdr, relative to a base. */
typedef struct
{
  int32_t start;
  int32_t record;
} Entry;

/* Bytes of the section, read with every step checked. */
typedef struct
{
  const SalNativeSection *section;
  size_t at;
  size_t end;
  bool is_bad;
} Cursor;

static uint64_t
take (Cursor *cursor, size_t size)
{
  uint64_t value = 0;

  if (cursor->is_bad || cursor->end - cursor->at < size)
    {
      cursor->is_bad = true;
      return 0;
    }
  memcpy (&value, cursor->section->bytes + cursor->at, size);
  cursor->at += size;
  return value;
}

static void
skip_leb128 (Cursor *cursor)
{
  while ((take (cursor, 1) & 0x80) != 0)
    continue;
}

bool
sal_native_table_read_header (const SalNativeSection *header, SalNativeTable *table)
{
  const uint8_t *bytes = header->bytes;
  uint32_t n_entries;

  if (header->length < HEADER_SIZE || bytes[0] != 1 || bytes[2] != ENCODING_UDATA4 ||
      bytes[3] != ENCODING_DATAREL_SDATA4)
    return false;
  memcpy (&n_entries, bytes + 8, sizeof n_entries);
  if (n_entries == 0 || n_entries > (header->length - HEADER_SIZE) / sizeof (Entry))
    return false;
  *table = (SalNativeTable){ header->address + HEADER_SIZE, n_entries, header->address };
  return true;
}

/* How the CIE at @at says that its FDEs write addresses. */
static uint8_t
read_encoding (const SalNativeSection *section, size_t at)
{
  Cursor cursor = { section, at, section->length, false };
  uint32_t length = (uint32_t)take (&cursor, 4);
  char augmentation[8] = "";
  uint8_t encoding = ENCODING_ABSOLUTE;

  if (cursor.is_bad || length > cursor.end - cursor.at || take (&cursor, 4) != 0)
    return ENCODING_NONE;
  cursor.end = at + 4 + length;
  take (&cursor, 1);
  for (size_t i = 0;; i++)
    {
      char c = (char)take (&cursor, 1);

      if (cursor.is_bad || i + 1 == sizeof augmentation)
        return ENCODING_NONE;
      augmentation[i] = c;
      if (c == '\0')
        break;
    }
  skip_leb128 (&cursor);
  skip_leb128 (&cursor);
  skip_leb128 (&cursor);
  if (augmentation[0] != 'z')
    return augmentation[0] == '\0' ? encoding : ENCODING_NONE;
  skip_leb128 (&cursor);
  for (const char *c = augmentation + 1; *c != '\0'; c++)
    if (*c == 'R')
      return cursor.is_bad ? ENCODING_NONE : (uint8_t)take (&cursor, 1);
    else if (*c == 'P')
      {
        uint8_t how = (uint8_t)take (&cursor, 1) & 0x0f;

        take (&cursor, how == ENCODING_UDATA4 || how == 0x0b ? 4 : 8);
      }
    else if (*c == 'L')
      take (&cursor, 1);
  return cursor.is_bad ? ENCODING_NONE : encoding;
}

/* The address of the first instruction that the FDE with its body at @cursor is about. */
static bool
read_start (Cursor *cursor, size_t cie, uint64_t *start)
{
  uint64_t here = cursor->section->address + cursor->at;
  uint8_t encoding = read_encoding (cursor->section, cie);

  if (encoding == ENCODING_PCREL_SDATA4)
    *start = here + (uint64_t)(int64_t)(int32_t)take (cursor, 4);
  else if (encoding == ENCODING_PCREL_SDATA8)
    *start = here + take (cursor, 8);
  else if (encoding == ENCODING_ABSOLUTE)
    *start = take (cursor, 8);
  else
    return false;
  return !cursor->is_bad;
}

static int
compare_entries (const void *a, const void *b)
{
  const Entry *left = a;
  const Entry *right = b;

  return left->start < right->start ? -1 : left->start > right->start;
}

/* Counts the records from one to the next, and writes them down when there is room to. */
static size_t
list_entries (const SalNativeSection *frames, Entry *entries)
{
  Cursor cursor = { frames, 0, frames->length, false };
  size_t n = 0;

  while (n < MAX_ENTRIES)
    {
      size_t record = cursor.at;
      uint32_t length = (uint32_t)take (&cursor, 4);
      size_t body = cursor.at;
      uint32_t back;
      uint64_t start;

      if (cursor.is_bad || length == 0 || length > frames->length - body)
        break;
      back = (uint32_t)take (&cursor, 4);
      if (back != 0 && back <= body && read_start (&cursor, body - back, &start))
        {
          int64_t offset = (int64_t)(start - frames->address);

          if (offset == (int32_t)offset && record <= INT32_MAX)
            {
              if (entries != NULL)
                entries[n] = (Entry){ (int32_t)offset, (int32_t)record };
              n++;
            }
        }
      cursor.at = body + length;
      cursor.is_bad = false;
    }
  return n;
}

void
sal_native_table_make_header (const SalNativeSection *frames,
                              SalNativeSection *header,
                              SalNativeTable *table)
{
  size_t n_entries = list_entries (frames, NULL);
  Entry *entries;

  if (n_entries == 0)
    return;
  entries = calloc (n_entries, sizeof *entries);
  if (entries == NULL)
    return;
  n_entries = list_entries (frames, entries);
  qsort (entries, n_entries, sizeof *entries, compare_entries);
  free (header->bytes);
  header->bytes = (uint8_t *)entries;
  header->length = n_entries * sizeof *entries;
  header->address = (frames->address + frames->length + 15) & ~UINT64_C (15);
  *table = (SalNativeTable){ header->address, n_entries, frames->address };
}
