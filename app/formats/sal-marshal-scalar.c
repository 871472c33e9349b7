/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the values of a marshal file that hold no others: numbers, texts, bytes. */
#include "sal-marshal-private.h"

#include <string.h>

const guint8 *
_sal_marshal_take (SalMarshal *marshal, gsize size)
{
  const guint8 *bytes = marshal->bytes + marshal->position;

  if (size > marshal->length - marshal->position)
    {
      _sal_marshal_fail_at (marshal, SAL_MARSHAL_TRUNCATED, marshal->length);
      return NULL;
    }
  marshal->position += size;
  return bytes;
}

gboolean
_sal_marshal_take_uint32 (SalMarshal *marshal, guint32 *number)
{
  const guint8 *bytes = _sal_marshal_take (marshal, 4);

  if (bytes == NULL)
    return FALSE;
  memcpy (number, bytes, sizeof *number);
  *number = GUINT32_FROM_LE (*number);
  return TRUE;
}

static gboolean
take_uint64 (SalMarshal *marshal, guint64 *number)
{
  const guint8 *bytes = _sal_marshal_take (marshal, 8);

  if (bytes == NULL)
    return FALSE;
  memcpy (number, bytes, sizeof *number);
  *number = GUINT64_FROM_LE (*number);
  return TRUE;
}

gboolean
_sal_marshal_take_length (SalMarshal *marshal, gboolean is_short, guint32 *length)
{
  if (is_short)
    {
      const guint8 *byte = _sal_marshal_take (marshal, 1);

      if (byte == NULL)
        return FALSE;
      *length = *byte;
    }
  else if (!_sal_marshal_take_uint32 (marshal, length))
    return FALSE;
  if (*length > G_MAXINT32 || *length > marshal->length - marshal->position)
    return sal_marshal_fail (marshal, SAL_MARSHAL_LENGTH);
  return TRUE;
}

/* An integer of any size: digits of 15 bits, least first; the sign of their number is its sign. */
static gboolean
read_long (SalMarshal *marshal, SalMarshalValue *value)
{
  guint32 head, n_digits;
  guint64 integer = 0;
  const guint8 *bytes;
  gboolean fits = TRUE;

  if (!_sal_marshal_take_uint32 (marshal, &head))
    return FALSE;
  n_digits = head > G_MAXINT32 ? -head : head;
  if (n_digits > (marshal->length - marshal->position) / 2)
    return sal_marshal_fail (marshal, SAL_MARSHAL_LENGTH);
  bytes = _sal_marshal_take (marshal, (gsize)n_digits * 2);
  if (bytes == NULL)
    return FALSE;
  value->real = 0;
  for (guint32 i = n_digits; i > 0; i--)
    {
      guint32 digit = (guint32)bytes[2 * i - 2] | (guint32)bytes[2 * i - 1] << 8;

      if (digit > 0x7fff)
        return sal_marshal_fail (marshal, SAL_MARSHAL_NUMBER);
      fits = fits && integer >> 48 == 0;
      integer = integer << 15 | digit;
      value->real = value->real * 32768 + digit;
    }
  if (head > G_MAXINT32)
    value->real = -value->real;
  value->kind = SAL_MARSHAL_REAL;
  if (fits && integer <= G_MAXINT64)
    _sal_marshal_set_integer (value, head > G_MAXINT32 ? -(gint64)integer : (gint64)integer);
  return TRUE;
}

/* A float as text: versions 0 and 1 of the format. */
static gboolean
read_text_float (SalMarshal *marshal, double *real)
{
  char buffer[256];
  guint32 length;
  const guint8 *bytes;
  char *end;

  if (!_sal_marshal_take_length (marshal, TRUE, &length))
    return FALSE;
  bytes = _sal_marshal_take (marshal, length);
  if (bytes == NULL)
    return FALSE;
  memcpy (buffer, bytes, length);
  buffer[length] = '\0';
  *real = g_ascii_strtod (buffer, &end);
  if (length == 0 || end != buffer + length)
    return sal_marshal_fail (marshal, SAL_MARSHAL_NUMBER);
  return TRUE;
}

