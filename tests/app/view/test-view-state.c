/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the view state makes, and when. */
#include "sample-profile.h"
#include "view-test.h"

static guint64
get_total (SalViewState *state)
{
  return sal_call_tree_get_node (sal_view_state_get_tree (state), 0).total_samples;
}

static void
test_recording (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = view_test_new_state (profile);

  g_assert_nonnull (sal_view_state_get_tree (state));
  g_assert_null (sal_view_state_get_graph (state));
  g_assert_cmpuint (get_total (state), ==, 1000);
  view_test_finalize (state);
}

static void
test_calls (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_calls ();
  SalViewState *state = view_test_new_state (profile);

  g_assert_null (sal_view_state_get_tree (state));
  g_assert_nonnull (sal_view_state_get_graph (state));
  view_test_finalize (state);
}

static void
count_cb (gpointer object, GParamSpec *pspec, gpointer data)
{
  ++*(guint *)data;
}

static void
test_filters (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = view_test_new_state (profile);
  guint n_trees = 0;

  g_signal_connect (state, "notify::tree", G_CALLBACK (count_cb), &n_trees);
  g_object_set (state, "on-cpu-only", TRUE, NULL);
  g_assert_cmpuint (get_total (state), ==, 1000);
  view_test_settle (state);
  g_assert_cmpuint (get_total (state), ==, 900);
  g_object_set (state, "on-cpu-only", FALSE, NULL);
  sal_view_state_set_thread_shown (state, 0, FALSE);
  view_test_settle (state);
  g_assert_cmpuint (get_total (state), ==, 100);
  g_assert_false (sal_view_state_get_thread_shown (state, 0));
  g_assert_true (sal_view_state_get_thread_shown (state, 1));
  g_assert_cmpuint (n_trees, ==, 2);
  view_test_finalize (state);
}

/* The samples of a function's own, or G_MAXUINT64 when it is not shown. */
static guint64
get_own (SalFunctionTable *table, const char *name)
{
  guint32 function = sample_profile_find (sal_function_table_get_profile (table), name);
  const SalFunctionRow *row = sal_function_table_find (table, function);

  return row != NULL ? row->self_samples : G_MAXUINT64;
}

static void
expect_own (SalViewState *state, guint64 loop, guint64 parse, guint64 deflate, guint64 crc)
{
  SalFunctionTable *table;

  view_test_settle (state);
  table = sal_view_state_get_table (state);
  g_assert_cmpuint (get_own (table, "_PyEval_Vector"), ==, loop);
  g_assert_cmpuint (get_own (table, "parse"), ==, parse);
  g_assert_cmpuint (get_own (table, "deflate"), ==, deflate);
  g_assert_cmpuint (get_own (table, "crc"), ==, crc);
  g_assert_cmpuint (get_total (state), ==, 700);
}

static void
test_native_frames (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_native ();
  SalViewState *state = view_test_new_state (profile);

  expect_own (state, G_MAXUINT64, 0, 100, 200);
  g_object_set (state, "internals", TRUE, NULL);
  expect_own (state, 400, 0, 100, 200);
  g_object_set (state, "native-frames", SAL_NATIVE_VIEW_LEAF, NULL);
  expect_own (state, 400, 0, 300, G_MAXUINT64);
  g_object_set (state, "native-frames", SAL_NATIVE_VIEW_OFF, NULL);
  expect_own (state, G_MAXUINT64, 300, G_MAXUINT64, G_MAXUINT64);
  g_object_set (state, "native-frames", SAL_NATIVE_VIEW_ON, "library-code", FALSE, NULL);
  expect_own (state, G_MAXUINT64, 300, G_MAXUINT64, G_MAXUINT64);
  view_test_finalize (state);
}

/* Made when somebody asks for it, of what is shown. */
static void
test_libraries (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_native ();
  SalViewState *state = view_test_new_state (profile);
  SalFunctionTable *libraries;
  guint n_tables = 0;

  g_assert_null (sal_view_state_get_libraries (state));
  g_signal_connect (state, "notify::libraries", G_CALLBACK (count_cb), &n_tables);
  g_object_set (state, "by-library", TRUE, NULL);
  view_test_settle (state);
  libraries = sal_view_state_get_libraries (state);
  g_assert_cmpuint (n_tables, ==, 1);
  g_assert_cmpuint (get_own (libraries, "libz.so.1"), ==, 300);
  g_assert_cmpuint (get_own (libraries, "Program"), ==, 400);
  g_object_set (state, "by-library", FALSE, NULL);
  view_test_settle (state);
  g_assert_null (sal_view_state_get_libraries (state));
  view_test_finalize (state);
}

