/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An append-only array in ref-counted chunks: who shares it sees the elements that were there then,
 * for the price of its chunk pointers, while the owner goes on appending on another thread. No
 * element moves under a reader's feet.
 *
 * Shape: chunks of SAL_COLUMN_CHUNK elements; the first grows up to that size by being replaced.
 * Columns of equal length have equal chunks. An element is written once.
 * Thread: appending one at a time; reading any.
 */
typedef struct _SalColumnChunk SalColumnChunk;

#define SAL_COLUMN_BITS 16
#define SAL_COLUMN_CHUNK (1u << SAL_COLUMN_BITS)

struct _SalColumnChunk
{
  gatomicrefcount refs;
  gint64 data[]; /* the elements; 64 bits for the alignment */
};

typedef struct
{
  SalColumnChunk **chunks;
  guint n_chunks;
  guint element_size;
  guint64 length;
  guint64 capacity; /* elements that the chunks have room for */
} SalColumn;

/** sal_column_init: an empty column of elements of @element_size bytes. */
void sal_column_init (SalColumn *column, guint element_size);

/** sal_column_clear: drops the chunks. */
void sal_column_clear (SalColumn *column);

/** sal_column_share: makes @copy see what @column holds now; to be cleared on its own. */
void sal_column_share (const SalColumn *column, SalColumn *copy);

/** sal_column_truncate: forgets the elements from @length on, which nobody else may see yet. */
void sal_column_truncate (SalColumn *column, guint64 length);

/** sal_column_grow: makes room for one more element; FALSE without memory. */
gboolean sal_column_grow (SalColumn *column) G_GNUC_WARN_UNUSED_RESULT;

/** sal_column_append: the place of a new last element, to be written at once, or NULL without
 * memory. */
static inline gpointer
sal_column_append (SalColumn *column)
{
  guint64 at = column->length;

  if (at == column->capacity && !sal_column_grow (column))
    return NULL;
  column->length++;
  return (guint8 *)column->chunks[at >> SAL_COLUMN_BITS]->data +
         (at & (SAL_COLUMN_CHUNK - 1)) * column->element_size;
}

/** sal_column_at: element @at, which must exist. */
static inline gconstpointer
sal_column_at (const SalColumn *column, guint64 at)
{
  return (const guint8 *)column->chunks[at >> SAL_COLUMN_BITS]->data +
         (at & (SAL_COLUMN_CHUNK - 1)) * column->element_size;
}

#define SAL_COLUMN_GET(column, type, at) (*(const type *)sal_column_at ((column), (at)))

G_END_DECLS
