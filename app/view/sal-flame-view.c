/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flame graph widget as such: its state, its children, what it is selected on. */
#include "sal-flame-view.h"

#include <glib/gi18n.h>

#include "sal-flame-view-private.h"

enum
{
  SIGNAL_ZOOM_CHANGED,
  N_SIGNALS,
};

static GParamSpec *properties[SAL_FLAME_VIEW_N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SalFlameView, sal_flame_view, GTK_TYPE_WIDGET)

SalFlameSource
_sal_flame_view_get_source (SalFlameView *self)
{
  return (SalFlameSource){ .tree = self->tree, .graph = self->graph };
}

SalProfile *
_sal_flame_view_get_profile (SalFlameView *self)
{
  if (self->tree != NULL)
    return sal_call_tree_get_profile (self->tree);
  return self->graph != NULL ? sal_call_graph_get_profile (self->graph) : NULL;
}

void
_sal_flame_view_notify (SalFlameView *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
_sal_flame_view_emit_zoom_changed (SalFlameView *self)
{
  g_signal_emit (self, signals[SIGNAL_ZOOM_CHANGED], 0);
}

static void
update_accessible (SalFlameView *self)
{
  g_autofree char *label = NULL;

  if (self->has_selected)
    label = _sal_flame_text_get_label (self, &self->selected, self->selected_path->len);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
      label != NULL ? label : _ ("Flame graph"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
      _ ("Arrow keys move between functions, Enter zooms, the table shows the same numbers"), -1);
}

/* Finds the selected path in the present source. */
static void
resolve_selection (SalFlameView *self)
{
  const SalFlameSource source = _sal_flame_view_get_source (self);
  SalFlameBlock block;

  self->has_selected = FALSE;
  if (self->selected_path->len > 0 &&
      sal_flame_find (&source, (const guint32 *)(void *)self->selected_path->data,
                      self->selected_path->len, &block) == self->selected_path->len)
    {
      self->selected = block;
      self->has_selected = TRUE;
    }
  update_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
_sal_flame_view_select_path (SalFlameView *self, const GArray *path)
{
  guint32 function = path->len > 0 ? g_array_index (path, guint32, path->len - 1) : SAL_NO_ID;

  if (path != self->selected_path)
    {
      g_array_set_size (self->selected_path, 0);
      g_array_append_vals (self->selected_path, path->data, path->len);
    }
  resolve_selection (self);
  sal_view_state_set_selected_function (self->state, function);
}

void
_sal_flame_view_select_block (SalFlameView *self, guint32 block)
{
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  const SalFlameSource source = _sal_flame_view_get_source (self);

  if (block != SAL_NO_ID)
    {
      sal_flame_layout_get_path (self->layout, &source, block, path);
      /* Dust is called by its heaviest member, which is not the node it begins with. */
      if (sal_flame_layout_get_blocks (self->layout, NULL)[block].flags & SAL_FLAME_DUST)
        g_array_set_size (path, path->len - 1);
    }
  _sal_flame_view_select_path (self, path);
}

/* Somebody else selected a function: the widest block of it that shows is selected here. */
static void
selected_function_cb (SalFlameView *self)
{
  guint32 function = sal_view_state_get_selected_function (self->state), n_blocks = 0,
          best = SAL_NO_ID;
  const SalFlameLayout *layout = _sal_flame_view_ensure_layout (self);
  const SalFlameBlock *blocks = NULL;

  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->selected_path->len > 0 &&
      g_array_index (self->selected_path, guint32, self->selected_path->len - 1) == function)
    return;
  if (layout != NULL && function != SAL_NO_ID)
    blocks = sal_flame_layout_get_blocks (layout, &n_blocks);
  for (guint32 i = 0; i < n_blocks; i++)
    if (blocks[i].function == function && !(blocks[i].flags & SAL_FLAME_DUST) &&
        (best == SAL_NO_ID || blocks[i].total_ns > blocks[best].total_ns))
      best = i;
  g_array_set_size (self->selected_path, 0);
  if (best != SAL_NO_ID)
    _sal_flame_view_select_block (self, best);
  else
    resolve_selection (self);
}

static void
update_empty (SalFlameView *self)
{
  g_autofree char *text = _sal_flame_text_get_empty (self);

  gtk_label_set_text (GTK_LABEL (self->empty_label), text != NULL ? text : "");
  gtk_widget_set_visible (self->empty_label, text != NULL && *text != '\0');
}

/* Another tree or graph: one keeps looking at the same functions. */
static void
source_cb (SalFlameView *self)
{
  SalCallTree *tree = sal_view_state_get_tree (self->state);
  SalCallGraph *graph = sal_view_state_get_graph (self->state);
  gboolean is_growth = self->tree != NULL && tree != NULL;
  SalFlamePlace *place;

  update_empty (self);
  if (tree == self->tree && graph == self->graph)
    return;
  place = _sal_flame_place_new (self);
  _sal_flame_view_stop_animation (self);
  g_clear_pointer (&self->tree, sal_call_tree_unref);
  g_clear_pointer (&self->graph, sal_call_graph_unref);
  self->tree = tree != NULL ? sal_call_tree_ref (tree) : NULL;
  self->graph = graph != NULL ? sal_call_graph_ref (graph) : NULL;
  sal_flame_painter_set_profile (self->painter, _sal_flame_view_get_profile (self), is_growth);

  _sal_flame_place_resolve (self, place, &self->target_x0, &self->target_x1);
  _sal_flame_place_free (place);
  self->x0 = self->target_x0;
  self->x1 = self->target_x1;
  _sal_flame_view_invalidate (self);
  _sal_flame_view_set_scroll (self, self->scroll);
  resolve_selection (self);
  _sal_flame_view_update_search (self);
  update_empty (self);
}

static void
adjustment_cb (GtkAdjustment *adjustment, SalFlameView *self)
{
  double value = gtk_adjustment_get_value (adjustment);
  double most = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
  double scroll = self->root_at_bottom ? most - value : value;

  if (ABS (scroll - self->scroll) >= 1)
    _sal_flame_view_set_scroll (self, scroll);
}

static void
sal_flame_view_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        gint for_size,
                        gint *minimum,
                        gint *natural,
                        gint *minimum_baseline,
                        gint *natural_baseline)
{
  SalFlameView *self = SAL_FLAME_VIEW (widget);
  double row = _sal_flame_view_get_row_height (self);

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : (gint)(row * 4);
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 640 : (gint)(row * 20);
}

