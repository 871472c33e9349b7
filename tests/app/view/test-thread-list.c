/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threads sidebar and the switches beside it. */
#include "sal-thread-list.h"

#include <string.h>

#include "sal-filter-switches.h"
#include "sample-profile.h"
#include "view-test.h"

static void
collect (GtkWidget *widget, GType type, GPtrArray *found)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    g_ptr_array_add (found, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect (child, type, found);
}

static GPtrArray *
list_children (GtkWidget *widget, GType type)
{
  GPtrArray *found = g_ptr_array_new ();

  collect (widget, type, found);
  return found;
}

static gboolean
has_text (GtkWidget *widget, const char *text)
{
  g_autoptr (GPtrArray) labels = list_children (widget, GTK_TYPE_LABEL);
  gboolean found = FALSE;

  for (guint i = 0; i < labels->len; i++)
    found |= gtk_widget_get_mapped (labels->pdata[i]) &&
             strstr (gtk_label_get_text (labels->pdata[i]), text) != NULL;
  return found;
}

static void
test_switches_threads (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *list = sal_thread_list_new (state);
  GtkWindow *window = view_test_present (list);
  g_autoptr (GPtrArray) switches = list_children (list, GTK_TYPE_SWITCH);

  g_assert_cmpuint (switches->len, ==, 2);
  g_assert_true (has_text (list, "MainThread"));
  g_assert_true (has_text (list, "Worker-1"));
  g_assert_true (has_text (list, "90 %"));
  g_assert_true (has_text (list, "Process 4711"));
  gtk_switch_set_active (switches->pdata[1], FALSE);
  g_assert_false (sal_view_state_get_thread_shown (state, 1));
  sal_view_state_set_thread_shown (state, 0, FALSE);
  g_assert_false (gtk_switch_get_active (switches->pdata[0]));
  gtk_widget_activate_action (list, "threads.all", NULL);
  g_assert_true (gtk_switch_get_active (switches->pdata[0]));
  g_assert_true (sal_view_state_get_thread_shown (state, 1));
  gtk_widget_activate_action (list, "threads.none", NULL);
  g_assert_false (sal_view_state_get_thread_shown (state, 0));
  g_assert_false (sal_view_state_get_thread_shown (state, 1));
  view_test_save (list, "threads");
  view_test_close (window, list);
  view_test_finalize (state);
}

/* New numbers and threads come without taking the focus from a switch. */
static void
test_grows (void)
{
  g_autoptr (SampleRecording) recording = sample_recording_new ();
  g_autoptr (SalProfile) before = NULL;
  g_autoptr (SalProfile) after = NULL;
  g_autoptr (GPtrArray) switches = NULL;
  g_autoptr (GPtrArray) more = NULL;
  SalViewState *state;
  GtkWidget *list;
  GtkWindow *window;

  sample_recording_add (recording, 0, "main", 10, 1);
  before = sample_recording_take (recording);
  state = view_test_new_state (before);
  list = sal_thread_list_new (state);
  window = view_test_present (list);
  switches = list_children (list, GTK_TYPE_SWITCH);
  gtk_widget_grab_focus (switches->pdata[0]);
  gtk_switch_set_active (switches->pdata[0], FALSE);

  sample_recording_add (recording, 1, "work", 30, 1);
  after = sample_recording_take (recording);
  sal_view_state_set_profile (state, after);
  more = list_children (list, GTK_TYPE_SWITCH);
  g_assert_cmpuint (more->len, ==, 2);
  g_assert_true (more->pdata[0] == switches->pdata[0]);
  g_assert_true (gtk_window_get_focus (window) == switches->pdata[0]);
  g_assert_false (gtk_switch_get_active (more->pdata[0]));
  g_assert_true (gtk_switch_get_active (more->pdata[1]));
  g_assert_true (has_text (list, "25 %"));
  view_test_settle (state);
  view_test_close (window, list);
  view_test_finalize (state);
}

static void
test_calls_have_no_threads (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_calls ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *list = sal_thread_list_new (state);
  GtkWindow *window = view_test_present (list);

  g_assert_true (has_text (list, ".prof files have no information about threads"));
  view_test_close (window, list);
  view_test_finalize (state);
}

static void
test_filter_switches (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *box = sal_filter_switches_new (state);
  GtkWindow *window = view_test_present (box);
  g_autoptr (GPtrArray) switches = list_children (box, GTK_TYPE_SWITCH);
  gboolean on_cpu_only, gil_only;

  /* Processor, GIL, library code; without native frames and tasks there is none to leave out. */
  g_assert_cmpuint (switches->len, ==, 5);
  for (guint i = 0; i < switches->len; i++)
    g_assert_cmpint (gtk_widget_get_mapped (switches->pdata[i]), ==, i < 3);
  gtk_switch_set_active (switches->pdata[0], TRUE);
  g_object_get (state, "on-cpu-only", &on_cpu_only, "gil-only", &gil_only, NULL);
  g_assert_true (on_cpu_only);
  g_assert_false (gil_only);
  g_object_set (state, "gil-only", TRUE, NULL);
  g_assert_true (gtk_switch_get_active (switches->pdata[1]));
  view_test_settle (state);
  view_test_close (window, box);
  view_test_finalize (state);
}

static void
test_native_switches (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_native ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *box = sal_filter_switches_new (state);
  GtkWindow *window = view_test_present (box);
  g_autoptr (GPtrArray) switches = list_children (box, GTK_TYPE_SWITCH);
  g_autoptr (GPtrArray) choices = list_children (box, GTK_TYPE_DROP_DOWN);
  SalFrameView view;

  g_assert_cmpuint (choices->len, ==, 1);
  g_assert_true (gtk_widget_get_mapped (choices->pdata[0]));
  g_assert_true (gtk_widget_get_mapped (switches->pdata[3]));
  gtk_drop_down_set_selected (choices->pdata[0], SAL_NATIVE_VIEW_LEAF);
  gtk_switch_set_active (switches->pdata[2], FALSE);
  gtk_switch_set_active (switches->pdata[3], TRUE);
  view = sal_view_state_get_frame_view (state);
  g_assert_cmpint (view.native, ==, SAL_NATIVE_VIEW_LEAF);
  g_assert_true (view.no_library && view.internals);
  g_object_set (state, "native-frames", SAL_NATIVE_VIEW_OFF, NULL);
  g_assert_cmpuint (gtk_drop_down_get_selected (choices->pdata[0]), ==, SAL_NATIVE_VIEW_OFF);
  view_test_settle (state);
  view_test_close (window, box);
  view_test_finalize (state);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/thread-list/switches-threads", test_switches_threads);
  g_test_add_func ("/view/thread-list/grows", test_grows);
  g_test_add_func ("/view/thread-list/calls-have-no-threads", test_calls_have_no_threads);
  g_test_add_func ("/view/thread-list/filter-switches", test_filter_switches);
  g_test_add_func ("/view/thread-list/native-switches", test_native_switches);
  return g_test_run ();
}
