/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of processor time and running state, on threads of the test itself. */
#include "sal-sampler-cpu.h"

#include <glib.h>
#include <unistd.h>

#include "sal-sampler-clock.h"

#include "worker.h"

#define MS 1000000

/* Takes a sample every millisecond for @n of them. */
static void
watch (const Worker *worker, int n, uint64_t *weight_ns, uint64_t *cpu_ns, int *n_on)
{
  SalSamplerCpu cpu;
  int64_t last = sal_sampler_clock_now ();

  *weight_ns = *cpu_ns = 0;
  *n_on = 0;
  sal_sampler_cpu_open (&cpu, getpid (), (uint64_t)worker->tid, NULL, last);
  g_assert_cmpint (cpu.schedstat_fd, >=, 0);
  for (int i = 0; i < n; i++)
    {
      int64_t now;
      uint64_t taken;

      g_usleep (1000);
      now = sal_sampler_clock_now ();
      sal_sampler_cpu_ask (&cpu, now, SAL_SAMPLER_STIR_NONE);
      taken = sal_sampler_cpu_take (&cpu, (uint64_t)(now - last));
      g_assert_cmpuint (taken, <=, (uint64_t)(now - last));
      *weight_ns += (uint64_t)(now - last);
      *cpu_ns += taken;
      *n_on += cpu.is_on_cpu;
      last = now;
    }
  sal_sampler_cpu_close (&cpu);
}

static void
test_busy_is_on_cpu (void)
{
  Worker *worker = worker_start (FALSE);
  uint64_t weight_ns;
  uint64_t cpu_ns;
  int n_on;

  watch (worker, 300, &weight_ns, &cpu_ns, &n_on);
  worker_end (worker);
  /* Runnable all the time, with a processor for as long as the machine has one to give. */
  g_assert_cmpint (n_on, ==, 300);
  g_assert_cmpuint (cpu_ns, >, 10 * MS);
  g_assert_cmpuint (cpu_ns, <=, weight_ns);
}

static void
test_asleep_is_off_cpu (void)
{
  Worker *worker = worker_start (TRUE);
  uint64_t weight_ns;
  uint64_t cpu_ns;
  int n_on;

  g_usleep (100000);
  watch (worker, 100, &weight_ns, &cpu_ns, &n_on);
  worker_end (worker);
  g_assert_cmpint (n_on, ==, 0);
  g_assert_cmpuint (cpu_ns, ==, 0);
}

/* Of one that was seen running nothing is asked but, now and then, its account. */
static void
test_seen_running (void)
{
  Worker *worker = worker_start (TRUE);
  SalSamplerCpu cpu;

  g_usleep (100000);
  sal_sampler_cpu_open (&cpu, getpid (), (uint64_t)worker->tid, NULL, 0);
  g_assert_false (cpu.is_on_cpu);
  cpu.futex = 8;
  for (int i = 1; i <= 12; i++)
    {
      sal_sampler_cpu_ask (&cpu, i * MS, SAL_SAMPLER_STIR_RUNS);
      g_assert_true (cpu.is_on_cpu);
      g_assert_cmpuint (cpu.futex, ==, 0);
      g_assert_cmpint (cpu.asked_ns, ==, i * MS);
      g_assert_cmpint (cpu.read_ns, ==, (1 + (i - 1) / 4 * 4) * MS);
    }
  g_assert_false (sal_sampler_cpu_is_due (&cpu, 12 * MS + MS / 4));
  g_assert_true (sal_sampler_cpu_is_due (&cpu, 13 * MS));
  sal_sampler_cpu_ask (&cpu, 13 * MS, SAL_SAMPLER_STIR_MOVED);
  g_assert_false (cpu.is_on_cpu);
  sal_sampler_cpu_close (&cpu);
  worker_end (worker);
}

