/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A hash index from keys that stand elsewhere to dense ids: open addressing, 8 bytes an entry, for
 * millions of them. The user keeps keys in an array of its own and says which id matches.
 */
typedef struct
{
  struct _SalIndexEntry *entries;
  guint32 mask;
  guint32 length;
} SalIndex;

/** SalIndexMatch: whether @id is the id of @key. */
typedef gboolean (*SalIndexMatch) (guint32 id, gconstpointer key, gconstpointer user_data);

/** sal_index_init: an empty index. */
void sal_index_init (SalIndex *index);

/** sal_index_clear: frees the entries. */
void sal_index_clear (SalIndex *index);

/** sal_index_find: the id whose key hashes to @hash and matches @key, or SAL_NO_ID. */
guint32 sal_index_find (const SalIndex *index,
                        guint32 hash,
                        SalIndexMatch match,
                        gconstpointer key,
                        gconstpointer user_data);

/** sal_index_insert: adds @id, which is not in the index; FALSE without memory. */
gboolean
sal_index_insert (SalIndex *index, guint32 hash, guint32 id) G_GNUC_WARN_UNUSED_RESULT;

/** sal_index_hash: a hash of the process's own making: files cannot aim at it. */
guint32 sal_index_hash (gconstpointer bytes, gsize length);

/** sal_index_hash_pair: likewise of two numbers. */
guint32 sal_index_hash_pair (guint64 a, guint64 b);

G_END_DECLS
