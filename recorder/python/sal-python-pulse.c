/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which threads are at work, by their own memory.
 *
 * A frame says which instruction it is at, and that is written with every instruction or nearly so.
 * Where it has changed between the beginning and the end of a read, somebody ran that frame
 * meanwhile: its thread, if that held the lock, since it takes far longer to hand the lock on and
 * the frame's memory with it. Where it has not, nothing is known: the thread may be in C code, wait
 * for something, or be back at the same instruction of a loop.
 * Source: CPython 2.7, 3.6 – 3.10 Python/ceval.c (f_lasti), 3.11 – 3.15 Python/ceval_macros.h and
 * Tools/cases_generator (prev_instr, instr_ptr). */
#include <string.h>

#include "sal-python-private.h"

#define LENGTH 8

void
sal_python_set_watchful (SalPython *self, bool is_watchful)
{
  self->is_watchful = is_watchful;
}

/* Whether the thread is likely to be at work. */
static bool
is_promising (const SalPython *self, const SalPythonThreadState *thread)
{
  if (thread->innermost == 0 || thread->is_kept || thread->is_skipped)
    return false;
  return self->runtime.layout.is_free_threaded ? !thread->last.same_as_before
                                               : thread->last.holds_gil;
}

void
_sal_python_pulse_plan_first (SalPython *self, uint32_t index)
{
  SalPythonThreadState *thread = self->threads[index];

  thread->pulse_at[0] = SAL_PYTHON_NOT_READ;
  if (self->is_watchful && is_promising (self, thread))
    thread->pulse_at[0] = _sal_python_plan_range (
        self, index, thread->innermost + self->runtime.layout.frame_instruction, LENGTH);
}

void
_sal_python_pulse_plan_last (SalPython *self, uint32_t index)
{
  SalPythonThreadState *thread = self->threads[index];

  if (thread->pulse_at[0] != SAL_PYTHON_NOT_READ)
    thread->pulse_at[1] = _sal_python_plan_range (
        self, index, thread->innermost + self->runtime.layout.frame_instruction, LENGTH);
}

bool
_sal_python_pulse_is_felt (const SalPython *self,
                           const SalPythonThreadState *thread,
                           const SalPythonThread *view)
{
  return thread->pulse_at[0] != SAL_PYTHON_NOT_READ &&
         (view->holds_gil || self->runtime.layout.is_free_threaded) &&
         memcmp (self->bytes + thread->pulse_at[0], self->bytes + thread->pulse_at[1], LENGTH) != 0;
}
