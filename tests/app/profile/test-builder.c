/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles from captures and from calls; what was taken stays as it was. */
#include "sal-profile-builder.h"

#include <string.h>

#include "profile-maker.h"
#include "sal-call-tree.h"
#include "sal-profile-error.h"

#define FAR (G_GUINT64_CONSTANT (1) << 60)

static SalProfile *
load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, name, NULL);
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  gsize length;

  g_file_get_contents (path, &bytes, &length, &error);
  g_assert_no_error (error);
  sal_profile_builder_feed (builder, bytes, length, &error);
  g_assert_no_error (error);
  return sal_profile_builder_take (builder);
}

static void
test_busy (void)
{
  g_autoptr (SalProfile) profile = load ("busy.salamander");
  const SalProfileCounters *counters = sal_profile_get_counters (profile);
  SalThread dreamer = sal_profile_get_thread (profile, 1);
  SalSample sample = sal_profile_get_sample (profile, 3);

  g_assert_cmpint (sal_profile_get_kind (profile), ==, SAL_PROFILE_SAMPLES);
  g_assert_cmpstr (sal_profile_get_meta (profile, "command"), ==, "python3 busy.py");
  g_assert_null (sal_profile_get_meta (profile, "directory"));
  g_assert_null (sal_profile_get_warnings (profile)[0]);
  g_assert_cmpuint (sal_profile_get_n_samples (profile), ==, 500);
  g_assert_cmpint (sal_profile_get_duration_ns (profile), ==, 251000000);
  g_assert_true (sal_profile_is_finished (profile));
  g_assert_cmpuint (counters->ticks, ==, 250);
  g_assert_cmpuint (counters->samples, ==, 500);
  g_assert_cmpuint (counters->n_errors, ==, 6);
  g_assert_cmpstr (counters->error_names[1], ==, "torn");
  g_assert_cmpstr (sal_profile_get_process (profile, 0).command, ==, "python3 busy.py");
  g_assert_cmpstr (sal_profile_get_process (profile, 0).python, ==, "3.12.1");
  g_assert_cmpstr (dreamer.name, ==, "Dreamer");
  g_assert_cmpstr (sal_profile_get_thread (profile, 0).name, ==, "");
  g_assert_cmpuint (dreamer.n_samples, ==, 250);
  g_assert_cmpint (dreamer.end_ns, ==, 250000000);
  g_assert_cmpuint (sal_profile_get_n_functions (profile), ==, 4);
  g_assert_cmpstr (sal_profile_get_function (profile, 2).name, ==, "burn");
  g_assert_cmpstr (sal_profile_get_function (profile, 2).file, ==, "/srv/busy.py");
  g_assert_cmpuint (sal_profile_get_function (profile, 2).first_line, ==, 20);
  g_assert_cmpuint (sal_profile_get_frame (profile, 3).function, ==, 2);
  g_assert_cmpuint (sal_profile_get_frame (profile, 3).line, ==, 22);
  g_assert_cmpuint (sal_profile_get_stack (profile, 3).parent, ==, 2);
  g_assert_cmpint (sample.time_ns, ==, 2000000);
  g_assert_cmpuint (sample.thread, ==, 1);
  g_assert_cmpuint (sample.stack, ==, 5);
  g_assert_cmpuint (sample.weight_ns, ==, 1000000);
}

static char *
describe_frame (SalProfile *profile, guint32 frame)
{
  SalFrame description = sal_profile_get_frame (profile, frame);
  SalFunction function = sal_profile_get_function (profile, description.function);

  return g_strdup_printf ("%s%s %s:%u:%u in %s",
                          function.name,
                          function.is_inlined ? " (inlined)" : "",
                          function.file,
                          function.first_line,
                          description.line,
                          function.library);
}

/* The frames of a sample's stack, outermost first. */
static char *
describe_stack (SalProfile *profile, guint64 sample)
{
  guint32 stack = sal_profile_get_sample (profile, sample).stack;
  char *text = g_strdup ("");

  while (stack != SAL_NO_ID)
    {
      SalStack node = sal_profile_get_stack (profile, stack);
      g_autofree char *inner = text;
      g_autofree char *frame = describe_frame (profile, node.frame);

      text = g_strconcat (frame, "\n", inner, NULL);
      stack = node.parent;
    }
  return text;
}

