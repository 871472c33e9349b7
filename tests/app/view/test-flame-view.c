/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flame graph in a window, by keyboard and pointer. */
#include "sal-flame-view-private.h"

#include <string.h>

#include "sample-profile.h"
#include "view-test.h"

typedef struct
{
  SalViewState *state;
  SalProfile *profile;
  GtkWidget *view;
  SalFlameView *flame;
  GtkWindow *window;
} Fixture;

static void
open_profile (Fixture *fixture, SalProfile *profile)
{
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  fixture->profile = profile;
  fixture->state = view_test_new_state (profile);
  fixture->view = sal_flame_view_new (fixture->state);
  fixture->flame = SAL_FLAME_VIEW (fixture->view);
  fixture->window = view_test_present (fixture->view);
}

static void
open_recording (Fixture *fixture, gconstpointer data)
{
  open_profile (fixture, sample_profile_new_recording ());
}

static void
open_calls (Fixture *fixture, gconstpointer data)
{
  open_profile (fixture, sample_profile_new_calls ());
}

static void
close_all (Fixture *fixture, gconstpointer data)
{
  view_test_close (fixture->window, fixture->view);
  view_test_finalize (fixture->state);
  sal_profile_unref (fixture->profile);
}

static void
assert_selected (Fixture *fixture, const char *name)
{
  g_assert_cmpuint (sal_view_state_get_selected_function (fixture->state), ==,
                    name != NULL ? sample_profile_find (fixture->profile, name) : SAL_NO_ID);
}

static void
test_keyboard_selects (Fixture *fixture, gconstpointer data)
{
  assert_selected (fixture, NULL);
  view_test_press (fixture->view, GDK_KEY_Down, 0);
  assert_selected (fixture, "main");
  view_test_press (fixture->view, GDK_KEY_Down, 0);
  assert_selected (fixture, "parse");
  view_test_press (fixture->view, GDK_KEY_Right, 0);
  assert_selected (fixture, "write");
  view_test_press (fixture->view, GDK_KEY_Right, 0);
  assert_selected (fixture, "write");
  view_test_press (fixture->view, GDK_KEY_Home, 0);
  assert_selected (fixture, "parse");
  view_test_press (fixture->view, GDK_KEY_Page_Down, 0);
  assert_selected (fixture, "read");
  view_test_press (fixture->view, GDK_KEY_Up, 0);
  assert_selected (fixture, "parse");
  view_test_press (fixture->view, GDK_KEY_Escape, 0);
  assert_selected (fixture, NULL);
}

static void
test_keyboard_follows_direction (Fixture *fixture, gconstpointer data)
{
  g_object_set (fixture->view, "root-at-bottom", TRUE, NULL);
  view_test_press (fixture->view, GDK_KEY_Up, 0);
  view_test_press (fixture->view, GDK_KEY_Up, 0);
  assert_selected (fixture, "parse");
  view_test_press (fixture->view, GDK_KEY_Down, 0);
  assert_selected (fixture, "main");
}

