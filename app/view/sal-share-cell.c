/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sal-share-cell.h"

struct _SalShareCell
{
  GtkWidget parent_instance;

  GtkWidget *label; /* child */
  double share;
};

G_DEFINE_FINAL_TYPE (SalShareCell, sal_share_cell, GTK_TYPE_WIDGET)

static void
sal_share_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SalShareCell *self = SAL_SHARE_CELL (widget);
  float width = (float)gtk_widget_get_width (widget),
        height = (float)gtk_widget_get_height (widget);
  float bar = width * (float)CLAMP (self->share, 0, 1);
  GdkRGBA colour;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  colour.alpha = 0.14f;
  if (bar > 0)
    gtk_snapshot_append_color (snapshot, &colour, &GRAPHENE_RECT_INIT (0, 1, bar, height - 2));
  gtk_widget_snapshot_child (widget, self->label, snapshot);
}

static void
sal_share_cell_dispose (GObject *object)
{
  SalShareCell *self = SAL_SHARE_CELL (object);

  g_clear_pointer (&self->label, gtk_widget_unparent);
  G_OBJECT_CLASS (sal_share_cell_parent_class)->dispose (object);
}

static void
sal_share_cell_class_init (SalShareCellClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sal_share_cell_dispose;
  GTK_WIDGET_CLASS (class)->snapshot = sal_share_cell_snapshot;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
}

static void
sal_share_cell_init (SalShareCell *self)
{
  self->label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->label), 1);
  gtk_widget_set_halign (self->label, GTK_ALIGN_FILL);
  gtk_widget_add_css_class (self->label, "numeric");
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
  gtk_widget_set_size_request (GTK_WIDGET (self), 72, -1);
}

GtkWidget *
sal_share_cell_new (void)
{
  return g_object_new (SAL_TYPE_SHARE_CELL, NULL);
}

void
sal_share_cell_set (SalShareCell *self, const char *text, double share)
{
  g_return_if_fail (SAL_IS_SHARE_CELL (self));

  gtk_label_set_text (GTK_LABEL (self->label), text);
  if (self->share == share)
    return;
  self->share = share;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