/* One that is known to wait for what it waited for keeps that, even though it has woken up. */
static void
test_waits (void)
{
  Worker *worker = worker_start (TRUE);
  SalSamplerCpu cpu;

  g_usleep (100000);
  sal_sampler_cpu_open (&cpu, getpid (), (uint64_t)worker->tid, NULL, 0);
  cpu.futex = 8;
  cpu.has_moved = false;
  cpu.account.n_runs--;
  sal_sampler_cpu_ask (&cpu, MS, SAL_SAMPLER_STIR_WAITS);
  g_assert_cmpuint (cpu.futex, ==, 8);
  g_assert_false (cpu.is_on_cpu);
  g_assert_false (cpu.has_moved);
  cpu.account.n_runs--;
  sal_sampler_cpu_ask (&cpu, 2 * MS, SAL_SAMPLER_STIR_NONE);
  g_assert_cmpuint (cpu.futex, !=, 8);
  g_assert_true (cpu.has_moved);
  sal_sampler_cpu_close (&cpu);
  worker_end (worker);
}

static void
test_no_such_thread_never_runs (void)
{
  SalSamplerCpu cpu;

  sal_sampler_cpu_open (&cpu, getpid (), 1, NULL, 0);
  sal_sampler_cpu_ask (&cpu, 1000 * MS, SAL_SAMPLER_STIR_MOVED);
  g_assert_false (cpu.is_on_cpu);
  g_assert_cmpuint (sal_sampler_cpu_take (&cpu, MS), ==, 0);
  sal_sampler_cpu_close (&cpu);
}

static void
test_what_is_lent_is_paid_back (void)
{
  SalSamplerCpu cpu = { .schedstat_fd = 0, .is_on_cpu = true };

  /* Ten milliseconds are lent, no more. */
  for (int i = 0; i < 10; i++)
    g_assert_cmpuint (sal_sampler_cpu_take (&cpu, MS), ==, MS);
  g_assert_cmpuint (sal_sampler_cpu_take (&cpu, MS), ==, 0);
  cpu.balance_ns += 4 * MS;
  cpu.is_on_cpu = false;
  g_assert_cmpuint (sal_sampler_cpu_take (&cpu, MS), ==, 0);
  cpu.balance_ns += 6 * MS + 65536 + 500;
  g_assert_cmpuint (sal_sampler_cpu_take (&cpu, MS), ==, 65536);
  g_assert_cmpuint (sal_sampler_cpu_take (&cpu, MS), ==, 0);
}

/* Of processor time for half of the weights half is given, each sample lacking whole parts. */
static void
test_parts_add_up (void)
{
  SalSamplerCpu cpu = { .schedstat_fd = 0, .is_on_cpu = true, .balance_ns = -10 * MS };
  uint64_t sum = 0;

  for (int i = 0; i < 1000; i++)
    {
      uint64_t weight_ns = MS + (uint64_t)i * 137;
      uint64_t taken;

      cpu.balance_ns += (int64_t)weight_ns / 2;
      taken = sal_sampler_cpu_take (&cpu, weight_ns);
      g_assert_cmpuint (taken, <=, weight_ns);
      g_assert_true (taken == 0 || (weight_ns - taken) % 65536 == 0);
      sum += taken;
    }
  g_assert_cmpint (cpu.balance_ns, >=, -10 * MS);
  g_assert_cmpint (cpu.balance_ns, <, -10 * MS + 2 * MS);
  g_assert_cmpuint (sum, >, 500 * (uint64_t)MS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/cpu/busy-is-on-cpu", test_busy_is_on_cpu);
  g_test_add_func ("/sampler/cpu/parts-add-up", test_parts_add_up);
  g_test_add_func ("/sampler/cpu/asleep-is-off-cpu", test_asleep_is_off_cpu);
  g_test_add_func ("/sampler/cpu/seen-running", test_seen_running);
  g_test_add_func ("/sampler/cpu/waits", test_waits);
  g_test_add_func ("/sampler/cpu/no-such-thread-never-runs", test_no_such_thread_never_runs);
  g_test_add_func ("/sampler/cpu/what-is-lent-is-paid-back", test_what_is_lent_is_paid_back);
  return g_test_run ();
}
