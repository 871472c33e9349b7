/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of whether a thread has rested since it was held, on files of the test's own. */
#include "sal-sampler-rest.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sal-sampler-hold.h"

#define MS 1000000
#define SLEEPING "230 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffd0 0x7f25\n"

static void
set_text (gint fd, const char *text)
{
  g_assert_cmpint (ftruncate (fd, 0), ==, 0);
  g_assert_cmpint (pwrite (fd, text, strlen (text), 0), ==, (gssize)strlen (text));
}

static SalSamplerCpu
make_cpu (const char *schedstat, const char *syscall)
{
  SalSamplerCpu cpu = { .schedstat_fd = memfd_create ("schedstat", MFD_CLOEXEC),
                        .syscall_fd = memfd_create ("syscall", MFD_CLOEXEC),
                        .stat_fd = -1 };

  set_text (cpu.schedstat_fd, schedstat);
  set_text (cpu.syscall_fd, syscall);
  return cpu;
}

/* One that sleeps where it slept rests until it has been given a processor. */
static void
test_rests (void)
{
  SalSamplerCpu cpu = make_cpu ("700 20 3\n", SLEEPING);
  SalSamplerRest rest = { 0 };

  sal_sampler_rest_begin (&rest, &cpu, 1);
  g_assert_true (sal_sampler_rest_is_possible (&rest));
  g_assert_false (sal_sampler_rest_goes_on (&rest, false, MS));
  g_assert_true (sal_sampler_rest_goes_on (&rest, true, 2 * MS));
  g_assert_true (sal_sampler_rest_goes_on (&rest, false, 3 * MS));
  /* Asked at that moment already, it is not read again. */
  cpu.read_ns = 4 * MS;
  cpu.account = (SalSamplerAccount){ 700, 4 };
  g_assert_false (sal_sampler_rest_goes_on (&rest, true, 4 * MS));
  g_assert_true (sal_sampler_rest_goes_on (&rest, true, 5 * MS));
  set_text (cpu.schedstat_fd, "701 20 3\n");
  g_assert_false (sal_sampler_rest_goes_on (&rest, true, 6 * MS));
  sal_sampler_cpu_close (&cpu);
}

/* What is read of one that sleeps is of one moment unless it was given a processor meanwhile; then
 * it is known to rest without another look at where. */
static void
test_is_read (void)
{
  SalSamplerCpu cpu = make_cpu ("700 20 3\n", SLEEPING);
  SalSamplerRest rest = { 0 };
  uint64_t stack;
  uint64_t pc;

  sal_sampler_rest_begin (&rest, &cpu, 1);
  g_assert_true (sal_sampler_rest_find (&rest, &stack, &pc));
  g_assert_cmphex (stack, ==, 0x7ffd0);
  g_assert_cmphex (pc, ==, 0x7f25);
  /* It was still on its way to sleep when the account was read first. */
  set_text (cpu.schedstat_fd, "900 20 3\n");
  g_assert_true (sal_sampler_rest_is_proved (&rest));
  set_text (cpu.syscall_fd, "running\n");
  g_assert_true (sal_sampler_rest_goes_on (&rest, false, MS));
  sal_sampler_rest_unsettle (&rest);
  g_assert_false (sal_sampler_rest_goes_on (&rest, true, 2 * MS));
  set_text (cpu.schedstat_fd, "900 20 4\n");
  g_assert_false (sal_sampler_rest_is_proved (&rest));
  sal_sampler_cpu_close (&cpu);
}

/* A process whose thread may go on while it is read. */
typedef struct
{
  SalTarget base;
  int schedstat_fd;
  gboolean goes_on;
} Sleeper;

static SalTargetResult
read_many_cb (SalTarget *target, const SalTargetRange *ranges, size_t n_ranges, size_t *n_read)
{
  Sleeper *sleeper = (Sleeper *)target;

  for (size_t i = 0; i < n_ranges; i++)
    memset (ranges[i].buffer, 0x5a, ranges[i].length);
  if (sleeper->goes_on)
    set_text (sleeper->schedstat_fd, "900 20 4\n");
  *n_read = n_ranges;
  return SAL_TARGET_OK;
}

static const SalTargetOps sleeper_ops = { .read_many = read_many_cb };

