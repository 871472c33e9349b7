/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks through Python's marshal format value by value. */
#include "sal-marshal-private.h"

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

gboolean
_sal_marshal_fail_at (SalMarshal *marshal, SalMarshalError error, gsize offset)
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
  return _sal_marshal_fail_at (marshal, error, marshal->start);
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
  return _sal_marshal_take_length (marshal, is_short, &value->count) &&
         open_container (marshal, kind, value);
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

  if (!_sal_marshal_take_uint32 (marshal, &index))
    return FALSE;
  if (index >= marshal->slots->len)
    return sal_marshal_fail (marshal, SAL_MARSHAL_REFERENCE);
  slot = &g_array_index (marshal->slots, Slot, index);
  switch (slot->kind)
    {
    case SLOT_INT:
      _sal_marshal_set_integer (value, slot->integer);
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
      return _sal_marshal_read_number (marshal, value, type);
    case 'u':
    case 't':
    case 'a':
    case 'A':
      return _sal_marshal_read_text (marshal, FALSE, value);
    case 'z':
    case 'Z':
      return _sal_marshal_read_text (marshal, TRUE, value);
    case 's':
    case 'x':
    case 'y':
      return _sal_marshal_read_opaque (marshal, value, type);
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
      _sal_marshal_set_integer (value, GINT32_FROM_LE (integer));
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
  byte = _sal_marshal_take (marshal, 1);
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
