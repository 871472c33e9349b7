/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of looking from the program's own processor, on a busy thread of the test itself. */
#include "sal-sampler-near.h"

#include <glib.h>
#include <sched.h>
#include <unistd.h>

#include "worker.h"

#define LOOKS 64
/* Looks that met it moving, after which no more are waited for. */
#define MANY 3
#define PATIENCE 16

static guint
count_allowed (void)
{
  cpu_set_t set;

  g_assert_cmpint (sched_getaffinity (0, sizeof set, &set), ==, 0);
  return (guint)CPU_COUNT (&set);
}

/* Makes @n looks at a thread that has the lock, of which the first @n_moved met it moving. */
static void
look (SalSamplerNear *near, gint tid, guint n, guint n_moved)
{
  for (guint i = 0; i < n; i++)
    {
      SalPythonThread threads[2] = {
        { .tid = 1 },
        { .tid = (guint64)tid, .holds_gil = true, .has_moved = i < n_moved },
      };

      sal_sampler_near_learn (near, &(SalPythonLook){ .threads = threads, .n_threads = 2 });
    }
}

/* A program that stands still while it is read is looked at from anywhere. */
static void
test_still (void)
{
  Worker *worker = worker_start (FALSE);
  SalSamplerNear near = { 0 };
  guint n_allowed = count_allowed ();

  g_assert_false (sal_sampler_near_come (&near, getpid ()));
  look (&near, worker->tid, LOOKS, 2);
  g_assert_false (sal_sampler_near_come (&near, getpid ()));
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

  look (&near, worker->tid, MANY, MANY);
  g_assert_true (sal_sampler_near_come (&near, getpid ()));
  g_assert_cmpuint (count_allowed (), ==, 1);

  /* What is read there shows no move. */
  look (&near, worker->tid, LOOKS * PATIENCE - 1, 0);
  g_assert_true (sal_sampler_near_come (&near, getpid ()));
  look (&near, worker->tid, 1, 0);
  g_assert_false (sal_sampler_near_come (&near, getpid ()));
  g_assert_cmpuint (count_allowed (), ==, n_allowed);

  look (&near, worker->tid, MANY, MANY);
  g_assert_true (sal_sampler_near_come (&near, getpid ()));
  look (&near, worker->tid, LOOKS * PATIENCE, 0);
  g_assert_true (sal_sampler_near_come (&near, getpid ()));
  look (&near, worker->tid, LOOKS * PATIENCE, 0);
  g_assert_false (sal_sampler_near_come (&near, getpid ()));
  look (&near, worker->tid, LOOKS, 0);
  g_assert_false (sal_sampler_near_come (&near, getpid ()));
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

  look (&near, first->tid, LOOKS, LOOKS);
  g_assert_true (sal_sampler_near_come (&near, getpid ()));
  look (&near, second->tid, 1, 0);
  worker_end (first);
  g_assert_true (sal_sampler_near_come (&near, getpid ()));
  worker_end (second);
  g_assert_false (sal_sampler_near_come (&near, getpid ()));
  g_assert_cmpuint (count_allowed (), ==, n_allowed);
  sal_sampler_near_clear (&near);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/near/still", test_still);
  g_test_add_func ("/sampler/near/quick", test_quick);
  g_test_add_func ("/sampler/near/follow", test_follow);
  return g_test_run ();
}
