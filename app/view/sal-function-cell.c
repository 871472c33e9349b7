/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells of the call table: labels, and bars for shares. */
#include "sal-function-cell.h"

#include "sal-share-cell.h"

/* Names stay readable where the other columns do not all fit. */
#define LEAST_NAME_CHARS 18

static SalFunctionColumn
get_column (gpointer factory_or_item)
{
  return GPOINTER_TO_UINT (g_object_get_data (factory_or_item, "sal-column"));
}

static void
show_item (GtkListItem *list_item, SalFunctionItem *item, SalFunctionColumn column)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);
  g_autofree char *text = sal_function_item_dup_text (item, column);

  if (SAL_IS_SHARE_CELL (cell))
    sal_share_cell_set (SAL_SHARE_CELL (cell), text, sal_function_item_get_share (item, column));
  else
    {
      gtk_label_set_text (GTK_LABEL (cell), text);
      if (!sal_function_column_is_number (column))
        gtk_widget_set_tooltip_text (cell, text);
    }
}

static void
item_changed_cb (SalFunctionItem *item, GtkListItem *list_item)
{
  show_item (list_item, item, get_column (list_item));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  SalFunctionColumn column = get_column (factory);
  GtkWidget *cell;

  if (column == SAL_FUNCTION_COLUMN_SELF_SHARE || column == SAL_FUNCTION_COLUMN_TOTAL_SHARE)
    cell = sal_share_cell_new ();
  else
    {
      cell = gtk_label_new (NULL);
      gtk_label_set_single_line_mode (GTK_LABEL (cell), TRUE);
      gtk_label_set_xalign (GTK_LABEL (cell), sal_function_column_is_number (column) ? 1 : 0);
      if (sal_function_column_is_number (column))
        gtk_widget_add_css_class (cell, "numeric");
      else
        gtk_label_set_ellipsize (GTK_LABEL (cell), column == SAL_FUNCTION_COLUMN_NAME
                                                       ? PANGO_ELLIPSIZE_END
                                                       : PANGO_ELLIPSIZE_MIDDLE);
    }
  if (column == SAL_FUNCTION_COLUMN_NAME)
    gtk_label_set_width_chars (GTK_LABEL (cell), LEAST_NAME_CHARS);
  g_object_set_data (G_OBJECT (list_item), "sal-column", GUINT_TO_POINTER (column));
  gtk_list_item_set_child (list_item, cell);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  SalFunctionItem *item = gtk_list_item_get_item (list_item);

  show_item (list_item, item, get_column (factory));
  g_signal_connect (item, "changed", G_CALLBACK (item_changed_cb), list_item);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  g_signal_handlers_disconnect_by_data (gtk_list_item_get_item (list_item), list_item);
}

GtkListItemFactory *
sal_function_cell_factory_new (SalFunctionColumn column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_object_set_data (G_OBJECT (factory), "sal-column", GUINT_TO_POINTER (column));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  return factory;
}
