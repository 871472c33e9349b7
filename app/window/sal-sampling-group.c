/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Switches and numbers for the rate and the duration. */
#include "config.h"

#include "sal-sampling-group.h"

#include <glib/gi18n.h>

#include "sal-format.h"

#include "sal-settings.h"

struct _SalSamplingGroup
{
  AdwPreferencesGroup parent_instance;

  /* Template children */
  GtkSwitch *subprocesses_switch;
  GtkSwitch *native_switch;
  GtkSwitch *blocking_switch;
  GtkSwitch *debuginfod_switch;
  GtkSwitch *flat_out_switch;
  GtkSpinButton *rate_spin;
  GtkSwitch *endless_switch;
  GtkSpinButton *duration_spin;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SalSamplingGroup, sal_sampling_group, ADW_TYPE_PREFERENCES_GROUP)

static void
changed_cb (SalSamplingGroup *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
sal_sampling_group_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SAL_TYPE_SAMPLING_GROUP);
  G_OBJECT_CLASS (sal_sampling_group_parent_class)->dispose (object);
}

static void
sal_sampling_group_class_init (SalSamplingGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sal_sampling_group_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/org/salamander_profiler/Salamander/window/sal-sampling-group.ui");
  gtk_widget_class_bind_template_child (widget_class, SalSamplingGroup, subprocesses_switch);
  gtk_widget_class_bind_template_child (widget_class, SalSamplingGroup, native_switch);
  gtk_widget_class_bind_template_child (widget_class, SalSamplingGroup, blocking_switch);
  gtk_widget_class_bind_template_child (widget_class, SalSamplingGroup, debuginfod_switch);
  gtk_widget_class_bind_template_child (widget_class, SalSamplingGroup, flat_out_switch);
  gtk_widget_class_bind_template_child (widget_class, SalSamplingGroup, rate_spin);
  gtk_widget_class_bind_template_child (widget_class, SalSamplingGroup, endless_switch);
  gtk_widget_class_bind_template_child (widget_class, SalSamplingGroup, duration_spin);

  signals[SIGNAL_CHANGED] = g_signal_new ("changed",
                                          SAL_TYPE_SAMPLING_GROUP,
                                          G_SIGNAL_RUN_LAST,
                                          0,
                                          NULL,
                                          NULL,
                                          NULL,
                                          G_TYPE_NONE,
                                          0);
}

static void
follow (SalSamplingGroup *self, gpointer object, const char *signal)
{
  g_signal_connect_object (object, signal, G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
}

static void
sal_sampling_group_init (SalSamplingGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  follow (self, self->flat_out_switch, "notify::active");
  follow (self, self->rate_spin, "value-changed");
  follow (self, self->endless_switch, "notify::active");
  follow (self, self->duration_spin, "value-changed");
}

void
sal_sampling_group_set (SalSamplingGroup *self, const SalSampling *sampling)
{
  g_return_if_fail (SAL_IS_SAMPLING_GROUP (self));

  gtk_switch_set_active (self->subprocesses_switch, sampling->subprocesses);
  gtk_switch_set_active (self->native_switch, sampling->native);
  gtk_switch_set_active (self->blocking_switch, sampling->blocking);
  gtk_switch_set_active (self->debuginfod_switch,
                         g_settings_get_boolean (sal_settings_get (), "debuginfod"));
  gtk_switch_set_active (self->flat_out_switch, sampling->flat_out);
  gtk_spin_button_set_value (self->rate_spin, sampling->rate_hz);
  gtk_switch_set_active (self->endless_switch, sampling->duration_s <= 0);
  if (sampling->duration_s > 0)
    gtk_spin_button_set_value (self->duration_spin, sampling->duration_s);
}

SalSampling
sal_sampling_group_get (SalSamplingGroup *self)
{
  SalSampling sampling = { 0 };

  g_return_val_if_fail (SAL_IS_SAMPLING_GROUP (self), sampling);

  gtk_spin_button_update (self->rate_spin);
  gtk_spin_button_update (self->duration_spin);
  sampling.rate_hz = gtk_spin_button_get_value (self->rate_spin);
  sampling.flat_out = gtk_switch_get_active (self->flat_out_switch);
  if (!gtk_switch_get_active (self->endless_switch))
    sampling.duration_s = gtk_spin_button_get_value (self->duration_spin);
  sampling.subprocesses = gtk_switch_get_active (self->subprocesses_switch);
  sampling.native = gtk_switch_get_active (self->native_switch);
  sampling.blocking = gtk_switch_get_active (self->blocking_switch);
  return sampling;
}

void
sal_sampling_group_save (SalSamplingGroup *self)
{
  SalSampling sampling = sal_sampling_group_get (self);

  g_settings_set_double (sal_settings_get (), "rate", sampling.rate_hz);
  g_settings_set_boolean (sal_settings_get (), "flat-out", sampling.flat_out);
  g_settings_set_boolean (sal_settings_get (),
                          "debuginfod",
                          gtk_switch_get_active (self->debuginfod_switch));
}

char *
sal_sampling_group_dup_summary (SalSamplingGroup *self)
{
  double rate_hz = gtk_spin_button_get_value (self->rate_spin);
  double duration_s = gtk_spin_button_get_value (self->duration_spin);
  g_autofree char *count = sal_format_count ((guint64)rate_hz);
  g_autofree char *rate = NULL;
  g_autofree char *duration = NULL;

  if (gtk_switch_get_active (self->flat_out_switch))
    rate = g_strdup (_ ("As fast as possible"));
  else
    /* Translators: so many samples a second */
    rate = g_strdup_printf (_ ("%s a second"), count);
  if (gtk_switch_get_active (self->endless_switch))
    duration = g_strdup (_ ("until it ends"));
  else
    duration = g_strdup_printf (_ ("for %g s"), duration_s);
  /* Translators: how often and for how long: "1,000 a second, until it ends" */
  return g_strdup_printf (_ ("%s, %s"), rate, duration);
}
