/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking from the processor that the program runs on, where it stands still meanwhile. */
#include "sal-sampler-near.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sal-sampler-place.h"

/* The shortest turn that the kernel gives, in ns. Linux kernel/sched/syscalls.c. */
#define SLICE_NS 100000
/* Looks after which it is decided anew, and how many of these may have met the thread moving: with
 * one more it is decided at once. */
#define PERIOD 64
#define MOST_MOVED 2
/* Counts between two that are taken from elsewhere, to see whether the program still is so quick:
 * at first, and at most. */
#define FIRST_PATIENCE 16
#define LONGEST_PATIENCE 1024
/* proc_pid_stat(5): the fields behind the command, which may contain anything. */
#define FIRST_FIELD 3
#define PROCESSOR_FIELD 39

/* The processor that the thread runs on, or ran on last; −1 = not known. */
static int
read_processor (int stat_fd)
{
  char text[1024];
  ssize_t n = pread (stat_fd, text, sizeof text - 1, 0);
  char *at;

  if (n <= 0)
    return -1;
  text[n] = '\0';
  at = strrchr (text, ')');
  for (int field = FIRST_FIELD - 1; at != NULL && field < PROCESSOR_FIELD; field++)
    at = strchr (at + 1, ' ');
  return at != NULL ? atoi (at) : -1;
}

/* struct sched_attr of linux/sched/types.h, which cannot be included together with <sched.h>. */
typedef struct
{
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
} Attributes;

void
sal_sampler_near_cut_in (void)
{
  Attributes attributes = { 0 };

  if (syscall (SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0 ||
      attributes.policy != SCHED_OTHER)
    return;
  attributes.size = sizeof attributes;
  attributes.runtime = SLICE_NS;
  /* Without it looks from the program's processor come late, as ever. */
  (void)syscall (SYS_sched_setattr, 0, &attributes, 0);
}

void
sal_sampler_near_clear (SalSamplerNear *near)
{
  if (near->is_open)
    close (near->stat_fd);
  *near = (SalSamplerNear){ 0 };
}

static bool
open_stat (SalSamplerNear *near, pid_t pid)
{
  char path[96];

  if (near->is_open)
    return true;
  snprintf (path, sizeof path, "/proc/%d/task/%" PRIu64 "/stat", (int)pid, near->tid);
  near->stat_fd = open (path, O_RDONLY | O_CLOEXEC);
  near->is_open = near->stat_fd >= 0;
  return near->is_open;
}

bool
sal_sampler_near_come (SalSamplerNear *near, pid_t pid)
{
  if (near->is_near && open_stat (near, pid) &&
      sal_sampler_place_go_to (read_processor (near->stat_fd)))
    return true;
  sal_sampler_place_go_anywhere ();
  return false;
}

static void
set_thread (SalSamplerNear *near, uint64_t tid)
{
  if (near->tid == tid)
    return;
  if (near->is_open)
    close (near->stat_fd);
  near->is_open = false;
  near->tid = tid;
}

/* A count from elsewhere has shown whether the program is quick; one from its processor cannot, so
 * that the other is tried again from time to time. */
static void
decide (SalSamplerNear *near)
{
  bool is_quick = near->n_moved > MOST_MOVED;

  near->n_looks = 0;
  near->n_moved = 0;
  if (near->is_near)
    {
      near->is_near = ++near->n_periods < near->patience;
      return;
    }
  near->is_near = is_quick;
  near->n_periods = 0;
  if (!is_quick || near->patience == 0)
    near->patience = FIRST_PATIENCE;
  else if (near->patience < LONGEST_PATIENCE)
    near->patience *= 2;
}

void
sal_sampler_near_learn (SalSamplerNear *near, const SalPythonLook *look)
{
  const SalPythonThread *running = NULL;

  for (size_t i = 0; i < look->n_threads && running == NULL; i++)
    if (look->threads[i].holds_gil || look->threads[i].has_moved)
      running = &look->threads[i];
  if (running == NULL || running->tid == 0)
    return;
  set_thread (near, running->tid);
  near->n_moved += running->has_moved;
  if (++near->n_looks == PERIOD || (!near->is_near && near->n_moved > MOST_MOVED))
    decide (near);
}
