/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the flame graph does with keys, pointer, wheel and fingers, and its context menu. */
#include "sal-flame-view.h"

#include <glib/gi18n.h>
#include <math.h>

#include "sal-flame-view-private.h"

/* Pixels that a key pans, and that the pointer moves before a click becomes a drag. */
#define PAN_PX 100
#define DRAG_THRESHOLD_PX 5

/* Pixels of one notch of a wheel. */
#define NOTCH_PX 60

#define PAGE_ROWS 10

static void
set_hovered (SalFlameView *self, guint32 block)
{
  if (self->hovered == block)
    return;
  self->hovered = block;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);

  self->has_pointer = TRUE;
  self->pointer_x = x;
  self->pointer_y = y;
  if (!self->is_dragging)
    set_hovered (self, _sal_flame_view_block_at (self, x, y));
}

static void
leave_cb (GtkEventControllerMotion *controller, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);

  self->has_pointer = FALSE;
  set_hovered (self, SAL_NO_ID);
}

static void
pressed_cb (GtkGestureClick *gesture, gint n_press, double x, double y, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);

  guint32 index = n_press == 2 ? _sal_flame_view_block_at (self, x, y) : SAL_NO_ID;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (index != SAL_NO_ID)
    {
      SalFlameBlock block = sal_flame_layout_get_blocks (self->layout, NULL)[index];

      if (block.flags & SAL_FLAME_DUST)
        _sal_flame_view_move (self, block.x0, block.x1, SAL_FLAME_MOVE_JUMP);
      else
        _sal_flame_view_zoom_to_selected (self);
    }
}

static void
released_cb (GtkGestureClick *gesture, gint n_press, double x, double y, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);

  if (n_press == 1)
    _sal_flame_view_select_block (self, _sal_flame_view_block_at (self, x, y));
}

static void
popup_menu (SalFlameView *self, double x, double y)
{
  const GdkRectangle at = { (gint)x, (gint)y, 1, 1 };

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "flame.copy-name", self->has_selected);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "flame.copy-stack", self->has_selected);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "flame.zoom", self->has_selected);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &at);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
other_button_cb (GtkGestureClick *gesture, gint n_press, double x, double y, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  if (button == 8)
    sal_flame_view_go_back (self);
  else if (button == 9)
    sal_flame_view_go_forward (self);
  else if (button == GDK_BUTTON_SECONDARY)
    {
      gtk_widget_grab_focus (GTK_WIDGET (self));
      _sal_flame_view_select_block (self, _sal_flame_view_block_at (self, x, y));
      popup_menu (self, x, y);
    }
  else
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);

  if (x >= self->graph_width)
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  self->is_dragging = FALSE;
  self->drag_x0 = self->target_x0;
  self->drag_x1 = self->target_x1;
  self->drag_scroll = self->scroll;
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);
  double width = self->drag_x1 - self->drag_x0;
  double x0;

  if (!self->is_dragging && hypot (dx, dy) <= DRAG_THRESHOLD_PX)
    return;
  if (!self->is_dragging)
    {
      self->is_dragging = TRUE;
      set_hovered (self, SAL_NO_ID);
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
      gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
    }
  x0 = CLAMP (self->drag_x0 - dx / MAX (1, self->graph_width) * width, 0, 1 - width);
  _sal_flame_view_move (self, x0, x0 + width, SAL_FLAME_MOVE_CONTINUOUS);
  _sal_flame_view_set_scroll (self, self->drag_scroll - (self->root_at_bottom ? -dy : dy));
}

static void
drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);

  self->is_dragging = FALSE;
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);
  GdkModifierType state = gtk_event_controller_get_current_event_state (
      GTK_EVENT_CONTROLLER (controller));
  gboolean is_smooth = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_SURFACE;
  double pixels = is_smooth ? 1 : NOTCH_PX;
  double x = self->has_pointer ? self->pointer_x : self->graph_width / 2.0;

  if (state & GDK_CONTROL_MASK)
    _sal_flame_view_zoom (self, pow (2, dy * pixels / 120), _sal_flame_view_get_fraction (self, x),
                          SAL_FLAME_MOVE_CONTINUOUS);
  else if (state & GDK_SHIFT_MASK)
    _sal_flame_view_pan (self, (dx + dy) * pixels, 0);
  else
    _sal_flame_view_pan (self, dx * pixels, dy * pixels);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);

  self->pinch_x0 = self->target_x0;
  self->pinch_x1 = self->target_x1;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);
  double x = self->graph_width / 2.0, y = 0, share, width, centre;

  gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y);
  share = CLAMP (x / MAX (1, self->graph_width), 0, 1);
  centre = self->pinch_x0 + share * (self->pinch_x1 - self->pinch_x0);
  width = MIN (1, (self->pinch_x1 - self->pinch_x0) / MAX (scale, 1e-6));
  _sal_flame_view_move (self, centre - share * width, centre + (1 - share) * width,
                        SAL_FLAME_MOVE_CONTINUOUS);
}

