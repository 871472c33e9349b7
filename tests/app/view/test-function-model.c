/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting and filtering of the table's rows, without a widget. */
#include "sal-function-model.h"
#include "sal-profile-builder.h"
#include "sample-profile.h"

#include <gtk/gtk.h>

static SalFunctionModel *
new_model (SalProfile *profile)
{
  SalFunctionModel *model = sal_function_model_new ();
  const SalFilter filter = { 0 };
  g_autoptr (SalFunctionTable) table = sal_function_table_new (profile, &filter, NULL);

  sal_function_model_set_table (model, table);
  return model;
}

static char *
get_text (SalFunctionModel *model, guint position, SalFunctionColumn column)
{
  g_autoptr (SalFunctionItem) item = g_list_model_get_item (G_LIST_MODEL (model), position);

  return sal_function_item_dup_text (item, column);
}

static void
assert_text (SalFunctionModel *model,
             guint position,
             SalFunctionColumn column,
             const char *expected)
{
  g_autofree char *text = get_text (model, position, column);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_recording_columns (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  g_autoptr (SalFunctionModel) model = new_model (profile);

  sal_function_model_set_sort (model, SAL_FUNCTION_COLUMN_TOTAL, TRUE);
  assert_text (model, 0, SAL_FUNCTION_COLUMN_NAME, "\u2068main\u2069");
  assert_text (model, 0, SAL_FUNCTION_COLUMN_TOTAL, "0.900 s");
  assert_text (model, 0, SAL_FUNCTION_COLUMN_SELF_SAMPLES, "0");
  assert_text (model, 1, SAL_FUNCTION_COLUMN_NAME, "\u2068parse\u2069");
  assert_text (model, 1, SAL_FUNCTION_COLUMN_SELF, "0.200 s");
  assert_text (model, 1, SAL_FUNCTION_COLUMN_SELF_SHARE, "20 %");
  assert_text (model, 1, SAL_FUNCTION_COLUMN_TOTAL_SHARE, "70 %");
  assert_text (model, 1, SAL_FUNCTION_COLUMN_TOTAL_SAMPLES, "700");
  assert_text (model, 1, SAL_FUNCTION_COLUMN_FILE, "\u2068app.py:2\u2069");
}

static void
test_libraries (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_native ();
  g_autoptr (SalFunctionModel) model = new_model (profile);

  sal_function_model_set_sort (model, SAL_FUNCTION_COLUMN_LIBRARY, FALSE);
  assert_text (model, 0, SAL_FUNCTION_COLUMN_LIBRARY, "\u2068libpython3.12.so.1.0\u2069");
  assert_text (model, 2, SAL_FUNCTION_COLUMN_LIBRARY, "\u2068libz.so.1\u2069");
  assert_text (model, 2, SAL_FUNCTION_COLUMN_FILE, "\u2068/usr/lib/libz.so.1\u2069");
  assert_text (model, 4, SAL_FUNCTION_COLUMN_LIBRARY, "\u2068Program\u2069");
  sal_function_model_set_filter (model, "libz");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 2);
}

/* As pstats prints them: nc/cc, tt/nc, ct/cc. */
static void
test_call_columns (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_calls ();
  g_autoptr (SalFunctionModel) model = new_model (profile);
  guint row = sal_function_model_find (model, sample_profile_find (profile, "recurse"));

  assert_text (model, row, SAL_FUNCTION_COLUMN_NCALLS, "15/5");
  assert_text (model, row, SAL_FUNCTION_COLUMN_TOTTIME, "1.000000");
  assert_text (model, row, SAL_FUNCTION_COLUMN_TOTTIME_PERCALL, "0.066667");
  assert_text (model, row, SAL_FUNCTION_COLUMN_CUMTIME, "1.000000");
  assert_text (model, row, SAL_FUNCTION_COLUMN_CUMTIME_PERCALL, "0.200000");
  assert_text (model, row, SAL_FUNCTION_COLUMN_LOCATION, "\u2068/srv/app.py:10(recurse)\u2069");
  row = sal_function_model_find (model, sample_profile_find (profile, "parse"));
  assert_text (model, row, SAL_FUNCTION_COLUMN_NCALLS, "20");
}

