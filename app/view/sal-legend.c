/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names the colours in one label that breaks into lines where it must. */
#include "sal-legend.h"

#include <glib/gi18n.h>

#include "sal-palette.h"
#include "sal-theme.h"

struct _SalLegend
{
  GtkWidget parent_instance;

  SalViewState *state; /* owned */
  GtkWidget *label;    /* child */
  SalColouring colouring;
};

enum
{
  PROP_0,
  PROP_COLOURING,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (SalLegend, sal_legend, GTK_TYPE_WIDGET)

/* A patch of the colour and the name, which stay together. */
static void
append_kind (GString *markup, SalOrigin origin, gboolean dark)
{
  SalRgb colour = sal_palette_get_kind (origin, dark);
  g_autofree char *title = g_markup_escape_text (sal_origin_get_title (origin), -1);
  g_auto (GStrv) words = g_strsplit (title, " ", -1);
  g_autofree char *name = g_strjoinv ("\u00a0", words);

  g_string_append_printf (markup,
                          "%s<span foreground=\"#%02x%02x%02x\">\u2588\u2588</span>\u00a0%s",
                          markup->len > 0 ? "\u2003 " : "", (guint)(colour.red * 255 + 0.5),
                          (guint)(colour.green * 255 + 0.5), (guint)(colour.blue * 255 + 0.5),
                          name);
}

static void
update (SalLegend *self)
{
  guint origins = sal_view_state_get_origins (self->state);
  gboolean dark = sal_theme_is_dark (GTK_WIDGET (self));
  g_autoptr (GString) markup = g_string_new (NULL);
  g_autoptr (GString) names = g_string_new (_ ("Colours:"));

  for (guint i = 0; i < SAL_N_ORIGINS && self->colouring == SAL_COLOURING_KIND; i++)
    if (origins & 1u << i)
      {
        append_kind (markup, i, dark);
        g_string_append_printf (names, " %s;", sal_origin_get_title (i));
      }
  gtk_label_set_markup (GTK_LABEL (self->label), markup->str);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->label), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  names->str, -1);
  gtk_widget_set_visible (self->label, markup->len > 0);
}

static void
sal_legend_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (sal_legend_parent_class)->css_changed (widget, change);
  if (SAL_LEGEND (widget)->state != NULL)
    update (SAL_LEGEND (widget));
}

static void
sal_legend_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_COLOURING)
    g_value_set_enum (value, SAL_LEGEND (object)->colouring);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
sal_legend_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  SalLegend *self = SAL_LEGEND (object);

  if (id != PROP_COLOURING)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (self->colouring != (SalColouring)g_value_get_enum (value))
    {
      self->colouring = (SalColouring)g_value_get_enum (value);
      update (self);
      g_object_notify_by_pspec (object, pspec);
    }
}

static void
sal_legend_dispose (GObject *object)
{
  SalLegend *self = SAL_LEGEND (object);

  g_clear_pointer (&self->label, gtk_widget_unparent);
  g_clear_object (&self->state);
  G_OBJECT_CLASS (sal_legend_parent_class)->dispose (object);
}

static void
sal_legend_class_init (SalLegendClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = sal_legend_get_property;
  object_class->set_property = sal_legend_set_property;
  object_class->dispose = sal_legend_dispose;
  widget_class->css_changed = sal_legend_css_changed;
  properties[PROP_COLOURING] = g_param_spec_enum (
      "colouring", NULL, NULL, SAL_TYPE_COLOURING, SAL_COLOURING_KIND,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
sal_legend_init (SalLegend *self)
{
  self->label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_widget_add_css_class (self->label, "caption");
  gtk_widget_set_margin_start (self->label, 6);
  gtk_widget_set_margin_end (self->label, 6);
  gtk_widget_set_margin_top (self->label, 3);
  gtk_widget_set_margin_bottom (self->label, 3);
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
}

GtkWidget *
sal_legend_new (SalViewState *state)
{
  SalLegend *self;

  g_return_val_if_fail (SAL_IS_VIEW_STATE (state), NULL);

  self = g_object_new (SAL_TYPE_LEGEND, NULL);
  self->state = g_object_ref (state);
  g_signal_connect_object (state, "notify::table", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