/* What was inlined in a frame is frames of its own; functions are told apart by where they are. */
static void
test_inlined (void)
{
  g_autoptr (SalProfile) profile = load ("inlined.salamander");
  g_autofree char *first = describe_stack (profile, 0);
  g_autofree char *second = describe_stack (profile, 1);
  g_autofree char *third = describe_stack (profile, 2);

#define CALLED "main :1:2 in \nouter(int) /src/fast.cc:10:12 in /srv/fast.so\n" \
               "middle(int) (inlined) /src/fast.cc:5:6 in /srv/fast.so\n"       \
               "std::max<int>(int, int) (inlined) /srv/fast.so:0:4294967295 in /srv/fast.so\n"
  g_assert_cmpstr (first, ==, CALLED);
  g_assert_cmpstr (second, ==, CALLED "main :1:2 in \n");
  g_assert_cmpstr (third, ==, "main :1:2 in \nouter(int) /src/fast.cc:10:13 in /srv/fast.so\n");
}

/* Kinds of a later version are something else to this one. */
static void
test_waits (void)
{
  g_autoptr (SalProfile) profile = load ("waits.salamander");
  static const guint16 waits[] = { 0, 1, 2, 1, 0, 3, 4, 2 };
  SalWait wait;

  g_assert_cmpuint (sal_profile_get_n_waits (profile), ==, 4);
  g_assert_cmpuint (sal_profile_get_n_samples (profile), ==, G_N_ELEMENTS (waits));
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    g_assert_cmpuint (sal_profile_get_sample (profile, i).wait, ==, waits[i]);
  wait = sal_profile_get_wait (profile, 1);
  g_assert_cmpint (wait.kind, ==, SAL_WAIT_READ);
  g_assert_cmpint (wait.descriptor_kind, ==, SAL_DESCRIPTOR_FILE);
  g_assert_cmpuint (wait.descriptor, ==, 3);
  g_assert_cmpstr (wait.name, ==, "/srv/ü/data.csv");
  g_assert_true (wait.is_disk);
  wait = sal_profile_get_wait (profile, 2);
  g_assert_cmpint (wait.kind, ==, SAL_WAIT_LOCK);
  g_assert_cmpuint (wait.descriptor, ==, SAL_NO_ID);
  g_assert_cmpstr (wait.name, ==, "");
  wait = sal_profile_get_wait (profile, 4);
  g_assert_cmpint (wait.kind, ==, SAL_WAIT_OTHER);
  g_assert_cmpint (wait.descriptor_kind, ==, SAL_DESCRIPTOR_UNKNOWN);
}

/* Three processes: a shell that became Python, a child of it, and one that is none. */
static void
test_tree (void)
{
  g_autoptr (SalProfile) profile = load ("tree.salamander");
  SalProcess shell = sal_profile_get_process (profile, 0);
  SalProcess worker = sal_profile_get_process (profile, 1);
  SalProcess git = sal_profile_get_process (profile, 2);

  g_assert_cmpuint (sal_profile_get_n_processes (profile), ==, 3);
  g_assert_cmpstr (shell.command, ==, "python3 tree.py");
  g_assert_cmpstr (shell.python, ==, "3.12.1");
  g_assert_cmpuint (shell.parent, ==, SAL_NO_ID);
  g_assert_cmpint (shell.end_ns, ==, 8000000);
  g_assert_cmpint (shell.status, ==, 256);
  g_assert_cmpuint (worker.parent, ==, 0);
  g_assert_cmpint (worker.start_ns, ==, 6500000);
  g_assert_cmpint (worker.status, ==, 0);
  g_assert_cmpstr (git.command, ==, "git status");
  g_assert_cmpstr (git.python, ==, "");
  g_assert_cmpint (git.status, ==, -1);
  g_assert_cmpuint (sal_profile_get_thread (profile, 1).process, ==, 1);
  g_assert_cmpuint (sal_profile_get_counters (profile)->withheld, ==, 6);
  g_assert_cmpuint (sal_profile_get_counters (profile)->rate_mhz, ==, 250000);
  g_assert_cmpstr (sal_profile_get_warnings (profile)[0],
                   ==,
                   "The rate was lowered to keep the recorder within 10 % of a processor: 75 % of "
                   "the looks asked for were left out.");
  g_assert_null (sal_profile_get_warnings (profile)[1]);
}

