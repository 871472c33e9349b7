/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws the flame graph: the bodies as a texture that is kept, what moves with the pointer above
 * it. */
#include "sal-flame-view.h"

#include <math.h>
#include <string.h>

#include "sal-flame-view-private.h"
#include "sal-theme.h"

/* Blocks of one function that are tinted at most. */
#define MAX_TINTS 4000

double
_sal_flame_view_get_row_height (SalFlameView *self)
{
  return (double)self->row_px / self->scale;
}

guint32
_sal_flame_view_get_n_rows (SalFlameView *self)
{
  if (self->tree != NULL)
    return sal_call_tree_get_n_levels (self->tree) - 1;
  return _sal_flame_view_ensure_layout (self) != NULL ? sal_flame_layout_get_n_rows (self->layout)
                                                      : 0;
}

const SalFlameLayout *
_sal_flame_view_ensure_layout (SalFlameView *self)
{
  const SalFlameSource source = _sal_flame_view_get_source (self);
  double height = _sal_flame_view_get_row_height (self);
  SalFlameViewport viewport = {
    .x0 = self->x0,
    .x1 = self->x1,
    .width_px = (guint32)MAX (1, self->graph_width * self->scale),
    .first_row = (guint32)(self->scroll / height),
    .n_rows = (guint32)(self->graph_height / height) + 2,
  };

  if (self->layout != NULL || (source.tree == NULL && source.graph == NULL) ||
      self->graph_width <= 0)
    return self->layout;
  if (source.graph != NULL)
    {
      /* How many rows there are depends on what is looked at. */
      viewport.first_row = 0;
      viewport.n_rows = G_MAXUINT32;
    }
  self->layout = sal_flame_layout_new (&source, &viewport);
  return self->layout;
}

void
_sal_flame_view_repaint (SalFlameView *self)
{
  g_clear_object (&self->body);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
_sal_flame_view_invalidate (SalFlameView *self)
{
  g_clear_pointer (&self->layout, sal_flame_layout_free);
  self->hovered = SAL_NO_ID;
  _sal_flame_view_repaint (self);
}

void
_sal_flame_view_update_colours (SalFlameView *self)
{
  g_autofree char *theme = NULL;
  gboolean dark = sal_theme_is_dark (GTK_WIDGET (self));
  gboolean high_contrast;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-theme-name", &theme, NULL);
  high_contrast = theme != NULL && g_str_has_prefix (theme, "HighContrast");
  if (dark == self->dark && high_contrast == self->high_contrast)
    return;
  self->dark = dark;
  self->high_contrast = high_contrast;
  _sal_flame_view_repaint (self);
}

void
_sal_flame_view_update_style (SalFlameView *self)
{
  PangoContext *context = gtk_widget_create_pango_context (GTK_WIDGET (self));
  g_autoptr (PangoFontDescription) font = pango_font_description_copy (
      pango_context_get_font_description (context));
  gint size = pango_font_description_get_size (font);
  gint scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  _sal_flame_view_update_colours (self);
  if (pango_font_description_get_size_is_absolute (font))
    pango_font_description_set_absolute_size (font, size * scale);
  else
    pango_font_description_set_size (font, size * scale);
  pango_context_set_font_description (context, font);
  if (self->painter == NULL)
    self->painter = sal_flame_painter_new (context);
  else
    sal_flame_painter_set_context (self->painter, context);
  self->scale = scale;
  self->row_px = sal_flame_painter_get_row_px (self->painter, scale);
  self->row_px += (scale - self->row_px % scale) % scale;
  _sal_flame_view_invalidate (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_object_unref (context);
}

static SalFlameStyle
get_style (SalFlameView *self)
{
  double origin = self->root_at_bottom ? self->graph_height + self->scroll : -self->scroll;

  return (SalFlameStyle){
    .row_px = self->row_px,
    .origin_px = (gint)CLAMP (origin * self->scale, -G_MAXINT / 2, G_MAXINT / 2),
    .scale = self->scale,
    .upwards = self->root_at_bottom,
    .dark = self->dark,
    .high_contrast = self->high_contrast,
    .colouring = self->colouring,
    .matches = self->matches != NULL ? self->matches->data : NULL,
    .n_matches = self->matches != NULL ? self->matches->len : 0,
  };
}

static gboolean
more_labels_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (widget);

  self->label_tick = 0;
  _sal_flame_view_repaint (self);
  return G_SOURCE_REMOVE;
}

static void
destroy_surface (gpointer surface)
{
  cairo_surface_destroy (surface);
}

/* Paints the bodies into a texture. */
static void
ensure_body (SalFlameView *self)
{
  gint width = self->graph_width * self->scale, height = self->graph_height * self->scale;
  const SalFlameLayout *layout = _sal_flame_view_ensure_layout (self);
  SalFlameStyle style = get_style (self);
  cairo_surface_t *surface;
  cairo_t *cr;
  gboolean is_whole;
  gsize stride;
  g_autoptr (GBytes) bytes = NULL;

  if (self->body != NULL || layout == NULL || width <= 0 || height <= 0)
    return;
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_destroy (surface);
      return;
    }
  cr = cairo_create (surface);
  is_whole = sal_flame_painter_paint (self->painter, cr, layout, &style);
  cairo_destroy (cr);
  stride = (gsize)cairo_image_surface_get_stride (surface);
  bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface),
                                      stride * (gsize)height, destroy_surface, surface);
  self->body = gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);
  if (!is_whole && self->label_tick == 0)
    self->label_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), more_labels_cb, NULL, NULL);
}

