/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the flame graph looks at: zoom, pan, history, and finding a place again. */
#include "sal-flame-view.h"

#include <math.h>

#include "sal-flame-view-private.h"

/* Doubles still tell pixels apart at this width. */
#define LEAST_WIDTH 1e-9

#define ANIMATION_US 150000

/* A pause this long between two turns of the wheel makes them two steps of the history. */
#define CONTINUOUS_US 800000

#define MAX_HISTORY 200

#define ZOOM_STEP 0.5

void
_sal_flame_place_free (gpointer place)
{
  SalFlamePlace *self = place;

  g_array_unref (self->anchor);
  g_clear_pointer (&self->selected, g_array_unref);
  g_free (self);
}

/* The deepest block of the layout that covers all of x0 … x1, or SAL_NO_ID. */
static guint32
find_anchor (SalFlameView *self, double x0, double x1)
{
  const SalFlameViewport *viewport;
  const SalFlameBlock *blocks;
  double middle;
  gint x_px;

  if (_sal_flame_view_ensure_layout (self) == NULL)
    return SAL_NO_ID;
  viewport = sal_flame_layout_get_viewport (self->layout);
  blocks = sal_flame_layout_get_blocks (self->layout, NULL);
  middle = ((x0 + x1) / 2 - viewport->x0) / (viewport->x1 - viewport->x0) * viewport->width_px;
  x_px = (gint)CLAMP (middle, 0, viewport->width_px - 1.0);
  for (guint32 row = sal_flame_layout_get_n_rows (self->layout); row-- > viewport->first_row;)
    {
      guint32 block = sal_flame_layout_hit (self->layout, row, x_px);
      double slack = (x1 - x0) * 1e-6;

      if (block != SAL_NO_ID && !(blocks[block].flags & SAL_FLAME_DUST) &&
          blocks[block].x0 <= x0 + slack && blocks[block].x1 >= x1 - slack)
        return block;
    }
  return SAL_NO_ID;
}

SalFlamePlace *
_sal_flame_place_new (SalFlameView *self)
{
  SalFlamePlace *place = g_new0 (SalFlamePlace, 1);
  const SalFlameSource source = _sal_flame_view_get_source (self);
  guint32 block = SAL_NO_ID;

  place->anchor = g_array_new (FALSE, FALSE, sizeof (guint32));
  place->from = self->target_x0;
  place->to = self->target_x1;
  place->scroll = self->scroll;
  if (self->target_x1 - self->target_x0 < 1)
    block = find_anchor (self, self->target_x0, self->target_x1);
  if (block != SAL_NO_ID)
    {
      const SalFlameBlock *blocks = sal_flame_layout_get_blocks (self->layout, NULL);
      double width = blocks[block].x1 - blocks[block].x0;

      sal_flame_layout_get_path (self->layout, &source, block, place->anchor);
      place->from = (self->target_x0 - blocks[block].x0) / width;
      place->to = (self->target_x1 - blocks[block].x0) / width;
    }
  return place;
}

void
_sal_flame_place_resolve (SalFlameView *self, const SalFlamePlace *place, double *x0, double *x1)
{
  const SalFlameSource source = _sal_flame_view_get_source (self);
  SalFlameBlock block;
  guint32 found = sal_flame_find (&source, (const guint32 *)(void *)place->anchor->data,
                                  place->anchor->len, &block);
  double width = block.x1 - block.x0;

  *x0 = block.x0;
  *x1 = block.x1;
  if (found == place->anchor->len)
    {
      *x0 = block.x0 + place->from * width;
      *x1 = block.x0 + place->to * width;
    }
}

static void
clamp_range (double *x0, double *x1)
{
  double width = CLAMP (*x1 - *x0, LEAST_WIDTH, 1.0);
  double middle = (*x0 + *x1) / 2;

  *x0 = CLAMP (middle - width / 2, 0.0, 1.0 - width);
  *x1 = *x0 + width;
  if (width >= 1)
    {
      *x0 = 0;
      *x1 = 1;
    }
}

