/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call table in a window. */
#include "sal-function-view.h"

#include <string.h>

#include "sal-function-model.h"
#include "sample-profile.h"
#include "view-test.h"

static GtkWidget *
find_child (GtkWidget *widget, GType type)
{
  GtkWidget *found = g_type_is_a (G_OBJECT_TYPE (widget), type) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_child (child, type);
  return found;
}

static GListModel *
get_model (GtkWidget *view)
{
  GtkWidget *table = find_child (view, GTK_TYPE_COLUMN_VIEW);
  GtkSelectionModel *selection = gtk_column_view_get_model (GTK_COLUMN_VIEW (table));

  return gtk_single_selection_get_model (GTK_SINGLE_SELECTION (selection));
}

static GtkSingleSelection *
get_selection (GtkWidget *view)
{
  GtkWidget *table = find_child (view, GTK_TYPE_COLUMN_VIEW);

  return GTK_SINGLE_SELECTION (gtk_column_view_get_model (GTK_COLUMN_VIEW (table)));
}

static GtkColumnViewColumn *
get_column (GtkWidget *view, guint index)
{
  GtkWidget *table = find_child (view, GTK_TYPE_COLUMN_VIEW);
  g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (
      gtk_column_view_get_columns (GTK_COLUMN_VIEW (table)), index);

  return column;
}

static guint32
get_function (GtkWidget *view, guint position)
{
  g_autoptr (SalFunctionItem) item = g_list_model_get_item (get_model (view), position);

  return sal_function_item_get_function (item);
}

static void
test_columns (void)
{
  const char *const expected[] = { "ncalls", "tottime", "percall",
                                   "cumtime", "percall", "filename:lineno(function)" };
  g_autoptr (SalProfile) profile = sample_profile_new_calls ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_function_view_new (state);
  GtkWindow *window = view_test_present (view);

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (gtk_column_view_column_get_title (get_column (view, i)), ==, expected[i]);
  g_assert_cmpuint (get_function (view, 0), ==, sample_profile_find (profile, "read"));
  /* All the room below the filter is the table's. */
  g_assert_cmpint (gtk_widget_get_height (find_child (view, GTK_TYPE_COLUMN_VIEW)), >, 350);
  view_test_save (view, "table-calls");
  view_test_close (window, view);
  view_test_finalize (state);
}

static void
test_sorts_by_header (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_function_view_new (state);
  GtkWindow *window = view_test_present (view);
  GtkColumnView *table = GTK_COLUMN_VIEW (find_child (view, GTK_TYPE_COLUMN_VIEW));

  g_assert_cmpuint (get_function (view, 0), ==, sample_profile_find (profile, "read"));
  /* What a click on a header does. Numbers come from the largest down at first. */
  gtk_column_view_sort_by_column (table, get_column (view, 3), GTK_SORT_ASCENDING);
  g_assert_cmpuint (get_function (view, 0), ==, sample_profile_find (profile, "main"));
  gtk_column_view_sort_by_column (table, get_column (view, 3), GTK_SORT_ASCENDING);
  g_assert_cmpuint (get_function (view, 5), ==, sample_profile_find (profile, "main"));
  gtk_column_view_sort_by_column (table, get_column (view, 0), GTK_SORT_ASCENDING);
  g_assert_cmpuint (get_function (view, 0), ==, sample_profile_find (profile, "idle"));
  /* By the keyboard's way. */
  gtk_widget_activate_action (GTK_WIDGET (table), "functions.sort", "u",
                              SAL_FUNCTION_COLUMN_TOTAL_SAMPLES);
  g_assert_cmpuint (get_function (view, 0), ==, sample_profile_find (profile, "main"));
  gtk_widget_activate_action (GTK_WIDGET (table), "functions.reverse", NULL);
  g_assert_cmpuint (get_function (view, 5), ==, sample_profile_find (profile, "main"));
  view_test_save (view, "table-recording");
  view_test_close (window, view);
  view_test_finalize (state);
}

