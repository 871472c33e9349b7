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
/* A look that met the thread moving counts for it, every look against it. What is over at the top
 * is some 4 in 100 for some time, never mind whether it begins at once; chance alone does not come
 * so far with 1 in 100. */
#define SCORE_OF_MOVED 32
#define COST_OF_A_LOOK 1
#define SCORE_OF_QUICK (5 * SCORE_OF_MOVED)
/* Looks from its processor before some are taken from elsewhere, to see whether the program still
 * is so quick: at first, and at most. */
#define FIRST_STAY 1024
#define LONGEST_STAY 65536
/* After as many looks from elsewhere it has become another program. */
#define LONGEST_TRIAL 1024
/* A thread that is let in as it wakes up has waited for less. That is nothing, except where a
 * system call goes on from the interrupt: leaving one may take some 10 µs on a virtual machine. */
#define MOST_WAIT_NS 15000
/* Where it comes late as often as that in a row, others are in its way as well, and there is no
 * telling when it will be let in. */
#define MOST_LATE 16
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

/* How long the calling thread has waited for processors so far. proc_pid_schedstat(5), the second
 * word. */
static uint64_t
read_wait (int schedstat_fd)
{
  char text[96];
  char *at = text;
  ssize_t n = pread (schedstat_fd, text, sizeof text - 1, 0);

  text[n > 0 ? n : 0] = '\0';
  (void)strtoull (at, &at, 10); /* the time that it had */
  return strtoull (at, NULL, 10);
}

static void
close_stat (SalSamplerNear *near)
{
  if (near->is_open)
    close (near->stat_fd);
  near->is_open = false;
}

void
sal_sampler_near_clear (SalSamplerNear *near)
{
  close_stat (near);
  if (near->is_timed)
    close (near->schedstat_fd);
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

static void
go_elsewhere (SalSamplerNear *near)
{
  near->is_near = false;
  near->n_looks = 0;
  near->n_late = 0;
}

/* Whether the calling thread has had to wait since it was last asked; not known the first time. */
static bool
has_waited (SalSamplerNear *near)
{
  uint64_t before_ns = near->waited_ns;
  bool is_first = !near->is_timed;

  if (is_first)
    {
      near->schedstat_fd = open ("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
      near->is_timed = near->schedstat_fd >= 0;
    }
  if (!near->is_timed)
    return false;
  near->waited_ns = read_wait (near->schedstat_fd);
  return !is_first && near->waited_ns - before_ns > MOST_WAIT_NS;
}

SalSamplerPlace
sal_sampler_near_come (SalSamplerNear *near, pid_t pid)
{
  if (!(near->is_near || sal_sampler_place_is_only ()) || !open_stat (near, pid) ||
      !sal_sampler_place_go_to (read_processor (near->stat_fd)))
    {
      sal_sampler_place_go_anywhere ();
      return SAL_SAMPLER_PLACE_ANYWHERE;
    }
  if (!has_waited (near))
    {
      near->n_late = 0;
      return SAL_SAMPLER_PLACE_NEAR;
    }
  if (++near->n_late < MOST_LATE)
    return SAL_SAMPLER_PLACE_LATE;
  go_elsewhere (near);
  sal_sampler_place_go_anywhere ();
  return SAL_SAMPLER_PLACE_ANYWHERE;
}

static void
set_thread (SalSamplerNear *near, uint64_t tid)
{
  if (near->tid == tid)
    return;
  close_stat (near);
  near->tid = tid;
}

/* Looks from elsewhere show whether the program is quick; those from its processor cannot, so that
 * the others are tried again from time to time. */
static void
decide (SalSamplerNear *near)
{
  if (near->is_near)
    {
      if (near->n_looks >= near->stay)
        go_elsewhere (near);
      return;
    }
  if (near->n_looks >= LONGEST_TRIAL)
    near->stay = 0;
  if (near->score < SCORE_OF_QUICK)
    return;
  near->is_near = true;
  near->stay = near->stay == 0 ? FIRST_STAY : near->stay * 2;
  if (near->stay > LONGEST_STAY)
    near->stay = LONGEST_STAY;
  near->n_looks = 0;
  near->score = 0;
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
  near->n_looks++;
  if (!near->is_near && running->has_moved)
    near->score += SCORE_OF_MOVED;
  near->score -= near->score > 0 ? COST_OF_A_LOOK : 0;
  decide (near);
}
