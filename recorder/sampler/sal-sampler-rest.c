/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a thread has rested since it was last held still, so that its stack is the same. */
#include "sal-sampler-rest.h"

#include <string.h>
#include <unistd.h>

/* The text of @fd, "" where there is none. */
static void
read_text (int fd, char *text, size_t size)
{
  ssize_t n = fd >= 0 ? pread (fd, text, size - 1, 0) : -1;

  text[n > 0 ? n : 0] = '\0';
}

static void
read_call (const SalSamplerCpu *cpu, char *text, size_t size)
{
  read_text (cpu->syscall_fd, text, size);
  if (strncmp (text, "running", 7) == 0)
    text[0] = '\0';
}

void
sal_sampler_rest_begin (SalSamplerRest *rest, const SalSamplerCpu *cpu)
{
  rest->account[0] = '\0';
  read_call (cpu, rest->call, sizeof rest->call);
}

bool
sal_sampler_rest_goes_on (SalSamplerRest *rest, const SalSamplerCpu *cpu, bool is_same)
{
  char account[sizeof rest->account];
  char call[sizeof rest->call];

  if (rest->call[0] == '\0')
    return false;
  read_text (cpu->schedstat_fd, account, sizeof account);
  if (rest->account[0] == '\0' && is_same && account[0] != '\0')
    {
      read_call (cpu, call, sizeof call);
      if (strcmp (call, rest->call) == 0)
        memcpy (rest->account, account, sizeof account);
    }
  return rest->account[0] != '\0' && strcmp (account, rest->account) == 0;
}

void
sal_sampler_rest_end (SalSamplerRest *rest)
{
  rest->account[0] = '\0';
  rest->call[0] = '\0';
}
