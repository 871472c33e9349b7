/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of leaving out frames, and of tasks. */
#include "sal-frame-view.h"

#include "sal-call-tree.h"
#include "sal-function-table.h"

#include "profile-maker.h"

#define PY "libpython3.12.so.1.0"

/* A program that computes in C, which calls back; machinery all around it. */
static SalProfile *
make_profile (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (2);

  profile_maker_add (maker,
                     0,
                     10,
                     0,
                     10,
                     "_start@python3.12;Py_RunMain@" PY ";_PyEval_EvalFrameDefault@" PY ";main;"
                     "cfunction_call@" PY ";outer_c@my.so;inner_c@my.so");
  profile_maker_add (maker,
                     0,
                     30,
                     0,
                     20,
                     "_start@python3.12;Py_RunMain@" PY ";_PyEval_EvalFrameDefault@" PY ";main;"
                     "cfunction_call@" PY ";outer_c@my.so;_PyEval_EvalFrameDefault@" PY ";back;"
                     "memcpy@libc.so.6");
  profile_maker_add (maker, 0, 70, 0, 40, "main;<native frames missing>;outer_c@my.so");
  profile_maker_add (maker, 1, 80, 0, 80, "<no Python>;clone3@libc.so.6;worker@libblas.so");
  profile_maker_add (maker, 1, 240, 0, 160, "");
  return profile_maker_take (maker);
}

/* The stack of each sample, outermost first. */
static char *
dump (SalProfile *profile)
{
  GString *text = g_string_new (NULL);

  for (guint64 i = 0; i < sal_profile_get_n_samples (profile); i++)
    {
      SalSample sample = sal_profile_get_sample (profile, i);
      g_autoptr (GArray) functions = profile_maker_list_functions (profile, sample.stack);

      for (guint j = 0; j < functions->len; j++)
        g_string_append_printf (
            text,
            "%s%s",
            j == 0 ? "" : " ",
            sal_profile_get_function (profile, g_array_index (functions, guint32, j)).name);
      g_string_append (text, "\n");
    }
  return g_string_free (text, FALSE);
}

/* What is left out changes no total, and the tree of what is left agrees. */
static void
expect_view (SalFrameView view, const char *expected)
{
  g_autoptr (SalProfile) whole = make_profile ();
  g_autoptr (SalProfile) profile = sal_frame_view_apply (whole, &view);
  g_autoptr (SalCallTree) tree =
      sal_call_tree_new (profile, NULL, FALSE, SAL_CALL_TREE_BY_TOTAL, NULL);
  g_autofree char *text = dump (profile);

  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpuint (sal_call_tree_get_node (tree, 0).total, ==, 150);
  g_assert_cmpuint (sal_call_tree_get_node (tree, 0).total_samples, ==, 4);
  g_assert_cmpuint (sal_profile_get_n_samples (profile), ==, 5);
  g_assert_cmpuint (sal_profile_get_thread (profile, 1).n_samples, ==, 2);
}

static void
test_on_leaves_out_the_machinery (void)
{
  expect_view ((SalFrameView){ 0 },
               "main outer_c inner_c\n"
               "main outer_c back memcpy\n"
               "main <native frames missing> outer_c\n"
               "<no Python> worker\n"
               "\n");
}

static void
test_internals_can_be_seen (void)
{
  g_autoptr (SalProfile) whole = make_profile ();
  g_autoptr (SalProfile) same = sal_frame_view_apply (whole, &(SalFrameView){ .internals = TRUE });

  g_assert_true (same == whole);
}

static void
test_off_gives_the_time_to_python (void)
{
  SalFrameView view = { .native = SAL_NATIVE_VIEW_OFF };

  expect_view (view, "main\nmain back\nmain\n<no Python>\n\n");
  view.internals = TRUE;
  expect_view (view, "main\nmain back\nmain\n<no Python>\n\n");
}

static void
test_leaf_shows_what_python_called (void)
{
  expect_view ((SalFrameView){ .native = SAL_NATIVE_VIEW_LEAF },
               "main outer_c\n"
               "main back memcpy\n"
               "main outer_c\n"
               "<no Python> worker\n"
               "\n");
}

static void
test_native_libraries_are_library_code (void)
{
  expect_view ((SalFrameView){ .no_library = TRUE },
               "main outer_c inner_c\n"
               "main outer_c back\n"
               "main <native frames missing> outer_c\n"
               "<no Python>\n"
               "\n");
}

