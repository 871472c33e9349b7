/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a thread has rested since it was last held still, so that its stack is the same. */
#include "sal-sampler-rest.h"

#include <string.h>

static void
read_call (const SalSamplerCpu *cpu, char *text, size_t size)
{
  (void)sal_sampler_cpu_read (cpu->syscall_fd, text, size);
  if (strncmp (text, "running", 7) == 0)
    text[0] = '\0';
}

void
sal_sampler_rest_begin (SalSamplerRest *rest, const SalSamplerCpu *cpu)
{
  rest->account.n_runs = 0;
  read_call (cpu, rest->call, sizeof rest->call);
}

bool
sal_sampler_rest_is_possible (const SalSamplerRest *rest)
{
  return rest->call[0] != '\0';
}

bool
sal_sampler_rest_goes_on (SalSamplerRest *rest,
                          const SalSamplerCpu *cpu,
                          bool is_same,
                          int64_t now_ns)
{
  SalSamplerAccount account;
  char call[sizeof rest->call];

  if (!sal_sampler_rest_is_possible (rest))
    return false;
  account = sal_sampler_cpu_get_account (cpu, now_ns);
  if (rest->account.n_runs == 0 && is_same)
    {
      read_call (cpu, call, sizeof call);
      if (strcmp (call, rest->call) == 0)
        rest->account = account;
    }
  return account.n_runs > 0 && account.n_runs == rest->account.n_runs &&
         account.time_ns == rest->account.time_ns;
}

void
sal_sampler_rest_end (SalSamplerRest *rest)
{
  rest->account.n_runs = 0;
  rest->call[0] = '\0';
}
