/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Merged trees: hand-made ones, and random ones against a naive reference. */
#include "sal-call-tree.h"

#include "profile-maker.h"

#define ON SAL_SAMPLE_ON_CPU
#define GIL SAL_SAMPLE_HAS_GIL

static void
append_node (SalCallTree *tree, guint32 at, guint depth, GString *text)
{
  SalProfile *profile = sal_call_tree_get_profile (tree);
  SalCallNode node = sal_call_tree_get_node (tree, at);

  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, ' ');
  if (node.function == SAL_NO_ID)
    g_string_append (text, "*");
  else
    g_string_append (text, sal_profile_get_function (profile, node.function).name);
  g_string_append_printf (text,
                          " @%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT
                          " %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "\n",
                          node.start,
                          node.total,
                          node.self,
                          node.total_samples,
                          node.self_samples);
  for (guint32 i = 0; i < node.n_children; i++)
    append_node (tree, node.first_child + i, depth + 1, text);
}

/* A line a node: name @start total/self samples/self samples. */
static char *
dump_tree (SalCallTree *tree)
{
  GString *text = g_string_new (NULL);

  append_node (tree, 0, 0, text);
  return g_string_free (text, FALSE);
}

static void
expect_tree (SalProfile *profile,
             const SalFilter *filter,
             gboolean inverted,
             SalCallTreeOrder order,
             const char *expected)
{
  g_autoptr (SalCallTree) tree = sal_call_tree_new (profile, filter, inverted, order, NULL);
  g_autofree char *text = dump_tree (tree);

  g_assert_cmpstr (text, ==, expected);
}

/* main calls work at two lines, which calls itself; a second thread sleeps. */
static SalProfile *
make_profile (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (2);

  profile_maker_add (maker, 0, 10, ON | GIL, 10, "main:1;work:1");
  profile_maker_add (maker, 1, 10, 0, 10, "sleep");
  profile_maker_add (maker, 0, 20, ON, 10, "main:2;work:7;work:2");
  profile_maker_add (maker, 1, 20, 0, 10, "");
  profile_maker_add (maker, 0, 30, ON | GIL, 5, "main:3");
  profile_maker_add (maker, 0, 40, 0, 15, "main:3;idle:9");
  return profile_maker_take (maker);
}

static void
test_merged (void)
{
  g_autoptr (SalProfile) profile = make_profile ();

  expect_tree (profile,
               NULL,
               FALSE,
               SAL_CALL_TREE_BY_TOTAL,
               "* @0 50/0 5/0\n"
               " main @0 40/5 4/1\n"
               "  work @0 20/10 2/1\n"
               "   work @0 10/10 1/1\n"
               "  idle @20 15/15 1/1\n"
               " sleep @40 10/10 1/1\n");
}

static void
test_by_name (void)
{
  g_autoptr (SalProfile) profile = make_profile ();

  expect_tree (profile,
               NULL,
               FALSE,
               SAL_CALL_TREE_BY_NAME,
               "* @0 50/0 5/0\n"
               " main @0 40/5 4/1\n"
               "  idle @0 15/15 1/1\n"
               "  work @15 20/10 2/1\n"
               "   work @15 10/10 1/1\n"
               " sleep @40 10/10 1/1\n");
}

/* Equal totals stand by name, whatever came first in the recording. */
static void
test_ties (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (SalProfile) profile = NULL;

  profile_maker_add (maker, 0, 1, 0, 5, "c");
  profile_maker_add (maker, 0, 2, 0, 5, "a");
  profile_maker_add (maker, 0, 3, 0, 5, "b");
  profile = profile_maker_take (maker);
  expect_tree (profile,
               NULL,
               FALSE,
               SAL_CALL_TREE_BY_TOTAL,
               "* @0 15/0 3/0\n a @0 5/5 1/1\n b @5 5/5 1/1\n c @10 5/5 1/1\n");
}

static void
test_inverted (void)
{
  g_autoptr (SalProfile) profile = make_profile ();

  expect_tree (profile,
               NULL,
               TRUE,
               SAL_CALL_TREE_BY_TOTAL,
               "* @0 50/0 5/0\n"
               " work @0 20/0 2/0\n"
               "  main @0 10/10 1/1\n"
               "  work @10 10/0 1/0\n"
               "   main @10 10/10 1/1\n"
               " idle @20 15/0 1/0\n"
               "  main @20 15/15 1/1\n"
               " sleep @35 10/10 1/1\n"
               " main @45 5/5 1/1\n");
}