/* Moves the selection; with none yet, to what fills the view or else the heaviest outermost
 * function. */
static void
step (SalFlameView *self, SalFlameStep direction, guint times)
{
  const SalFlameSource source = _sal_flame_view_get_source (self);
  g_autoptr (GArray) path = g_array_copy (self->selected_path);
  SalFlameBlock block;
  gboolean moved = FALSE;

  if (!self->has_selected)
    {
      SalFlamePlace *place = _sal_flame_place_new (self);

      g_array_set_size (path, 0);
      g_array_append_vals (path, place->anchor->data, place->anchor->len);
      _sal_flame_place_free (place);
      direction = SAL_FLAME_STEP_CHILD;
      moved = path->len > 0;
      times = moved ? 0 : 1;
    }
  for (guint i = 0; i < times && sal_flame_step (&source, direction, path, &block); i++)
    moved = TRUE;
  if (!moved)
    return;
  _sal_flame_view_select_path (self, path);
  _sal_flame_view_reveal_selected (self);
}

/* One step back to the whole: the selection first, then the zoom. */
static gboolean
escape (SalFlameView *self)
{
  if (self->selected_path->len > 0 ||
      sal_view_state_get_selected_function (self->state) != SAL_NO_ID)
    {
      _sal_flame_view_select_block (self, SAL_NO_ID);
      return GDK_EVENT_STOP;
    }
  return _sal_flame_view_zoom_out_one (self) ? GDK_EVENT_STOP : GDK_EVENT_PROPAGATE;
}

