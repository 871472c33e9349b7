/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread of the test's own to look at, busy or asleep. */
#include "worker.h"

#include <unistd.h>

static gpointer
work (gpointer data)
{
  Worker *worker = data;

  g_atomic_int_set (&worker->tid, gettid ());
  while (!g_atomic_int_get (&worker->is_over))
    if (worker->is_asleep)
      g_usleep (G_USEC_PER_SEC);
  return NULL;
}

Worker *
worker_start (gboolean is_asleep)
{
  Worker *worker = g_new0 (Worker, 1);

  worker->is_asleep = is_asleep;
  worker->thread = g_thread_new ("worker", work, worker);
  while (g_atomic_int_get (&worker->tid) == 0)
    g_thread_yield ();
  return worker;
}

void
worker_end (Worker *worker)
{
  g_atomic_int_set (&worker->is_over, TRUE);
  g_thread_join (worker->thread);
  g_free (worker);
}
