/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads Python's marshal format value by value. */
#include "sal-marshal.h"

#include <math.h>
#include <string.h>

#define FLAG_REF 0x80
#define NO_SLOT G_MAXUINT32

typedef enum
{
  SLOT_RESERVED, /* its value is still being read */
  SLOT_INT,
  SLOT_REAL,
  SLOT_TEXT,
  SLOT_CONTAINER,
  SLOT_TAG,
  SLOT_OTHER, /* exists, and nobody here can ask for it */
} SlotKind;

/* Something that may be referred to. */
typedef struct
{
  SlotKind kind;
  guint32 tag;
  union
  {
    gint64 integer;
    double real;
    const char *text;
    gsize offset;
  };
} Slot;

struct _SalMarshal
{
  const guint8 *bytes; /* borrowed */
  gsize length;
  gsize position;
  gsize start; /* of the value that was read last */
  guint64 budget;
  guint depth;
  guint replaying; /* containers that are walked again: their values have their slots already */
  GArray *slots;
  SalMarshalIntern intern;
  gpointer intern_data;
  SalMarshalError error;
  gsize error_offset;
};

SalMarshal *
sal_marshal_new (const guint8 *bytes, gsize length, SalMarshalIntern intern, gpointer data)
{
  SalMarshal *marshal = g_new0 (SalMarshal, 1);

  marshal->bytes = bytes;
  marshal->length = length;
  /* A value takes a byte at least; the rest is for containers that are shared. */
  marshal->budget = 4 * (guint64)length + 1024;
  marshal->slots = g_array_new (FALSE, FALSE, sizeof (Slot));
  marshal->intern = intern;
  marshal->intern_data = data;
  return marshal;
}

void
sal_marshal_free (SalMarshal *marshal)
{
  if (marshal == NULL)
    return;
  g_array_unref (marshal->slots);
  g_free (marshal);
}

static gboolean
fail_at (SalMarshal *marshal, SalMarshalError error, gsize offset)
{
  if (marshal->error == SAL_MARSHAL_OK)
    {
      marshal->error = error;
      marshal->error_offset = offset;
    }
  return FALSE;
}

gboolean
sal_marshal_fail (SalMarshal *marshal, SalMarshalError error)
{
  return fail_at (marshal, error, marshal->start);
}

SalMarshalError
sal_marshal_get_error (const SalMarshal *marshal, gsize *offset)
{
  *offset = marshal->error_offset;
  return marshal->error;
}

gsize
sal_marshal_get_offset (const SalMarshal *marshal)
{
  return marshal->position;
}

/* The next @size bytes, or NULL. */
static const guint8 *
take (SalMarshal *marshal, gsize size)
{
  const guint8 *bytes = marshal->bytes + marshal->position;

  if (size > marshal->length - marshal->position)
    {
      fail_at (marshal, SAL_MARSHAL_TRUNCATED, marshal->length);
      return NULL;
    }
  marshal->position += size;
  return bytes;
}

static gboolean
take_uint32 (SalMarshal *marshal, guint32 *number)
{
  const guint8 *bytes = take (marshal, 4);

  if (bytes == NULL)
    return FALSE;
  memcpy (number, bytes, sizeof *number);
  *number = GUINT32_FROM_LE (*number);
  return TRUE;
}

static gboolean
take_uint64 (SalMarshal *marshal, guint64 *number)
{
  const guint8 *bytes = take (marshal, 8);

  if (bytes == NULL)
    return FALSE;
  memcpy (number, bytes, sizeof *number);
  *number = GUINT64_FROM_LE (*number);
  return TRUE;
}

/* The length of what follows: of 1 byte when @is_short, else of 4, of things of @item_size each.
   */
static gboolean
take_length (SalMarshal *marshal, gboolean is_short, gsize item_size, guint32 *length)
{
  if (is_short)
    {
      const guint8 *byte = take (marshal, 1);

      if (byte == NULL)
        return FALSE;
      *length = *byte;
    }
  else if (!take_uint32 (marshal, length))
    return FALSE;
  if (*length > G_MAXINT32 || *length > (marshal->length - marshal->position) / item_size)
    return sal_marshal_fail (marshal, SAL_MARSHAL_LENGTH);
  return TRUE;
}

