/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which column of a column view its rows are sorted by, for lists that sort themselves. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* GTK 4.8 keeps the arrow in the heading, and tells nobody where it stands
 * (gtk_column_view_sorter_get_primary_sort_column() is 4.10). A column that was prepared has a
 * sorter that sorts nothing, and is found by it. Thread: main.
 */

/** sal_column_sort_prepare: lets @column be clicked, and found as @id. */
void sal_column_sort_prepare (GtkColumnViewColumn *column, guint id);
/** sal_column_sort_find: the column that the arrow of @view stands on; FALSE = on none. */
gboolean sal_column_sort_find (GtkColumnView *view, guint *id, gboolean *descending);
/** sal_column_sort_forget: takes @column out of what GTK sorts by, where a column that was clicked
 * before stays as a further key, with an arrow of its own. */
void sal_column_sort_forget (GtkColumnViewColumn *column);

G_END_DECLS