graphene_rect_t
_sal_flame_view_get_area (SalFlameView *self, const SalFlameBlock *block, guint32 row)
{
  double height = _sal_flame_view_get_row_height (self);
  double y = self->root_at_bottom ? self->graph_height + self->scroll - (row + 1) * height
                                  : row * height - self->scroll;
  double span = self->x1 - self->x0;
  double pixels = self->graph_width * self->scale;
  double left = floor (CLAMP ((block->x0 - self->x0) / span, 0, 1) * pixels + 0.5) / self->scale;
  double right = floor (CLAMP ((block->x1 - self->x0) / span, 0, 1) * pixels + 0.5) / self->scale;

  return GRAPHENE_RECT_INIT ((float)left, (float)y, (float)(right - left),
                             (float)(height - 1.0 / self->scale));
}

guint32
_sal_flame_view_block_at (SalFlameView *self, double x, double y)
{
  const SalFlameLayout *layout = _sal_flame_view_ensure_layout (self);
  double row = (self->root_at_bottom ? self->graph_height + self->scroll - y : y + self->scroll) /
               _sal_flame_view_get_row_height (self);

  if (layout == NULL || row < 0 || x < 0 || x >= self->graph_width || y < 0 ||
      y >= self->graph_height)
    return SAL_NO_ID;
  return sal_flame_layout_hit (layout, (guint32)row, (gint)(x * self->scale));
}

/* Every block of @function that shows. */
static void
tint_function (SalFlameView *self, GtkSnapshot *snapshot, guint32 function, const GdkRGBA *colour)
{
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (self->layout, NULL);
  guint32 n_rows = sal_flame_layout_get_n_rows (self->layout);
  guint n_tints = 0;

  for (guint32 row = sal_flame_layout_get_viewport (self->layout)->first_row; row < n_rows; row++)
    {
      guint32 first, n_blocks = sal_flame_layout_get_row (self->layout, row, &first);

      for (guint32 i = first; i < first + n_blocks && n_tints < MAX_TINTS; i++)
        if (blocks[i].function == function && !(blocks[i].flags & SAL_FLAME_DUST))
          {
            graphene_rect_t area = _sal_flame_view_get_area (self, &blocks[i], row);

            gtk_snapshot_append_color (snapshot, colour, &area);
            n_tints++;
          }
    }
}

static void
outline (GtkSnapshot *snapshot, graphene_rect_t area, float thick, const GdkRGBA *colour)
{
  GskRoundedRect rounded;
  const float widths[] = { thick, thick, thick, thick };
  const GdkRGBA colours[] = { *colour, *colour, *colour, *colour };

  /* What is narrower than its outline is drawn as wide as that. */
  if (area.size.width < 2 * thick + 1)
    graphene_rect_inset (&area, -(thick + 0.5f - area.size.width / 2), 0);
  gsk_rounded_rect_init_from_rect (&rounded, &area, 0);
  gtk_snapshot_append_border (snapshot, &rounded, widths, colours);
}

