/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of looking from the program's own processor, on a busy thread of the test itself. */
#include "sal-sampler-near.h"

#include <glib.h>
#include <sched.h>
#include <unistd.h>

#include "worker.h"

/* Looks that met it moving, after which no more are waited for, in a row and one in ten. */
#define MANY 6
#define TENTHS 100
/* Looks from its processor, before it is looked at from elsewhere again. */
#define STAY 1024
/* As often in a row it may come late. */
#define MOST_LATE 16
#define LONG_NS 1000000

static guint
count_allowed (void)
{
  cpu_set_t set;

  g_assert_cmpint (sched_getaffinity (0, sizeof set, &set), ==, 0);
  return (guint)CPU_COUNT (&set);
}

/* Makes @n looks at a thread that has the lock, of which one in @nth met it moving; 0: none did. */
static void
look (SalSamplerNear *near, gint tid, guint n, guint nth)
{
  for (guint i = 0; i < n; i++)
    {
      SalPythonThread threads[2] = {
        { .tid = 1 },
        { .tid = (guint64)tid, .holds_gil = true, .has_moved = nth > 0 && i % nth == 0 },
      };

      sal_sampler_near_learn (near, &(SalPythonLook){ .threads = threads, .n_threads = 2 });
    }
}

/* Whether it is looked at from its processor, at once or later. */
static gboolean
is_near (SalSamplerNear *near)
{
  return sal_sampler_near_come (near, getpid ()) != SAL_SAMPLER_PLACE_ANYWHERE;
}

/* A program that stands still while it is read, nearly always, is looked at from anywhere. */
static void
test_still (void)
{
  Worker *worker = worker_start (FALSE);
  SalSamplerNear near = { 0 };
  guint n_allowed = count_allowed ();

  g_assert_false (is_near (&near));
  look (&near, worker->tid, 100000, 100);
  g_assert_false (is_near (&near));
  look (&near, worker->tid, MANY - 1, 1);
  g_assert_false (is_near (&near));
  g_assert_cmpuint (count_allowed (), ==, n_allowed);
  sal_sampler_near_clear (&near);
  worker_end (worker);
}

/* A quick one is looked at from its processor, from time to time from elsewhere to see whether it
 * still is quick, and once it is not, from anywhere again. */
static void
test_quick (void)
{
  Worker *worker = worker_start (FALSE);
  SalSamplerNear near = { 0 };
  guint n_allowed = count_allowed ();

  look (&near, worker->tid, TENTHS, 10);
  g_assert_true (is_near (&near));
  g_assert_cmpuint (count_allowed (), ==, 1);

  /* What is read there shows no move. */
  near.n_looks = 0;
  look (&near, worker->tid, STAY - 1, 0);
  g_assert_true (is_near (&near));
  look (&near, worker->tid, 1, 0);
  g_assert_false (is_near (&near));
  g_assert_cmpuint (count_allowed (), ==, n_allowed);

  look (&near, worker->tid, MANY, 1);
  g_assert_true (is_near (&near));
  look (&near, worker->tid, STAY, 0);
  g_assert_true (is_near (&near));
  look (&near, worker->tid, STAY, 0);
  g_assert_false (is_near (&near));
  look (&near, worker->tid, STAY, 0);
  g_assert_false (is_near (&near));
  look (&near, worker->tid, MANY, 1);
  look (&near, worker->tid, STAY, 0);
  g_assert_false (is_near (&near));
  sal_sampler_near_clear (&near);
  worker_end (worker);
}

/* One that has had to wait says so; one that always has to looks from elsewhere. */
static void
test_late (void)
{
  Worker *worker = worker_start (TRUE);
  SalSamplerNear near = { 0 };
  guint n_allowed = count_allowed ();
  SalSamplerPlace place = SAL_SAMPLER_PLACE_LATE;

  look (&near, worker->tid, MANY, 1);
  for (guint i = 0; i < MOST_LATE && place != SAL_SAMPLER_PLACE_NEAR; i++)
    {
      place = sal_sampler_near_come (&near, getpid ());
      g_assert_cmpint (place, !=, SAL_SAMPLER_PLACE_ANYWHERE);
    }
  g_assert_cmpint (place, ==, SAL_SAMPLER_PLACE_NEAR);

  for (guint i = 1; i < MOST_LATE; i++)
    {
      near.waited_ns -= LONG_NS;
      g_assert_cmpint (sal_sampler_near_come (&near, getpid ()), ==, SAL_SAMPLER_PLACE_LATE);
    }
  g_assert_cmpuint (count_allowed (), ==, 1);
  near.waited_ns -= LONG_NS;
  g_assert_cmpint (sal_sampler_near_come (&near, getpid ()), ==, SAL_SAMPLER_PLACE_ANYWHERE);
  g_assert_cmpuint (count_allowed (), ==, n_allowed);
  g_assert_false (is_near (&near));
  sal_sampler_near_clear (&near);
  worker_end (worker);
}

/* Whom the lock has passed to is followed; a thread that is gone leaves us where we like to be. */
static void
test_follow (void)
{
  Worker *first = worker_start (FALSE);
  Worker *second = worker_start (FALSE);
  SalSamplerNear near = { 0 };
  guint n_allowed = count_allowed ();

  look (&near, first->tid, MANY, 1);
  g_assert_true (is_near (&near));
  look (&near, second->tid, 1, 0);
  worker_end (first);
  g_assert_true (is_near (&near));
  worker_end (second);
  g_assert_false (is_near (&near));
  g_assert_cmpuint (count_allowed (), ==, n_allowed);
  sal_sampler_near_clear (&near);
}

static void
skip_for_one (void)
{
  g_test_skip ("there is one processor only, on which everything is near");
}

static gpointer
look_from_one (gpointer data)
{
  Worker *worker = data;
  SalSamplerNear near = { 0 };
  cpu_set_t set;

  CPU_ZERO (&set);
  CPU_SET ((size_t)sched_getcpu (), &set);
  g_assert_cmpint (sched_setaffinity (0, sizeof set, &set), ==, 0);
  g_assert_false (is_near (&near));
  look (&near, worker->tid, 1, 0);
  g_assert_cmpint (sched_setaffinity (worker->tid, sizeof set, &set), ==, 0);
  g_assert_true (is_near (&near));
  sal_sampler_near_clear (&near);
  return NULL;
}

/* Who has but one processor is near whatever runs there, quick or not. */
static void
test_only (void)
{
  Worker *worker = worker_start (FALSE);

  g_thread_join (g_thread_new ("one", look_from_one, worker));
  worker_end (worker);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    GTestFunc function;
  } tests[] = {
    { "/sampler/near/still", test_still },
    { "/sampler/near/quick", test_quick },
    { "/sampler/near/late", test_late },
    { "/sampler/near/follow", test_follow },
  };
  gboolean has_choice = count_allowed () > 1;

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_func (tests[i].path, has_choice ? tests[i].function : skip_for_one);
  g_test_add_func ("/sampler/near/only", test_only);
  return g_test_run ();
}
