/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of putting Python frames into native stacks. */
#include "sal-native-merge.h"

#include <string.h>

#include <glib.h>

/* Machine frames whose parts of the stack begin at 100, 200, 300 … */
static void
make_frames (SalNativeFrame *frames, guint n_frames)
{
  for (guint i = 0; i < n_frames; i++)
    frames[i] = (SalNativeFrame){ .stack = (i + 1) * 100 };
}

/* What comes out as text: "n0 p0 p1 n1 | p2". */
static char *
merge (guint n_frames,
       SalNativeReach reach,
       const SalNativeActivation *activations,
       guint n_activations,
       gboolean is_whole)
{
  SalNativeFrame frames[16];
  SalNativeMerged merged[64];
  GString *text = g_string_new (NULL);
  gsize n_merged;
  gsize n_python = 0;

  make_frames (frames, n_frames);
  for (guint i = 0; i < n_activations; i++)
    n_python += activations[i].n_frames;
  g_assert_cmpint (
      sal_native_merge (frames, n_frames, reach, activations, n_activations, merged, &n_merged),
      ==,
      is_whole);
  g_assert_cmpuint (n_merged, <=, sal_native_merge_get_need (n_frames, n_python));
  for (gsize i = 0; i < n_merged; i++)
    if (merged[i].kind == SAL_NATIVE_MERGED_SEAM)
      g_string_append (text, "| ");
    else
      g_string_append_printf (text,
                              "%c%u ",
                              merged[i].kind == SAL_NATIVE_MERGED_NATIVE ? 'n' : 'p',
                              merged[i].index);
  return g_string_free (text, FALSE);
}

#define assert_merged(expected, n_frames, reach, is_whole, ...)                     \
  G_STMT_START                                                                      \
  {                                                                                 \
    const SalNativeActivation activations[] = { __VA_ARGS__ };                      \
    g_autofree char *got =                                                          \
        merge (n_frames, reach, activations, G_N_ELEMENTS (activations), is_whole); \
                                                                                    \
    g_assert_cmpstr (got, ==, expected);                                            \
  }                                                                                 \
  G_STMT_END

static void
test_frames_go_inside_of_their_machine_frame (void)
{
  assert_merged ("n0 n1 p0 p1 n2 n3 p2 n4 n5 ",
                 6,
                 SAL_NATIVE_WHOLE,
                 TRUE,
                 { 350, 2 },
                 { 500, 1 });
}

static void
test_the_innermost_machine_frame_may_be_the_loop (void)
{
  assert_merged ("p0 n0 n1 p1 n2 ", 3, SAL_NATIVE_WHOLE, TRUE, { 150, 1 }, { 399, 1 });
}

static void
test_a_loop_that_begins_has_no_frames (void)
{
  assert_merged ("n0 n1 p0 n2 ", 3, SAL_NATIVE_WHOLE, TRUE, { 250, 0 }, { 300, 1 });
}

static void
test_no_python_is_no_fault (void)
{
  g_autofree char *got = merge (2, SAL_NATIVE_WHOLE, NULL, 0, TRUE);

  g_assert_cmpstr (got, ==, "n0 n1 ");
}

/* Nothing of the Python stack is lost when the native one was cut, nor of what is known of that. */
static void
test_a_cut_stack_keeps_everything (void)
{
  assert_merged ("n0 p0 n1 n2 | p1 p2 ", 3, SAL_NATIVE_CUT, FALSE, { 250, 1 }, { 900, 2 });
  assert_merged ("n0 n1 | p0 ", 2, SAL_NATIVE_LOST, FALSE, { 250, 1 });
}

static void
test_what_does_not_fit_goes_outside_of_a_seam (void)
{
  /* An entry that was not found, one below the stack, and two in one machine frame. */
  assert_merged ("n0 p0 n1 | p1 p2 ", 4, SAL_NATIVE_WHOLE, FALSE, { 250, 1 }, { 0, 1 }, { 450, 1 });
  assert_merged ("| p0 ", 2, SAL_NATIVE_WHOLE, FALSE, { 50, 1 });
  assert_merged ("n0 p0 n1 | p1 ", 3, SAL_NATIVE_WHOLE, FALSE, { 250, 1 }, { 260, 1 });
  assert_merged ("| p0 ", 0, SAL_NATIVE_LOST, FALSE, { 250, 1 });
}

/* The entries that activations without one are given in a stack of @n_frames, of which those that
 * are "x" in @runs are of the loop, as text. */
static char *
place (guint n_frames, const char *runs, SalNativeReach reach, guint n_activations)
{
  SalNativeFunction functions[2] = { { NULL, 0, 0 }, { NULL, 1, 0 } };
  const SalNativeFunction *loops[2] = { &functions[1], NULL };
  SalNativeActivation activations[8] = { { 0, 0 } };
  SalNativeFrame frames[16];
  GString *text = g_string_new (NULL);

  make_frames (frames, n_frames);
  for (guint i = 0; i < n_frames; i++)
    frames[i].function = &functions[runs[i] == 'x'];
  sal_native_merge_place (frames, n_frames, reach, loops, 2, activations, n_activations);
  for (guint i = 0; i < n_activations; i++)
    g_string_append_printf (text, "%u ", (guint)activations[i].entry);
  return g_string_free (text, FALSE);
}

#define assert_placed(expected, runs, reach, n_activations)                          \
  G_STMT_START                                                                       \
  {                                                                                  \
    g_autofree char *got = place ((guint)strlen (runs), runs, reach, n_activations); \
                                                                                     \
    g_assert_cmpstr (got, ==, expected);                                             \
  }                                                                                  \
  G_STMT_END

static void
test_each_run_of_the_loop_has_one (void)
{
  assert_placed ("200 400 500 ", ".x.xx.", SAL_NATIVE_WHOLE, 3);
  /* The innermost run begins. */
  assert_placed ("400 500 ", ".x.xx.", SAL_NATIVE_WHOLE, 2);
  /* From where it is known. */
  assert_placed ("200 400 0 0 ", ".x.x.", SAL_NATIVE_CUT, 4);
}

static void
test_numbers_that_cannot_be_place_nothing (void)
{
  assert_placed ("0 ", "x.xx.", SAL_NATIVE_WHOLE, 1);
  assert_placed ("0 0 0 ", "x.x.", SAL_NATIVE_WHOLE, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/native/merge/frames-go-inside-of-their-machine-frame",
                   test_frames_go_inside_of_their_machine_frame);
  g_test_add_func ("/native/merge/the-innermost-machine-frame-may-be-the-loop",
                   test_the_innermost_machine_frame_may_be_the_loop);
  g_test_add_func ("/native/merge/a-loop-that-begins-has-no-frames",
                   test_a_loop_that_begins_has_no_frames);
  g_test_add_func ("/native/merge/no-python-is-no-fault", test_no_python_is_no_fault);
  g_test_add_func ("/native/merge/a-cut-stack-keeps-everything",
                   test_a_cut_stack_keeps_everything);
  g_test_add_func ("/native/merge/what-does-not-fit-goes-outside-of-a-seam",
                   test_what_does_not_fit_goes_outside_of_a_seam);
  g_test_add_func ("/native/merge/each-run-of-the-loop-has-one",
                   test_each_run_of_the_loop_has_one);
  g_test_add_func ("/native/merge/numbers-that-cannot-be-place-nothing",
                   test_numbers_that_cannot_be_place_nothing);
  return g_test_run ();
}
