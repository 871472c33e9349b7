/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One process of the program that is recorded. */
#include "sal-sampler-process.h"

#include <stdio.h>
#include <stdlib.h>

SalSamplerProcess *
sal_sampler_process_new (pid_t pid, SalSamplerProcess *parent)
{
  SalSamplerProcess *process = calloc (1, sizeof *process);

  if (process == NULL)
    return NULL;
  process->pid = pid;
  process->parent = parent;
  if (parent != NULL)
    atomic_fetch_add (&parent->n_references, 1);
  atomic_init (&process->n_references, 1);
  atomic_init (&process->status, -1);
  process->seek.pid = pid;
  process->seek.is_patient = true;
  process->id = SAL_CAPTURE_NO_ID;
  return process;
}

void
sal_sampler_process_give_up_holds (SalSamplerProcess *process, bool native)
{
  process->is_hold_denied = true;
  process->refusal = NULL;
  if (process->complaint == NULL &&
      asprintf (&process->complaint,
                "No thread of process %d can be held still, so that %s: another program traces it, "
                "or the kernel does not allow it",
                (int)process->pid,
                native ? "its native frames are not recorded"
                       : "stacks that change while they are read are lost") < 0)
    process->complaint = NULL;
}

void
sal_sampler_process_unref (SalSamplerProcess *process)
{
  while (process != NULL && atomic_fetch_sub (&process->n_references, 1) == 1)
    {
      SalSamplerProcess *parent = process->parent;

      sal_sampler_threads_clear (&process->threads);
      sal_sampler_codes_clear (&process->codes);
      sal_sampler_seek_clear (&process->seek);
      free (process->command);
      free (process->complaint);
      free (process);
      process = parent;
    }
}

void
sal_sampler_mail_post (SalSamplerMail *mail, SalSamplerProcess *process)
{
  SalSamplerProcess *last = atomic_load (&mail->last);

  do
    process->next = last;
  while (!atomic_compare_exchange_weak (&mail->last, &last, process));
}

SalSamplerProcess *
sal_sampler_mail_take (SalSamplerMail *mail)
{
  SalSamplerProcess *process;
  SalSamplerProcess *first = NULL;

  if (atomic_load_explicit (&mail->last, memory_order_relaxed) == NULL)
    return NULL;
  process = atomic_exchange (&mail->last, NULL);
  while (process != NULL)
    {
      SalSamplerProcess *before = process->next;

      process->next = first;
      first = process;
      process = before;
    }
  return first;
}