static void
set_graph_size (SalFlameView *self, gint width, gint height)
{
  if (self->graph_width == width && self->graph_height == height)
    return;
  self->graph_width = width;
  self->graph_height = height;
  _sal_flame_view_invalidate (self);
  _sal_flame_view_set_scroll (self, self->scroll);
}

static void
sal_flame_view_size_allocate (GtkWidget *widget, gint width, gint height, gint baseline)
{
  SalFlameView *self = SAL_FLAME_VIEW (widget);
  gint bar = 0, label_height;

  gtk_widget_measure (self->scrollbar, GTK_ORIENTATION_HORIZONTAL, -1, &bar, NULL, NULL, NULL);
  /* Whether there is a scroll bar can follow from the width, so ask again after it is known. */
  for (guint i = 0; i < 2; i++)
    set_graph_size (self, width - (gtk_widget_get_child_visible (self->scrollbar) ? bar : 0),
                    height);
  if (gtk_widget_get_child_visible (self->scrollbar))
    gtk_widget_size_allocate (self->scrollbar, &(GtkAllocation){ width - bar, 0, bar, height }, -1);
  gtk_widget_measure (self->empty_label, GTK_ORIENTATION_VERTICAL, width, &label_height, NULL, NULL,
                      NULL);
  if (gtk_widget_get_visible (self->empty_label))
    gtk_widget_size_allocate (
        self->empty_label, &(GtkAllocation){ 0, (height - label_height) / 2, width, label_height },
        -1);
  gtk_popover_present (GTK_POPOVER (self->menu));
}

static void
sal_flame_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SalFlameView *self = SAL_FLAME_VIEW (widget);

  _sal_flame_view_snapshot (self, snapshot);
  gtk_widget_snapshot_child (widget, self->empty_label, snapshot);
  gtk_widget_snapshot_child (widget, self->scrollbar, snapshot);
}

static void
sal_flame_view_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (sal_flame_view_parent_class)->css_changed (widget, change);
  _sal_flame_view_update_colours (SAL_FLAME_VIEW (widget));
}

static void
sal_flame_view_system_setting_changed (GtkWidget *widget, GtkSystemSetting setting)
{
  GTK_WIDGET_CLASS (sal_flame_view_parent_class)->system_setting_changed (widget, setting);
  _sal_flame_view_update_style (SAL_FLAME_VIEW (widget));
}

static void
style_cb (SalFlameView *self)
{
  _sal_flame_view_update_style (self);
}

