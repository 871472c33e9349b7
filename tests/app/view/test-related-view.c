/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callers and callees in a window. */
#include "sal-related-view.h"

#include "sal-function-grid.h"
#include "sample-profile.h"
#include "view-test.h"

/* The @index-th widget of @type below @widget, in the order in which one reads. */
static GtkWidget *
find_child (GtkWidget *widget, GType type, guint *index)
{
  GtkWidget *found = NULL;

  if (g_type_is_a (G_OBJECT_TYPE (widget), type) && (*index)-- == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_child (child, type, index);
  return found;
}

enum
{
  CALLERS,
  CALLEES,
};

static GtkColumnView *
get_list (GtkWidget *view, guint side)
{
  return GTK_COLUMN_VIEW (find_child (view, GTK_TYPE_COLUMN_VIEW, &side));
}

static GtkStack *
get_stack (GtkWidget *view, guint side)
{
  return GTK_STACK (find_child (view, GTK_TYPE_STACK, &side));
}

static const char *
get_title (GtkWidget *view, guint side)
{
  GtkWidget *stack = GTK_WIDGET (get_stack (view, side));

  return gtk_label_get_text (GTK_LABEL (gtk_widget_get_prev_sibling (stack)));
}

static const char *
get_empty_text (GtkWidget *view, guint side)
{
  GtkStack *stack = get_stack (view, side);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (stack), "empty") != 0)
    return NULL;
  return gtk_label_get_text (GTK_LABEL (gtk_stack_get_visible_child (stack)));
}

/* The rows as they stand, one a line: share, @column, name. */
static char *
dump (GtkWidget *view, guint side, SalFunctionColumn column)
{
  GtkSelectionModel *model = gtk_column_view_get_model (get_list (view, side));
  GString *text = g_string_new (NULL);

  for (guint i = 0; model != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (model)); i++)
    {
      g_autoptr (SalFunctionItem) item = g_list_model_get_item (G_LIST_MODEL (model), i);
      g_autofree char *share = sal_function_item_dup_text (item, SAL_FUNCTION_COLUMN_TOTAL_SHARE);
      g_autofree char *cell = sal_function_item_dup_text (item, column);
      g_autofree char *name = sal_function_item_dup_text (item, SAL_FUNCTION_COLUMN_NAME);

      g_string_append_printf (text, "%s|%s|%s\n", share, cell, name);
    }
  g_string_replace (text, "\u2068", "", 0);
  g_string_replace (text, "\u2069", "", 0);
  g_string_replace (text, "\u202f", " ", 0);
  g_string_replace (text, "\u00a0", " ", 0);
  return g_string_free (text, FALSE);
}

static void
expect (GtkWidget *view, guint side, SalFunctionColumn column, const char *expected)
{
  g_autofree char *rows = dump (view, side, column);

  g_assert_cmpstr (rows, ==, expected);
}

static void
select_function (SalViewState *state, GtkWidget *view, const char *name)
{
  SalProfile *profile = sal_view_state_get_profile (state);
  g_autofree char *title = g_strconcat ("Callers of ", name, NULL);

  sal_view_state_set_selected_function (state, sample_profile_find (profile, name));
  view_test_wait (g_str_equal (get_title (view, CALLERS), title));
}

