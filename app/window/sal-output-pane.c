/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text view with a bounded memory. */
#include "config.h"

#include "sal-output-pane.h"

#include <glib/gi18n.h>

#include "sal-output-text.h"

#define MARGIN 6 /* pixels above and below the text */
#define MAX_LINES 10000
#define MAX_CHARS (2 * 1024 * 1024)

struct _SalOutputPane
{
  GtkWidget parent_instance;

  /* Children */
  GtkWidget *box;
  GtkWidget *scrolled;
  GtkTextView *view;

  /* Owned */
  SalOutputText *text;

  /* Borrowed from the view */
  GtkTextBuffer *buffer;

  /* State */
  gboolean follows;    /* the end of the text */
  gboolean is_touched; /* by a person, since text came last */
};

G_DEFINE_FINAL_TYPE (SalOutputPane, sal_output_pane, GTK_TYPE_WIDGET)

static void
copy_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SalOutputPane *self = SAL_OUTPUT_PANE (widget);
  g_autofree char *text = NULL;
  GtkTextIter start;
  GtkTextIter end;

  if (!gtk_text_buffer_get_selection_bounds (self->buffer, &start, &end))
    gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  text = gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static gboolean
is_at_end (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment) >=
         gtk_adjustment_get_upper (adjustment) - 2 * MARGIN;
}

/* Only what a person scrolls decides whether the view stays at the end: while lines come, go and
 * are measured, the view moves on its own. */
static gboolean
event_cb (SalOutputPane *self, GdkEvent *event)
{
  GdkEventType type = gdk_event_get_event_type (event);

  if (type == GDK_BUTTON_PRESS || type == GDK_KEY_PRESS || type == GDK_SCROLL ||
      type == GDK_TOUCH_BEGIN)
    self->is_touched = TRUE;
  return GDK_EVENT_PROPAGATE;
}

static void
scrolled_cb (SalOutputPane *self, GtkAdjustment *adjustment)
{
  if (self->is_touched)
    self->follows = is_at_end (adjustment);
}

/* Lines are measured some time after they came. */
static void
grown_cb (SalOutputPane *self, GtkAdjustment *adjustment)
{
  if (!self->follows)
    return;
  self->is_touched = FALSE;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) -
                                            gtk_adjustment_get_page_size (adjustment));
}

static void
drop_oldest (SalOutputPane *self)
{
  int lines = gtk_text_buffer_get_line_count (self->buffer);
  int chars = gtk_text_buffer_get_char_count (self->buffer);
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_start_iter (self->buffer, &start);
  if (lines > MAX_LINES)
    {
      gtk_text_buffer_get_iter_at_line (self->buffer, &end, lines - MAX_LINES);
      gtk_text_buffer_delete (self->buffer, &start, &end);
      chars = gtk_text_buffer_get_char_count (self->buffer);
    }
  if (chars > MAX_CHARS)
    {
      gtk_text_buffer_get_start_iter (self->buffer, &start);
      gtk_text_buffer_get_iter_at_offset (self->buffer, &end, chars - MAX_CHARS);
      gtk_text_buffer_delete (self->buffer, &start, &end);
    }
}

static void
insert (SalOutputPane *self, const char *text, gssize length)
{
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_insert (self->buffer, &end, text, (int)length);
}

static void
clear_last_line (SalOutputPane *self)
{
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (self->buffer, &end);
  start = end;
  gtk_text_iter_set_line_offset (&start, 0);
  gtk_text_buffer_delete (self->buffer, &start, &end);
}

static void
sal_output_pane_dispose (GObject *object)
{
  SalOutputPane *self = SAL_OUTPUT_PANE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (sal_output_pane_parent_class)->dispose (object);
}

static void
sal_output_pane_finalize (GObject *object)
{
  SalOutputPane *self = SAL_OUTPUT_PANE (object);

  g_clear_pointer (&self->text, sal_output_text_free);
  G_OBJECT_CLASS (sal_output_pane_parent_class)->finalize (object);
}

static void
sal_output_pane_class_init (SalOutputPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sal_output_pane_dispose;
  G_OBJECT_CLASS (klass)->finalize = sal_output_pane_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "output.copy", NULL, copy_cb);
}

static GtkWidget *
create_header (void)
{
  GtkWidget *header = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (_ ("Program Output"));
  GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  GtkWidget *hide = gtk_button_new_from_icon_name ("window-close-symbolic");

  gtk_widget_add_css_class (header, "toolbar");
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_margin_start (title, 6);
  gtk_widget_set_tooltip_text (copy, _ ("Copy Output"));
  gtk_widget_set_tooltip_text (hide, _ ("Hide Output"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Copy Output"),
                                  -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (hide),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Hide Output"),
                                  -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (copy), "output.copy");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (hide), "page.show-output");
  gtk_box_append (GTK_BOX (header), title);
  gtk_box_append (GTK_BOX (header), copy);
  gtk_box_append (GTK_BOX (header), hide);
  return header;
}

static void
sal_output_pane_init (SalOutputPane *self)
{
  GtkEventController *events = gtk_event_controller_legacy_new ();
  GtkAdjustment *adjustment;

  self->text = sal_output_text_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->scrolled = gtk_scrolled_window_new ();
  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  self->buffer = gtk_text_view_get_buffer (self->view);

  gtk_text_view_set_monospace (self->view, TRUE);
  gtk_text_view_set_editable (self->view, FALSE);
  gtk_text_view_set_cursor_visible (self->view, FALSE);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (self->view, 12);
  gtk_text_view_set_right_margin (self->view, 12);
  gtk_text_view_set_top_margin (self->view, MARGIN);
  gtk_text_view_set_bottom_margin (self->view, MARGIN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Program Output"),
                                  -1);
  gtk_widget_set_vexpand (self->scrolled, TRUE);
  gtk_widget_set_size_request (self->scrolled, -1, 60);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), GTK_WIDGET (self->view));
  gtk_box_append (GTK_BOX (self->box), create_header ());
  gtk_box_append (GTK_BOX (self->box), self->scrolled);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));

  self->follows = TRUE;
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  g_signal_connect_object (adjustment,
                           "value-changed",
                           G_CALLBACK (scrolled_cb),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (grown_cb), self, G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (events, GTK_PHASE_CAPTURE);
  g_signal_connect_object (events, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (self->scrolled, events);
}

void
sal_output_pane_append (SalOutputPane *self, GBytes *bytes)
{
  g_autofree char *text = NULL;
  const char *line;
  const void *data;
  gsize length;

  g_return_if_fail (SAL_IS_OUTPUT_PANE (self));
  g_return_if_fail (bytes);

  data = g_bytes_get_data (bytes, &length);
  text = sal_output_text_convert (self->text, data, length);
  line = text;
  for (const char *back = strchr (line, '\r'); back; back = strchr (line, '\r'))
    {
      insert (self, line, back - line);
      clear_last_line (self);
      line = back + 1;
    }
  insert (self, line, -1);
  drop_oldest (self);
}
