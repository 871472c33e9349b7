/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which processes the attach dialog shows, and in which order. */
#pragma once

#include <gtk/gtk.h>

#include "sal-process-list.h"

G_BEGIN_DECLS

/* A filter of SalProcessItems. As a tree, what is above a match is shown, too, and what a matching
 * launcher started; as a flat list, launchers are not shown, but their names count for what they
 * started. */
#define SAL_TYPE_ATTACH_FILTER (sal_attach_filter_get_type ())
G_DECLARE_FINAL_TYPE (SalAttachFilter, sal_attach_filter, SAL, ATTACH_FILTER, GtkFilter)

/** sal_attach_filter_new: (transfer full): a tree with everything in it; it follows @list. */
SalAttachFilter *sal_attach_filter_new (SalProcessList *list) G_GNUC_WARN_UNUSED_RESULT;

/** sal_attach_filter_set_text: each word of @text has to be somewhere in a process's texts. */
void sal_attach_filter_set_text (SalAttachFilter *self, const char *text);

/** sal_attach_filter_set_tree: tree or flat. */
void sal_attach_filter_set_tree (SalAttachFilter *self, gboolean tree);

/** sal_attach_filter_is_match: whether @item itself is what the text asks for, not only shown for
 * another's sake. */
gboolean sal_attach_filter_is_match (SalAttachFilter *self, SalProcessItem *item);

/** sal_attach_filter_compare: the order of two items: by @sorter, ties by start, newest first.
 * @tree: whatever is below a process stands right after it. */
GtkOrdering sal_attach_filter_compare (SalProcessItem *a,
                                       SalProcessItem *b,
                                       GtkSorter *sorter,
                                       gboolean tree);

G_END_DECLS