static void
test_recording (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_related_view_new (state);
  GtkWindow *window = view_test_present (view);

  g_assert_cmpstr (get_empty_text (view, CALLERS), ==,
                   "Select a function to see who calls it.");
  select_function (state, view, "parse");
  expect (view, CALLERS, SAL_FUNCTION_COLUMN_TOTAL_SAMPLES, "100 %|700|main\n");
  expect (view, CALLEES, SAL_FUNCTION_COLUMN_TOTAL_SAMPLES, "71 %|500|read\n");
  g_assert_cmpstr (get_title (view, CALLEES), ==, "Callees of parse");
  select_function (state, view, "main");
  expect (view, CALLERS, SAL_FUNCTION_COLUMN_TOTAL_SAMPLES, "100 %|900|(no caller)\n");
  expect (view, CALLEES, SAL_FUNCTION_COLUMN_TOTAL_SAMPLES, "78 %|700|parse\n22 %|200|write\n");
  view_test_wait (gtk_widget_get_height (GTK_WIDGET (get_list (view, CALLERS))) > 350);
  view_test_save (view, "related-recording");
  select_function (state, view, "read");
  g_assert_null (get_empty_text (view, CALLERS));
  g_assert_cmpstr (get_empty_text (view, CALLEES), ==,
                   "In the samples that are shown it called nothing.");
  view_test_close (window, view);
  view_test_finalize (state);
}

static void
test_follows_the_filter (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_related_view_new (state);
  GtkWindow *window = view_test_present (view);

  select_function (state, view, "parse");
  sal_view_state_set_thread_shown (state, 0, FALSE);
  view_test_wait (g_strcmp0 (get_empty_text (view, CALLERS),
                             "None of the samples that are shown has it.") == 0);
  sal_view_state_set_thread_shown (state, 0, TRUE);
  view_test_wait (get_empty_text (view, CALLERS) == NULL);
  expect (view, CALLERS, SAL_FUNCTION_COLUMN_TOTAL_SAMPLES, "100 %|700|main\n");
  view_test_close (window, view);
  view_test_finalize (state);
}

/* Exactly what the file tells, recursion too. */
static void
test_calls (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_calls ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_related_view_new (state);
  GtkWindow *window = view_test_present (view);

  select_function (state, view, "read");
  expect (view, CALLERS, SAL_FUNCTION_COLUMN_CUMTIME, "80 %|4.000000|parse\n20 %|1.000000|write\n");
  expect (view, CALLEES, SAL_FUNCTION_COLUMN_CUMTIME, "40 %|2.000000|decode\n");
  view_test_save (view, "related-calls");
  select_function (state, view, "main");
  g_assert_cmpstr (get_empty_text (view, CALLERS), ==, "The file tells of nobody who called it.");
  select_function (state, view, "decode");
  g_assert_cmpstr (get_empty_text (view, CALLEES), ==,
                   "It called no function that the file tells of.");
  select_function (state, view, "recurse");
  expect (view, CALLERS, SAL_FUNCTION_COLUMN_NAME, "100 %|main|main\n50 %|recurse|recurse\n");
  expect (view, CALLEES, SAL_FUNCTION_COLUMN_NAME, "50 %|recurse|recurse\n");
  view_test_close (window, view);
  view_test_finalize (state);
}

static void
activated_cb (SalViewState *state, guint function)
{
  sal_view_state_set_selected_function (state, function);
}

static void
test_activating_goes_there (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_related_view_new (state);
  GtkWindow *window = view_test_present (view);

  g_signal_connect_swapped (view, "activated", G_CALLBACK (activated_cb), state);
  select_function (state, view, "parse");
  g_signal_emit_by_name (get_list (view, CALLEES), "activate", 0);
  g_assert_cmpuint (sal_view_state_get_selected_function (state), ==,
                    sample_profile_find (profile, "read"));
  view_test_wait (g_str_equal (get_title (view, CALLERS), "Callers of read"));
  /* There is nowhere to go. */
  select_function (state, view, "main");
  g_signal_emit_by_name (get_list (view, CALLERS), "activate", 0);
  g_assert_cmpuint (sal_view_state_get_selected_function (state), ==,
                    sample_profile_find (profile, "main"));
  view_test_close (window, view);
  view_test_finalize (state);
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/related-view/recording", test_recording);
  g_test_add_func ("/view/related-view/follows-the-filter", test_follows_the_filter);
  g_test_add_func ("/view/related-view/calls", test_calls);
  g_test_add_func ("/view/related-view/activating-goes-there", test_activating_goes_there);
  return g_test_run ();
}