static guint32
reserve_slot (SalMarshal *marshal)
{
  const Slot slot = { .kind = SLOT_RESERVED };

  if (marshal->replaying > 0 || marshal->slots->len >= G_MAXINT32)
    return NO_SLOT;
  g_array_append_val (marshal->slots, slot);
  return marshal->slots->len - 1;
}

static void
fill_slot (SalMarshal *marshal, guint32 index, Slot slot)
{
  if (index != NO_SLOT)
    g_array_index (marshal->slots, Slot, index) = slot;
}

static void
set_integer (SalMarshalValue *value, gint64 integer)
{
  value->kind = SAL_MARSHAL_INT;
  value->integer = integer;
  value->real = (double)integer;
}

/* An integer of any size: digits of 15 bits, least first; the sign of their number is its sign. */
static gboolean
read_long (SalMarshal *marshal, SalMarshalValue *value)
{
  guint32 head, n_digits;
  guint64 integer = 0;
  const guint8 *bytes;
  gboolean fits = TRUE;

  if (!take_uint32 (marshal, &head))
    return FALSE;
  n_digits = head > G_MAXINT32 ? -head : head;
  if (n_digits > (marshal->length - marshal->position) / 2)
    return sal_marshal_fail (marshal, SAL_MARSHAL_LENGTH);
  bytes = take (marshal, (gsize)n_digits * 2);
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
    set_integer (value, head > G_MAXINT32 ? -(gint64)integer : (gint64)integer);
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

  if (!take_length (marshal, TRUE, 1, &length))
    return FALSE;
  bytes = take (marshal, length);
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

static gboolean
read_text (SalMarshal *marshal, gboolean is_short, SalMarshalValue *value)
{
  guint32 length;
  const guint8 *bytes;

  if (!take_length (marshal, is_short, 1, &length))
    return FALSE;
  bytes = take (marshal, length);
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

static gboolean
open_container (SalMarshal *marshal, SalMarshalKind kind, SalMarshalValue *value)
{
  if (marshal->depth >= SAL_MARSHAL_MAX_DEPTH)
    return sal_marshal_fail (marshal, SAL_MARSHAL_DEPTH);
  marshal->depth++;
  value->kind = kind;
  return TRUE;
}

static gboolean
open_counted (SalMarshal *marshal, gboolean is_short, SalMarshalKind kind, SalMarshalValue *value)
{
  return take_length (marshal, is_short, 1, &value->count) && open_container (marshal, kind, value);
}

static gboolean read_value (SalMarshal *marshal, SalMarshalValue *value, guint8 type);

/* Walks the container at @offset again. The place to go on is kept in @value. */
static gboolean
replay (SalMarshal *marshal, gsize offset, SalMarshalValue *value)
{
  gsize resume = marshal->position;

  marshal->replaying++;
  marshal->position = offset + 1;
  if (!read_value (marshal, value, marshal->bytes[offset] & ~FLAG_REF))
    return FALSE;
  value->resume = resume;
  return TRUE;
}

static gboolean
read_reference (SalMarshal *marshal, SalMarshalValue *value)
{
  guint32 index;
  const Slot *slot;

  if (!take_uint32 (marshal, &index))
    return FALSE;
  if (index >= marshal->slots->len)
    return sal_marshal_fail (marshal, SAL_MARSHAL_REFERENCE);
  slot = &g_array_index (marshal->slots, Slot, index);
  switch (slot->kind)
    {
    case SLOT_INT:
      set_integer (value, slot->integer);
      return TRUE;
    case SLOT_REAL:
      value->kind = SAL_MARSHAL_REAL;
      value->real = slot->real;
      return TRUE;
    case SLOT_TEXT:
      value->kind = SAL_MARSHAL_TEXT;
      value->text = slot->text;
      return TRUE;
    case SLOT_TAG:
      value->kind = SAL_MARSHAL_TAG;
      value->tag = slot->tag;
      return TRUE;
    case SLOT_CONTAINER:
      return replay (marshal, slot->offset, value);
    case SLOT_OTHER:
      value->kind = SAL_MARSHAL_SCALAR;
      return TRUE;
    case SLOT_RESERVED:
    default:
      return sal_marshal_fail (marshal, SAL_MARSHAL_REFERENCE);
    }
}

static gboolean
read_number (SalMarshal *marshal, SalMarshalValue *value, guint8 type)
{
  guint32 word;
  guint64 number;

  value->kind = SAL_MARSHAL_REAL;
  switch (type)
    {
    case 'i':
      if (!take_uint32 (marshal, &word))
        return FALSE;
      set_integer (value, (gint32)word);
      return TRUE;
    case 'I':
      if (!take_uint64 (marshal, &number))
        return FALSE;
      set_integer (value, (gint64)number);
      return TRUE;
    case 'l':
      return read_long (marshal, value);
    case 'g':
      return read_binary_float (marshal, &value->real);
    default:
      return read_text_float (marshal, &value->real);
    }
}

/* Values that are stepped over, whoever may want them. */
static gboolean
read_opaque (SalMarshal *marshal, SalMarshalValue *value, guint8 type)
{
  double real;

  value->kind = SAL_MARSHAL_SCALAR;
  if (type == 'y')
    return take (marshal, 16) != NULL;
  if (type == 'x')
    return read_text_float (marshal, &real) && read_text_float (marshal, &real);
  value->kind = SAL_MARSHAL_BYTES;
  return take_length (marshal, FALSE, 1, &value->count) && take (marshal, value->count) != NULL;
}

static gboolean
read_value (SalMarshal *marshal, SalMarshalValue *value, guint8 type)
{
  switch (type)
    {
    case '0':
      value->kind = SAL_MARSHAL_END;
      return TRUE;
    case 'N':
    case 'T':
    case 'F':
    case 'S':
    case '.':
      value->kind = SAL_MARSHAL_SCALAR;
      return TRUE;
    case 'i':
    case 'I':
    case 'l':
    case 'g':
    case 'f':
      return read_number (marshal, value, type);
    case 'u':
    case 't':
    case 'a':
    case 'A':
      return read_text (marshal, FALSE, value);
    case 'z':
    case 'Z':
      return read_text (marshal, TRUE, value);
    case 's':
    case 'x':
    case 'y':
      return read_opaque (marshal, value, type);
    case '(':
      return open_counted (marshal, FALSE, SAL_MARSHAL_TUPLE, value);
    case ')':
      return open_counted (marshal, TRUE, SAL_MARSHAL_TUPLE, value);
    case '[':
      return open_counted (marshal, FALSE, SAL_MARSHAL_LIST, value);
    case '<':
    case '>':
      return open_counted (marshal, FALSE, SAL_MARSHAL_OTHER, value);
    case ':':
      value->count = 3;
      return open_container (marshal, SAL_MARSHAL_OTHER, value);
    case '{':
    case '}':
      return open_container (marshal, SAL_MARSHAL_DICT, value);
    case 'c':
      value->kind = SAL_MARSHAL_CODE;
      return TRUE;
    case 'R':
      return sal_marshal_fail (marshal, SAL_MARSHAL_PYTHON_2);
    default:
      return sal_marshal_fail (marshal, SAL_MARSHAL_TYPE);
    }
}

/* Keeps a scalar for the references to it; a container waits for its close. */
static void
remember (SalMarshal *marshal, const SalMarshalValue *value)
{
  switch (value->kind)
    {
    case SAL_MARSHAL_INT:
      fill_slot (marshal, value->slot, (Slot){ .kind = SLOT_INT, .integer = value->integer });
      break;
    case SAL_MARSHAL_REAL:
      fill_slot (marshal, value->slot, (Slot){ .kind = SLOT_REAL, .real = value->real });
      break;
    case SAL_MARSHAL_TEXT:
      fill_slot (marshal, value->slot, (Slot){ .kind = SLOT_TEXT, .text = value->text });
      break;
    case SAL_MARSHAL_SCALAR:
    case SAL_MARSHAL_BYTES:
      fill_slot (marshal, value->slot, (Slot){ .kind = SLOT_OTHER });
      break;
    case SAL_MARSHAL_TUPLE:
    case SAL_MARSHAL_LIST:
    case SAL_MARSHAL_OTHER:
    case SAL_MARSHAL_DICT:
      fill_slot (marshal, value->slot, (Slot){ .kind = SLOT_RESERVED, .offset = marshal->start });
      break;
    case SAL_MARSHAL_END:
    case SAL_MARSHAL_CODE:
    case SAL_MARSHAL_TAG:
    default:
      break;
    }
}

/* The numbers that nearly all of a profile consists of: an int32 or a double that nothing refers
 * to. FALSE when it is neither, or near the end of the file. */
static inline gboolean
read_plain_number (SalMarshal *marshal, SalMarshalValue *value)
{
  const guint8 *bytes = marshal->bytes + marshal->position;
  gint32 integer;

  if (marshal->length - marshal->position < 9)
    return FALSE;
  if (*bytes == 'i')
    {
      memcpy (&integer, bytes + 1, sizeof integer);
      set_integer (value, GINT32_FROM_LE (integer));
      marshal->position += 5;
      return TRUE;
    }
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  if (*bytes == 'g')
    {
      value->kind = SAL_MARSHAL_REAL;
      memcpy (&value->real, bytes + 1, sizeof value->real);
      marshal->position += 9;
      return TRUE;
    }
#endif
  return FALSE;
}

gboolean
sal_marshal_next (SalMarshal *marshal, SalMarshalValue *value)
{
  const guint8 *byte;
  guint8 type;

  value->slot = NO_SLOT;
  value->resume = 0;
  if (marshal->error != SAL_MARSHAL_OK)
    return FALSE;
  marshal->start = marshal->position;
  if (marshal->budget-- == 0)
    return sal_marshal_fail (marshal, SAL_MARSHAL_LIMIT);
  if (read_plain_number (marshal, value))
    return TRUE;
  byte = take (marshal, 1);
  if (byte == NULL)
    return FALSE;
  type = *byte & ~FLAG_REF;
  if (type == 'r')
    return read_reference (marshal, value);
  /* The singletons have no place in the table of references, flagged or not. */
  if ((*byte & FLAG_REF) != 0 && strchr ("0NTFS.", type) == NULL)
    value->slot = reserve_slot (marshal);
  if (!read_value (marshal, value, type))
    return FALSE;
  if (value->slot != NO_SLOT)
    remember (marshal, value);
  return TRUE;
}

static void
leave (SalMarshal *marshal, const SalMarshalValue *value)
{
  marshal->depth--;
  if (value->resume != 0)
    {
      marshal->position = value->resume;
      marshal->replaying--;
    }
}

void
sal_marshal_close (SalMarshal *marshal, const SalMarshalValue *value)
{
  if (value->slot != NO_SLOT)
    g_array_index (marshal->slots, Slot, value->slot).kind = SLOT_CONTAINER;
  leave (marshal, value);
}

void
sal_marshal_close_as (SalMarshal *marshal, const SalMarshalValue *value, guint32 tag)
{
  fill_slot (marshal, value->slot, (Slot){ .kind = SLOT_TAG, .tag = tag });
  leave (marshal, value);
}

static gboolean
skip_dict (SalMarshal *marshal)
{
  SalMarshalValue item;

  for (;;)
    {
      if (!sal_marshal_next (marshal, &item))
        return FALSE;
      if (item.kind == SAL_MARSHAL_END)
        return TRUE;
      if (!sal_marshal_skip (marshal, &item) || !sal_marshal_next (marshal, &item))
        return FALSE;
      if (item.kind == SAL_MARSHAL_END)
        return sal_marshal_fail (marshal, SAL_MARSHAL_UNEXPECTED);
      if (!sal_marshal_skip (marshal, &item))
        return FALSE;
    }
}

/* Recursion is bounded by the depth of nesting, which next() limits. */
gboolean
sal_marshal_skip (SalMarshal *marshal, const SalMarshalValue *value)
{
  SalMarshalValue item;

  switch (value->kind)
    {
    case SAL_MARSHAL_CODE:
      return sal_marshal_fail (marshal, SAL_MARSHAL_CODE_KEY);
    case SAL_MARSHAL_DICT:
      if (!skip_dict (marshal))
        return FALSE;
      break;
    case SAL_MARSHAL_TUPLE:
    case SAL_MARSHAL_LIST:
    case SAL_MARSHAL_OTHER:
      for (guint32 i = 0; i < value->count; i++)
        {
          if (!sal_marshal_next (marshal, &item))
            return FALSE;
          if (item.kind == SAL_MARSHAL_END)
            return sal_marshal_fail (marshal, SAL_MARSHAL_UNEXPECTED);
          if (!sal_marshal_skip (marshal, &item))
            return FALSE;
        }
      break;
    case SAL_MARSHAL_END:
    case SAL_MARSHAL_SCALAR:
    case SAL_MARSHAL_INT:
    case SAL_MARSHAL_REAL:
    case SAL_MARSHAL_TEXT:
    case SAL_MARSHAL_BYTES:
    case SAL_MARSHAL_TAG:
    default:
      return TRUE;
    }
  sal_marshal_close (marshal, value);
  return TRUE;
}
