/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edits one environment variable. */
#include "config.h"

#include "sal-environment-row.h"

#include <glib/gi18n.h>

struct _SalEnvironmentRow
{
  GtkListBoxRow parent_instance;

  /* Children */
  GtkWidget *name_entry;
  GtkWidget *value_entry;
};

G_DEFINE_FINAL_TYPE (SalEnvironmentRow, sal_environment_row, GTK_TYPE_LIST_BOX_ROW)

static GtkWidget *
create_entry (const char *label)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), label);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label,
                                  -1);
  return entry;
}

static GtkWidget *
create_remove_button (void)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");

  gtk_widget_set_tooltip_text (button, _ ("Remove This Variable"));
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Remove This Variable"),
                                  -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "variable.remove");
  return button;
}

static void
remove_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWidget *list = gtk_widget_get_parent (widget);

  gtk_list_box_remove (GTK_LIST_BOX (list), widget);
  gtk_widget_set_visible (list, gtk_widget_get_first_child (list) != NULL);
}

static void
sal_environment_row_class_init (SalEnvironmentRowClass *klass)
{
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "variable.remove", NULL, remove_cb);
}

static void
sal_environment_row_init (SalEnvironmentRow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->name_entry = create_entry (_ ("Name"));
  self->value_entry = create_entry (_ ("Value"));
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_box_append (GTK_BOX (box), self->name_entry);
  gtk_box_append (GTK_BOX (box), self->value_entry);
  gtk_box_append (GTK_BOX (box), create_remove_button ());
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_widget_set_focusable (GTK_WIDGET (self), FALSE);
}

GtkWidget *
sal_environment_row_new (const char *assignment)
{
  SalEnvironmentRow *self = g_object_new (SAL_TYPE_ENVIRONMENT_ROW, NULL);
  const char *equals = strchr (assignment, '=');
  g_autofree char *name = equals ? g_strndup (assignment, (gsize)(equals - assignment))
                                 : g_strdup (assignment);

  gtk_editable_set_text (GTK_EDITABLE (self->name_entry), name);
  gtk_editable_set_text (GTK_EDITABLE (self->value_entry), equals ? equals + 1 : "");
  return GTK_WIDGET (self);
}

char *
sal_environment_row_get_assignment (SalEnvironmentRow *self)
{
  const char *name;
  const char *value;

  g_return_val_if_fail (SAL_IS_ENVIRONMENT_ROW (self), NULL);

  name = gtk_editable_get_text (GTK_EDITABLE (self->name_entry));
  value = gtk_editable_get_text (GTK_EDITABLE (self->value_entry));
  if (*name == '\0' && *value == '\0')
    return NULL;
  return g_strconcat (name, "=", value, NULL);
}
