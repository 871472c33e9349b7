/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes marshal values by hand. */
#include "marshal-bytes.h"

#include <string.h>

void
put_code (GByteArray *bytes, char type, guint8 flag)
{
  guint8 byte = (guint8)type | flag;

  g_byte_array_append (bytes, &byte, 1);
}

void
put_int32 (GByteArray *bytes, gint32 number)
{
  guint32 word = GUINT32_TO_LE ((guint32)number);

  g_byte_array_append (bytes, (const guint8 *)&word, sizeof word);
}

void
put_int (GByteArray *bytes, gint32 number)
{
  put_code (bytes, 'i', 0);
  put_int32 (bytes, number);
}

void
put_real (GByteArray *bytes, double number)
{
  guint64 word;

  memcpy (&word, &number, sizeof word);
  word = GUINT64_TO_LE (word);
  put_code (bytes, 'g', 0);
  g_byte_array_append (bytes, (const guint8 *)&word, sizeof word);
}

void
put_text (GByteArray *bytes, const char *text)
{
  put_code (bytes, 'u', 0);
  put_int32 (bytes, (gint32)strlen (text));
  g_byte_array_append (bytes, (const guint8 *)text, (guint)strlen (text));
}

void
put_tuple (GByteArray *bytes, guint8 count)
{
  put_code (bytes, ')', 0);
  g_byte_array_append (bytes, &count, 1);
}

void
put_reference (GByteArray *bytes, gint32 index)
{
  put_code (bytes, 'r', 0);
  put_int32 (bytes, index);
}

void
put_key (GByteArray *bytes, const char *file, gint32 line, const char *name)
{
  put_tuple (bytes, 3);
  put_text (bytes, file);
  put_int (bytes, line);
  put_text (bytes, name);
}

void
put_costs (GByteArray *bytes, gint32 first, gint32 second, double tottime, double cumtime)
{
  put_int (bytes, first);
  put_int (bytes, second);
  put_real (bytes, tottime);
  put_real (bytes, cumtime);
}

void
put_entry (GByteArray *bytes, const char *name, double tottime, double cumtime)
{
  put_key (bytes, "a.py", 1, name);
  put_tuple (bytes, 5);
  put_costs (bytes, 1, 1, tottime, cumtime);
  put_code (bytes, '{', 0);
  put_code (bytes, '0', 0);
}