/* What the compiler has put into the machinery is machinery; elsewhere it is a function. */
static void
test_inlined_functions_go_with_their_callers (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (SalProfile) whole = NULL;
  g_autoptr (SalProfile) usual = NULL;
  g_autoptr (SalProfile) leaf = NULL;
  g_autofree char *text = NULL;
  g_autofree char *leaf_text = NULL;

  profile_maker_add (maker, 0, 1, 0, 1, "main;_PyEval_Vector@" PY ">incref>add");
  profile_maker_add (maker, 0, 2, 0, 1, "main;list_sort@" PY ">incref>add");
  whole = profile_maker_take (maker);
  usual = sal_frame_view_apply (whole, &(SalFrameView){ 0 });
  leaf = sal_frame_view_apply (whole, &(SalFrameView){ .native = SAL_NATIVE_VIEW_LEAF });
  text = dump (usual);
  leaf_text = dump (leaf);
  g_assert_cmpstr (text, ==, "main\nmain list_sort incref add\n");
  g_assert_cmpstr (leaf_text, ==, "main\nmain list_sort\n");
}

#define THREADING "%/usr/lib/python3.12/threading.py"
#define JSON "%/usr/lib/python3.12/json/decoder.py"
#define NUMPY "%/srv/venv/lib/python3.12/site-packages/numpy/core/fromnumeric.py"

/* A thread that runs the program's functions, which call libraries, which call back. */
static SalProfile *
make_library_profile (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (2);

  profile_maker_add (maker, 0, 1, 0, 1, "main;loads" JSON ";raw_decode" JSON);
  profile_maker_add (maker, 0, 3, 0, 2, "main;loads" JSON ";hook;sum" NUMPY);
  profile_maker_add (maker, 0, 7, 0, 4, "main");
  profile_maker_add (maker, 1, 8, 0, 8, "_bootstrap" THREADING ";run" THREADING ";worker");
  profile_maker_add (maker, 1, 24, 0, 16, "_bootstrap" THREADING ";wait" THREADING);
  return profile_maker_take (maker);
}

static void
test_library_code_gives_its_time_to_the_program (void)
{
  g_autoptr (SalProfile) whole = make_library_profile ();
  g_autoptr (SalProfile) profile =
      sal_frame_view_apply (whole, &(SalFrameView){ .no_library = TRUE });
  g_autofree char *text = dump (profile);

  g_assert_cmpstr (text, ==, "main\nmain hook\nmain\n_bootstrap worker\n_bootstrap\n");
}

/* The total of each function by name, as far as it is shown in @profile. */
static GHashTable *
get_totals (SalProfile *profile)
{
  g_autoptr (SalFunctionTable) table = sal_function_table_new (profile, NULL, NULL);
  const SalFunctionRow *rows = sal_function_table_get_rows (table);
  GHashTable *totals = g_hash_table_new (NULL, NULL);

  for (guint32 i = 0; i < sal_function_table_get_n_rows (table); i++)
    g_hash_table_insert (totals,
                         GUINT_TO_POINTER (rows[i].function + 1),
                         GSIZE_TO_POINTER (rows[i].total_ns));
  g_hash_table_insert (totals, NULL, GSIZE_TO_POINTER (sal_function_table_get_total_ns (table)));
  return totals;
}

/* Random stacks of all kinds of functions: whatever is left out, what is shown costs the same in
 * all, and all samples the same together. */
static void
test_no_total_changes (void)
{
  static const char *const outermost[] = { "main", "main", "loads" JSON };
  static const char *const frames[] = {
    "a",
    "b",
    "loads" JSON,
    "sum" NUMPY,
    "f@my.so",
    "g@my.so",
    "h@libz.so",
    "deflate" JSON,
    "_PyEval_Vector@" PY,
    "list_sort@" PY,
    "<native frames missing>",
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (SalProfile) whole = NULL;
  g_autoptr (GHashTable) expected = NULL;

  for (guint i = 0; i < 400; i++)
    {
      g_autoptr (GString) stack = g_string_new (outermost[i % 3]);

      for (gint depth = g_rand_int_range (random, 0, 9); depth > 0; depth--)
        g_string_append_printf (
            stack, ";%s", frames[g_rand_int_range (random, 0, G_N_ELEMENTS (frames))]);
      profile_maker_add (maker, 0, i, 0, i, stack->str);
    }
  whole = profile_maker_take (maker);
  expected = get_totals (whole);
  for (guint i = 0; i < 12; i++)
    {
      SalFrameView view = { i % 3, i / 3 % 2 == 1, i / 6 == 1 };
      g_autoptr (SalProfile) profile = sal_frame_view_apply (whole, &view);
      g_autoptr (GHashTable) totals = get_totals (profile);
      GHashTableIter iter;
      gpointer key, total;

      g_hash_table_iter_init (&iter, totals);
      while (g_hash_table_iter_next (&iter, &key, &total))
        if (key == NULL || view.native != SAL_NATIVE_VIEW_LEAF ||
            sal_profile_get_function (whole, GPOINTER_TO_UINT (key) - 1).kind !=
                SAL_FUNCTION_NATIVE)
          g_assert_true (g_hash_table_lookup (expected, key) == total);
      g_assert_cmpuint (g_hash_table_size (totals), >=, 4);
    }
}

/* A loop that polls, runs a task that waits for none, one that another waits for, and one that was
 * begun at once by another that runs. */
static SalProfile *
make_loop (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);

  profile_maker_add (maker, 0, 10, 0, 10, "<module>;run_once;select");
  profile_maker_add (maker, 0, 20, 0, 10, "<module>;run_once;#Task (top);top;think");
  profile_maker_add (maker, 0, 40, 0, 20, "<module>;run_once;#Task (top);#w-1 (work);work;think");
  profile_maker_add (maker, 0, 70, 0, 30,
                     "<module>;run_once;Py_RunMain@" PY ";#Task (top);#w-2 (work);work;"
                     "crunch@my.so");
  profile_maker_add (maker, 0, 80, 0, 10, "<module>;run_once;top;create;#eager (work);work");
  profile_maker_add (maker, 0, 90, 0, 10, "");
  return profile_maker_take (maker);
}