/* A thread renamed, names with U+0000, equal functions defined twice, warnings, wide weights. */
static void
test_every_kind (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "every-kind.salamander", NULL);
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  g_autoptr (SalProfile) profile = NULL;
  gsize length;

  g_file_get_contents (path, &bytes, &length, &error);
  sal_profile_builder_feed (builder, bytes, length, &error);
  g_assert_no_error (error);
  profile = sal_profile_builder_take (builder);
  g_assert_cmpstr (sal_profile_get_warnings (profile)[0], ==, "ü ☃ 🦎 \x01\n\"\\");
  g_assert_null (sal_profile_get_warnings (profile)[1]);
  g_assert_cmpstr (sal_profile_get_thread (profile, 0).name, ==, "");
  g_assert_cmpstr (sal_profile_get_thread (profile, 1).name, ==, "<module>");
  g_assert_cmpuint (sal_profile_get_thread (profile, 1).tid, ==, G_MAXUINT64);
  g_assert_cmpstr (sal_profile_get_function (profile, 1).name, ==, "a\xef\xbf\xbd"
                                                                   "b");
  g_assert_cmpint (sal_profile_get_function (profile, 1).kind, ==, SAL_FUNCTION_NATIVE);
  g_assert_cmpint (sal_profile_get_function (profile, 2).kind, ==, SAL_FUNCTION_MARK);
  g_assert_cmpuint (sal_profile_get_sample (profile, 2).weight_ns, ==, 1000000);
  g_assert_cmpuint (sal_profile_get_sample (profile, 3).weight_ns, ==, FAR);
  g_assert_cmpuint (sal_profile_get_sample (profile, 4).cpu_ns, ==, FAR);
  g_assert_cmpuint (sal_profile_get_sample (profile, 4).weight_ns, ==, 0);
  g_assert_cmpuint (sal_profile_get_sample (profile, 5).cpu_ns, ==, 0);
  g_assert_cmpuint (sal_profile_get_counters (profile)->errors[5], ==, G_MAXUINT64);
}

static void
expect_error (GByteArray *bytes, int code, guint64 n_samples)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;
  g_autoptr (SalProfile) profile = NULL;

  g_assert_false (sal_profile_builder_feed (builder, bytes->data, bytes->len, &error));
  g_assert_error (error, SAL_PROFILE_ERROR, code);
  g_assert_false (sal_profile_builder_feed (builder, "", 1, &again));
  g_assert_error (again, SAL_PROFILE_ERROR, code);
  profile = sal_profile_builder_take (builder);
  g_assert_cmpuint (sal_profile_get_n_samples (profile), ==, n_samples);
  g_assert_false (sal_profile_is_finished (profile));
}

static void
test_damaged (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (GByteArray) bytes = NULL;

  profile_maker_add (maker, 0, 1, 0, 1, "a");
  g_byte_array_unref (profile_maker_take_bytes (maker));
  profile_maker_add (maker, 0, 2, 0, 1, "b");
  bytes = profile_maker_take_bytes (maker);
  bytes->data[bytes->len - 1] ^= 1;
  expect_error (bytes, SAL_PROFILE_ERROR_CORRUPT, 1);
  bytes->data[8] = 2;
  expect_error (bytes, SAL_PROFILE_ERROR_CORRUPT, 0);
  bytes->data[0] = 0;
  expect_error (bytes, SAL_PROFILE_ERROR_UNKNOWN_FORMAT, 0);
}

/* Sums of weights must not overflow: what would is refused, what was before stays. */
static void
test_too_heavy (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (GByteArray) bytes = NULL;

  for (int i = 0; i < 6; i++)
    profile_maker_add (maker, 0, i, 0, G_GUINT64_CONSTANT (1) << 60, "a");
  bytes = profile_maker_take_bytes (maker);
  expect_error (bytes, SAL_PROFILE_ERROR_LIMIT, 4);
}

static void
test_cut (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (SalProfile) profile = NULL;

  profile_maker_add (maker, 0, 7, 0, 1, "a");
  profile = profile_maker_take (maker);
  g_assert_false (sal_profile_is_finished (profile));
  g_assert_cmpint (sal_profile_get_duration_ns (profile), ==, 7);
}

