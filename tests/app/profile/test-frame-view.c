/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of leaving out native frames and tasks. */
#include "sal-frame-view.h"

#include "sal-call-tree.h"
#include "sal-native-view.h"

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
  profile_maker_add (maker, 1, 80, 0, 80, "<no Python>;clone3@libc.so.6;worker@blas.so");
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
expect_view (SalNativeView view, gboolean internals, const char *expected)
{
  g_autoptr (SalProfile) whole = make_profile ();
  SalFrameView frames = { .native = view, .internals = internals };
  g_autoptr (SalProfile) profile = sal_frame_view_apply (whole, &frames);
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
  expect_view (SAL_NATIVE_VIEW_ON,
               FALSE,
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
  SalFrameView frames = { .internals = TRUE };
  g_autoptr (SalProfile) same = sal_frame_view_apply (whole, &frames);

  g_assert_true (same == whole);
}

static void
test_off_gives_the_time_to_python (void)
{
  expect_view (SAL_NATIVE_VIEW_OFF, FALSE, "main\nmain back\nmain\n<no Python>\n\n");
  expect_view (SAL_NATIVE_VIEW_OFF, TRUE, "main\nmain back\nmain\n<no Python>\n\n");
}

static void
test_leaf_shows_what_python_called (void)
{
  expect_view (SAL_NATIVE_VIEW_LEAF,
               FALSE,
               "main outer_c\n"
               "main back memcpy\n"
               "main outer_c\n"
               "<no Python> worker\n"
               "\n");
}

/* The machinery of Python is what lies in its own library; a program may use such names as well. */
static void
test_what_is_internal (void)
{
  static const struct
  {
    const char *name;
    const char *library;
    SalFunctionKind kind;
    gboolean is_internal;
  } cases[] = {
    { "_PyEval_EvalFrameDefault", "/usr/lib/libpython3.11.so.1.0", SAL_FUNCTION_NATIVE, TRUE },
    { "list_vectorcall", "/usr/bin/python3.11", SAL_FUNCTION_NATIVE, TRUE },
    { "python3.11+0x4a1b4f", "/usr/bin/python3.11", SAL_FUNCTION_NATIVE, TRUE },
    { "PyObject_Vectorcall", "/usr/bin/python3.11", SAL_FUNCTION_NATIVE, TRUE },
    { "list_sort", "/usr/bin/python3.11", SAL_FUNCTION_NATIVE, FALSE },
    { "main", "/usr/bin/python3.11", SAL_FUNCTION_NATIVE, TRUE },
    { "main", "/srv/embedder", SAL_FUNCTION_NATIVE, FALSE },
    { "my_vectorcall", "/srv/my.so", SAL_FUNCTION_NATIVE, FALSE },
    { "my.so+0x10", "/srv/my.so", SAL_FUNCTION_NATIVE, FALSE },
    { "start_thread", "/usr/lib/libc.so.6", SAL_FUNCTION_NATIVE, TRUE },
    { "main", "/srv/python/main.py", SAL_FUNCTION_PYTHON, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SalFunction function = { .name = cases[i].name,
                               .library = cases[i].library,
                               .kind = cases[i].kind };

      g_test_message ("%s in %s", cases[i].name, cases[i].library);
      g_assert_cmpint (sal_native_view_is_internal (&function), ==, cases[i].is_internal);
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
  SalFrameView frames = { .native = SAL_NATIVE_VIEW_OFF, .by_task = TRUE };
  g_autoptr (SalProfile) off = sal_frame_view_apply (profile, &frames);

  g_assert_false (sal_native_view_is_native (profile));
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
  g_test_add_func ("/profile/frame-view/what-is-internal", test_what_is_internal);
  g_test_add_func ("/profile/frame-view/python-alone-stays-itself",
                   test_python_alone_stays_itself);
  g_test_add_func ("/profile/frame-view/tasks-are-hidden-at-first",
                   test_tasks_are_hidden_at_first);
  g_test_add_func ("/profile/frame-view/stacks-begin-with-the-outermost-task",
                   test_stacks_begin_with_the_outermost_task);
  return g_test_run ();
}