static void
sal_flame_view_state_flags_changed (GtkWidget *widget, GtkStateFlags previous)
{
  GTK_WIDGET_CLASS (sal_flame_view_parent_class)->state_flags_changed (widget, previous);
  gtk_widget_queue_draw (widget);
}

static void
set_root_at_bottom (SalFlameView *self, gboolean root_at_bottom)
{
  if (self->root_at_bottom == root_at_bottom)
    return;
  self->root_at_bottom = root_at_bottom;
  _sal_flame_view_update_scroll (self);
  _sal_flame_view_invalidate (self);
  _sal_flame_view_notify (self, SAL_FLAME_VIEW_PROP_ROOT_AT_BOTTOM);
}

static void
set_colouring (SalFlameView *self, SalColouring colouring)
{
  if (self->colouring == colouring)
    return;
  self->colouring = colouring;
  _sal_flame_view_repaint (self);
  _sal_flame_view_notify (self, SAL_FLAME_VIEW_PROP_COLOURING);
}

static void
sal_flame_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SalFlameView *self = SAL_FLAME_VIEW (object);

  switch (id)
    {
    case SAL_FLAME_VIEW_PROP_STATE:
      g_value_set_object (value, self->state);
      break;
    case SAL_FLAME_VIEW_PROP_ROOT_AT_BOTTOM:
      g_value_set_boolean (value, self->root_at_bottom);
      break;
    case SAL_FLAME_VIEW_PROP_COLOURING:
      g_value_set_enum (value, self->colouring);
      break;
    case SAL_FLAME_VIEW_PROP_CAN_GO_BACK:
      g_value_set_boolean (value, self->back->len > 0);
      break;
    case SAL_FLAME_VIEW_PROP_CAN_GO_FORWARD:
      g_value_set_boolean (value, self->forward->len > 0);
      break;
    case SAL_FLAME_VIEW_PROP_MATCH_FRACTION:
      g_value_set_double (value, self->match_fraction);
      break;
    case SAL_FLAME_VIEW_PROP_MATCH_EXACT:
      g_value_set_boolean (value, self->match_exact);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
sal_flame_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  SalFlameView *self = SAL_FLAME_VIEW (object);

  switch (id)
    {
    case SAL_FLAME_VIEW_PROP_STATE:
      self->state = g_value_dup_object (value);
      break;
    case SAL_FLAME_VIEW_PROP_ROOT_AT_BOTTOM:
      set_root_at_bottom (self, g_value_get_boolean (value));
      break;
    case SAL_FLAME_VIEW_PROP_COLOURING:
      set_colouring (self, (SalColouring)g_value_get_enum (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
sal_flame_view_constructed (GObject *object)
{
  SalFlameView *self = SAL_FLAME_VIEW (object);

  G_OBJECT_CLASS (sal_flame_view_parent_class)->constructed (object);
  g_return_if_fail (self->state != NULL);

  _sal_flame_view_update_style (self);
  g_signal_connect_object (self->state, "notify::tree", G_CALLBACK (source_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->state, "notify::graph", G_CALLBACK (source_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->state, "notify::profile", G_CALLBACK (update_empty), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->state, "notify::busy", G_CALLBACK (update_empty), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->state, "notify::search",
                           G_CALLBACK (_sal_flame_view_update_search), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->state, "notify::selected-function",
                           G_CALLBACK (selected_function_cb), self, G_CONNECT_SWAPPED);
  source_cb (self);
  update_accessible (self);
}

static void
sal_flame_view_dispose (GObject *object)
{
  SalFlameView *self = SAL_FLAME_VIEW (object);

  _sal_flame_view_stop_animation (self);
  if (self->label_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->label_tick);
  self->label_tick = 0;
  g_cancellable_cancel (self->match_cancellable);
  g_clear_object (&self->match_cancellable);
  g_clear_pointer (&self->scrollbar, gtk_widget_unparent);
  g_clear_pointer (&self->empty_label, gtk_widget_unparent);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_object (&self->body);
  G_OBJECT_CLASS (sal_flame_view_parent_class)->dispose (object);
}

static void
sal_flame_view_finalize (GObject *object)
{
  SalFlameView *self = SAL_FLAME_VIEW (object);

  g_clear_object (&self->state);
  g_clear_object (&self->adjustment);
  g_clear_pointer (&self->tree, sal_call_tree_unref);
  g_clear_pointer (&self->graph, sal_call_graph_unref);
  g_clear_pointer (&self->layout, sal_flame_layout_free);
  g_clear_pointer (&self->painter, sal_flame_painter_free);
  g_clear_pointer (&self->matches, g_byte_array_unref);
  g_clear_pointer (&self->selected_path, g_array_unref);
  g_clear_pointer (&self->back, g_ptr_array_unref);
  g_clear_pointer (&self->forward, g_ptr_array_unref);
  G_OBJECT_CLASS (sal_flame_view_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  properties[SAL_FLAME_VIEW_PROP_STATE] = g_param_spec_object (
      "state", NULL, NULL, SAL_TYPE_VIEW_STATE,
      readable | G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY);
  properties[SAL_FLAME_VIEW_PROP_ROOT_AT_BOTTOM] = g_param_spec_boolean (
      "root-at-bottom", NULL, NULL, FALSE, readable | G_PARAM_WRITABLE);
  properties[SAL_FLAME_VIEW_PROP_COLOURING] = g_param_spec_enum (
      "colouring", NULL, NULL, SAL_TYPE_COLOURING, SAL_COLOURING_KIND,
      readable | G_PARAM_WRITABLE);
  properties[SAL_FLAME_VIEW_PROP_CAN_GO_BACK] = g_param_spec_boolean ("can-go-back", NULL, NULL,
                                                                      FALSE, readable);
  properties[SAL_FLAME_VIEW_PROP_CAN_GO_FORWARD] = g_param_spec_boolean ("can-go-forward", NULL,
                                                                         NULL, FALSE, readable);
  properties[SAL_FLAME_VIEW_PROP_MATCH_FRACTION] = g_param_spec_double ("match-fraction", NULL,
                                                                        NULL, -1, 1, -1, readable);
  properties[SAL_FLAME_VIEW_PROP_MATCH_EXACT] = g_param_spec_boolean ("match-exact", NULL, NULL,
                                                                      TRUE, readable);
  g_object_class_install_properties (class, SAL_FLAME_VIEW_N_PROPS, properties);
}

static void
sal_flame_view_class_init (SalFlameViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->constructed = sal_flame_view_constructed;
  object_class->get_property = sal_flame_view_get_property;
  object_class->set_property = sal_flame_view_set_property;
  object_class->dispose = sal_flame_view_dispose;
  object_class->finalize = sal_flame_view_finalize;
  widget_class->measure = sal_flame_view_measure;
  widget_class->size_allocate = sal_flame_view_size_allocate;
  widget_class->snapshot = sal_flame_view_snapshot;
  widget_class->css_changed = sal_flame_view_css_changed;
  widget_class->system_setting_changed = sal_flame_view_system_setting_changed;
  widget_class->state_flags_changed = sal_flame_view_state_flags_changed;
  install_properties (object_class);

  signals[SIGNAL_ZOOM_CHANGED] = g_signal_new ("zoom-changed", G_TYPE_FROM_CLASS (class),
                                               G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                               0);
  _sal_flame_view_class_init_input (widget_class);
  gtk_widget_class_set_css_name (widget_class, "flamegraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
sal_flame_view_init (SalFlameView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->selected_path = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->back = g_ptr_array_new_with_free_func (_sal_flame_place_free);
  self->forward = g_ptr_array_new_with_free_func (_sal_flame_place_free);
  self->x1 = self->target_x1 = 1;
  self->hovered = SAL_NO_ID;
  self->match_fraction = -1;
  self->match_exact = TRUE;
  self->scale = 1;
  self->row_px = 1;

  self->adjustment = g_object_ref_sink (gtk_adjustment_new (0, 0, 0, 0, 0, 0));
  g_signal_connect_object (self->adjustment, "value-changed", G_CALLBACK (adjustment_cb), self, 0);
  self->scrollbar = gtk_scrollbar_new (GTK_ORIENTATION_VERTICAL, self->adjustment);
  gtk_widget_set_parent (self->scrollbar, widget);
  gtk_widget_set_child_visible (self->scrollbar, FALSE);
  self->empty_label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->empty_label), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->empty_label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (self->empty_label, "dim-label");
  gtk_widget_set_visible (self->empty_label, FALSE);
  gtk_widget_set_parent (self->empty_label, widget);

  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (style_cb), NULL);
  _sal_flame_view_init_input (self);
}

GtkWidget *
sal_flame_view_new (SalViewState *state)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (state), NULL);

  return g_object_new (SAL_TYPE_FLAME_VIEW, "state", state, NULL);
}
