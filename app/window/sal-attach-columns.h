/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of the attach dialog's list. */
#pragma once

#include <gtk/gtk.h>

#include "sal-process-list.h"

G_BEGIN_DECLS

typedef struct _SalAttachColumns SalAttachColumns;

/** sal_attach_columns_new: (transfer full): gives @view, whose items are those of @list, its
 * columns; freed after @view. */
SalAttachColumns *sal_attach_columns_new (GtkColumnView *view,
                                          SalProcessList *list) G_GNUC_WARN_UNUSED_RESULT;
/** sal_attach_columns_free: frees @columns (nullable). */
void sal_attach_columns_free (SalAttachColumns *columns);

/** sal_attach_columns_set_tree: whether names are indented by their depth; rows that are shown take
 * it over when their items change. */
void sal_attach_columns_set_tree (SalAttachColumns *columns, gboolean tree);

/** sal_attach_columns_update: hides the columns that nothing in the list has anything for. */
void sal_attach_columns_update (SalAttachColumns *columns);

G_END_DECLS