static char *
describe (SalProfile *profile)
{
  g_autoptr (SalCallTree) tree =
      sal_call_tree_new (profile, NULL, FALSE, SAL_CALL_TREE_BY_NAME, NULL);
  SalCallNode root = sal_call_tree_get_node (tree, 0);

  return g_strdup_printf ("%u functions, %u stacks, %" G_GUINT64_FORMAT " samples, "
                          "%u nodes, %" G_GUINT64_FORMAT " ns",
                          sal_profile_get_n_functions (profile),
                          sal_profile_get_n_stacks (profile),
                          sal_profile_get_n_samples (profile),
                          sal_call_tree_get_n_nodes (tree),
                          root.total);
}

/* Every profile taken on the way looks at the end as it did at first. */
static void
test_snapshots (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (GPtrArray) profiles =
      g_ptr_array_new_with_free_func ((GDestroyNotify)sal_profile_unref);
  g_autoptr (GPtrArray) descriptions = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; i < 300; i++)
    {
      g_autofree char *stack = g_strdup_printf ("main;f%d:%d", i / 3, i);

      profile_maker_add (maker, 0, i, 0, (guint64)i, stack);
      if (i % 10 == 0)
        {
          SalProfile *profile = profile_maker_take (maker);

          g_ptr_array_add (profiles, profile);
          g_ptr_array_add (descriptions, describe (profile));
        }
    }
  for (guint i = 0; i < profiles->len; i++)
    {
      SalProfile *profile = g_ptr_array_index (profiles, i);
      g_autofree char *description = describe (profile);

      g_assert_cmpstr (description, ==, g_ptr_array_index (descriptions, i));
      g_assert_cmpuint (sal_profile_get_n_samples (profile), ==, i * 10 + 1);
    }
}

static gpointer
read_thread (gpointer data)
{
  GAsyncQueue *queue = data;
  SalProfile *profile;
  guint n_read = 0;

  while (sal_profile_get_n_samples (profile = g_async_queue_pop (queue)) > 0)
    {
      g_autoptr (SalCallTree) tree =
          sal_call_tree_new (profile, NULL, TRUE, SAL_CALL_TREE_BY_TOTAL, NULL);
      guint64 total = 0;

      for (guint64 i = 0; i < sal_profile_get_n_samples (profile); i++)
        total += sal_profile_get_sample (profile, i).weight_ns;
      g_assert_cmpuint (sal_call_tree_get_node (tree, 0).total, ==, total);
      sal_profile_unref (profile);
      n_read++;
    }
  sal_profile_unref (profile);
  return GUINT_TO_POINTER (n_read);
}

/* Over several chunks of columns, with a reader on another thread. */
static void
test_second_thread (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (SalProfileBuilder) nothing = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();
  GThread *thread = g_thread_new ("reader", read_thread, queue);

  for (int i = 1; i <= 140000; i++)
    {
      g_autofree char *stack = g_strdup_printf ("main;f%d", i % 1000);

      profile_maker_add (maker, 0, i, 0, 3, stack);
      if (i % 10000 == 0)
        g_async_queue_push (queue, profile_maker_take (maker));
    }
  g_async_queue_push (queue, sal_profile_builder_take (nothing));
  g_assert_cmpuint (GPOINTER_TO_UINT (g_thread_join (thread)), ==, 14);
}

static void
add_edge (SalProfileBuilder *builder, guint32 caller, guint32 callee, double cumtime)
{
  SalCallEdge edge = { .caller = caller, .callee = callee, .has_times = TRUE };

  edge.costs.ncalls = 1;
  edge.costs.cumtime = cumtime;
  sal_profile_builder_add_edge (builder, &edge);
}