static void
test_filters (void)
{
  g_autoptr (SalProfile) profile = make_profile ();
  static const char sleeper[] = "* @0 10/0 1/0\n sleep @0 10/10 1/1\n";
  static const guint8 second[] = { 0, 1 };
  static const guint8 only_first[] = { 0 };
  SalFilter threads = { .threads = second, .n_threads = 2 };
  SalFilter past = { .threads = only_first, .n_threads = 1 };
  SalFilter range = { .start_ns = 20, .end_ns = 40 };
  SalFilter gil = { .gil_only = TRUE };
  SalFilter cpu = { .on_cpu_only = TRUE, .start_ns = 20 };
  SalFilter nothing = { .start_ns = 1000 };

  expect_tree (profile, &threads, FALSE, SAL_CALL_TREE_BY_TOTAL, sleeper);
  expect_tree (profile, &past, FALSE, SAL_CALL_TREE_BY_TOTAL, sleeper);
  expect_tree (profile,
               &range,
               FALSE,
               SAL_CALL_TREE_BY_TOTAL,
               "* @0 15/0 2/0\n"
               " main @0 15/5 2/1\n"
               "  work @0 10/0 1/0\n"
               "   work @0 10/10 1/1\n");
  expect_tree (profile,
               &gil,
               FALSE,
               SAL_CALL_TREE_BY_TOTAL,
               "* @0 15/0 2/0\n main @0 15/5 2/1\n  work @0 10/10 1/1\n");
  expect_tree (profile,
               &cpu,
               TRUE,
               SAL_CALL_TREE_BY_TOTAL,
               "* @0 15/0 2/0\n"
               " work @0 10/0 1/0\n"
               "  work @0 10/0 1/0\n"
               "   main @0 10/10 1/1\n"
               " main @10 5/5 1/1\n");
  expect_tree (profile, &nothing, FALSE, SAL_CALL_TREE_BY_TOTAL, "* @0 0/0 0/0\n");
}

static void
test_empty (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  g_autoptr (SalProfile) profile = sal_profile_builder_take (builder);
  g_autoptr (SalCallTree) tree = NULL;
  guint32 first;

  expect_tree (profile, NULL, FALSE, SAL_CALL_TREE_BY_TOTAL, "* @0 0/0 0/0\n");
  expect_tree (profile, NULL, TRUE, SAL_CALL_TREE_BY_TOTAL, "* @0 0/0 0/0\n");
  tree = sal_call_tree_new (profile, NULL, FALSE, SAL_CALL_TREE_BY_TOTAL, NULL);
  g_assert_cmpuint (sal_call_tree_get_n_levels (tree), ==, 1);
  g_assert_cmpuint (sal_call_tree_get_level (tree, 0, &first), ==, 1);
  g_assert_cmpuint (first, ==, 0);
}

static void
test_cancelled (void)
{
  g_autoptr (SalProfile) profile = make_profile ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  for (int inverted = 0; inverted < 2; inverted++)
    g_assert_null (
        sal_call_tree_new (profile, NULL, inverted, SAL_CALL_TREE_BY_TOTAL, cancellable));
}

/* 10,000 frames: two functions that call each other. */
static void
test_deep (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (SalProfile) profile = NULL;
  g_autoptr (GString) stack = g_string_new ("even");

  for (guint i = 1; i < 10000; i++)
    g_string_append (stack, i % 2 == 0 ? ";even" : ";odd");
  profile_maker_add (maker, 0, 1, 0, 3, stack->str);
  profile_maker_add (maker, 0, 2, 0, 4, "even;odd");
  profile = profile_maker_take (maker);
  for (int inverted = 0; inverted < 2; inverted++)
    {
      g_autoptr (SalCallTree) tree =
          sal_call_tree_new (profile, NULL, inverted, SAL_CALL_TREE_BY_TOTAL, NULL);

      g_assert_cmpuint (sal_call_tree_get_n_levels (tree), ==, 10001);
      g_assert_cmpuint (sal_call_tree_get_n_nodes (tree), ==, 10001);
      g_assert_cmpuint (sal_call_tree_get_node (tree, 0).total, ==, 7);
      g_assert_cmpuint (sal_call_tree_get_node (tree, 10000).total, ==, 3);
    }
}