/* What was read of one that went on meanwhile may be of two moments, and is none. */
static void
test_goes_on (void)
{
  SalSamplerHolds *holds = sal_sampler_holds_new (false);

  for (gboolean goes_on = FALSE; goes_on <= TRUE; goes_on++)
    {
      SalSamplerCpu cpu = make_cpu ("700 20 3\n", SLEEPING);
      Sleeper sleeper = { { &sleeper_ops, 12 }, cpu.schedstat_fd, goes_on };
      SalSamplerRest rest = { 0 };
      SalSamplerStack stack = { 0 };
      SalSamplerHold hold = {
        .holds = holds, .target = &sleeper.base, .stack = &stack, .rest = &rest, .tid = 12
      };
      guint64 word = 0;
      SalTargetRange ranges[2] = { { 0x1000, &word, sizeof word } };
      SalTargetRange unread;

      sal_sampler_rest_begin (&rest, &cpu, 1);
      g_assert_cmpint (sal_sampler_hold_read (&hold, ranges, 1, &unread),
                       ==,
                       goes_on ? SAL_TARGET_ABSENT : SAL_TARGET_OK);
      sal_sampler_hold_resume (&hold);
      g_assert_cmphex (word, ==, 0x5a5a5a5a5a5a5a5a);
      g_assert_cmphex (hold.snapshot.registers[SAL_NATIVE_RSP], ==, 0x7ffd0);
      g_assert_cmphex (hold.snapshot.registers[SAL_NATIVE_RIP], ==, 0x7f25);
      g_assert_cmphex (hold.snapshot.registers[SAL_NATIVE_RBP], ==, SAL_NATIVE_UNKNOWN);
      sal_sampler_cpu_close (&cpu);
    }
  sal_sampler_holds_free (holds);
}

/* Nothing is known of one that runs, nor of one whose call or account is not told. */
static void
test_cannot_be_read (void)
{
  static const struct
  {
    const char *schedstat;
    const char *syscall;
  } cases[] = {
    { "700 20 3\n", "running\n" },
    { "700 20 3\n", "" },
    { "700 20 3\n", "230\n" },
    { "0 0 0\n", SLEEPING },
    { "", SLEEPING },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SalSamplerCpu cpu = make_cpu (cases[i].schedstat, cases[i].syscall);
      SalSamplerRest rest = { 0 };
      uint64_t stack;
      uint64_t pc;

      sal_sampler_rest_begin (&rest, &cpu, 1);
      g_assert_false (sal_sampler_rest_find (&rest, &stack, &pc) &&
                      sal_sampler_rest_is_proved (&rest));
      sal_sampler_cpu_close (&cpu);
    }
}

/* One that ran when it was held, or that sleeps elsewhere now. */
static void
test_does_not_rest (void)
{
  SalSamplerCpu cpu = make_cpu ("700 20 3\n", "running\n");
  SalSamplerRest rest = { 0 };

  sal_sampler_rest_begin (&rest, &cpu, 1);
  g_assert_false (sal_sampler_rest_is_possible (&rest));
  set_text (cpu.syscall_fd, SLEEPING);
  g_assert_false (sal_sampler_rest_goes_on (&rest, true, MS));
  sal_sampler_rest_begin (&rest, &cpu, 1);
  set_text (cpu.syscall_fd, "231 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffd0 0x7f25\n");
  g_assert_false (sal_sampler_rest_goes_on (&rest, true, MS));
  sal_sampler_cpu_close (&cpu);
}

/* An account that the kernel does not keep stands still whatever the thread does. */
static void
test_no_account (void)
{
  SalSamplerCpu cpu = make_cpu ("0 0 0\n", SLEEPING);
  SalSamplerRest rest = { 0 };

  sal_sampler_rest_begin (&rest, &cpu, 1);
  g_assert_false (sal_sampler_rest_goes_on (&rest, true, MS));
  g_assert_false (sal_sampler_rest_goes_on (&rest, true, 2 * MS));
  sal_sampler_cpu_close (&cpu);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/rest/rests", test_rests);
  g_test_add_func ("/sampler/rest/is-read", test_is_read);
  g_test_add_func ("/sampler/rest/goes-on", test_goes_on);
  g_test_add_func ("/sampler/rest/cannot-be-read", test_cannot_be_read);
  g_test_add_func ("/sampler/rest/does-not-rest", test_does_not_rest);
  g_test_add_func ("/sampler/rest/no-account", test_no_account);
  return g_test_run ();
}