static void
test_label_tells_selection (Fixture *fixture, gconstpointer data)
{
  gtk_test_accessible_assert_role (fixture->view, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (fixture->view, GTK_ACCESSIBLE_PROPERTY_LABEL, "Flame graph");
  view_test_press (fixture->view, GDK_KEY_Down, 0);
  view_test_press (fixture->view, GDK_KEY_Down, 0);
  /* gtk_test_accessible_assert_property() takes what it compares with for a format. */
  g_assert_null (gtk_test_accessible_check_property (GTK_ACCESSIBLE (fixture->view),
                                                     GTK_ACCESSIBLE_PROPERTY_LABEL,
                                                     "parse (app.py:2), 70 %, 700 ms, level 2"));
}

static double
get_row (Fixture *fixture, guint row)
{
  return (row + 0.5) * _sal_flame_view_get_row_height (fixture->flame);
}

static void
count_cb (gpointer object, gpointer data)
{
  ++*(guint *)data;
}

static void
test_click_zoom_back (Fixture *fixture, gconstpointer data)
{
  guint n_changes = 0;
  gboolean can_go_back, can_go_forward;

  g_signal_connect (fixture->view, "zoom-changed", G_CALLBACK (count_cb), &n_changes);
  view_test_click (fixture->view, 10, get_row (fixture, 1), 1);
  assert_selected (fixture, "parse");
  g_assert_cmpuint (n_changes, ==, 0);
  view_test_click (fixture->view, 10, get_row (fixture, 1), 2);
  g_assert_cmpuint (n_changes, ==, 1);
  g_assert_cmpfloat_with_epsilon (fixture->flame->x0, 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (fixture->flame->x1, 0.7, 1e-9);
  g_object_get (fixture->view, "can-go-back", &can_go_back, "can-go-forward", &can_go_forward,
                NULL);
  g_assert_true (can_go_back);
  g_assert_false (can_go_forward);

  view_test_press (fixture->view, GDK_KEY_Left, GDK_ALT_MASK);
  g_assert_cmpfloat_with_epsilon (fixture->flame->x1, 1, 1e-9);
  sal_flame_view_go_forward (fixture->flame);
  g_assert_cmpfloat_with_epsilon (fixture->flame->x1, 0.7, 1e-9);
  view_test_press (fixture->view, GDK_KEY_Escape, 0);
  view_test_press (fixture->view, GDK_KEY_Escape, 0);
  g_assert_cmpfloat_with_epsilon (fixture->flame->x1, 0.9, 1e-9);
  view_test_press (fixture->view, GDK_KEY_0, 0);
  g_assert_cmpfloat_with_epsilon (fixture->flame->x1, 1, 1e-9);
}

static void
test_click_on_nothing_deselects (Fixture *fixture, gconstpointer data)
{
  view_test_click (fixture->view, 10, get_row (fixture, 0), 1);
  assert_selected (fixture, "main");
  view_test_click (fixture->view, 10, get_row (fixture, 12), 1);
  assert_selected (fixture, NULL);
}

static void
test_zoom_keys_stay_in_bounds (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 60; i++)
    view_test_press (fixture->view, GDK_KEY_plus, 0);
  g_assert_cmpfloat (fixture->flame->x1 - fixture->flame->x0, >=, 0.99e-9);
  g_assert_nonnull (_sal_flame_view_ensure_layout (fixture->flame));
  for (guint i = 0; i < 60; i++)
    view_test_press (fixture->view, GDK_KEY_minus, 0);
  g_assert_cmpfloat (fixture->flame->x0, ==, 0);
  g_assert_cmpfloat (fixture->flame->x1, ==, 1);
  view_test_press (fixture->view, GDK_KEY_d, 0);
  g_assert_cmpfloat (fixture->flame->x0, ==, 0);
}

static double
get_match (Fixture *fixture)
{
  double fraction;

  g_object_get (fixture->view, "match-fraction", &fraction, NULL);
  return fraction;
}

static void
test_search_counts_once (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpfloat (get_match (fixture), ==, -1);
  sal_view_state_set_search (fixture->state, "READ");
  view_test_wait (get_match (fixture) > 0.4999 && get_match (fixture) < 0.5001);
  view_test_save (fixture->view, "flame-search");
  sal_view_state_set_search (fixture->state, "app.py");
  view_test_wait (get_match (fixture) > 0.9999);
  sal_view_state_set_search (fixture->state, "");
  g_assert_cmpfloat (get_match (fixture), ==, -1);
}

static void
test_selection_is_shared (Fixture *fixture, gconstpointer data)
{
  sal_view_state_set_selected_function (fixture->state,
                                        sample_profile_find (fixture->profile, "write"));
  g_assert_true (fixture->flame->has_selected);
  g_assert_cmpfloat_with_epsilon (fixture->flame->selected.x0, 0.7, 1e-9);
  g_assert_cmpuint (fixture->flame->selected_path->len, ==, 2);
}

static void
go_to (Fixture *fixture, const char *name)
{
  sal_flame_view_go_to_function (fixture->flame, sample_profile_find (fixture->profile, name));
}

/* Going to a function is a step of the history, between steps of zooming. */
static void
test_back_to_functions (Fixture *fixture, gconstpointer data)
{
  gboolean can_go_back;

  view_test_click (fixture->view, 10, get_row (fixture, 1), 1);
  go_to (fixture, "parse");
  g_object_get (fixture->view, "can-go-back", &can_go_back, NULL);
  g_assert_false (can_go_back);
  go_to (fixture, "main");
  view_test_press (fixture->view, GDK_KEY_Return, 0);
  go_to (fixture, "write");
  g_assert_true (fixture->flame->has_selected);

  sal_flame_view_go_back (fixture->flame);
  assert_selected (fixture, "main");
  g_assert_cmpfloat_with_epsilon (fixture->flame->x1, 0.9, 1e-9);
  sal_flame_view_go_back (fixture->flame);
  assert_selected (fixture, "main");
  g_assert_cmpfloat_with_epsilon (fixture->flame->x1, 1, 1e-9);
  sal_flame_view_go_back (fixture->flame);
  assert_selected (fixture, "parse");
  for (guint i = 0; i < 3; i++)
    sal_flame_view_go_forward (fixture->flame);
  assert_selected (fixture, "write");
  g_assert_cmpfloat_with_epsilon (fixture->flame->x1, 0.9, 1e-9);
}

static void
test_filter_keeps_selection (Fixture *fixture, gconstpointer data)
{
  view_test_click (fixture->view, 10, get_row (fixture, 1), 1);
  sal_view_state_set_thread_shown (fixture->state, 1, FALSE);
  view_test_settle (fixture->state);
  g_assert_true (fixture->flame->has_selected);
  g_assert_cmpfloat_with_epsilon (fixture->flame->selected.x1, 7.0 / 9, 1e-9);
  sal_view_state_set_thread_shown (fixture->state, 0, FALSE);
  view_test_settle (fixture->state);
  g_assert_false (fixture->flame->has_selected);
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (fixture->flame->empty_label)), ==,
                   "Every thread is switched off");
  sal_view_state_set_thread_shown (fixture->state, 0, TRUE);
  view_test_settle (fixture->state);
  g_assert_true (fixture->flame->has_selected);
  g_assert_false (gtk_widget_get_visible (fixture->flame->empty_label));
}

