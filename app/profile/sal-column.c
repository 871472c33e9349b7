/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunked arrays that snapshots share. */
#include "sal-column.h"

#include <string.h>

#define FIRST_CAPACITY 64

static SalColumnChunk *
chunk_new (const SalColumn *column, guint64 capacity)
{
  SalColumnChunk *chunk = g_try_malloc (sizeof *chunk + capacity * column->element_size);

  if (chunk != NULL)
    g_atomic_ref_count_init (&chunk->refs);
  return chunk;
}

static void
chunk_unref (SalColumnChunk *chunk)
{
  if (g_atomic_ref_count_dec (&chunk->refs))
    g_free (chunk);
}

void
sal_column_init (SalColumn *column, guint element_size)
{
  *column = (SalColumn){ .element_size = element_size };
}

void
sal_column_clear (SalColumn *column)
{
  for (guint i = 0; i < column->n_chunks; i++)
    chunk_unref (column->chunks[i]);
  g_free (column->chunks);
  sal_column_init (column, column->element_size);
}

void
sal_column_share (const SalColumn *column, SalColumn *copy)
{
  *copy = *column;
  copy->chunks = g_new (SalColumnChunk *, MAX (column->n_chunks, 1));
  for (guint i = 0; i < column->n_chunks; i++)
    {
      copy->chunks[i] = column->chunks[i];
      g_atomic_ref_count_inc (&copy->chunks[i]->refs);
    }
}

void
sal_column_truncate (SalColumn *column, guint64 length)
{
  g_assert (length <= column->length);
  column->length = length;
}

/* The first chunk doubles: small profiles stay small. Those who share the old one keep it. */
static gboolean
grow_first (SalColumn *column)
{
  guint64 capacity = MAX (column->capacity * 2, FIRST_CAPACITY);
  SalColumnChunk *chunk = chunk_new (column, capacity);

  if (chunk == NULL)
    return FALSE;
  if (column->n_chunks == 0)
    column->chunks = g_new (SalColumnChunk *, 1);
  else
    {
      memcpy (chunk->data, column->chunks[0]->data, column->length * column->element_size);
      chunk_unref (column->chunks[0]);
    }
  column->chunks[0] = chunk;
  column->n_chunks = 1;
  column->capacity = capacity;
  return TRUE;
}

gboolean
sal_column_grow (SalColumn *column)
{
  SalColumnChunk *chunk;

  if (column->capacity < SAL_COLUMN_CHUNK)
    return grow_first (column);
  chunk = chunk_new (column, SAL_COLUMN_CHUNK);
  if (chunk == NULL)
    return FALSE;
  column->chunks = g_renew (SalColumnChunk *, column->chunks, column->n_chunks + 1);
  column->chunks[column->n_chunks++] = chunk;
  column->capacity += SAL_COLUMN_CHUNK;
  return TRUE;
}