/* The old tree stays until the new one is there, and only the newest question is answered. */
static void
test_newest_wins (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = view_test_new_state (profile);
  guint n_trees = 0;

  g_signal_connect (state, "notify::tree", G_CALLBACK (count_cb), &n_trees);
  for (guint i = 0; i < 7; i++)
    {
      g_object_set (state, "gil-only", i % 2 == 0, NULL);
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_nonnull (sal_view_state_get_tree (state));
  view_test_settle (state);
  g_assert_cmpuint (get_total (state), ==, 900);
  g_assert_cmpuint (n_trees, <=, 7);
  view_test_finalize (state);
}

static void
test_live_keeps_order_by_name (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = sal_view_state_new ();

  sal_view_state_set_live (state, TRUE);
  sal_view_state_set_profile (state, profile);
  view_test_settle (state);
  g_assert_cmpuint (sal_call_tree_get_node (sal_view_state_get_tree (state), 1).function, ==,
                    sample_profile_find (profile, "idle"));
  sal_view_state_set_live (state, FALSE);
  view_test_settle (state);
  g_assert_cmpuint (sal_call_tree_get_node (sal_view_state_get_tree (state), 1).function, ==,
                    sample_profile_find (profile, "main"));
  view_test_finalize (state);
}

/* However fast a recording grows, trees are made, and the last one is of the last profile. */
static void
test_growth_does_not_starve (void)
{
  g_autoptr (SampleRecording) recording = sample_recording_new ();
  SalViewState *state = sal_view_state_new ();

  sal_view_state_set_live (state, TRUE);
  for (guint i = 1; i <= 50; i++)
    {
      g_autoptr (SalProfile) profile = NULL;

      sample_recording_add (recording, 0, "main;work", 10, 1);
      profile = sample_recording_take (recording);
      sal_view_state_set_profile (state, profile);
      g_main_context_iteration (NULL, FALSE);
    }
  view_test_settle (state);
  g_assert_cmpuint (get_total (state), ==, 500);
  view_test_finalize (state);
}

static void
test_search (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = view_test_new_state (profile);
  guint32 parse = sample_profile_find (profile, "parse");

  g_assert_false (sal_view_state_matches (state, parse));
  sal_view_state_set_search (state, "PAR");
  g_assert_true (sal_view_state_matches (state, parse));
  g_assert_false (sal_view_state_matches (state, sample_profile_find (profile, "write")));
  sal_view_state_set_search (state, "App.Py");
  g_assert_true (sal_view_state_matches (state, parse));
  sal_view_state_set_search (state, NULL);
  g_assert_cmpstr (sal_view_state_get_search (state), ==, "");
  g_assert_false (sal_view_state_matches (state, SAL_NO_ID));
  view_test_finalize (state);
}

static void
test_another_kind_clears (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  g_autoptr (SalProfile) calls = sample_profile_new_calls ();
  SalViewState *state = view_test_new_state (profile);

  sal_view_state_set_selected_function (state, 1);
  sal_view_state_set_profile (state, calls);
  g_assert_null (sal_view_state_get_tree (state));
  g_assert_cmpuint (sal_view_state_get_selected_function (state), ==, SAL_NO_ID);
  view_test_settle (state);
  g_assert_nonnull (sal_view_state_get_graph (state));
  sal_view_state_set_profile (state, NULL);
  g_assert_null (sal_view_state_get_graph (state));
  view_test_finalize (state);
}

/* A state that goes while a worker is at work. */
static void
test_gone_while_busy (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = sal_view_state_new ();

  sal_view_state_set_profile (state, profile);
  view_test_finalize (state);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/view-state/recording", test_recording);
  g_test_add_func ("/view/view-state/calls", test_calls);
  g_test_add_func ("/view/view-state/filters", test_filters);
  g_test_add_func ("/view/view-state/native-frames", test_native_frames);
  g_test_add_func ("/view/view-state/libraries", test_libraries);
  g_test_add_func ("/view/view-state/newest-wins", test_newest_wins);
  g_test_add_func ("/view/view-state/live-keeps-order-by-name", test_live_keeps_order_by_name);
  g_test_add_func ("/view/view-state/growth-does-not-starve", test_growth_does_not_starve);
  g_test_add_func ("/view/view-state/search", test_search);
  g_test_add_func ("/view/view-state/another-kind-clears", test_another_kind_clears);
  g_test_add_func ("/view/view-state/gone-while-busy", test_gone_while_busy);
  return g_test_run ();
}