static gboolean
pan_by_key (SalFlameView *self, guint key)
{
  switch (key)
    {
    case GDK_KEY_a:
    case GDK_KEY_A:
    case GDK_KEY_Left:
      _sal_flame_view_pan (self, -PAN_PX, 0);
      return GDK_EVENT_STOP;
    case GDK_KEY_d:
    case GDK_KEY_D:
    case GDK_KEY_Right:
      _sal_flame_view_pan (self, PAN_PX, 0);
      return GDK_EVENT_STOP;
    case GDK_KEY_w:
    case GDK_KEY_W:
    case GDK_KEY_Up:
      _sal_flame_view_pan (self, 0, -PAN_PX);
      return GDK_EVENT_STOP;
    case GDK_KEY_s:
    case GDK_KEY_S:
    case GDK_KEY_Down:
      _sal_flame_view_pan (self, 0, PAN_PX);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static gboolean
step_by_key (SalFlameView *self, guint key)
{
  SalFlameStep up = self->root_at_bottom ? SAL_FLAME_STEP_CHILD : SAL_FLAME_STEP_PARENT;
  SalFlameStep down = self->root_at_bottom ? SAL_FLAME_STEP_PARENT : SAL_FLAME_STEP_CHILD;

  switch (key)
    {
    case GDK_KEY_Up:
      step (self, up, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Down:
      step (self, down, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Left:
      step (self, SAL_FLAME_STEP_PREVIOUS, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Right:
      step (self, SAL_FLAME_STEP_NEXT, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Home:
      step (self, SAL_FLAME_STEP_FIRST, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_End:
      step (self, SAL_FLAME_STEP_LAST, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Page_Up:
      step (self, up, PAGE_ROWS);
      return GDK_EVENT_STOP;
    case GDK_KEY_Page_Down:
      step (self, down, PAGE_ROWS);
      return GDK_EVENT_STOP;
    default:
      return pan_by_key (self, key);
    }
}

static gboolean
zoom_by_key (SalFlameView *self, guint key)
{
  switch (key)
    {
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      sal_flame_view_zoom_in (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_minus:
    case GDK_KEY_underscore:
    case GDK_KEY_KP_Subtract:
      sal_flame_view_zoom_out (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      sal_flame_view_reset (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
    case GDK_KEY_space:
      _sal_flame_view_zoom_to_selected (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_BackSpace:
      sal_flame_view_go_back (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape:
      return escape (self);
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
popup_menu_by_key (SalFlameView *self)
{
  graphene_rect_t area = GRAPHENE_RECT_INIT (0, 0, 40, 40);

  if (self->has_selected)
    area = _sal_flame_view_get_area (self, &self->selected, self->selected_path->len - 1);
  popup_menu (self, area.origin.x + MIN (area.size.width / 2, 100),
              area.origin.y + area.size.height);
}

static gboolean
key_cb (
    GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (data);
  GdkModifierType modifiers = state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK);

  if (key == GDK_KEY_Menu || (key == GDK_KEY_F10 && modifiers == GDK_SHIFT_MASK))
    {
      popup_menu_by_key (self);
      return GDK_EVENT_STOP;
    }
  if (modifiers == GDK_ALT_MASK && (key == GDK_KEY_Left || key == GDK_KEY_Right))
    {
      if (key == GDK_KEY_Left)
        sal_flame_view_go_back (self);
      else
        sal_flame_view_go_forward (self);
      return GDK_EVENT_STOP;
    }
  if (modifiers & GDK_ALT_MASK)
    return GDK_EVENT_PROPAGATE;
  if ((modifiers & GDK_CONTROL_MASK) && (key == GDK_KEY_c || key == GDK_KEY_C))
    {
      gtk_widget_activate_action (
          GTK_WIDGET (self), modifiers & GDK_SHIFT_MASK ? "flame.copy-stack" : "flame.copy-name",
          NULL);
      return GDK_EVENT_STOP;
    }
  if (modifiers & GDK_CONTROL_MASK)
    return key >= GDK_KEY_Left && key <= GDK_KEY_Down ? pan_by_key (self, key)
           : key == GDK_KEY_space                     ? GDK_EVENT_PROPAGATE
           : key == GDK_KEY_Return                    ? GDK_EVENT_PROPAGATE
                                                      : zoom_by_key (self, key);
  return zoom_by_key (self, key) || step_by_key (self, key);
}

static gboolean
query_tooltip_cb (
    GtkWidget *widget, gint x, gint y, gboolean by_keyboard, GtkTooltip *tooltip, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (widget);
  guint32 block = by_keyboard ? SAL_NO_ID : _sal_flame_view_block_at (self, x, y);
  g_autofree char *markup = NULL;

  if (self->is_dragging)
    return FALSE;
  if (by_keyboard && self->has_selected)
    markup = _sal_flame_text_get_tooltip (self, &self->selected);
  else if (block != SAL_NO_ID)
    markup = _sal_flame_text_get_tooltip (self,
                                          &sal_flame_layout_get_blocks (self->layout, NULL)[block]);
  if (markup == NULL || *markup == '\0')
    return FALSE;
  gtk_tooltip_set_markup (tooltip, markup);
  if (!by_keyboard)
    gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle){ x, y, 1, 1 });
  return TRUE;
}

static void
copy_name (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SalFlameView *self = SAL_FLAME_VIEW (widget);
  g_autofree char *text = NULL;

  if (!self->has_selected)
    return;
  text = _sal_flame_text_get_function (self, self->selected.function);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
copy_stack (GtkWidget *widget, const char *action, GVariant *parameter)
{
  SalFlameView *self = SAL_FLAME_VIEW (widget);
  g_autoptr (GString) text = g_string_new (NULL);

  if (!self->has_selected)
    return;
  for (guint i = 0; i < self->selected_path->len; i++)
    {
      g_autofree char *line = _sal_flame_text_get_function (
          self, g_array_index (self->selected_path, guint32, i));

      g_string_append_printf (text, "%s\n", line);
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text->str);
}

static void
zoom_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  _sal_flame_view_zoom_to_selected (SAL_FLAME_VIEW (widget));
}

static void
reset_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  sal_flame_view_reset (SAL_FLAME_VIEW (widget));
}

void
_sal_flame_view_class_init_input (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "flame.copy-name", NULL, copy_name);
  gtk_widget_class_install_action (class, "flame.copy-stack", NULL, copy_stack);
  gtk_widget_class_install_action (class, "flame.zoom", NULL, zoom_action);
  gtk_widget_class_install_action (class, "flame.reset", NULL, reset_action);
}

static void
init_menu (SalFlameView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) copy = g_menu_new ();
  g_autoptr (GMenu) zoom = g_menu_new ();

  g_menu_append (zoom, _ ("_Zoom to Function"), "flame.zoom");
  g_menu_append (zoom, _ ("Show _Whole"), "flame.reset");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (zoom));
  g_menu_append (copy, _ ("_Copy Name"), "flame.copy-name");
  g_menu_append (copy, _ ("Copy _Stack"), "flame.copy-stack");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (copy));
  self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
}

static void
init_pointer (SalFlameView *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *other = gtk_gesture_click_new ();

  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (other), 0);
  g_signal_connect (other, "pressed", G_CALLBACK (other_button_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (other));
}

void
_sal_flame_view_init_input (SalFlameView *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (
      GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *key = gtk_event_controller_key_new ();

  init_menu (self);
  init_pointer (self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (pinch));
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
}
