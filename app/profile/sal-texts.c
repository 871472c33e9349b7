/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interned texts in an arena. */
#include "sal-texts.h"

#include <string.h>

#include "sal-column.h"
#include "sal-id.h"
#include "sal-index.h"

#define BLOCK_SIZE (64 * 1024)
#define REPLACEMENT "\xef\xbf\xbd"

struct _SalTexts
{
  gatomicrefcount refs;
  GSList *blocks;
  char *room; /* in the first block */
  gsize room_length;
  SalColumn texts; /* of const char *, by id */
  SalIndex index;
};

typedef struct
{
  const char *bytes;
  gsize length;
} Key;

SalTexts *
sal_texts_new (void)
{
  SalTexts *texts = g_new0 (SalTexts, 1);

  g_atomic_ref_count_init (&texts->refs);
  sal_column_init (&texts->texts, sizeof (const char *));
  sal_index_init (&texts->index);
  return texts;
}

SalTexts *
sal_texts_ref (SalTexts *texts)
{
  g_atomic_ref_count_inc (&texts->refs);
  return texts;
}

void
sal_texts_unref (SalTexts *texts)
{
  if (!g_atomic_ref_count_dec (&texts->refs))
    return;
  g_slist_free_full (texts->blocks, g_free);
  sal_column_clear (&texts->texts);
  sal_index_clear (&texts->index);
  g_free (texts);
}

static gboolean
match_cb (guint32 id, gconstpointer key, gconstpointer user_data)
{
  const SalTexts *texts = user_data;
  const Key *wanted = key;
  const char *text = SAL_COLUMN_GET (&texts->texts, char *, id);

  return strncmp (text, wanted->bytes, wanted->length) == 0 && text[wanted->length] == 0;
}

static char *
allocate (SalTexts *texts, gsize length)
{
  char *text;

  if (length > texts->room_length)
    {
      gsize size = MAX (length, BLOCK_SIZE);
      char *block = g_try_malloc (size);

      if (block == NULL)
        return NULL;
      texts->blocks = g_slist_prepend (texts->blocks, block);
      texts->room = block;
      texts->room_length = size;
    }
  text = texts->room;
  texts->room += length;
  texts->room_length -= length;
  return text;
}

static const char *
intern (SalTexts *texts, const Key *key)
{
  guint32 hash = sal_index_hash (key->bytes, key->length);
  guint32 id = sal_index_find (&texts->index, hash, match_cb, key, texts);
  char *text;
  const char **slot;

  if (id != SAL_NO_ID)
    return SAL_COLUMN_GET (&texts->texts, char *, id);
  text = allocate (texts, key->length + 1);
  slot = text == NULL ? NULL : sal_column_append (&texts->texts);
  if (slot == NULL)
    return NULL;
  memcpy (text, key->bytes, key->length);
  text[key->length] = 0;
  *slot = text;
  if (!sal_index_insert (&texts->index, hash, (guint32)texts->texts.length - 1))
    return NULL;
  return text;
}

const char *
sal_texts_intern (SalTexts *texts, const char *bytes, gsize length)
{
  Key key = { bytes, length };
  g_autoptr (GString) clean = NULL;

  if (length == 0)
    return intern (texts, &(Key){ "", 0 });
  if (memchr (bytes, 0, length) == NULL)
    return intern (texts, &key);
  clean = g_string_sized_new (length + 16);
  for (gsize i = 0; i < length; i++)
    if (bytes[i] == 0)
      g_string_append (clean, REPLACEMENT);
    else
      g_string_append_c (clean, bytes[i]);
  return intern (texts, &(Key){ clean->str, clean->len });
}