void
_sal_flame_view_stop_animation (SalFlameView *self)
{
  if (self->animation_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->animation_tick);
  self->animation_tick = 0;
}

static gboolean
animate_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (widget);
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  double t, eased;

  if (self->animation_start == 0)
    self->animation_start = now;
  t = CLAMP ((double)(now - self->animation_start) / ANIMATION_US, 0, 1);
  eased = 1 - (1 - t) * (1 - t) * (1 - t);
  self->x0 = self->from_x0 + (self->target_x0 - self->from_x0) * eased;
  self->x1 = self->from_x1 + (self->target_x1 - self->from_x1) * eased;
  if (t >= 1)
    {
      self->x0 = self->target_x0;
      self->x1 = self->target_x1;
      self->animation_tick = 0;
    }
  _sal_flame_view_invalidate (self);
  _sal_flame_view_set_scroll (self, self->scroll);
  return t < 1 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
has_animations (SalFlameView *self)
{
  gboolean enabled = FALSE;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &enabled,
                NULL);
  return enabled && gtk_widget_get_mapped (GTK_WIDGET (self));
}

/* Shows the target, at once or by and by. */
static void
approach_target (SalFlameView *self, gboolean animated)
{
  _sal_flame_view_stop_animation (self);
  if (animated && has_animations (self))
    {
      self->from_x0 = self->x0;
      self->from_x1 = self->x1;
      self->animation_start = 0;
      self->animation_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), animate_cb, NULL,
                                                           NULL);
    }
  else
    {
      self->x0 = self->target_x0;
      self->x1 = self->target_x1;
    }
  _sal_flame_view_invalidate (self);
  _sal_flame_view_set_scroll (self, self->scroll);
}

static void
keep_selection (SalFlameView *self, SalFlamePlace *place)
{
  place->selected = g_array_copy (self->selected_path);
  place->function = sal_view_state_get_selected_function (self->state);
}

/* @selects: whether coming back restores what is selected. */
static void
remember (SalFlameView *self, gboolean selects)
{
  SalFlamePlace *place = _sal_flame_place_new (self);

  if (selects)
    keep_selection (self, place);
  g_ptr_array_add (self->back, place);
  if (self->back->len > MAX_HISTORY)
    g_ptr_array_remove_index (self->back, 0);
  g_ptr_array_set_size (self->forward, 0);
  _sal_flame_view_notify (self, SAL_FLAME_VIEW_PROP_CAN_GO_BACK);
  _sal_flame_view_notify (self, SAL_FLAME_VIEW_PROP_CAN_GO_FORWARD);
}

void
_sal_flame_view_move (SalFlameView *self, double x0, double x1, SalFlameMove move)
{
  gint64 now = g_get_monotonic_time ();

  clamp_range (&x0, &x1);
  if (x0 == self->target_x0 && x1 == self->target_x1)
    return;
  if (move == SAL_FLAME_MOVE_JUMP ||
      (move == SAL_FLAME_MOVE_CONTINUOUS && now - self->last_continuous > CONTINUOUS_US))
    remember (self, FALSE);
  self->last_continuous = move == SAL_FLAME_MOVE_CONTINUOUS ? now : 0;
  self->target_x0 = x0;
  self->target_x1 = x1;
  approach_target (self, move != SAL_FLAME_MOVE_CONTINUOUS);
  _sal_flame_view_emit_zoom_changed (self);
}

double
_sal_flame_view_get_fraction (SalFlameView *self, double x)
{
  return self->x0 + (self->x1 - self->x0) * x / MAX (1, self->graph_width);
}

void
_sal_flame_view_zoom (SalFlameView *self, double factor, double x, SalFlameMove move)
{
  double width = CLAMP ((self->target_x1 - self->target_x0) * factor, LEAST_WIDTH, 1);
  double share = (x - self->target_x0) / (self->target_x1 - self->target_x0);
  double x0 = x - width * CLAMP (share, 0, 1);

  _sal_flame_view_move (self, x0, x0 + width, move);
}

