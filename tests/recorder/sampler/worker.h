/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread of the test's own to look at, busy or asleep. */
#pragma once

#include <glib.h>

typedef struct
{
  gint tid;
  gint is_over;
  gboolean is_asleep;
  GThread *thread;
} Worker;

/** worker_start: (transfer full): a thread that runs, busy unless it @is_asleep. */
Worker *worker_start (gboolean is_asleep);
/** worker_end: ends and frees it; one that is asleep needs up to a second. */
void worker_end (Worker *worker);
