/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labelled switches bound to the view state. */
#include "sal-filter-switches.h"

#include <glib/gi18n.h>

#include "sal-frame-view.h"
#include "sal-native-view.h"

struct _SalFilterSwitches
{
  GtkWidget parent_instance;

  SalViewState *state; /* owned */
  GtkWidget *box;      /* child */
  GtkWidget *native;   /* the row of that switch */
  GtkWidget *tasks;    /* likewise */
};

G_DEFINE_FINAL_TYPE (SalFilterSwitches, sal_filter_switches, GTK_TYPE_WIDGET)

static void
sal_filter_switches_dispose (GObject *object)
{
  SalFilterSwitches *self = SAL_FILTER_SWITCHES (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->state);
  G_OBJECT_CLASS (sal_filter_switches_parent_class)->dispose (object);
}

static void
sal_filter_switches_class_init (SalFilterSwitchesClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sal_filter_switches_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
}

static void
sal_filter_switches_init (SalFilterSwitches *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

static GtkWidget *
add_switch (SalFilterSwitches *self,
            const char *property,
            const char *title,
            const char *explanation)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new_with_mnemonic (title);
  GtkWidget *toggle = gtk_switch_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), toggle);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (row, explanation);
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  explanation, -1);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  label, NULL, -1);
  g_object_bind_property (self->state, property, toggle, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), toggle);
  gtk_box_append (GTK_BOX (self->box), row);
  return row;
}

static void
profile_cb (SalFilterSwitches *self)
{
  SalProfile *profile = sal_view_state_get_profile (self->state);

  gtk_widget_set_sensitive (self->box, profile == NULL ||
                                           sal_profile_get_kind (profile) == SAL_PROFILE_SAMPLES);
  gtk_widget_set_visible (self->native, profile != NULL && sal_native_view_is_native (profile));
  gtk_widget_set_visible (self->tasks, profile != NULL && sal_frame_view_has_tasks (profile));
}

GtkWidget *
sal_filter_switches_new (SalViewState *state)
{
  SalFilterSwitches *self;

  g_return_val_if_fail (SAL_IS_VIEW_STATE (state), NULL);

  self = g_object_new (SAL_TYPE_FILTER_SWITCHES, NULL);
  self->state = g_object_ref (state);
  add_switch (self, "on-cpu-only", _ ("On _processor only"),
              _ ("Leaves out samples of threads that were idle"));
  add_switch (self, "gil-only", _ ("Holding the _GIL only"),
              _ ("Leaves out samples of threads that did not hold the global interpreter lock"));
  self->native = add_switch (
      self, "native-frames", _ ("_Native frames"),
      _ ("Shows C, C++ and Rust functions; without them their time is that of the Python caller"));
  self->tasks = add_switch (
      self, "by-task", _ ("By _task"),
      _ ("Begins stacks with the asyncio task that runs and those that wait for it"));
  g_signal_connect_object (state, "notify::profile", G_CALLBACK (profile_cb), self,
                           G_CONNECT_SWAPPED);
  profile_cb (self);
  return GTK_WIDGET (self);
}
