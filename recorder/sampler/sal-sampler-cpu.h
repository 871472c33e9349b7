/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a thread of another process is running, for how much processor time, and else where it
 * sleeps. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sal-sampler-ask.h"

/* A number of a system call that is none: what the thread sleeps in could not be told. */
#define SAL_SAMPLER_CALL_UNKNOWN (-2L)
/* Room for what is said of a call: its number, six arguments, stack pointer and program counter. */
#define SAL_SAMPLER_CALL_SIZE 192

/* What a thread has had. Where both are what they were, it was not given a processor between. */
typedef struct
{
  uint64_t time_ns; /* processor time since it began */
  uint64_t n_runs;  /* times it was given a processor; 0 = not told: not every kernel counts */
} SalSamplerAccount;

/* The kernel's own account of one thread, from three files of /proc that stay open. (The CPU clock
 * of clock_gettime(2) answers for threads of the own process only.) The account of a running thread
 * moves with the scheduler's tick, every 1 to 10 ms, and is exact whenever the thread leaves the
 * processor; what samples are given in between is lent and paid back, so that their sum follows the
 * account within 10 ms and none gets more than the time it stands for.
 *
 * A thread that does not run is asked ever more rarely, down to once in 10 ms, until it moves;
 * what it sleeps in is only looked at after it has.
 * Source: proc_pid_schedstat(5), proc_pid_syscall(5), proc_pid_stat(5); Linux kernel/sched/stats.h
 * (sched_info), lib/syscall.c (task_current_syscall).
 * Thread: one at a time.
 */
typedef struct
{
  int schedstat_fd;   /* -1 = not to be had */
  int syscall_fd;     /* -1 = not to be had: ask it is, or else stat decides */
  int stat_fd;        /* -1 = not to be had: progress alone decides */
  SalSamplerAsk *ask; /* borrowed; NULL: nobody knows more than the kernel tells us */
  uint64_t tid;
  int64_t asked_ns;    /* when it was last known whether it runs */
  int64_t patience_ns; /* how old that may grow before it is asked again */
  int64_t read_ns;     /* when the account was last read */
  SalSamplerAccount account;
  int64_t balance_ns; /* accounted for but not given to a sample yet; below zero: lent */
  uint64_t futex;     /* address it slept at when it last ran or was asked; 0 = none */
  bool is_restless;   /* went to sleep and was woken again and again before it was last asked */
  bool is_on_cpu;     /* ran, or waited only for a processor, when last asked */
  bool is_untold;     /* it was not worth while to ask where it sleeps */

  /* Where it sleeps, unless is_on_cpu. */
  long call;        /* number of the system call, −1 = in none, or CALL_UNKNOWN */
  uint64_t args[2]; /* the call's first */
  char state;       /* as proc_pid_stat(5) has it: 'S', 'D', …; 0 = not known */
  bool has_moved;   /* call, args and state are news: for who takes it up to clear */

  char text[SAL_SAMPLER_CALL_SIZE]; /* what syscall said when it was last read */
  int64_t text_ns;                  /* when that was */
} SalSamplerCpu;

/** sal_sampler_cpu_read: reads the text of @fd from its beginning, and terminates it. Its length; 0
 * and "" where there is none. */
size_t sal_sampler_cpu_read (int fd, char *text, size_t size);

/** sal_sampler_cpu_read_account: how its account stands now; zeroes where there is none. */
SalSamplerAccount sal_sampler_cpu_read_account (const SalSamplerCpu *cpu);

/** sal_sampler_cpu_get_account: how its account stands; a read of /proc, unless that was asked for
 * at @now_ns. */
SalSamplerAccount sal_sampler_cpu_get_account (const SalSamplerCpu *cpu, int64_t now_ns);

/** sal_sampler_cpu_get_call: where it sleeps, as proc_pid_syscall(5) has it; "": it runs, or is not
 * to be had. A read of /proc, unless that was asked for at @now_ns, and then after the account. */
void sal_sampler_cpu_get_call (const SalSamplerCpu *cpu,
                               int64_t now_ns,
                               char text[SAL_SAMPLER_CALL_SIZE]);

/** sal_sampler_cpu_open: begins to watch thread @tid of process @pid; where /proc says nothing, it
 * counts as never running, and @ask (borrowed, may be NULL) where it sleeps. Opens three
 * descriptors. */
void sal_sampler_cpu_open (
    SalSamplerCpu *cpu, pid_t pid, uint64_t tid, SalSamplerAsk *ask, int64_t now_ns);

/* What is known of a thread without asking the kernel. */
typedef enum
{
  SAL_SAMPLER_STIR_NONE,  /* nothing */
  SAL_SAMPLER_STIR_MOVED, /* its stack has changed since the last time, so it has run */
  SAL_SAMPLER_STIR_RUNS,  /* it has been seen running just now */
  SAL_SAMPLER_STIR_WAITS, /* it waits for what it waited for, whether or not it woke up meanwhile */
} SalSamplerStir;

/** sal_sampler_cpu_is_due: whether sal_sampler_cpu_ask() would ask about a thread that has run. */
bool sal_sampler_cpu_is_due (const SalSamplerCpu *cpu, int64_t now_ns);

/**
 * sal_sampler_cpu_ask: finds out whether the thread runs, and brings its account up to date, unless
 * that is fresh.
 *
 * At most three system calls, none more often than every 500 µs; of one that runs all the time and
 * is seen doing so, one in 4 ms.
 */
void sal_sampler_cpu_ask (SalSamplerCpu *cpu, int64_t now_ns, SalSamplerStir stir);

/** sal_sampler_cpu_sleeps_on: whether the thread, which slept when it was last asked, is still in
 * the same call. One system call. */
bool sal_sampler_cpu_sleeps_on (const SalSamplerCpu *cpu);

/** sal_sampler_cpu_take: the processor time of a sample that stands for @weight_ns: at most that,
 * in parts of 65,536 ns; what is left of a part is given to later ones. A
 * rejected look takes its share too and gives it to nobody. */
uint64_t sal_sampler_cpu_take (SalSamplerCpu *cpu, uint64_t weight_ns);

/** sal_sampler_cpu_close: closes the descriptors. */
void sal_sampler_cpu_close (SalSamplerCpu *cpu);
