/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view-test.h"

void
view_test_settle (SalViewState *state)
{
  gboolean is_busy = TRUE;

  view_test_wait ((g_object_get (state, "busy", &is_busy, NULL), !is_busy));
}

SalViewState *
view_test_new_state (SalProfile *profile)
{
  SalViewState *state = sal_view_state_new ();

  sal_view_state_set_profile (state, profile);
  view_test_settle (state);
  g_assert_nonnull (sal_view_state_get_table (state));
  return state;
}

static void
count_frame_cb (GdkFrameClock *clock, gpointer data)
{
  ++*(guint *)data;
}

static void
wait_frames (GtkWidget *widget, guint n_frames)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  guint n_painted = 0;
  gulong handler = g_signal_connect (clock, "after-paint", G_CALLBACK (count_frame_cb), &n_painted);

  gtk_widget_queue_draw (widget);
  view_test_wait ((gtk_widget_queue_draw (widget), n_painted >= n_frames));
  g_signal_handler_disconnect (clock, handler);
}

GtkWindow *
view_test_present (GtkWidget *widget)
{
  GtkWindow *window = GTK_WINDOW (gtk_window_new ());

  gtk_window_set_default_size (window, 1000, 500);
  gtk_window_set_child (window, widget);
  gtk_window_present (window);
  view_test_wait (gtk_widget_get_mapped (widget) && gtk_widget_get_width (widget) > 0);
  wait_frames (widget, 2);
  return g_object_ref (window);
}

void
view_test_press (GtkWidget *widget, guint key, GdkModifierType modifiers)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
      gboolean handled;

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", key, 0, modifiers, &handled);
    }
}

void
view_test_click (GtkWidget *widget, double x, double y, gint n_clicks)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (gint click = 1; click <= n_clicks; click++)
    for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
      {
        g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

        if (!GTK_IS_GESTURE_CLICK (controller) ||
            gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (controller)) != GDK_BUTTON_PRIMARY)
          continue;
        g_signal_emit_by_name (controller, "pressed", click, x, y);
        g_signal_emit_by_name (controller, "released", click, x, y);
      }
}

void
view_test_save (GtkWidget *widget, const char *name)
{
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (widget));
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  gint width = gtk_widget_get_width (window), height = gtk_widget_get_height (window);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (widget));
  g_autofree char *file = g_strconcat (name, ".png", NULL);
  g_autoptr (GdkTexture) texture = NULL;
  GskRenderNode *node;

  wait_frames (widget, 4);
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  texture = gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT (0, 0, width, height));
  gsk_render_node_unref (node);
  g_assert_true (gdk_texture_save_to_png (texture, file));
}

void
view_test_finalize (gpointer object)
{
  /* A worker, the clipboard or an idle source may hold it for a moment longer. */
  view_test_wait (G_OBJECT (object)->ref_count == 1);
  g_assert_finalize_object (object);
}

void
view_test_close (GtkWindow *window, GtkWidget *widget)
{
  g_object_ref (widget);
  gtk_window_destroy (window);
  view_test_finalize (window);
  view_test_finalize (widget);
}