static void
test_pictures (Fixture *fixture, gconstpointer data)
{
  GtkSettings *settings = gtk_settings_get_default ();

  view_test_press (fixture->view, GDK_KEY_Down, 0);
  view_test_press (fixture->view, GDK_KEY_Down, 0);
  view_test_save (fixture->view, "flame-light");
  g_object_set (fixture->view, "root-at-bottom", TRUE, NULL);
  g_object_set (settings, "gtk-application-prefer-dark-theme", TRUE, NULL);
  view_test_save (fixture->view, "flame-dark-root-at-bottom");
  g_assert_true (fixture->flame->dark);
  g_object_set (settings, "gtk-application-prefer-dark-theme", FALSE, NULL);
}

static void
test_calls (Fixture *fixture, gconstpointer data)
{
  view_test_press (fixture->view, GDK_KEY_Down, 0);
  assert_selected (fixture, "main");
  view_test_press (fixture->view, GDK_KEY_Down, 0);
  assert_selected (fixture, "parse");
  view_test_press (fixture->view, GDK_KEY_Down, 0);
  assert_selected (fixture, "read");
  view_test_press (fixture->view, GDK_KEY_Down, 0);
  assert_selected (fixture, "decode");
  g_assert_true (fixture->flame->selected.flags & SAL_FLAME_ESTIMATED);
  view_test_save (fixture->view, "flame-calls-estimated");
  sal_view_state_set_search (fixture->state, "read");
  view_test_wait (get_match (fixture) > 0.4999 && get_match (fixture) < 0.5001);
}

static void
test_tooltip (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  view_test_click (fixture->view, 10, get_row (fixture, 1), 1);
  text = _sal_flame_text_get_tooltip (fixture->flame, &fixture->flame->selected);
  g_assert_true (pango_parse_markup (text, -1, 0, NULL, NULL, NULL, NULL));
  g_assert_nonnull (strstr (text, "parse"));
  g_assert_nonnull (strstr (text, "app.py:2"));
  g_assert_nonnull (strstr (text, "70 % of all"));
  g_assert_nonnull (strstr (text, "700 samples, 200 of them self"));
}

/* "<0.01 %" is no markup. */
static void
test_tooltip_of_little (void)
{
  Fixture fixture = { 0 };
  g_autofree char *text = NULL;

  open_profile (&fixture, sample_profile_new_many (20000));
  view_test_press (fixture.view, GDK_KEY_Down, 0);
  view_test_press (fixture.view, GDK_KEY_Down, 0);
  text = _sal_flame_text_get_tooltip (fixture.flame, &fixture.flame->selected);
  g_assert_nonnull (strstr (text, "&lt;0.01 % of all"));
  g_assert_true (pango_parse_markup (text, -1, 0, NULL, NULL, NULL, NULL));
  close_all (&fixture, NULL);
}

/* While a recording grows one keeps looking at the same function, and it keeps its name selected.
 */
