/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-marshal.h"

G_BEGIN_DECLS

/* The reader, for the two files that make it: sal-marshal.c walks from value to value,
 * sal-marshal-scalar.c reads those that hold no others. Every function that can fail keeps the
 * reader's first error.
 */
struct _SalMarshal
{
  const guint8 *bytes; /* borrowed */
  gsize length;
  gsize position;
  gsize start; /* of the value that was read last */
  guint64 budget;
  guint depth;
  guint replaying; /* containers that are walked again: their values have their slots already */
  GArray *slots;   /* of what may be referred to, by its number */
  SalMarshalIntern intern;
  gpointer intern_data;
  SalMarshalError error;
  gsize error_offset;
};

/** _sal_marshal_fail_at: makes @error, at @offset, the reader's error if it has none. FALSE. */
gboolean _sal_marshal_fail_at (SalMarshal *marshal, SalMarshalError error, gsize offset);

/** _sal_marshal_take: the next @size bytes, borrowed; NULL when there are fewer. */
const guint8 *_sal_marshal_take (SalMarshal *marshal, gsize size);
/** _sal_marshal_take_uint32: the next 4 bytes as a number. */
gboolean _sal_marshal_take_uint32 (SalMarshal *marshal, guint32 *number);
/** _sal_marshal_take_length: the length of what follows: of 1 byte when @is_short, else of 4, and
 * no more than there are bytes left. */
gboolean _sal_marshal_take_length (SalMarshal *marshal, gboolean is_short, guint32 *length);

/** _sal_marshal_read_number: a number of @type i, I, l, g or f. */
gboolean _sal_marshal_read_number (SalMarshal *marshal, SalMarshalValue *value, guint8 type);
/** _sal_marshal_read_text: a text whose length has 1 byte when @is_short, else 4. */
gboolean _sal_marshal_read_text (SalMarshal *marshal, gboolean is_short, SalMarshalValue *value);
/** _sal_marshal_read_opaque: a value of @type s, x or y, which is stepped over, whoever may want
 * it. */
gboolean _sal_marshal_read_opaque (SalMarshal *marshal, SalMarshalValue *value, guint8 type);

/** _sal_marshal_set_integer: makes @value the number @integer. */
static inline void
_sal_marshal_set_integer (SalMarshalValue *value, gint64 integer)
{
  value->kind = SAL_MARSHAL_INT;
  value->integer = integer;
  value->real = (double)integer;
}

G_END_DECLS
