/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a thread of another process is running, and for how much processor time. */
#include "sal-sampler-cpu.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHORTEST_PATIENCE_NS 500000
#define LONGEST_PATIENCE_NS 10000000
#define LONGEST_LOAN_NS 10000000

static int
open_task_file (pid_t pid, uint64_t tid, const char *name)
{
  char path[96];

  snprintf (path, sizeof path, "/proc/%d/task/%" PRIu64 "/%s", (int)pid, tid, name);
  return open (path, O_RDONLY | O_CLOEXEC);
}

/* Reads the account; false when there is none. */
static bool
read_account (const SalSamplerCpu *cpu, uint64_t *account_ns, uint64_t *n_runs)
{
  char text[96];
  char *at = text;
  ssize_t n;

  if (cpu->schedstat_fd < 0)
    return false;
  n = pread (cpu->schedstat_fd, text, sizeof text - 1, 0);
  if (n <= 0)
    return false;
  text[n] = '\0';
  *account_ns = strtoull (at, &at, 10);
  (void)strtoull (at, &at, 10); /* time spent waiting for a processor */
  *n_runs = strtoull (at, &at, 10);
  return true;
}

/* 1 = runs or could, 0 = waits for something, -1 = not known. *@futex: what it sleeps at, or 0. */
static int
read_running (const SalSamplerCpu *cpu, uint64_t *futex)
{
  char text[64];
  char *at = text;
  long number;
  ssize_t n;

  *futex = 0;
  if (cpu->syscall_fd < 0)
    return -1;
  n = pread (cpu->syscall_fd, text, sizeof text - 1, 0);
  if (n < 7)
    return -1;
  text[n] = '\0';
  if (memcmp (text, "running", 7) == 0)
    return 1;
  number = strtol (text, &at, 10);
  if (number == SYS_futex || number == SYS_restart_syscall)
    *futex = strtoull (at, NULL, 16);
  return 0;
}

void
sal_sampler_cpu_open (SalSamplerCpu *cpu, pid_t pid, uint64_t tid, int64_t now_ns)
{
  *cpu = (SalSamplerCpu){
    .schedstat_fd = open_task_file (pid, tid, "schedstat"),
    .syscall_fd = open_task_file (pid, tid, "syscall"),
    .asked_ns = now_ns,
    .patience_ns = SHORTEST_PATIENCE_NS,
  };
  if (read_account (cpu, &cpu->account_ns, &cpu->n_runs))
    cpu->is_on_cpu = read_running (cpu, &cpu->futex) == 1;
}

void
sal_sampler_cpu_ask (SalSamplerCpu *cpu, int64_t now_ns, bool moved)
{
  int64_t age_ns = now_ns - cpu->asked_ns;
  uint64_t account_ns;
  uint64_t n_runs;
  uint64_t futex;
  bool progressed;
  int running;

  if (age_ns < (moved ? SHORTEST_PATIENCE_NS : cpu->patience_ns) ||
      !read_account (cpu, &account_ns, &n_runs))
    return;

  progressed = account_ns != cpu->account_ns || n_runs != cpu->n_runs;
  if (account_ns > cpu->account_ns)
    cpu->balance_ns += (int64_t)(account_ns - cpu->account_ns);
  cpu->account_ns = account_ns;
  cpu->n_runs = n_runs;
  cpu->asked_ns = now_ns;

  /* Leaving the processor always moves the account, so one that stands still under a thread that
   * did not run means that it still does not. */
  if (!cpu->is_on_cpu && !progressed && !moved)
    {
      cpu->patience_ns *= 2;
      if (cpu->patience_ns > LONGEST_PATIENCE_NS)
        cpu->patience_ns = LONGEST_PATIENCE_NS;
      return;
    }
  cpu->patience_ns = SHORTEST_PATIENCE_NS;
  running = read_running (cpu, &futex);
  /* One that was woken but has not run yet has not found out whether it may go on. */
  if (running != 1 || progressed)
    cpu->futex = futex;
  cpu->is_on_cpu = running < 0 ? progressed : running == 1;
}

uint64_t
sal_sampler_cpu_take (SalSamplerCpu *cpu, uint64_t weight_ns)
{
  int64_t most = cpu->balance_ns + (cpu->is_on_cpu ? LONGEST_LOAN_NS : 0);
  uint64_t taken;

  if (cpu->schedstat_fd < 0 || most <= 0)
    return 0;
  taken = (uint64_t)most < weight_ns ? (uint64_t)most : weight_ns;
  cpu->balance_ns -= (int64_t)taken;
  return taken;
}

void
sal_sampler_cpu_close (SalSamplerCpu *cpu)
{
  if (cpu->schedstat_fd >= 0)
    close (cpu->schedstat_fd);
  if (cpu->syscall_fd >= 0)
    close (cpu->syscall_fd);
  cpu->schedstat_fd = -1;
  cpu->syscall_fd = -1;
}
