/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Pulls the values out of a Python marshal file, one at a time and without building objects.
 *
 * Every value is answered by sal_marshal_next(). A container (tuple, list, set, dict) is only
 * opened by it: its items follow as further values, and sal_marshal_close() ends it. A reference
 * to an earlier value is followed: scalars are given again, a container is walked again from
 * where it stands in the file, and what the user has tagged is answered by its tag.
 *
 * The file is hostile: no length is believed before it was compared with the bytes that are left,
 * the nesting and the number of values are limited, and memory is 16 bytes for each value that
 * can be referred to.
 * Thread: one at a time.
 * Source: CPython Python/marshal.c, r_object(), versions 0 to 6 of the format (Python 3.4 – 3.15).
 */
typedef struct _SalMarshal SalMarshal;

#define SAL_MARSHAL_MAX_DEPTH 200

typedef enum
{
  SAL_MARSHAL_END,    /* ends a dict */
  SAL_MARSHAL_SCALAR, /* None, True, False, a complex number…: nothing anybody here asks for */
  SAL_MARSHAL_INT,    /* integer; real has it too */
  SAL_MARSHAL_REAL,   /* real; also an integer of more than 64 bits */
  SAL_MARSHAL_TEXT,   /* text */
  SAL_MARSHAL_BYTES,  /* bytes, or the str of Python 2 */
  SAL_MARSHAL_TUPLE,  /* count values follow; likewise LIST and OTHER (sets, slices) */
  SAL_MARSHAL_LIST,
  SAL_MARSHAL_OTHER,
  SAL_MARSHAL_DICT, /* keys and values follow until END */
  SAL_MARSHAL_CODE, /* a code object: nothing can be read after it */
  SAL_MARSHAL_TAG,  /* tag: a container that was tagged before */
} SalMarshalKind;

/* Why a file cannot be read. */
typedef enum
{
  SAL_MARSHAL_OK,
  SAL_MARSHAL_TRUNCATED,  /* it ends in the middle */
  SAL_MARSHAL_LENGTH,     /* a length below 0 or beyond the end of the file */
  SAL_MARSHAL_TYPE,       /* a byte that stands for no type */
  SAL_MARSHAL_REFERENCE,  /* a reference to nothing, or to the value it is in */
  SAL_MARSHAL_DEPTH,      /* nested too deeply */
  SAL_MARSHAL_LIMIT,      /* more values than a file of this size can mean */
  SAL_MARSHAL_NUMBER,     /* a number that is written wrong */
  SAL_MARSHAL_PYTHON_2,   /* a file of Python 2 */
  SAL_MARSHAL_CODE_KEY,   /* a code object: a file of "python -m profile" */
  SAL_MARSHAL_UNEXPECTED, /* not what its user expected there */
} SalMarshalError;

typedef struct
{
  SalMarshalKind kind;
  guint32 count;
  guint32 tag;
  gint64 integer;
  double real;
  const char *text; /* as SalMarshalIntern gave it; what is no UTF-8 is escaped */

  /* private */
  guint32 slot;
  gsize resume;
} SalMarshalValue;

/** SalMarshalIntern: @bytes, which are UTF-8, as a terminated text that lives as long as the
 * reader, or NULL to give up (LIMIT). */
typedef const char *(*SalMarshalIntern) (gpointer data, const char *bytes, gsize length);

/** sal_marshal_new: reads @length bytes, which are borrowed. @intern keeps the texts. */
SalMarshal *sal_marshal_new (const guint8 *bytes,
                             gsize length,
                             SalMarshalIntern intern,
                             gpointer data) G_GNUC_WARN_UNUSED_RESULT;

/** sal_marshal_free: NULL is fine. */
void sal_marshal_free (SalMarshal *marshal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalMarshal, sal_marshal_free)

/** sal_marshal_next: the next value. FALSE when there is none: see sal_marshal_get_error(), which
 * is sticky. */
gboolean sal_marshal_next (SalMarshal *marshal, SalMarshalValue *value);

/** sal_marshal_close: ends @value, a container whose items have all been taken (a dict's END
 * too). */
void sal_marshal_close (SalMarshal *marshal, const SalMarshalValue *value);

/** sal_marshal_close_as: as sal_marshal_close(); references to it are answered by @tag from now
 * on. */
void sal_marshal_close_as (SalMarshal *marshal, const SalMarshalValue *value, guint32 tag);

/** sal_marshal_skip: takes and closes what is in @value, if it is a container. */
gboolean sal_marshal_skip (SalMarshal *marshal, const SalMarshalValue *value);

/** sal_marshal_fail: makes @error the reader's error, at the value that was read last. FALSE. */
gboolean sal_marshal_fail (SalMarshal *marshal, SalMarshalError error);

/** sal_marshal_get_error: what is wrong and (out) where: the offset of the value in bytes. */
SalMarshalError sal_marshal_get_error (const SalMarshal *marshal, gsize *offset);

/** sal_marshal_get_offset: bytes read so far. */
gsize sal_marshal_get_offset (const SalMarshal *marshal);

G_END_DECLS