static void
test_calls (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  guint32 a = sal_profile_builder_add_function (builder, "a", "x.py", 1, SAL_FUNCTION_PYTHON);
  guint32 b = sal_profile_builder_add_function (builder, "b", NULL, 0, SAL_FUNCTION_BUILTIN);
  SalCallCosts costs = { .pcalls = 1, .ncalls = 2, .tottime = 0.25, .cumtime = 0.5 };
  g_autoptr (SalProfile) before = NULL;
  g_autoptr (SalProfile) after = NULL;
  const SalCallEdge *edges;
  guint32 again;

  again = sal_profile_builder_add_function (builder, "a", "x.py", 1, SAL_FUNCTION_PYTHON);
  g_assert_cmpuint (again, ==, a);
  again = sal_profile_builder_add_function (builder, "a", "x.py", 2, SAL_FUNCTION_PYTHON);
  g_assert_cmpuint (again, !=, a);
  sal_profile_builder_add_costs (builder, b, &costs);
  sal_profile_builder_add_costs (builder, b, &costs);
  add_edge (builder, b, a, 1);
  add_edge (builder, a, b, 2);
  add_edge (builder, a, a, 3);
  add_edge (builder, a, b, 4);
  sal_profile_builder_set_meta (builder, "format", "pstats");
  before = sal_profile_builder_take (builder);
  add_edge (builder, b, b, 5);
  sal_profile_builder_add_costs (builder, a, &costs);
  sal_profile_builder_add_warning (builder, "late");
  after = sal_profile_builder_take (builder);

  edges = sal_profile_get_edges (before);
  g_assert_cmpuint (sal_profile_get_n_edges (before), ==, 3);
  g_assert_true (edges[0].caller == a && edges[0].callee == a);
  g_assert_true (edges[1].caller == a && edges[1].callee == b);
  g_assert_true (edges[2].caller == b && edges[2].callee == a);
  g_assert_cmpfloat (edges[1].costs.cumtime, ==, 6);
  g_assert_cmpint (edges[1].costs.ncalls, ==, 2);
  g_assert_cmpint (sal_profile_get_costs (before, b).ncalls, ==, 4);
  g_assert_cmpint (sal_profile_get_costs (before, a).ncalls, ==, 0);
  g_assert_cmpint (sal_profile_get_duration_ns (before), ==, 500000000);
  g_assert_true (sal_profile_is_finished (before));
  g_assert_cmpstr (sal_profile_get_meta (before, "format"), ==, "pstats");
  g_assert_cmpstr (sal_profile_get_function (before, b).file, ==, "");
  g_assert_null (sal_profile_get_warnings (before)[0]);
  g_assert_cmpuint (sal_profile_get_n_edges (after), ==, 4);
  g_assert_cmpint (sal_profile_get_costs (after, a).ncalls, ==, 2);
  g_assert_cmpstr (sal_profile_get_warnings (after)[0], ==, "late");
}

/* Functions that differ only in their id in the capture are one, and their frames in one node. */
static void
test_many_functions (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);

  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < 100000; i++)
      {
        char name[32];

        g_snprintf (name, sizeof name, "function %u", i);
        g_assert_cmpuint (
            sal_profile_builder_add_function (builder, name, "x.py", i % 3, SAL_FUNCTION_PYTHON),
            ==,
            i);
      }
}

/* The address of a native function is told; those inlined in it have none of their own. */
static void
test_addresses (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (SalProfile) profile = NULL;

  profile_maker_add (maker, 0, 1, 0, 1, "main;my.so+0xfedcba9876543210@my.so>inner;f@my.so");
  profile = profile_maker_take (maker);
  g_assert_cmphex (
      sal_profile_get_function (
          profile, profile_maker_find (profile, "my.so+0xfedcba9876543210"))
          .address,
      ==, G_GUINT64_CONSTANT (0xfedcba9876543210));
  for (const char *const *name = (const char *const[]){ "main", "inner", "f", NULL }; *name != NULL;
       name++)
    g_assert_cmphex (
        sal_profile_get_function (profile, profile_maker_find (profile, *name)).address, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/builder/busy", test_busy);
  g_test_add_func ("/profile/builder/every-kind", test_every_kind);
  g_test_add_func ("/profile/builder/waits", test_waits);
  g_test_add_func ("/profile/builder/tree", test_tree);
  g_test_add_func ("/profile/builder/inlined", test_inlined);
  g_test_add_func ("/profile/builder/damaged", test_damaged);
  g_test_add_func ("/profile/builder/too-heavy", test_too_heavy);
  g_test_add_func ("/profile/builder/cut", test_cut);
  g_test_add_func ("/profile/builder/snapshots", test_snapshots);
  g_test_add_func ("/profile/builder/second-thread", test_second_thread);
  g_test_add_func ("/profile/builder/calls", test_calls);
  g_test_add_func ("/profile/builder/many-functions", test_many_functions);
  g_test_add_func ("/profile/builder/addresses", test_addresses);
  return g_test_run ();
}
