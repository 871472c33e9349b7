/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows a session and says in a line how it stands. */
#include "config.h"

#include "sal-record-bar.h"

#include <glib/gi18n.h>

#include "sal-format.h"

#include "sal-summary.h"

#define NS_PER_S 1000000000

struct _SalRecordBar
{
  GtkWidget parent_instance;

  /* Children */
  GtkWidget *box;
  GtkLabel *text;

  /* Owned */
  SalDocument *document;
};

G_DEFINE_FINAL_TYPE (SalRecordBar, sal_record_bar, GTK_TYPE_WIDGET)

static char *
describe_session (SalSession *session)
{
  const SalSessionStatus *status = sal_session_get_status (session);
  SalSessionState state = sal_session_get_state (session);
  GString *line = g_string_new (NULL);

  if (state == SAL_SESSION_IDLE || state == SAL_SESSION_STARTING)
    {
      g_string_append (line, _ ("Starting…"));
      return g_string_free (line, FALSE);
    }
  if (status->left > 0)
    {
      g_autofree char *left = sal_format_count (status->left);

      /* Translators: a number */
      sal_summary_add (line, g_strdup_printf (_ ("Looking up names: %s records left"), left));
    }
  else if (state == SAL_SESSION_STOPPING)
    g_string_append (line, _ ("Stopping…"));
  else
    {
      int seconds = (int)(status->elapsed_ns / NS_PER_S);

      /* Translators: minutes and seconds since a recording began */
      sal_summary_add (line, g_strdup_printf (_ ("%d:%02d"), seconds / 60, seconds % 60));
    }
  sal_summary_add_samples (line, status->samples, status->missed);
  sal_summary_add_threads (line, status->n_threads);
  return g_string_free (line, FALSE);
}

static void
update_cb (SalRecordBar *self)
{
  gboolean recording = sal_document_is_recording (self->document);

  gtk_widget_set_visible (GTK_WIDGET (self), recording);
  if (recording)
    {
      SalSession *session = sal_document_get_session (self->document);
      g_autofree char *line = describe_session (session);

      gtk_label_set_text (self->text, line);
    }
}

static void
sal_record_bar_dispose (GObject *object)
{
  SalRecordBar *self = SAL_RECORD_BAR (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (sal_record_bar_parent_class)->dispose (object);
}

static void
sal_record_bar_class_init (SalRecordBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sal_record_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
sal_record_bar_init (SalRecordBar *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *dot = gtk_image_new_from_icon_name ("media-record-symbolic");
  self->text = GTK_LABEL (gtk_label_new (NULL));
  GtkWidget *stop_button = gtk_button_new_with_mnemonic (_ ("S_top"));

  gtk_accessible_update_property (GTK_ACCESSIBLE (dot),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Recording"),
                                  -1);
  gtk_widget_add_css_class (dot, "recording-dot");
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "numeric");
  gtk_label_set_xalign (self->text, 0);
  gtk_label_set_ellipsize (self->text, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->text), TRUE);
  gtk_widget_set_margin_start (GTK_WIDGET (self->text), 6);
  gtk_widget_add_css_class (stop_button, "destructive-action");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (stop_button), "win.stop");

  gtk_widget_add_css_class (self->box, "toolbar");
  gtk_box_append (GTK_BOX (self->box), dot);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->text));
  gtk_box_append (GTK_BOX (self->box), stop_button);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
sal_record_bar_new (SalDocument *document)
{
  SalRecordBar *self = g_object_new (SAL_TYPE_RECORD_BAR, NULL);
  SalSession *session = sal_document_get_session (document);

  self->document = g_object_ref (document);
  g_signal_connect_object (document,
                           "notify::recording",
                           G_CALLBACK (update_cb),
                           self,
                           G_CONNECT_SWAPPED);
  if (session)
    {
      g_signal_connect_object (session,
                               "status",
                               G_CALLBACK (update_cb),
                               self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (session,
                               "notify::state",
                               G_CALLBACK (update_cb),
                               self,
                               G_CONNECT_SWAPPED);
    }
  update_cb (self);
  return GTK_WIDGET (self);
}
