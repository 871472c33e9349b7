/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of the process list that stays the same object for as long as its process lives. */
#pragma once

#include <glib-object.h>

#include "sal-process-info.h"

G_BEGIN_DECLS

/* Signals: "changed" (no arguments): what it tells is another than before. Thread: main. */
#define SAL_TYPE_PROCESS_ITEM (sal_process_item_get_type ())
G_DECLARE_FINAL_TYPE (SalProcessItem, sal_process_item, SAL, PROCESS_ITEM, GObject)

/** sal_process_item_new: (transfer full): @info: copied. */
SalProcessItem *sal_process_item_new (const SalProcessInfo *info) G_GNUC_WARN_UNUSED_RESULT;

/** sal_process_item_update: takes over @info, of the same process; emits "changed" when it differs
 * in anything that is shown, or stands at another depth now: parents are set first. */
void sal_process_item_update (SalProcessItem *self, const SalProcessInfo *info);

/** sal_process_item_get_info: what is known; borrowed, until the next update. */
const SalProcessInfo *sal_process_item_get_info (SalProcessItem *self);

/** sal_process_item_set_parent: @parent (nullable) is borrowed: who sets it takes it away before
 * the parent goes. A parent that would close a circle is not taken. */
void sal_process_item_set_parent (SalProcessItem *self, SalProcessItem *parent);

/** sal_process_item_get_parent: (nullable): the nearest listed ancestor; borrowed. */
SalProcessItem *sal_process_item_get_parent (SalProcessItem *self);

/** sal_process_item_get_depth: the number of listed ancestors; 0 = none. */
guint sal_process_item_get_depth (SalProcessItem *self);

/** sal_process_item_matches: whether each of @words (lower-cased, as by g_utf8_casefold()) is
 * somewhere in what is shown of it. No words match everything. */
gboolean sal_process_item_matches (SalProcessItem *self, const char *const *words);

G_END_DECLS
