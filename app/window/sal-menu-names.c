/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of menus' items. GTK 4.18 says that an item is labelled by its label, which it then keeps
 * from assistive technologies: items have no name there. The type of the items is GTK's own. */
#include "sal-menu-names.h"

#include <gtk/gtk.h>

static gboolean
mapped_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  GObject *widget = g_value_get_object (&values[0]);
  g_autofree char *text = NULL;

  if (g_strcmp0 (G_OBJECT_TYPE_NAME (widget), "GtkModelButton") != 0)
    return TRUE;
  g_object_get (widget, "text", &text, NULL);
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, text != NULL ? text : "",
                                  -1);
  return TRUE;
}

void
sal_menu_names_watch (void)
{
  /* The signal is there when the class is. */
  g_type_class_unref (g_type_class_ref (GTK_TYPE_WIDGET));
  g_signal_add_emission_hook (g_signal_lookup ("map", GTK_TYPE_WIDGET), 0, mapped_cb, NULL, NULL);
}