/* What the file does not tell is not 0. */
static void
test_callers (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  guint32 id = sal_profile_builder_add_function (builder, "f", "x.py", 1, SAL_FUNCTION_PYTHON);
  SalCallCosts costs = { .pcalls = 2, .ncalls = 2, .tottime = 1, .cumtime = 1 };
  SalCallEdge edge = { .caller = id, .callee = id, .costs = { .pcalls = 2, .ncalls = 2 } };
  g_autoptr (SalFunctionModel) model = sal_function_model_new ();
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (SalFunctionTable) callers = NULL;
  g_autoptr (SalFunctionTable) callees = NULL;

  sal_profile_builder_add_costs (builder, id, &costs);
  sal_profile_builder_add_edge (builder, &edge);
  profile = sal_profile_builder_take (builder);
  g_assert_true (
      sal_function_table_find_related (profile, NULL, id, NULL, &callers, &callees));
  sal_function_model_set_table (model, callers);
  assert_text (model, 0, SAL_FUNCTION_COLUMN_NCALLS, "2");
  assert_text (model, 0, SAL_FUNCTION_COLUMN_CUMTIME, "");
  assert_text (model, 0, SAL_FUNCTION_COLUMN_TOTTIME_PERCALL, "");
  assert_text (model, 0, SAL_FUNCTION_COLUMN_TOTAL_SHARE, "");
}

/* Where a function was outermost its caller is nobody. */
static void
test_nobody (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  g_autoptr (SalFunctionModel) model = sal_function_model_new ();
  g_autoptr (SalFunctionTable) callers = NULL;
  g_autoptr (SalFunctionTable) callees = NULL;

  g_assert_true (sal_function_table_find_related (
      profile, NULL, sample_profile_find (profile, "main"), NULL, &callers, &callees));
  sal_function_model_set_sort (model, SAL_FUNCTION_COLUMN_FILE, FALSE);
  sal_function_model_set_table (model, callers);
  assert_text (model, 0, SAL_FUNCTION_COLUMN_NAME, "\u2068(no caller)\u2069");
  assert_text (model, 0, SAL_FUNCTION_COLUMN_FILE, "");
  g_assert_cmpuint (sal_function_model_get_function (model, 0), ==, SAL_NO_ID);
  sal_function_model_set_filter (model, "caller");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 1);
}

static void
test_every_column_sorts (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_many (2000);
  g_autoptr (SalFunctionModel) model = new_model (profile);

  for (SalFunctionColumn column = SAL_FUNCTION_COLUMN_NCALLS;
       column <= SAL_FUNCTION_COLUMN_CUMTIME_PERCALL; column++)
    for (guint descending = 0; descending < 2; descending++)
      {
        double last = descending ? G_MAXDOUBLE : -1;

        sal_function_model_set_sort (model, column, descending == 1);
        g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 2001);
        for (guint i = 0; i < 2001; i += 20)
          {
            g_autofree char *text = get_text (model, i, column);
            double value = g_ascii_strtod (text, NULL);

            g_assert_true (descending ? value <= last : value >= last);
            last = value;
          }
      }
}

static void
test_names_sort (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_recording ();
  g_autoptr (SalFunctionModel) model = new_model (profile);

  sal_function_model_set_sort (model, SAL_FUNCTION_COLUMN_NAME, FALSE);
  assert_text (model, 0, SAL_FUNCTION_COLUMN_NAME, "\u2068idle\u2069");
  assert_text (model, 5, SAL_FUNCTION_COLUMN_NAME, "\u2068write\u2069");
  sal_function_model_set_sort (model, SAL_FUNCTION_COLUMN_FILE, TRUE);
  assert_text (model, 0, SAL_FUNCTION_COLUMN_FILE, "\u2068app.py:6\u2069");
}

