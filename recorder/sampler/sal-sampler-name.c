/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread is called. */
#include "sal-sampler-name.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel's name of a thread, for those that Python has none for. */
static bool
read_comm (pid_t pid, uint64_t tid, char comm[32])
{
  char path[96];
  ssize_t n;
  int fd;

  snprintf (path, sizeof path, "/proc/%d/task/%" PRIu64 "/comm", (int)pid, tid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  n = read (fd, comm, 31);
  close (fd);
  if (n <= 0)
    return false;
  comm[n] = '\0';
  comm[strcspn (comm, "\n")] = '\0';
  return true;
}

uint32_t
sal_sampler_name_find (SalSamplerIntern *intern,
                       const SalSamplerProcess *process,
                       SalSamplerThread *thread)
{
  uint64_t tid;
  char *name = sal_python_dup_thread_name (process->seek.python, thread->thread_id, &tid);
  char comm[32];
  uint32_t id = SAL_CAPTURE_NO_ID;

  if (name != NULL &&
      (tid == thread->tid || sal_sampler_seek_has_task (process->pid, thread->tid)))
    {
      id = sal_sampler_intern_string (intern, name);
      thread->is_name_python = id != SAL_CAPTURE_NO_ID;
    }
  else if (!thread->is_name_python && read_comm (process->pid, thread->tid, comm))
    id = sal_sampler_intern_string (intern, comm);
  free (name);
  return id;
}