static gboolean
read_binary_float (SalMarshal *marshal, double *real)
{
  guint64 bits;

  if (!take_uint64 (marshal, &bits))
    return FALSE;
  memcpy (real, &bits, sizeof *real);
  return TRUE;
}

/* Bytes that are no UTF-8 become \xNN, lone surrogates \uNNNN, NUL \x00, as Python would print
   them. */
static const char *
escape_text (SalMarshal *marshal, const guint8 *bytes, gsize length)
{
  g_autoptr (GString) text = g_string_sized_new (length + 16);
  const guint8 *end = bytes + length;

  while (bytes < end)
    {
      gunichar c = g_utf8_get_char_validated ((const char *)bytes, end - bytes);

      if (*bytes != 0 && c < 0x110000)
        {
          const guint8 *next = (const guint8 *)g_utf8_next_char (bytes);

          g_string_append_len (text, (const char *)bytes, next - bytes);
          bytes = next;
        }
      else if (end - bytes >= 3 && bytes[0] == 0xed && bytes[1] >= 0xa0 && bytes[1] <= 0xbf &&
               (bytes[2] & 0xc0) == 0x80)
        {
          g_string_append_printf (text, "\\u%04x",
                                  0xd000u | (bytes[1] & 0x3fu) << 6 | (bytes[2] & 0x3fu));
          bytes += 3;
        }
      else
        g_string_append_printf (text, "\\x%02x", *bytes++);
    }
  return marshal->intern (marshal->intern_data, text->str, text->len);
}

gboolean
_sal_marshal_read_text (SalMarshal *marshal, gboolean is_short, SalMarshalValue *value)
{
  guint32 length;
  const guint8 *bytes;

  if (!_sal_marshal_take_length (marshal, is_short, &length))
    return FALSE;
  bytes = _sal_marshal_take (marshal, length);
  if (bytes == NULL)
    return FALSE;
  value->kind = SAL_MARSHAL_TEXT;
  if (g_utf8_validate_len ((const char *)bytes, length, NULL))
    value->text = marshal->intern (marshal->intern_data, (const char *)bytes, length);
  else
    value->text = escape_text (marshal, bytes, length);
  if (value->text == NULL)
    return sal_marshal_fail (marshal, SAL_MARSHAL_LIMIT);
  return TRUE;
}

gboolean
_sal_marshal_read_number (SalMarshal *marshal, SalMarshalValue *value, guint8 type)
{
  guint32 word;
  guint64 number;

  value->kind = SAL_MARSHAL_REAL;
  switch (type)
    {
    case 'i':
      if (!_sal_marshal_take_uint32 (marshal, &word))
        return FALSE;
      _sal_marshal_set_integer (value, (gint32)word);
      return TRUE;
    case 'I':
      if (!take_uint64 (marshal, &number))
        return FALSE;
      _sal_marshal_set_integer (value, (gint64)number);
      return TRUE;
    case 'l':
      return read_long (marshal, value);
    case 'g':
      return read_binary_float (marshal, &value->real);
    default:
      return read_text_float (marshal, &value->real);
    }
}

gboolean
_sal_marshal_read_opaque (SalMarshal *marshal, SalMarshalValue *value, guint8 type)
{
  double real;

  value->kind = SAL_MARSHAL_SCALAR;
  if (type == 'y')
    return _sal_marshal_take (marshal, 16) != NULL;
  if (type == 'x')
    return read_text_float (marshal, &real) && read_text_float (marshal, &real);
  value->kind = SAL_MARSHAL_BYTES;
  return _sal_marshal_take_length (marshal, FALSE, &value->count) &&
         _sal_marshal_take (marshal, value->count) != NULL;
}