/* What the header promises of the shape. */
static void
check_shape (SalCallTree *tree)
{
  guint32 n_nodes = sal_call_tree_get_n_nodes (tree);
  guint32 n_levels = sal_call_tree_get_n_levels (tree);
  guint32 seen = 0;

  for (guint32 level = 0; level < n_levels; level++)
    {
      guint32 first;
      guint32 n = sal_call_tree_get_level (tree, level, &first);
      guint64 end = 0;

      g_assert_cmpuint (first, ==, seen);
      g_assert_cmpuint (n, >, 0);
      seen += n;
      for (guint32 i = first; i < first + n; i++)
        {
          SalCallNode node = sal_call_tree_get_node (tree, i);
          guint64 children = 0;
          guint64 samples = 0;

          g_assert_cmpuint (node.start, >=, end);
          end = node.start + node.total;
          for (guint32 c = node.first_child; c < node.first_child + node.n_children; c++)
            {
              SalCallNode child = sal_call_tree_get_node (tree, c);

              g_assert_cmpuint (child.parent, ==, i);
              g_assert_cmpuint (child.start, ==, node.start + children);
              children += child.total;
              samples += child.total_samples;
            }
          g_assert_cmpuint (node.self + children, ==, node.total);
          g_assert_cmpuint (node.self_samples + samples, ==, node.total_samples);
        }
    }
  g_assert_cmpuint (seen, ==, n_nodes);
}

/* Path of function ids, as text → total. */
static GHashTable *
add_up_naively (SalProfile *profile, const SalFilter *filter, gboolean inverted)
{
  GHashTable *totals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint64 i = 0; i < sal_profile_get_n_samples (profile); i++)
    {
      SalSample sample = sal_profile_get_sample (profile, i);
      g_autoptr (GArray) functions = profile_maker_list_functions (profile, sample.stack);
      g_autoptr (GString) path = g_string_new (NULL);

      if (functions->len == 0 || !sal_filter_keeps (filter, &sample))
        continue;
      for (guint d = 0; d <= functions->len; d++)
        {
          gpointer total = g_hash_table_lookup (totals, path->str);

          /* The weight in the low half, the number of samples in the high one. */
          total = GSIZE_TO_POINTER (GPOINTER_TO_SIZE (total) + sample.weight_ns + ((gsize)1 << 32));
          g_hash_table_replace (totals, g_strdup (path->str), total);
          if (d < functions->len)
            g_string_append_printf (
                path,
                " %u",
                g_array_index (functions, guint32, inverted ? functions->len - 1 - d : d));
        }
    }
  return totals;
}

static void
compare_with_naive (SalProfile *profile, const SalFilter *filter, gboolean inverted)
{
  g_autoptr (SalCallTree) tree =
      sal_call_tree_new (profile, filter, inverted, SAL_CALL_TREE_BY_TOTAL, NULL);
  g_autoptr (GHashTable) totals = add_up_naively (profile, filter, inverted);
  guint32 n_nodes = sal_call_tree_get_n_nodes (tree);

  check_shape (tree);
  g_assert_cmpuint (n_nodes, ==, MAX (g_hash_table_size (totals), 1));
  for (guint32 i = 0; i < n_nodes; i++)
    {
      SalCallNode node = sal_call_tree_get_node (tree, i);
      g_autoptr (GString) path = g_string_new (NULL);
      g_autofree char *step = NULL;

      for (SalCallNode at = node; at.parent != SAL_NO_ID;
           at = sal_call_tree_get_node (tree, at.parent))
        {
          g_free (step);
          step = g_strdup_printf (" %u", at.function);
          g_string_prepend (path, step);
        }
      g_assert_cmpuint (GPOINTER_TO_SIZE (g_hash_table_lookup (totals, path->str)),
                        ==,
                        node.total + (node.total_samples << 32));
    }
}

static void
test_random (void)
{
  static const guint8 threads[] = { 1, 0, 1 };
  const SalFilter filters[] = {
    { 0 },
    { .threads = threads, .n_threads = 3 },
    { .start_ns = 20, .end_ns = 60 },
    { .on_cpu_only = TRUE },
    { .gil_only = TRUE, .end_ns = 50 },
    { .start_ns = 100000 },
  };

  for (guint32 seed = 0; seed < 20; seed++)
    {
      g_autoptr (SalProfile) profile = profile_maker_random (seed, 20 + seed * 20);

      for (guint f = 0; f < G_N_ELEMENTS (filters); f++)
        {
          compare_with_naive (profile, &filters[f], FALSE);
          compare_with_naive (profile, &filters[f], TRUE);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/call-tree/merged", test_merged);
  g_test_add_func ("/profile/call-tree/by-name", test_by_name);
  g_test_add_func ("/profile/call-tree/ties", test_ties);
  g_test_add_func ("/profile/call-tree/inverted", test_inverted);
  g_test_add_func ("/profile/call-tree/filters", test_filters);
  g_test_add_func ("/profile/call-tree/empty", test_empty);
  g_test_add_func ("/profile/call-tree/cancelled", test_cancelled);
  g_test_add_func ("/profile/call-tree/deep", test_deep);
  g_test_add_func ("/profile/call-tree/random", test_random);
  return g_test_run ();
}