void
_sal_flame_view_pan (SalFlameView *self, double dx, double dy)
{
  double width = self->target_x1 - self->target_x0;
  double x0 = CLAMP (self->target_x0 + dx / MAX (1, self->graph_width) * width, 0, 1 - width);

  if (dx != 0)
    _sal_flame_view_move (self, x0, x0 + width, SAL_FLAME_MOVE_CONTINUOUS);
  if (dy != 0)
    _sal_flame_view_set_scroll (self, self->scroll + (self->root_at_bottom ? -dy : dy));
}

static double
get_content_height (SalFlameView *self)
{
  return (_sal_flame_view_get_n_rows (self)) * _sal_flame_view_get_row_height (self);
}

void
_sal_flame_view_set_scroll (SalFlameView *self, double scroll)
{
  double most = MAX (0, get_content_height (self) - self->graph_height);

  scroll = round (CLAMP (scroll, 0, most));
  if (scroll != self->scroll)
    {
      self->scroll = scroll;
      _sal_flame_view_invalidate (self);
    }
  _sal_flame_view_update_scroll (self);
}

void
_sal_flame_view_update_scroll (SalFlameView *self)
{
  double height = get_content_height (self), page = self->graph_height;
  double upper = MAX (height, page);
  double value = self->root_at_bottom ? upper - page - self->scroll : self->scroll;

  gtk_adjustment_configure (self->adjustment, MAX (0, value), 0, upper,
                            3 * _sal_flame_view_get_row_height (self), page * 0.9, page);
  if (gtk_widget_get_child_visible (self->scrollbar) != (height > page))
    {
      gtk_widget_set_child_visible (self->scrollbar, height > page);
      gtk_widget_queue_allocate (GTK_WIDGET (self));
    }
}

/* The row of the selection, and whether there is one. */
static void
scroll_to_row (SalFlameView *self, guint32 row)
{
  double height = _sal_flame_view_get_row_height (self);
  double from = row * height, to = from + height;

  if (from < self->scroll)
    _sal_flame_view_set_scroll (self, from - height);
  else if (to > self->scroll + self->graph_height)
    _sal_flame_view_set_scroll (self, to - self->graph_height + height);
}

void
_sal_flame_view_zoom_to_selected (SalFlameView *self)
{
  if (!self->has_selected)
    return;
  _sal_flame_view_move (self, self->selected.x0, self->selected.x1, SAL_FLAME_MOVE_JUMP);
  scroll_to_row (self, self->selected_path->len - 1);
}

void
_sal_flame_view_reveal_selected (SalFlameView *self)
{
  double width = self->target_x1 - self->target_x0;
  double wanted = self->selected.x1 - self->selected.x0;
  double middle = (self->selected.x0 + self->selected.x1) / 2;
  double least_px = 3;

  if (!self->has_selected)
    return;
  scroll_to_row (self, self->selected_path->len - 1);
  if (wanted / width * self->graph_width < least_px)
    {
      width = wanted * MAX (1, self->graph_width) / (least_px * 10);
      _sal_flame_view_move (self, middle - width / 2, middle + width / 2, SAL_FLAME_MOVE_JUMP);
    }
  else if (self->selected.x1 <= self->target_x0 || self->selected.x0 >= self->target_x1)
    _sal_flame_view_move (self, middle - width / 2, middle + width / 2, SAL_FLAME_MOVE_JUMP);
}

