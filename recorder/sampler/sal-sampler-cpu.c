/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a thread of another process is running, for how much processor time, and else where it
 * sleeps. */
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
/* How old the account of a thread that is seen running may grow: as old as the scheduler's tick
 * lets it grow anyhow. */
#define ACCOUNT_PATIENCE_NS 4000000
#define LONGEST_LOAN_NS 10000000
/* What a sample is given, or what it lacks of its weight, is a multiple of this. */
#define PART_NS UINT64_C (65536)
/* More often than that, between two times that it is asked, nobody takes a processor from a thread
 * that wants it: it gave it up itself. */
#define MOST_TAKEN 4

static int
open_task_file (pid_t pid, uint64_t tid, const char *name)
{
  char path[96];

  snprintf (path, sizeof path, "/proc/%d/task/%" PRIu64 "/%s", (int)pid, tid, name);
  return open (path, O_RDONLY | O_CLOEXEC);
}

size_t
sal_sampler_cpu_read (int fd, char *text, size_t size)
{
  ssize_t n = fd >= 0 ? pread (fd, text, size - 1, 0) : -1;

  n = n > 0 ? n : 0;
  text[n] = '\0';
  return (size_t)n;
}

static void
close_file (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* Reads the account; false when there is none. */
static bool
read_account (const SalSamplerCpu *cpu, SalSamplerAccount *account)
{
  char text[96];
  char *at = text;

  if (sal_sampler_cpu_read (cpu->schedstat_fd, text, sizeof text) == 0)
    return false;
  account->time_ns = strtoull (at, &at, 10);
  (void)strtoull (at, &at, 10); /* time spent waiting for a processor */
  account->n_runs = strtoull (at, &at, 10);
  return true;
}

SalSamplerAccount
sal_sampler_cpu_read_account (const SalSamplerCpu *cpu)
{
  SalSamplerAccount account = { 0 };

  (void)read_account (cpu, &account);
  return account;
}

SalSamplerAccount
sal_sampler_cpu_get_account (const SalSamplerCpu *cpu, int64_t now_ns)
{
  return cpu->read_ns == now_ns ? cpu->account : sal_sampler_cpu_read_account (cpu);
}

/* The letter behind the command, which may hold anything; 0 = not known. */
static char
read_state (const SalSamplerCpu *cpu)
{
  char text[96];
  const char *end;

  if (sal_sampler_cpu_read (cpu->stat_fd, text, sizeof text) == 0)
    return 0;
  end = strrchr (text, ')');
  return end != NULL && end[1] == ' ' ? end[2] : '\0';
}

typedef struct
{
  int running; /* 1 = runs or could, 0 = waits for something, −1 = not known */
  long call;   /* as in SalSamplerCpu, like args */
  uint64_t args[2];
} Call;

/* Whether only a question tells where it sleeps. */
static bool
has_to_ask (const SalSamplerCpu *cpu)
{
  return cpu->syscall_fd < 0 && cpu->ask != NULL;
}

static void
read_call (const SalSamplerCpu *cpu, char text[SAL_SAMPLER_CALL_SIZE])
{
  if (has_to_ask (cpu))
    (void)sal_sampler_ask (cpu->ask, SAL_TARGET_TEXT_CALL, cpu->tid, text, SAL_SAMPLER_CALL_SIZE);
  else
    (void)sal_sampler_cpu_read (cpu->syscall_fd, text, SAL_SAMPLER_CALL_SIZE);
}

/* What @text, which its file has said, means. */
static Call
parse_call (const SalSamplerCpu *cpu, char *text)
{
  Call call = { .running = -1, .call = SAL_SAMPLER_CALL_UNKNOWN };
  char *at = text;

  if (strlen (text) < 7)
    return call;
  call.running = memcmp (text, "running", 7) == 0;
  if (call.running == 1)
    return call;
  call.call = strtol (text, &at, 10);
  if (call.call < 0)
    return call;
  call.args[0] = strtoull (at, &at, 16);
  call.args[1] = strtoull (at, &at, 16);
  /* A call that was interrupted, by a stop of the thread for example, and goes on: its registers
   * are what they were. */
  if (call.call == SYS_restart_syscall && memcmp (call.args, cpu->args, sizeof call.args) == 0)
    call.call = cpu->call;
  return call;
}

/* Finds out whether it runs, or where it sleeps; as Call.running. */
static int
read_running (SalSamplerCpu *cpu, int64_t now_ns, uint64_t *futex)
{
  Call call;

  *futex = 0;
  cpu->text_ns = now_ns;
  cpu->text[0] = '\0';
  cpu->is_untold = false;
  if (has_to_ask (cpu) && read_state (cpu) == 'R')
    return 1;
  read_call (cpu, cpu->text);
  cpu->is_untold = has_to_ask (cpu) && cpu->text[0] == '\0';
  call = parse_call (cpu, cpu->text);
  if (call.running == 1)
    return 1;
  cpu->state = read_state (cpu);
  if (call.running < 0 && cpu->state != 0)
    call.running = cpu->state == 'R';
  if (call.running != 0)
    return call.running;
  if (call.call == SYS_futex || call.call == SYS_restart_syscall)
    *futex = call.args[0];
  cpu->call = call.call;
  memcpy (cpu->args, call.args, sizeof cpu->args);
  cpu->has_moved = true;
  return 0;
}

void
sal_sampler_cpu_get_call (const SalSamplerCpu *cpu,
                          int64_t now_ns,
                          char text[SAL_SAMPLER_CALL_SIZE])
{
  text[0] = '\0';
  if (cpu->text_ns == now_ns)
    memcpy (text, cpu->text, SAL_SAMPLER_CALL_SIZE);
  else if (!has_to_ask (cpu) || !cpu->is_on_cpu)
    read_call (cpu, text);
  if (strncmp (text, "running", 7) == 0)
    text[0] = '\0';
}

bool
sal_sampler_cpu_sleeps_on (const SalSamplerCpu *cpu)
{
  char text[SAL_SAMPLER_CALL_SIZE];
  Call call;

  if (cpu->account.n_runs > 0)
    return sal_sampler_cpu_read_account (cpu).n_runs == cpu->account.n_runs;
  read_call (cpu, text);
  call = parse_call (cpu, text);
  return call.running == 0 && call.call == cpu->call &&
         memcmp (call.args, cpu->args, sizeof call.args) == 0;
}

void
sal_sampler_cpu_open (
    SalSamplerCpu *cpu, pid_t pid, uint64_t tid, SalSamplerAsk *ask, int64_t now_ns)
{
  char text[SAL_SAMPLER_CALL_SIZE];

  *cpu = (SalSamplerCpu){
    .schedstat_fd = open_task_file (pid, tid, "schedstat"),
    .syscall_fd = open_task_file (pid, tid, "syscall"),
    .stat_fd = open_task_file (pid, tid, "stat"),
    .ask = ask != NULL && ask->target->ops->read_text != NULL ? ask : NULL,
    .tid = tid,
    .call = SAL_SAMPLER_CALL_UNKNOWN,
    .asked_ns = now_ns,
    .read_ns = now_ns,
    .patience_ns = SHORTEST_PATIENCE_NS,
  };
  /* It may be opened by some who may not read it. */
  if (cpu->ask != NULL && sal_sampler_cpu_read (cpu->syscall_fd, text, sizeof text) == 0)
    close_file (&cpu->syscall_fd);
  if (read_account (cpu, &cpu->account))
    cpu->is_on_cpu = read_running (cpu, now_ns, &cpu->futex) == 1;
}

bool
sal_sampler_cpu_is_due (const SalSamplerCpu *cpu, int64_t now_ns)
{
  return now_ns - cpu->asked_ns >= SHORTEST_PATIENCE_NS;
}

void
sal_sampler_cpu_ask (SalSamplerCpu *cpu, int64_t now_ns, SalSamplerStir stir)
{
  int64_t age_ns = now_ns - cpu->asked_ns;
  SalSamplerAccount account;
  uint64_t n_turns;
  uint64_t futex = 0;
  bool moved = stir == SAL_SAMPLER_STIR_MOVED || stir == SAL_SAMPLER_STIR_RUNS;
  bool progressed;
  int running = 1;

  if (age_ns < (moved ? SHORTEST_PATIENCE_NS : cpu->patience_ns))
    return;
  if (stir == SAL_SAMPLER_STIR_RUNS && cpu->is_on_cpu &&
      now_ns - cpu->read_ns < ACCOUNT_PATIENCE_NS)
    {
      cpu->asked_ns = now_ns;
      cpu->futex = 0;
      return;
    }
  if (!read_account (cpu, &account))
    return;

  n_turns = account.n_runs - cpu->account.n_runs;
  progressed = account.time_ns != cpu->account.time_ns || n_turns != 0;
  if (account.time_ns > cpu->account.time_ns)
    cpu->balance_ns += (int64_t)(account.time_ns - cpu->account.time_ns);
  cpu->account = account;
  cpu->asked_ns = now_ns;
  cpu->read_ns = now_ns;

  /* Leaving the processor always moves the account, so one that stands still under a thread that
   * did not run means that it still does not. */
  if (!cpu->is_on_cpu && !progressed && !moved)
    {
      cpu->patience_ns *= 2;
      if (cpu->patience_ns > LONGEST_PATIENCE_NS)
        cpu->patience_ns = LONGEST_PATIENCE_NS;
      if (!cpu->is_untold)
        return;
    }
  else
    cpu->patience_ns = SHORTEST_PATIENCE_NS;
  if (stir == SAL_SAMPLER_STIR_WAITS)
    {
      futex = cpu->futex;
      running = read_state (cpu) == 'R';
      cpu->is_untold = false;
    }
  else if (stir != SAL_SAMPLER_STIR_RUNS)
    running = read_running (cpu, now_ns, &futex);
  cpu->is_restless = n_turns > MOST_TAKEN;
  /* One that was woken but has not run yet has not found out whether it may go on. */
  if (running != 1 || progressed || stir == SAL_SAMPLER_STIR_RUNS)
    cpu->futex = futex;
  cpu->is_on_cpu = running < 0 ? progressed : running == 1;
}

static uint64_t
least (uint64_t a, uint64_t b)
{
  return a < b ? a : b;
}

uint64_t
sal_sampler_cpu_take (SalSamplerCpu *cpu, uint64_t weight_ns)
{
  int64_t most = cpu->balance_ns + (cpu->is_on_cpu ? LONGEST_LOAN_NS : 0);
  uint64_t taken;

  if (cpu->schedstat_fd < 0 || most <= 0)
    return 0;
  taken = least ((uint64_t)most, weight_ns);
  /* What is left of a part stays for later: parts take less room in the capture. */
  if (!cpu->is_on_cpu)
    taken -= taken % PART_NS;
  else if ((weight_ns - taken) % PART_NS != 0)
    taken -= least (taken, PART_NS - (weight_ns - taken) % PART_NS);
  cpu->balance_ns -= (int64_t)taken;
  return taken;
}

void
sal_sampler_cpu_close (SalSamplerCpu *cpu)
{
  close_file (&cpu->schedstat_fd);
  close_file (&cpu->syscall_fd);
  close_file (&cpu->stat_fd);
}