/* Libraries have columns and rows of their own, and are not what other views can select. */
static void
test_by_library (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_native ();
  guint32 parse = sample_profile_find (profile, "parse");
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_function_view_new (state);
  GtkWindow *window = view_test_present (view);
  g_autoptr (SalFunctionItem) item = NULL;
  g_autofree char *name = NULL;

  sal_view_state_set_selected_function (state, parse);
  g_assert_cmpuint (g_list_model_get_n_items (get_model (view)), ==, 4);
  g_assert_cmpstr (gtk_column_view_column_get_title (get_column (view, 8)), ==, "Library");
  g_object_set (state, "by-library", TRUE, NULL);
  view_test_settle (state);
  g_assert_cmpuint (g_list_model_get_n_items (get_model (view)), ==, 2);
  g_assert_cmpstr (gtk_column_view_column_get_title (get_column (view, 0)), ==, "Library");
  item = g_list_model_get_item (get_model (view), 0);
  name = sal_function_item_dup_text (item, SAL_FUNCTION_COLUMN_NAME);
  g_assert_cmpstr (name, ==, "\u2068Program\u2069");
  gtk_single_selection_set_selected (get_selection (view), 1);
  g_assert_cmpuint (sal_view_state_get_selected_function (state), ==, parse);
  view_test_save (view, "table-libraries");
  g_object_set (state, "by-library", FALSE, NULL);
  view_test_settle (state);
  g_assert_cmpuint (get_function (view, gtk_single_selection_get_selected (get_selection (view))),
                    ==, parse);
  view_test_close (window, view);
  view_test_finalize (state);
}

static void
test_selection_is_shared (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_many (5000);
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_function_view_new (state);
  GtkWindow *window = view_test_present (view);
  GtkWidget *scrolled = gtk_widget_get_ancestor (find_child (view, GTK_TYPE_COLUMN_VIEW),
                                                 GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  guint32 late = get_function (view, 4000);

  g_assert_cmpuint (gtk_single_selection_get_selected (get_selection (view)), ==,
                    GTK_INVALID_LIST_POSITION);
  sal_view_state_set_selected_function (state, late);
  g_assert_cmpuint (gtk_single_selection_get_selected (get_selection (view)), ==, 4000);
  view_test_wait (gtk_adjustment_get_value (adjustment) > 1000);
  gtk_single_selection_set_selected (get_selection (view), 7);
  g_assert_cmpuint (sal_view_state_get_selected_function (state), ==, get_function (view, 7));
  view_test_close (window, view);
  view_test_finalize (state);
}

static void
test_filters_as_one_types (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_calls ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_function_view_new (state);
  GtkWindow *window = view_test_present (view);
  GtkWidget *entry = find_child (view, GTK_TYPE_SEARCH_ENTRY);

  sal_view_state_set_selected_function (state, sample_profile_find (profile, "main"));
  gtk_editable_set_text (GTK_EDITABLE (entry), "read");
  view_test_wait (g_list_model_get_n_items (get_model (view)) == 1);
  /* What is hidden stays selected everywhere else. */
  g_assert_cmpuint (sal_view_state_get_selected_function (state), ==,
                    sample_profile_find (profile, "main"));
  gtk_editable_set_text (GTK_EDITABLE (entry), "");
  view_test_wait (g_list_model_get_n_items (get_model (view)) == 6);
  g_assert_cmpuint (get_function (view, gtk_single_selection_get_selected (get_selection (view))),
                    ==, sample_profile_find (profile, "main"));
  view_test_close (window, view);
  view_test_finalize (state);
}

static void
read_cb (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  *(char **)data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
}

static void
test_copies_rows (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_calls ();
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_function_view_new (state);
  GtkWindow *window = view_test_present (view);
  GtkWidget *table = find_child (view, GTK_TYPE_COLUMN_VIEW);
  g_autofree char *text = NULL;

  sal_view_state_set_selected_function (state, sample_profile_find (profile, "recurse"));
  gtk_widget_activate_action (table, "functions.copy", "b", FALSE);
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (view), NULL, read_cb, &text);
  view_test_wait (text != NULL);
  g_assert_cmpstr (text, ==,
                   "ncalls\ttottime\tpercall\tcumtime\tpercall\tfilename:lineno(function)\n"
                   "15/5\t1.000000\t0.066667\t1.000000\t0.200000\t/srv/app.py:10(recurse)\n");
  view_test_close (window, view);
  view_test_finalize (state);
}

