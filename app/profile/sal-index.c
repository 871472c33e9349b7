/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hash index of dense ids, with linear probing at no more than two thirds full. */
#include "sal-index.h"

#include <string.h>

#include "sal-id.h"

#define FIRST_LENGTH 64
#define MAX_LENGTH (1u << 30)

struct _SalIndexEntry
{
  guint32 hash;
  guint32 id; /* SAL_NO_ID = empty */
};

void
sal_index_init (SalIndex *index)
{
  *index = (SalIndex){ 0 };
}

void
sal_index_clear (SalIndex *index)
{
  g_free (index->entries);
  sal_index_init (index);
}

guint32
sal_index_find (const SalIndex *index,
                guint32 hash,
                SalIndexMatch match,
                gconstpointer key,
                gconstpointer user_data)
{
  if (index->entries == NULL)
    return SAL_NO_ID;
  for (guint32 at = hash & index->mask;; at = (at + 1) & index->mask)
    {
      const struct _SalIndexEntry *entry = &index->entries[at];

      if (entry->id == SAL_NO_ID || (entry->hash == hash && match (entry->id, key, user_data)))
        return entry->id;
    }
}

static void
put (SalIndex *index, guint32 hash, guint32 id)
{
  guint32 at = hash & index->mask;

  while (index->entries[at].id != SAL_NO_ID)
    at = (at + 1) & index->mask;
  index->entries[at].hash = hash;
  index->entries[at].id = id;
}

static gboolean
grow (SalIndex *index)
{
  guint32 old_length = index->entries == NULL ? 0 : index->mask + 1;
  guint32 length = MAX (old_length * 2, FIRST_LENGTH);
  struct _SalIndexEntry *old = index->entries;
  struct _SalIndexEntry *entries;

  if (old_length >= MAX_LENGTH)
    return FALSE;
  entries = g_try_new (struct _SalIndexEntry, length);
  if (entries == NULL)
    return FALSE;
  memset (entries, 0xff, length * sizeof *entries);
  index->entries = entries;
  index->mask = length - 1;
  for (guint32 i = 0; i < old_length; i++)
    if (old[i].id != SAL_NO_ID)
      put (index, old[i].hash, old[i].id);
  g_free (old);
  return TRUE;
}

gboolean
sal_index_insert (SalIndex *index, guint32 hash, guint32 id)
{
  guint64 length = index->entries == NULL ? 0 : (guint64)index->mask + 1;

  if ((guint64)(index->length + 1) * 3 > length * 2 && !grow (index))
    return FALSE;
  put (index, hash, id);
  index->length++;
  return TRUE;
}

static guint64
get_seed (void)
{
  static gsize seed;

  if (g_once_init_enter (&seed))
    {
      guint64 value = (guint64)g_random_int () << 32 | g_random_int () | 1;

      g_once_init_leave (&seed, (gsize)value);
    }
  return seed;
}

/* The finaliser of MurmurHash3: every bit of the input reaches every bit of the result. */
static guint64
mix (guint64 value)
{
  value ^= value >> 33;
  value *= G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
  value ^= value >> 33;
  value *= G_GUINT64_CONSTANT (0xc4ceb9fe1a85ec53);
  return value ^ value >> 33;
}

guint32
sal_index_hash (gconstpointer bytes, gsize length)
{
  const guint8 *at = bytes;
  guint64 hash = get_seed () ^ length;
  guint64 word = 0;

  for (; length >= sizeof word; at += sizeof word, length -= sizeof word)
    {
      memcpy (&word, at, sizeof word);
      hash = mix (hash ^ word);
    }
  word = 0;
  memcpy (&word, at, length);
  return (guint32)mix (hash ^ word);
}

guint32
sal_index_hash_pair (guint64 a, guint64 b)
{
  return (guint32)mix (mix (get_seed () ^ a) ^ b);
}
