/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the time of threads went, by state and by what they wait for. */
#include "sal-state-totals.h"

#include "profile-maker.h"

#define ON_CPU SAL_SAMPLE_ON_CPU
#define FILE_READ                                       \
  (SalWait)                                             \
  {                                                     \
    SAL_WAIT_READ, SAL_DESCRIPTOR_FILE, .is_disk = TRUE \
  }
#define PIPE_READ                                        \
  (SalWait)                                              \
  {                                                      \
    SAL_WAIT_READ, SAL_DESCRIPTOR_PIPE, .is_disk = FALSE \
  }
#define LOCK                                             \
  (SalWait)                                              \
  {                                                      \
    SAL_WAIT_LOCK, SAL_DESCRIPTOR_NONE, .is_disk = FALSE \
  }

/* Two threads; half of the weight of what is not asleep is processor time. */
static SalProfile *
make (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (2);

  profile_maker_add (maker, 0, 1, ON_CPU | SAL_SAMPLE_HAS_GIL, 1000, "main;work");
  profile_maker_add (maker, 0, 2, SAL_SAMPLE_WANTS_GIL, 200, "main;work");
  profile_maker_add (maker, 0, 3, SAL_SAMPLE_WANTS_GIL | ON_CPU, 20, "main");
  profile_maker_add (maker, 0, 4, ON_CPU | SAL_SAMPLE_IN_GC, 70, "main");
  profile_maker_add (maker, 1, 5, 0, 60, "");
  profile_maker_add_asleep (maker, 1, 400, "main;wait", FILE_READ, "/a");
  profile_maker_add_asleep (maker, 0, 500, "main;wait", FILE_READ, "/b");
  profile_maker_add_asleep (maker, 1, 300, "main;wait", FILE_READ, "/a");
  profile_maker_add_asleep (maker, 1, 5000, "main;wait", PIPE_READ, NULL);
  profile_maker_add_asleep (maker, 1, 3000, "main;other", LOCK, NULL);
  profile_maker_add_asleep (maker, 1, 7, "", (SalWait){ SAL_WAIT_STOPPED }, NULL);
  profile_maker_add_asleep (maker, 1, 9, "", (SalWait){ SAL_WAIT_CHILD, .is_disk = TRUE }, NULL);
  profile_maker_add_asleep (maker, 1, 8, "", (SalWait){ SAL_WAIT_UNKNOWN }, NULL);
  return profile_maker_take (maker);
}

static char *
print (GArray *rows)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      const SalStateRow *row = &g_array_index (rows, SalStateRow, i);
      g_autofree char *words = sal_state_row_describe (row);

      g_string_append_printf (text, "%s %" G_GUINT64_FORMAT, words, row->ns);
      if (*row->name != '\0')
        g_string_append_printf (text, " mostly %s %" G_GUINT64_FORMAT, row->name, row->name_ns);
      g_string_append (text, "; ");
    }
  return g_string_free (text, FALSE);
}

static void
expect (GArray *rows, const char *expected)
{
  g_autofree char *text = print (rows);

  g_assert_cmpstr (text, ==, expected);
  g_array_unref (rows);
}

static void
test_all (void)
{
  g_autoptr (SalProfile) profile = make ();

  expect (sal_state_totals_new (profile, NULL, SAL_NO_ID, NULL),
          "Sleeping: read (pipe) 5000; Sleeping: lock 3000; "
          "Disk: read (file) 1200 mostly /a 700; On CPU 640; Waiting for a processor 500; "
          "Waiting for the GIL 110; Collecting garbage 70; Off CPU 30; "
          "Sleeping: child process 9; Sleeping: not known what for 8; Stopped 7; ");
}

static void
test_selection (void)
{
  g_autoptr (SalProfile) profile = make ();
  const guint8 second[] = { 0, 1 };
  const SalFilter filter = { .threads = second, .n_threads = 2 };

  expect (sal_state_totals_new (profile, NULL, profile_maker_find (profile, "work"), NULL),
          "On CPU 600; Waiting for a processor 500; Waiting for the GIL 100; ");
  expect (sal_state_totals_new (profile, &filter, profile_maker_find (profile, "wait"), NULL),
          "Sleeping: read (pipe) 5000; Disk: read (file) 700 mostly /a 700; ");
}

static void
test_threads (void)
{
  g_autoptr (SalProfile) profile = make ();
  g_autoptr (GPtrArray) threads = sal_state_totals_by_thread (profile);

  g_assert_cmpuint (threads->len, ==, 2);
  for (guint32 i = 0; i < 2; i++)
    {
      guint8 mask[2] = { i == 0, i == 1 };
      const SalFilter filter = { .threads = mask, .n_threads = 2 };
      g_autoptr (GArray) rows = sal_state_totals_new (profile, &filter, SAL_NO_ID, NULL);
      g_autofree char *expected = print (rows);

      expect (g_array_ref (threads->pdata[i]), expected);
    }
}

/* Whatever the states, no time is lost and none is counted twice. */
static void
test_sum (void)
{
  g_autoptr (SalProfile) profile = profile_maker_random (7, 5000);
  g_autoptr (GArray) rows = sal_state_totals_new (profile, NULL, SAL_NO_ID, NULL);
  guint64 sum = 0;

  for (guint i = 0; i < rows->len; i++)
    sum += g_array_index (rows, SalStateRow, i).ns;
  for (guint64 i = 0; i < sal_profile_get_n_samples (profile); i++)
    sum -= sal_profile_get_sample (profile, i).weight_ns;
  g_assert_cmpuint (sum, ==, 0);
}

static void
test_nothing (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  g_autoptr (SalProfile) profile = sal_profile_builder_take (builder);
  g_autoptr (SalProfile) made = make ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) threads = sal_state_totals_by_thread (profile);

  expect (sal_state_totals_new (profile, NULL, SAL_NO_ID, NULL), "");
  g_assert_cmpuint (threads->len, ==, 0);
  g_cancellable_cancel (cancellable);
  g_assert_null (sal_state_totals_new (made, NULL, SAL_NO_ID, cancellable));
}

static void
test_names (void)
{
  for (SalWaitKind i = 0; i < SAL_N_WAIT_KINDS; i++)
    g_assert_nonnull (sal_wait_kind_get_name (i));
  for (SalDescriptorKind i = 1; i < SAL_N_DESCRIPTOR_KINDS; i++)
    g_assert_nonnull (sal_descriptor_kind_get_name (i));
  g_assert_cmpstr (sal_wait_kind_get_name (SAL_WAIT_MEMORY), ==, "memory");
  g_assert_cmpstr (sal_state_get_name (SAL_STATE_UNTOLD), ==, "untold");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/state-totals/all", test_all);
  g_test_add_func ("/profile/state-totals/selection", test_selection);
  g_test_add_func ("/profile/state-totals/threads", test_threads);
  g_test_add_func ("/profile/state-totals/sum", test_sum);
  g_test_add_func ("/profile/state-totals/nothing", test_nothing);
  g_test_add_func ("/profile/state-totals/names", test_names);
  return g_test_run ();
}
