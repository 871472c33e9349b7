/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a thread has rested since it was last held still, so that its stack is the same. */
#include "sal-sampler-rest.h"

#include <stdlib.h>
#include <string.h>

void
sal_sampler_rest_begin (SalSamplerRest *rest, const SalSamplerCpu *cpu, int64_t now_ns)
{
  rest->cpu = cpu;
  rest->account = sal_sampler_cpu_get_account (cpu, now_ns);
  rest->is_settled = false;
  sal_sampler_cpu_get_call (cpu, now_ns, rest->call);
}

bool
sal_sampler_rest_is_possible (const SalSamplerRest *rest)
{
  return rest->call[0] != '\0';
}

bool
sal_sampler_rest_is_pending (const SalSamplerRest *rest)
{
  return sal_sampler_rest_is_possible (rest) && !rest->is_settled;
}

/* They are the last two words. Source: Linux fs/proc/base.c, proc_pid_syscall(). */
bool
sal_sampler_rest_find (const SalSamplerRest *rest, uint64_t *stack, uint64_t *pc)
{
  const char *words[2] = { NULL, NULL };

  for (const char *at = rest->call; *at != '\0'; at++)
    if (*at == ' ')
      {
        words[0] = words[1];
        words[1] = at + 1;
      }
  if (words[0] == NULL)
    return false;
  *stack = strtoull (words[0], NULL, 16);
  *pc = strtoull (words[1], NULL, 16);
  return true;
}

bool
sal_sampler_rest_is_proved (SalSamplerRest *rest)
{
  SalSamplerAccount account = sal_sampler_cpu_read_account (rest->cpu);

  if (!sal_sampler_rest_is_possible (rest) || account.n_runs == 0 ||
      account.n_runs != rest->account.n_runs)
    return false;
  rest->account = account;
  rest->is_settled = true;
  return true;
}

bool
sal_sampler_rest_goes_on (SalSamplerRest *rest, bool is_same, int64_t now_ns)
{
  SalSamplerAccount account;
  char call[SAL_SAMPLER_CALL_SIZE];

  if (!sal_sampler_rest_is_possible (rest))
    return false;
  account = sal_sampler_cpu_get_account (rest->cpu, now_ns);
  if (!rest->is_settled && is_same)
    {
      sal_sampler_cpu_get_call (rest->cpu, now_ns, call);
      rest->is_settled = strcmp (call, rest->call) == 0;
      rest->account = account;
    }
  return rest->is_settled && account.n_runs > 0 && account.n_runs == rest->account.n_runs &&
         account.time_ns == rest->account.time_ns;
}

void
sal_sampler_rest_unsettle (SalSamplerRest *rest)
{
  rest->is_settled = false;
}