static void
expect_tasks (const SalFrameView *view, const char *expected)
{
  g_autoptr (SalProfile) whole = make_loop ();
  g_autoptr (SalProfile) profile = sal_frame_view_apply (whole, view);
  g_autoptr (SalCallTree) tree =
      sal_call_tree_new (profile, NULL, FALSE, SAL_CALL_TREE_BY_TOTAL, NULL);
  g_autofree char *text = dump (profile);

  g_assert_true (sal_frame_view_has_tasks (whole));
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpuint (sal_call_tree_get_node (tree, 0).total, ==, 80);
}

static void
test_tasks_are_hidden_at_first (void)
{
  expect_tasks (&(SalFrameView){ 0 },
                "<module> run_once select\n"
                "<module> run_once top think\n"
                "<module> run_once work think\n"
                "<module> run_once work crunch\n"
                "<module> run_once top create work\n"
                "\n");
}

static void
test_stacks_begin_with_the_outermost_task (void)
{
  expect_tasks (&(SalFrameView){ .by_task = TRUE },
                "<module> run_once select\n"
                "Task (top) top think\n"
                "Task (top) w-1 (work) work think\n"
                "Task (top) w-2 (work) work crunch\n"
                "eager (work) work\n"
                "\n");
  expect_tasks (&(SalFrameView){ .by_task = TRUE, .native = SAL_NATIVE_VIEW_OFF },
                "<module> run_once select\n"
                "Task (top) top think\n"
                "Task (top) w-1 (work) work think\n"
                "Task (top) w-2 (work) work\n"
                "eager (work) work\n"
                "\n");
}

/* Random stacks have no native frames: nothing is copied for them. */
static void
test_python_alone_stays_itself (void)
{
  g_autoptr (SalProfile) profile = profile_maker_random (1, 300);
  SalFrameView view = { .native = SAL_NATIVE_VIEW_OFF, .by_task = TRUE };
  g_autoptr (SalProfile) off = sal_frame_view_apply (profile, &view);

  g_assert_false (sal_frame_view_has_native (profile));
  g_assert_false (sal_frame_view_has_tasks (profile));
  g_assert_true (off == profile);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/frame-view/on-leaves-out-the-machinery",
                   test_on_leaves_out_the_machinery);
  g_test_add_func ("/profile/frame-view/internals-can-be-seen", test_internals_can_be_seen);
  g_test_add_func ("/profile/frame-view/off-gives-the-time-to-python",
                   test_off_gives_the_time_to_python);
  g_test_add_func ("/profile/frame-view/leaf-shows-what-python-called",
                   test_leaf_shows_what_python_called);
  g_test_add_func ("/profile/frame-view/native-libraries-are-library-code",
                   test_native_libraries_are_library_code);
  g_test_add_func ("/profile/frame-view/inlined-functions-go-with-their-callers",
                   test_inlined_functions_go_with_their_callers);
  g_test_add_func ("/profile/frame-view/library-code-gives-its-time-to-the-program",
                   test_library_code_gives_its_time_to_the_program);
  g_test_add_func ("/profile/frame-view/no-total-changes", test_no_total_changes);
  g_test_add_func ("/profile/frame-view/python-alone-stays-itself",
                   test_python_alone_stays_itself);
  g_test_add_func ("/profile/frame-view/tasks-are-hidden-at-first",
                   test_tasks_are_hidden_at_first);
  g_test_add_func ("/profile/frame-view/stacks-begin-with-the-outermost-task",
                   test_stacks_begin_with_the_outermost_task);
  return g_test_run ();
}
