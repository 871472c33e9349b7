/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows a sentence with an icon and a close button; assistive technologies hear it as an alert. */
#include "config.h"

#include "sal-message-bar.h"

#include <glib/gi18n.h>

struct _SalMessageBar
{
  GtkWidget parent_instance;

  /* Children */
  GtkWidget *revealer;
  GtkWidget *box;
  GtkImage *image;
  GtkLabel *label;
};

G_DEFINE_FINAL_TYPE (SalMessageBar, sal_message_bar, GTK_TYPE_WIDGET)

static const struct
{
  const char *icon;
  const char *css_class;
} looks[] = {
  [SAL_MESSAGE_INFO] = { "dialog-information-symbolic", "message-info" },
  [SAL_MESSAGE_WARNING] = { "dialog-warning-symbolic", "message-warning" },
  [SAL_MESSAGE_ERROR] = { "dialog-error-symbolic", "message-error" },
};

static void
close_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  sal_message_bar_clear (SAL_MESSAGE_BAR (widget));
}

static void
sal_message_bar_dispose (GObject *object)
{
  SalMessageBar *self = SAL_MESSAGE_BAR (object);

  g_clear_pointer (&self->revealer, gtk_widget_unparent);
  G_OBJECT_CLASS (sal_message_bar_parent_class)->dispose (object);
}

static void
sal_message_bar_class_init (SalMessageBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sal_message_bar_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
  gtk_widget_class_install_action (widget_class, "message.close", NULL, close_cb);
}

static void
sal_message_bar_init (SalMessageBar *self)
{
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  self->revealer = gtk_revealer_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->image = GTK_IMAGE (gtk_image_new ());
  self->label = GTK_LABEL (gtk_label_new (NULL));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->image),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "",
                                  -1);
  gtk_label_set_wrap (self->label, TRUE);
  gtk_label_set_wrap_mode (self->label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->label, 0);
  gtk_label_set_selectable (self->label, TRUE);
  gtk_widget_set_can_focus (GTK_WIDGET (self->label), FALSE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->label), TRUE);
  gtk_widget_set_tooltip_text (close, _ ("Close This Message"));
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_valign (close, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (close),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Close This Message"),
                                  -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (close), "message.close");

  gtk_widget_add_css_class (self->box, "message-bar");
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->image));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->label));
  gtk_box_append (GTK_BOX (self->box), close);
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), self->box);
  gtk_widget_set_parent (self->revealer, GTK_WIDGET (self));
  gtk_widget_hide (GTK_WIDGET (self));
}

void
sal_message_bar_show (SalMessageBar *self, SalMessageKind kind, const char *sentence)
{
  g_return_if_fail (SAL_IS_MESSAGE_BAR (self));

  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    gtk_widget_remove_css_class (self->box, looks[i].css_class);
  gtk_widget_add_css_class (self->box, looks[kind].css_class);
  gtk_image_set_from_icon_name (self->image, looks[kind].icon);
  gtk_label_set_text (self->label, sentence);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  sentence,
                                  -1);
  gtk_widget_show (GTK_WIDGET (self));
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), TRUE);
}

void
sal_message_bar_clear (SalMessageBar *self)
{
  g_return_if_fail (SAL_IS_MESSAGE_BAR (self));

  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), FALSE);
  gtk_widget_hide (GTK_WIDGET (self));
}
