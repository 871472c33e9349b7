/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the table of threads. */
#include "sal-sampler-threads.h"

#include <string.h>

#include <glib.h>

/* Meets threads with these ids, as one look would show them, and drops those that are gone. Returns
 * how many were new. */
static guint
look (SalSamplerThreads *threads, const char *tids)
{
  guint n_new = 0;
  size_t n = strlen (tids);

  for (size_t i = 0; i < n; i++)
    {
      SalPythonThread seen = { .tid = (uint64_t)tids[i], .address = 64 };
      bool is_new;
      SalSamplerThread *thread = sal_sampler_threads_meet (threads, i, &seen, &is_new);

      g_assert_cmpuint (thread->tid, ==, seen.tid);
      g_assert_true (threads->items[i] == thread);
      n_new += is_new;
    }
  while (threads->n_items > n)
    sal_sampler_threads_remove_last (threads);
  return n_new;
}

/* Of a look that shows nothing else. */
static bool
is_unborn (const SalSamplerThreads *threads, size_t position, const SalPythonThread *seen)
{
  SalPythonLook look = { .threads = seen, .n_threads = 1 };

  return sal_sampler_threads_is_unborn (threads, position, &look, 0);
}

static void
test_threads_are_met_again (void)
{
  SalSamplerThreads threads = { 0 };

  g_assert_cmpuint (look (&threads, "abc"), ==, 3);
  g_assert_cmpuint (look (&threads, "abc"), ==, 0);
  g_assert_cmpuint (look (&threads, "zabc"), ==, 1);
  g_assert_cmpuint (look (&threads, "ca"), ==, 0);
  g_assert_cmpuint (look (&threads, ""), ==, 0);
  g_assert_cmpuint (look (&threads, "a"), ==, 1);
  sal_sampler_threads_clear (&threads);
}

static void
test_a_used_id_with_another_state_is_another_thread (void)
{
  SalSamplerThreads threads = { 0 };
  SalPythonThread seen = { .tid = 5, .address = 64 };
  bool is_new;

  sal_sampler_threads_meet (&threads, 0, &seen, &is_new);
  seen.address = 128;
  sal_sampler_threads_meet (&threads, 0, &seen, &is_new);
  g_assert_true (is_new);
  g_assert_cmpuint (threads.n_items, ==, 2);
  g_assert_cmpuint (threads.items[1]->address, ==, 64);
  sal_sampler_threads_clear (&threads);
}

static void
test_a_thread_that_could_not_be_read_lives_on (void)
{
  SalSamplerThreads threads = { 0 };
  SalPythonThread seen = { .tid = 5, .address = 64, .n_frames = 3 };
  bool is_new;
  SalSamplerThread *thread = sal_sampler_threads_meet (&threads, 0, &seen, &is_new);

  seen = (SalPythonThread){ .address = 64, .result = SAL_PYTHON_LOOK_READ };
  g_assert_false (is_unborn (&threads, 0, &seen));
  g_assert_true (sal_sampler_threads_meet (&threads, 0, &seen, &is_new) == thread);
  g_assert_false (is_new);
  sal_sampler_threads_clear (&threads);
}

/* What the first look shows of a thread that has just made the state of another one. */
static void
test_a_state_is_unborn_at_first_sight (void)
{
  SalSamplerThreads threads = { 0 };
  SalPythonThread seen[] = { { .tid = 5, .address = 128, .result = SAL_PYTHON_LOOK_EMPTY },
                             { .tid = 6, .address = 256, .result = SAL_PYTHON_LOOK_EMPTY },
                             { .tid = 5, .address = 64, .result = SAL_PYTHON_LOOK_TORN } };
  SalPythonLook look = { .threads = seen, .n_threads = G_N_ELEMENTS (seen) };

  g_assert_true (sal_sampler_threads_is_unborn (&threads, 0, &look, 0));
  g_assert_false (sal_sampler_threads_is_unborn (&threads, 0, &look, 1));
  g_assert_false (sal_sampler_threads_is_unborn (&threads, 0, &look, 2));
}

static void
test_a_state_without_its_thread_is_unborn (void)
{
  SalSamplerThreads threads = { 0 };
  SalPythonThread maker = { .tid = 5, .address = 64, .n_frames = 3 };
  SalPythonThread made = { .tid = 5, .address = 128, .result = SAL_PYTHON_LOOK_EMPTY };
  bool is_new;

  sal_sampler_threads_meet (&threads, 0, &maker, &is_new);
  g_assert_true (is_unborn (&threads, 1, &made));
  g_assert_false (is_unborn (&threads, 0, &maker));
  made.tid = 6;
  g_assert_false (is_unborn (&threads, 1, &made));
  sal_sampler_threads_meet (&threads, 0, &made, &is_new);
  g_assert_false (is_unborn (&threads, 1, &made));
  made = (SalPythonThread){ .tid = 0, .address = 256 };
  g_assert_true (is_unborn (&threads, 1, &made));
  sal_sampler_threads_clear (&threads);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/threads/met-again", test_threads_are_met_again);
  g_test_add_func ("/sampler/threads/used-id", test_a_used_id_with_another_state_is_another_thread);
  g_test_add_func ("/sampler/threads/unread", test_a_thread_that_could_not_be_read_lives_on);
  g_test_add_func ("/sampler/threads/unborn", test_a_state_without_its_thread_is_unborn);
  g_test_add_func ("/sampler/threads/unborn-at-first-sight", test_a_state_is_unborn_at_first_sight);
  return g_test_run ();
}
