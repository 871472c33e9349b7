/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labelled switches bound to the view state. */
#include "sal-filter-switches.h"

#include <glib/gi18n.h>

#include "sal-frame-view.h"

struct _SalFilterSwitches
{
  GtkWidget parent_instance;

  SalViewState *state; /* owned */
  GtkWidget *box;      /* child */
  GtkWidget *native;   /* the row of that choice, as below */
  GtkWidget *internals;
  GtkWidget *tasks;
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

/* A row with a title and @control, which is bound to a property. */
static GtkWidget *
add_row (SalFilterSwitches *self,
         const char *title,
         const char *explanation,
         GtkWidget *control,
         const char *property,
         const char *of_control)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new_with_mnemonic (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), control);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (row, explanation);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  explanation, -1);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  label, NULL, -1);
  g_object_bind_property (self->state, property, control, of_control,
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), control);
  gtk_box_append (GTK_BOX (self->box), row);
  return row;
}

static GtkWidget *
add_switch (SalFilterSwitches *self,
            const char *property,
            const char *title,
            const char *explanation)
{
  return add_row (self, title, explanation, gtk_switch_new (), property, "active");
}

static GtkWidget *
add_native_choice (SalFilterSwitches *self)
{
  const char *const names[] = {
    [SAL_NATIVE_VIEW_ON] = _ ("On"),
    [SAL_NATIVE_VIEW_OFF] = _ ("Off"),
    [SAL_NATIVE_VIEW_LEAF] = _ ("Leaf"),
    NULL,
  };

  return add_row (self, _ ("Native fra_mes"),
                  _ ("Shows C, C++ and Rust functions; “leaf” shows of them what a Python line "
                     "calls. The time of those left out is that of the Python caller"),
                  gtk_drop_down_new_from_strings (names), "native-frames", "selected");
}

static void
profile_cb (SalFilterSwitches *self)
{
  SalProfile *profile = sal_view_state_get_profile (self->state);
  gboolean has_native = profile != NULL && sal_frame_view_has_native (profile);

  gtk_widget_set_sensitive (self->box, profile == NULL ||
                                           sal_profile_get_kind (profile) == SAL_PROFILE_SAMPLES);
  gtk_widget_set_visible (self->native, has_native);
  gtk_widget_set_visible (self->internals, has_native);
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
  add_switch (self, "gil-only", _ ("Holding the G_IL only"),
              _ ("Leaves out samples of threads that did not hold the global interpreter lock"));
  add_switch (self, "library-code", _ ("_Library code"),
              _ ("Shows the standard library, packages and native libraries; without them their "
                 "time is that of the program's function that called them"));
  self->native = add_native_choice (self);
  self->internals = add_switch (
      self, "internals", _ ("Int_erpreter internals"),
      _ ("Shows the native functions that run Python code and start programs and threads, too"));
  self->tasks = add_switch (
      self, "by-task", _ ("By tas_k"),
      _ ("Begins stacks with the asyncio task that runs and those that wait for it"));
  g_signal_connect_object (state, "notify::profile", G_CALLBACK (profile_cb), self,
                           G_CONNECT_SWAPPED);
  profile_cb (self);
  return GTK_WIDGET (self);
}
