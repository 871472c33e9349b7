/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of whether a thread has rested since it was held, on files of the test's own. */
#include "sal-sampler-rest.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

  sal_sampler_rest_begin (&rest, &cpu);
  g_assert_true (sal_sampler_rest_is_possible (&rest));
  g_assert_false (sal_sampler_rest_goes_on (&rest, &cpu, false, MS));
  g_assert_true (sal_sampler_rest_goes_on (&rest, &cpu, true, 2 * MS));
  g_assert_true (sal_sampler_rest_goes_on (&rest, &cpu, false, 3 * MS));
  /* Asked at that moment already, it is not read again. */
  cpu.read_ns = 4 * MS;
  cpu.account = (SalSamplerAccount){ 700, 4 };
  g_assert_false (sal_sampler_rest_goes_on (&rest, &cpu, true, 4 * MS));
  g_assert_true (sal_sampler_rest_goes_on (&rest, &cpu, true, 5 * MS));
  set_text (cpu.schedstat_fd, "701 20 3\n");
  g_assert_false (sal_sampler_rest_goes_on (&rest, &cpu, true, 6 * MS));
  sal_sampler_cpu_close (&cpu);
}

/* One that ran when it was held, or that sleeps elsewhere now. */
static void
test_does_not_rest (void)
{
  SalSamplerCpu cpu = make_cpu ("700 20 3\n", "running\n");
  SalSamplerRest rest = { 0 };

  sal_sampler_rest_begin (&rest, &cpu);
  g_assert_false (sal_sampler_rest_is_possible (&rest));
  set_text (cpu.syscall_fd, SLEEPING);
  g_assert_false (sal_sampler_rest_goes_on (&rest, &cpu, true, MS));
  sal_sampler_rest_begin (&rest, &cpu);
  set_text (cpu.syscall_fd, "231 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffd0 0x7f25\n");
  g_assert_false (sal_sampler_rest_goes_on (&rest, &cpu, true, MS));
  sal_sampler_cpu_close (&cpu);
}

/* An account that the kernel does not keep stands still whatever the thread does. */
static void
test_no_account (void)
{
  SalSamplerCpu cpu = make_cpu ("0 0 0\n", SLEEPING);
  SalSamplerRest rest = { 0 };

  sal_sampler_rest_begin (&rest, &cpu);
  g_assert_false (sal_sampler_rest_goes_on (&rest, &cpu, true, MS));
  g_assert_false (sal_sampler_rest_goes_on (&rest, &cpu, true, 2 * MS));
  sal_sampler_cpu_close (&cpu);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/rest/rests", test_rests);
  g_test_add_func ("/sampler/rest/does-not-rest", test_does_not_rest);
  g_test_add_func ("/sampler/rest/no-account", test_no_account);
  return g_test_run ();
}
