/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which column of a column view its rows are sorted by. */
#include "sal-column-sort.h"

static GQuark
get_id_quark (void)
{
  return g_quark_from_static_string ("sal-column-sort-id");
}

/* Of the column view: where the column that is asked writes its id. */
static GQuark
get_answer_quark (void)
{
  return g_quark_from_static_string ("sal-column-sort-answer");
}

/* GTK asks the columns' sorters in the order in which they were clicked, so the first one that is
 * asked is the one that the rows are sorted by. Its answer lets no other be asked. */
static gint
tell_column_cb (gconstpointer a, gconstpointer b, gpointer data)
{
  GtkColumnViewColumn *column = data;
  GtkColumnView *view = gtk_column_view_column_get_column_view (column);
  gpointer *answer = view ? g_object_get_qdata (G_OBJECT (view), get_answer_quark ()) : NULL;

  if (answer != NULL)
    *answer = column;
  return GTK_ORDERING_SMALLER;
}

void
sal_column_sort_prepare (GtkColumnViewColumn *column, guint id)
{
  g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (tell_column_cb, column, NULL));

  g_object_set_qdata (G_OBJECT (column), get_id_quark (), GUINT_TO_POINTER (id));
  gtk_column_view_column_set_sorter (column, sorter);
}

gboolean
sal_column_sort_find (GtkColumnView *view, guint *id, gboolean *descending)
{
  gpointer column = NULL;
  GtkOrdering ordering;

  g_object_set_qdata (G_OBJECT (view), get_answer_quark (), &column);
  /* Any two objects do, as long as they differ. */
  ordering = gtk_sorter_compare (gtk_column_view_get_sorter (view),
                                 view,
                                 gtk_column_view_get_columns (view));
  g_object_set_qdata (G_OBJECT (view), get_answer_quark (), NULL);
  if (column == NULL)
    return FALSE;
  *id = GPOINTER_TO_UINT (g_object_get_qdata (column, get_id_quark ()));
  *descending = ordering == GTK_ORDERING_LARGER;
  return TRUE;
}

void
sal_column_sort_forget (GtkColumnViewColumn *column)
{
  g_autoptr (GtkSorter) sorter = g_object_ref (gtk_column_view_column_get_sorter (column));

  gtk_column_view_column_set_sorter (column, NULL);
  gtk_column_view_column_set_sorter (column, sorter);
}