static void
test_live_growth (void)
{
  g_autoptr (SampleRecording) recording = sample_recording_new ();
  Fixture fixture = { 0 };
  g_autoptr (SalProfile) grown = NULL;

  sample_recording_add (recording, 0, "main;parse", 50, 1);
  sample_recording_add (recording, 0, "main;write", 50, 1);
  open_profile (&fixture, sample_recording_take (recording));
  sal_view_state_set_live (fixture.state, TRUE);
  view_test_settle (fixture.state);
  view_test_click (fixture.view, 600, get_row (&fixture, 1), 2);
  assert_selected (&fixture, "write");
  g_assert_cmpfloat_with_epsilon (fixture.flame->x0, 0.5, 1e-9);

  sample_recording_add (recording, 0, "main;alpha", 60, 1);
  sample_recording_add (recording, 0, "main;write", 40, 1);
  grown = sample_recording_take (recording);
  sal_view_state_set_profile (fixture.state, grown);
  view_test_settle (fixture.state);
  g_assert_cmpfloat_with_epsilon (fixture.flame->x0, 0.55, 1e-9);
  g_assert_cmpfloat_with_epsilon (fixture.flame->x1, 1, 1e-9);
  g_assert_true (fixture.flame->has_selected);
  assert_selected (&fixture, "write");
  sal_flame_view_go_back (fixture.flame);
  g_assert_cmpfloat_with_epsilon (fixture.flame->x0, 0, 1e-9);
  close_all (&fixture, NULL);
}

static void
test_deep_stack_scrolls (void)
{
  g_autoptr (SampleRecording) recording = sample_recording_new ();
  g_autoptr (GString) stack = g_string_new ("main");
  Fixture fixture = { 0 };

  for (guint i = 0; i < 2000; i++)
    g_string_append_printf (stack, ";f%u", i % 7);
  sample_recording_add (recording, 0, stack->str, 10, 1);
  open_profile (&fixture, sample_recording_take (recording));
  g_assert_true (gtk_widget_get_child_visible (fixture.flame->scrollbar));
  for (guint i = 0; i < 150; i++)
    view_test_press (fixture.view, GDK_KEY_Page_Down, 0);
  g_assert_cmpuint (fixture.flame->selected_path->len, >, 1400);
  g_assert_cmpfloat (fixture.flame->scroll, >, 1000);
  view_test_save (fixture.view, "flame-deep");
  g_object_set (fixture.view, "root-at-bottom", TRUE, NULL);
  g_assert_cmpfloat (gtk_adjustment_get_value (fixture.flame->adjustment), >, 1000);
  close_all (&fixture, NULL);
}

static void
test_no_profile (void)
{
  g_autoptr (SalViewState) state = sal_view_state_new ();
  GtkWidget *view = sal_flame_view_new (state);
  GtkWindow *window = view_test_present (view);

  view_test_press (view, GDK_KEY_Down, 0);
  view_test_press (view, GDK_KEY_plus, 0);
  view_test_press (view, GDK_KEY_Return, 0);
  view_test_click (view, 5, 5, 2);
  g_assert_cmpuint (sal_view_state_get_selected_function (state), ==, SAL_NO_ID);
  view_test_close (window, view);
}

#define ADD(path, open, test) \
  g_test_add ("/view/flame-view/" path, Fixture, NULL, open, test, close_all)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  ADD ("keyboard-selects", open_recording, test_keyboard_selects);
  ADD ("keyboard-follows-direction", open_recording, test_keyboard_follows_direction);
  ADD ("label-tells-selection", open_recording, test_label_tells_selection);
  ADD ("click-zoom-back", open_recording, test_click_zoom_back);
  ADD ("click-on-nothing-deselects", open_recording, test_click_on_nothing_deselects);
  ADD ("zoom-keys-stay-in-bounds", open_recording, test_zoom_keys_stay_in_bounds);
  ADD ("search-counts-once", open_recording, test_search_counts_once);
  ADD ("selection-is-shared", open_recording, test_selection_is_shared);
  ADD ("back-to-functions", open_recording, test_back_to_functions);
  ADD ("filter-keeps-selection", open_recording, test_filter_keeps_selection);
  ADD ("pictures", open_recording, test_pictures);
  ADD ("tooltip", open_recording, test_tooltip);
  ADD ("calls", open_calls, test_calls);
  g_test_add_func ("/view/flame-view/tooltip-of-little", test_tooltip_of_little);
  g_test_add_func ("/view/flame-view/live-growth", test_live_growth);
  g_test_add_func ("/view/flame-view/deep-stack-scrolls", test_deep_stack_scrolls);
  g_test_add_func ("/view/flame-view/no-profile", test_no_profile);
  return g_test_run ();
}