gboolean
_sal_flame_view_zoom_out_one (SalFlameView *self)
{
  const SalFlameSource source = _sal_flame_view_get_source (self);
  g_autofree SalFlamePlace *place = NULL;
  g_autoptr (GArray) path = NULL;
  double x0 = 0, x1 = 1;

  if (self->target_x1 - self->target_x0 >= 1)
    return FALSE;
  place = _sal_flame_place_new (self);
  path = place->anchor;
  /* Ancestors as wide as the view would not be a step that one sees. */
  while (path->len > 0)
    {
      SalFlameBlock block;

      sal_flame_find (&source, (const guint32 *)(void *)path->data, path->len, &block);
      x0 = block.x0;
      x1 = block.x1;
      if (x1 - x0 > (self->target_x1 - self->target_x0) * 1.01)
        break;
      g_array_set_size (path, path->len - 1);
      x0 = 0;
      x1 = 1;
    }
  _sal_flame_view_move (self, x0, x1, SAL_FLAME_MOVE_JUMP);
  return TRUE;
}

void
sal_flame_view_go_to_function (SalFlameView *self, guint32 function)
{
  g_return_if_fail (SAL_IS_FLAME_VIEW (self));

  if (function == sal_view_state_get_selected_function (self->state))
    return;
  remember (self, TRUE);
  sal_view_state_set_selected_function (self->state, function);
}

/* Takes a place from the end of @from, leaves the present one at the end of @to. */
static void
go (SalFlameView *self, GPtrArray *from, GPtrArray *to)
{
  SalFlamePlace *left = NULL, *place = NULL;
  double x0, x1;

  if (from->len == 0)
    return;
  left = _sal_flame_place_new (self);
  place = g_ptr_array_steal_index (from, from->len - 1);
  if (place->selected != NULL)
    keep_selection (self, left);
  g_ptr_array_add (to, left);
  _sal_flame_place_resolve (self, place, &x0, &x1);
  _sal_flame_view_move (self, x0, x1, SAL_FLAME_MOVE_ANIMATED);
  _sal_flame_view_set_scroll (self, place->scroll);
  if (place->selected != NULL && place->selected->len > 0)
    _sal_flame_view_select_path (self, place->selected);
  else if (place->selected != NULL)
    sal_view_state_set_selected_function (self->state, place->function);
  _sal_flame_place_free (place);
  _sal_flame_view_notify (self, SAL_FLAME_VIEW_PROP_CAN_GO_BACK);
  _sal_flame_view_notify (self, SAL_FLAME_VIEW_PROP_CAN_GO_FORWARD);
}

void
sal_flame_view_go_back (SalFlameView *self)
{
  g_return_if_fail (SAL_IS_FLAME_VIEW (self));

  go (self, self->back, self->forward);
}

void
sal_flame_view_go_forward (SalFlameView *self)
{
  g_return_if_fail (SAL_IS_FLAME_VIEW (self));

  go (self, self->forward, self->back);
}

/* Around the selection, else the middle. */
static double
get_zoom_centre (SalFlameView *self)
{
  double centre = (self->target_x0 + self->target_x1) / 2;

  if (self->has_selected && self->selected.x1 > self->target_x0 &&
      self->selected.x0 < self->target_x1)
    centre = (MAX (self->selected.x0, self->target_x0) + MIN (self->selected.x1, self->target_x1)) /
             2;
  else if (self->has_pointer)
    centre = _sal_flame_view_get_fraction (self, self->pointer_x);
  return centre;
}

void
sal_flame_view_zoom_in (SalFlameView *self)
{
  g_return_if_fail (SAL_IS_FLAME_VIEW (self));

  _sal_flame_view_zoom (self, ZOOM_STEP, get_zoom_centre (self), SAL_FLAME_MOVE_JUMP);
}

void
sal_flame_view_zoom_out (SalFlameView *self)
{
  g_return_if_fail (SAL_IS_FLAME_VIEW (self));

  _sal_flame_view_zoom (self, 1 / ZOOM_STEP, get_zoom_centre (self), SAL_FLAME_MOVE_JUMP);
}

void
sal_flame_view_reset (SalFlameView *self)
{
  g_return_if_fail (SAL_IS_FLAME_VIEW (self));

  _sal_flame_view_move (self, 0, 1, SAL_FLAME_MOVE_JUMP);
  _sal_flame_view_set_scroll (self, 0);
}