/* Sorting, selection and scrolling stay while numbers change. */
static void
test_live (void)
{
  g_autoptr (SampleRecording) recording = sample_recording_new ();
  g_autoptr (SalProfile) before = NULL;
  g_autoptr (SalProfile) after = NULL;
  SalViewState *state;
  GtkWidget *view;
  GtkWindow *window;

  sample_recording_add (recording, 0, "main;parse", 30, 1);
  sample_recording_add (recording, 0, "main;write", 20, 1);
  before = sample_recording_take (recording);
  state = view_test_new_state (before);
  sal_view_state_set_live (state, TRUE);
  view = sal_function_view_new (state);
  window = view_test_present (view);
  sal_view_state_set_selected_function (state, sample_profile_find (before, "write"));
  g_assert_cmpuint (gtk_single_selection_get_selected (get_selection (view)), ==, 1);

  sample_recording_add (recording, 0, "main;write", 20, 1);
  sample_recording_add (recording, 0, "main;late", 1, 1);
  after = sample_recording_take (recording);
  sal_view_state_set_profile (state, after);
  view_test_settle (state);
  g_assert_cmpuint (g_list_model_get_n_items (get_model (view)), ==, 4);
  g_assert_cmpuint (gtk_single_selection_get_selected (get_selection (view)), ==, 0);
  g_assert_cmpuint (sal_view_state_get_selected_function (state), ==,
                    sample_profile_find (after, "write"));
  view_test_close (window, view);
  view_test_finalize (state);
}

/* Rows of the list in @view that can be seen, and, in *@has_selected, whether the selected one is
 * among them. */
static guint
count_rows_in_sight (GtkWidget *view, gboolean *has_selected)
{
  GtkWidget *list = find_child (view, GTK_TYPE_LIST_VIEW);
  guint n = 0;

  *has_selected = FALSE;
  for (GtkWidget *row = gtk_widget_get_first_child (list); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      graphene_rect_t place;

      if (!gtk_widget_get_mapped (row) || !gtk_widget_compute_bounds (row, list, &place) ||
          place.size.height <= 0 || place.origin.y + place.size.height <= 0 ||
          place.origin.y >= (float)gtk_widget_get_height (list))
        continue;
      n++;
      *has_selected = *has_selected || (gtk_widget_get_state_flags (row) & GTK_STATE_FLAG_SELECTED);
    }
  return n;
}

/* A function is selected elsewhere while the table is on a page that has never been shown. */
static void
test_selected_before_it_is_seen (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_many (600);
  SalViewState *state = view_test_new_state (profile);
  GtkWidget *view = sal_function_view_new (state);
  GtkWidget *stack = gtk_stack_new ();
  gboolean has_selected = FALSE;
  GtkWindow *window;

  gtk_stack_add_named (GTK_STACK (stack), gtk_label_new (NULL), "other");
  gtk_stack_add_named (GTK_STACK (stack), view, "table");
  window = view_test_present (stack);
  sal_view_state_set_selected_function (state, sal_profile_get_n_functions (profile) / 2);
  gtk_stack_set_visible_child_name (GTK_STACK (stack), "table");
  view_test_wait (count_rows_in_sight (view, &has_selected) > 5 && has_selected);
  view_test_save (view, "table-selected-before");
  view_test_close (window, stack);
  view_test_finalize (state);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/function-view/columns", test_columns);
  g_test_add_func ("/view/function-view/sorts-by-header", test_sorts_by_header);
  g_test_add_func ("/view/function-view/by-library", test_by_library);
  g_test_add_func ("/view/function-view/selection-is-shared", test_selection_is_shared);
  g_test_add_func ("/view/function-view/filters-as-one-types", test_filters_as_one_types);
  g_test_add_func ("/view/function-view/copies-rows", test_copies_rows);
  g_test_add_func ("/view/function-view/live", test_live);
  g_test_add_func ("/view/function-view/selected-before-it-is-seen",
                   test_selected_before_it_is_seen);
  return g_test_run ();
}