static void
test_filter (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_calls ();
  g_autoptr (SalFunctionModel) model = new_model (profile);

  sal_function_model_set_filter (model, "RE");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 2);
  g_assert_cmpuint (sal_function_model_find (model, sample_profile_find (profile, "main")), ==,
                    G_MAXUINT);
  g_assert_cmpuint (sal_function_model_find (model, sample_profile_find (profile, "read")), <, 2);
  sal_function_model_set_filter (model, "srv/app");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 6);
  sal_function_model_set_filter (model, "nothing like it");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 0);
  g_assert_cmpuint (sal_function_model_get_function (model, 0), ==, SAL_NO_ID);
}

typedef struct
{
  guint position;
  guint removed;
  guint added;
  guint n_item_changes;
} Changes;

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, Changes *changes)
{
  *changes = (Changes){ position, removed, added, changes->n_item_changes };
}

static void
item_changed_cb (SalFunctionItem *item, Changes *changes)
{
  changes->n_item_changes++;
}

/* While a recording grows rows change where they stand: a list keeps its place. */
static void
test_grows_in_place (void)
{
  g_autoptr (SampleRecording) recording = sample_recording_new ();
  g_autoptr (SalProfile) before = NULL;
  g_autoptr (SalProfile) after = NULL;
  g_autoptr (SalFunctionModel) model = NULL;
  g_autoptr (SalFunctionItem) item = NULL;
  g_autoptr (SalFunctionTable) table = NULL;
  const SalFilter filter = { 0 };
  Changes changes = { 0 };

  sample_recording_add (recording, 0, "main;parse", 10, 1);
  before = sample_recording_take (recording);
  sample_recording_add (recording, 0, "main;write", 30, 1);
  after = sample_recording_take (recording);
  model = new_model (before);
  item = g_list_model_get_item (G_LIST_MODEL (model), 0);
  g_signal_connect (model, "items-changed", G_CALLBACK (items_changed_cb), &changes);
  g_signal_connect (item, "changed", G_CALLBACK (item_changed_cb), &changes);
  g_assert_cmpuint (sal_function_item_get_function (item), ==,
                    sample_profile_find (before, "parse"));

  table = sal_function_table_new (after, &filter, NULL);
  sal_function_model_set_table (model, table);
  g_assert_cmpuint (changes.position, ==, 2);
  g_assert_cmpuint (changes.removed, ==, 0);
  g_assert_cmpuint (changes.added, ==, 1);
  g_assert_cmpuint (changes.n_item_changes, ==, 1);
  g_assert_cmpuint (sal_function_item_get_function (item), ==,
                    sample_profile_find (after, "write"));
}

static void
test_no_objects_for_hidden_rows (void)
{
  g_autoptr (SalProfile) profile = sample_profile_new_many (1000);
  SalFunctionModel *model = new_model (profile);
  g_autoptr (SalFunctionItem) first = g_list_model_get_item (G_LIST_MODEL (model), 3);
  g_autoptr (SalFunctionItem) again = g_list_model_get_item (G_LIST_MODEL (model), 3);

  g_assert_true (first == again);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (model), 1001));
  /* A row may outlive its list. */
  g_assert_finalize_object (model);
  g_assert_cmpuint (sal_function_item_get_function (first), <, 1001);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/function-model/callers", test_callers);
  g_test_add_func ("/view/function-model/nobody", test_nobody);
  g_test_add_func ("/view/function-model/recording-columns", test_recording_columns);
  g_test_add_func ("/view/function-model/libraries", test_libraries);
  g_test_add_func ("/view/function-model/call-columns", test_call_columns);
  g_test_add_func ("/view/function-model/every-column-sorts", test_every_column_sorts);
  g_test_add_func ("/view/function-model/names-sort", test_names_sort);
  g_test_add_func ("/view/function-model/filter", test_filter);
  g_test_add_func ("/view/function-model/grows-in-place", test_grows_in_place);
  g_test_add_func ("/view/function-model/no-objects-for-hidden-rows",
                   test_no_objects_for_hidden_rows);
  return g_test_run ();
}