/* Two lines, dark and light, that are seen on every colour. */
static void
draw_selection (SalFlameView *self, GtkSnapshot *snapshot)
{
  const GdkRGBA ink = self->dark ? (GdkRGBA){ 1, 1, 1, 1 } : (GdkRGBA){ 0, 0, 0, 1 };
  const GdkRGBA paper = self->dark ? (GdkRGBA){ 0, 0, 0, 1 } : (GdkRGBA){ 1, 1, 1, 1 };
  gboolean has_focus = gtk_widget_has_visible_focus (GTK_WIDGET (self));
  graphene_rect_t area;

  if (!self->has_selected || self->selected.x1 <= self->x0 || self->selected.x0 >= self->x1)
    return;
  area = _sal_flame_view_get_area (self, &self->selected, self->selected_path->len - 1);
  outline (snapshot, area, has_focus ? 3 : 2, &ink);
  graphene_rect_inset (&area, has_focus ? 3 : 2, has_focus ? 3 : 2);
  if (area.size.width > 4)
    outline (snapshot, area, 1, &paper);
}

static void
draw_focus (SalFlameView *self, GtkSnapshot *snapshot)
{
  GdkRGBA colour = { 0.21f, 0.52f, 0.89f, 1 };

  if (!gtk_widget_has_visible_focus (GTK_WIDGET (self)))
    return;
  gtk_style_context_lookup_color (gtk_widget_get_style_context (GTK_WIDGET (self)), "accent_color",
                                  &colour);
  outline (snapshot, GRAPHENE_RECT_INIT (0, 0, self->graph_width, self->graph_height), 2, &colour);
}

static guint32
find_row (SalFlameView *self, guint32 block)
{
  guint32 row = sal_flame_layout_get_viewport (self->layout)->first_row, first;

  for (; row < sal_flame_layout_get_n_rows (self->layout); row++)
    {
      guint32 n_blocks = sal_flame_layout_get_row (self->layout, row, &first);

      if (block < first + n_blocks)
        return row;
    }
  g_return_val_if_reached (0);
}

static void
draw_overlay (SalFlameView *self, GtkSnapshot *snapshot)
{
  const float light = self->dark ? 1 : 0;
  const GdkRGBA same = { light, light, light, 0.13f };
  const GdkRGBA hover = { light, light, light, 0.28f };
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (self->layout, NULL);
  guint32 selected = sal_view_state_get_selected_function (self->state);
  guint32 hovered = SAL_NO_ID;

  if (self->hovered != SAL_NO_ID)
    hovered = blocks[self->hovered].function;
  if (selected != SAL_NO_ID)
    tint_function (self, snapshot, selected, &same);
  if (hovered != SAL_NO_ID && hovered != selected &&
      !(blocks[self->hovered].flags & SAL_FLAME_DUST))
    tint_function (self, snapshot, hovered, &same);
  if (hovered != SAL_NO_ID)
    {
      graphene_rect_t area = _sal_flame_view_get_area (self, &blocks[self->hovered],
                                                       find_row (self, self->hovered));

      gtk_snapshot_append_color (snapshot, &hover, &area);
      outline (snapshot, area, 1, &(GdkRGBA){ light, light, light, 1 });
    }
  draw_selection (self, snapshot);
}

void
_sal_flame_view_snapshot (SalFlameView *self, GtkSnapshot *snapshot)
{
  const graphene_rect_t area = GRAPHENE_RECT_INIT (0, 0, self->graph_width, self->graph_height);
  SalFlameStyle style = get_style (self);
  SalRgb paper = sal_flame_painter_get_background (&style);

  ensure_body (self);
  if (self->has_pointer && !self->is_dragging && self->hovered == SAL_NO_ID)
    self->hovered = _sal_flame_view_block_at (self, self->pointer_x, self->pointer_y);
  gtk_snapshot_push_clip (snapshot, &area);
  if (self->body != NULL)
    gtk_snapshot_append_texture (snapshot, self->body, &area);
  else
    gtk_snapshot_append_color (
        snapshot, &(GdkRGBA){ (float)paper.red, (float)paper.green, (float)paper.blue, 1 }, &area);
  if (self->layout != NULL)
    draw_overlay (self, snapshot);
  draw_focus (self, snapshot);
  gtk_snapshot_pop (snapshot);
}
