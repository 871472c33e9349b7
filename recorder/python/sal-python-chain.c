/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The asyncio task that a thread runs, and the tasks that wait for it.
 *
 * What is shown is proved by one copy: the thread says that it runs the task, the frame of the
 * task's coroutine lies in the stack, and all words that lead from there to each name are as they
 * were when the names were read. Where the copy does not have these words, since another task runs
 * than was thought, they are found, and another copy is taken. So a task that came to the address
 * of one that has ended is never taken for that one. What cannot be proved is left out: the stack
 * is shown as it is. */
#include <stdlib.h>
#include <string.h>

#include "sal-python-bytes.h"
#include "sal-python-private.h"

#define MAX_SEARCHES 64
/* Copies of a thread in a look that are given up because another task runs than was thought. */
#define MAX_TRIES 3
/* Looks after which a chain that no stack has asked for is no longer read with every copy. */
#define CHAIN_LIFE 32
#define MAX_THREAD 4096

/* asyncio may be imported at any time. That it was is seen by its code. */
void
_sal_python_chain_search (SalPython *self)
{
  SalPythonLayout *layout = &self->runtime.layout;
  uint32_t n_asyncio = sal_python_codes_get_n_asyncio (self->codes);
  SalPythonTaskTable table;

  if (n_asyncio == self->n_asyncio)
    return;
  self->n_asyncio = n_asyncio;
  if (self->tasks != NULL || layout->coroutine_frame == 0 || self->n_searches == MAX_SEARCHES)
    return;
  self->n_searches++;
  if (!sal_python_task_table_find (self->target, self->runtime.address, &table) ||
      table.running + 8 > MAX_THREAD)
    return;
  self->tasks = sal_python_tasks_new (self->target, layout, &table, self->codes);
  if (self->tasks != NULL && layout->thread_size < table.running + 8)
    layout->thread_size = table.running + 8;
}

void
_sal_python_chain_plan (SalPython *self, uint32_t index, SalPythonCopyAt *at)
{
  SalPythonChain *chain = self->threads[index]->chain;
  SalPythonTaskRange ranges[SAL_PYTHON_TASK_RANGES];

  at->tasks = self->n_bytes;
  at->serial = 0;
  if (chain == NULL || chain->n_tasks == 0)
    return;
  if (self->n_looks - chain->last_used > CHAIN_LIFE)
    {
      chain->n_tasks = 0;
      return;
    }
  at->serial = chain->serial;
  for (size_t i = 0; i < chain->n_tasks; i++)
    {
      size_t n = sal_python_tasks_list_ranges (self->tasks, &chain->tasks[i], ranges);

      for (size_t j = 0; j < n; j++)
        _sal_python_plan_range (self, index, ranges[j].address, ranges[j].length);
    }
}

static bool
is_same_range (const SalPythonTaskRange *range, const uint8_t *bytes)
{
  const uint8_t *expected = range->expected;

  if (range->mask == NULL)
    return memcmp (bytes, expected, range->length) == 0;
  for (uint32_t i = 0; i < range->length; i++)
    if (((bytes[i] ^ expected[i]) & range->mask[i]) != 0)
      return false;
  return true;
}

/* Whether the task's bytes at *@bytes, which is moved behind them, are what they were. */
static bool
is_same_task (const SalPython *self, const SalPythonTask *task, const uint8_t **bytes)
{
  SalPythonTaskRange ranges[SAL_PYTHON_TASK_RANGES];
  size_t n = sal_python_tasks_list_ranges (self->tasks, task, ranges);
  bool is_same = true;

  for (size_t i = 0; i < n; i++)
    {
      is_same = is_same && is_same_range (&ranges[i], *bytes);
      *bytes += ranges[i].length;
    }
  return is_same;
}

/* Whether the copy shows the chain as it was. What has changed is forgotten. */
static bool
is_same_chain (SalPython *self,
               const SalPythonChain *chain,
               const SalPythonCopyAt *at,
               uint64_t running)
{
  const uint8_t *bytes = self->bytes + at->tasks;
  bool is_same = true;

  if (chain->n_tasks == 0 || at->serial != chain->serial || chain->tasks[0].address != running)
    return false;
  for (size_t i = 0; i < chain->n_tasks; i++)
    if (!is_same_task (self, &chain->tasks[i], &bytes))
      {
        sal_python_tasks_forget (self->tasks, chain->tasks[i].address);
        is_same = false;
      }
  return is_same;
}

static bool
has_task (const SalPythonChain *chain, uint64_t address)
{
  for (size_t i = 0; i < chain->n_tasks; i++)
    if (chain->tasks[i].address == address)
      return true;
  return false;
}

/* Makes the chain that begins with the task at @running, of what is known or else read now. False:
 * there is no such task. */
static bool
collect (SalPython *self, SalPythonChain *chain, uint64_t running)
{
  uint64_t address = running;

  chain->n_tasks = 0;
  chain->is_cut = false;
  chain->serial++;
  while (address != 0 && !has_task (chain, address))
    {
      const SalPythonTask *task;

      if (chain->n_tasks == SAL_PYTHON_MAX_TASKS)
        {
          chain->is_cut = true;
          break;
        }
      task = sal_python_tasks_get (self->tasks, address, &self->n_calls);
      if (task == NULL)
        break;
      chain->tasks[chain->n_tasks++] = *task;
      address = task->parent;
    }
  return chain->n_tasks > 0 && chain->tasks[0].label != SAL_PYTHON_NO_CODE &&
         (address == 0 || chain->is_cut || has_task (chain, address));
}

/* Makes the chain that begins with the task at @running, to be proved by the next copy. */
static void
make_chain (SalPython *self, SalPythonThreadState *thread, uint64_t running)
{
  if (thread->chain == NULL)
    thread->chain = calloc (1, sizeof *thread->chain);
  if (thread->chain == NULL)
    return;
  thread->chain->last_used = self->n_looks;
  if (!collect (self, thread->chain, running))
    thread->chain->n_tasks = 0;
}

/* The frame of the stack that runs the coroutine of the chain's first task, if it is in it: its
 * index among the raw ones, and among those shown. */
static bool
find_frame (const SalPython *self, const SalPythonChain *chain, size_t *raw, size_t *shown)
{
  const SalPythonTask *task = &chain->tasks[0];
  uint64_t code = task->code & ~(uint64_t)self->runtime.layout.reference_tag;
  size_t n = 0;

  for (size_t i = 0; i < self->now.n_raw; i++)
    {
      uint32_t index = sal_python_codes_lookup (self->codes, self->now.raw[i].code);
      bool is_shown =
          index != SAL_PYTHON_NO_CODE && !sal_python_codes_get (self->codes, index)->is_shim;

      if (is_shown && self->now.raw[i].address == task->frame && self->now.raw[i].code == code)
        {
          *raw = i;
          *shown = n;
          return n < self->now.n_frames;
        }
      n += is_shown;
    }
  return false;
}

static bool
reserve (SalPythonFrame **frames, size_t *capacity, size_t wanted)
{
  SalPythonFrame *grown;

  if (wanted <= *capacity)
    return true;
  grown = realloc (*frames, wanted * 2 * sizeof *grown);
  if (grown == NULL)
    return false;
  *frames = grown;
  *capacity = wanted * 2;
  return true;
}

/* Makes the stack with the tasks just outside of frame @position; returns how many those are, 0
 * when memory is out. */
static size_t
insert (SalPython *self, const SalPythonThreadState *thread, size_t position)
{
  const SalPythonChain *chain = thread->chain;
  size_t n = position + 1;
  uint32_t cut = chain->is_cut ? sal_python_tasks_get_cut (self->tasks) : SAL_PYTHON_NO_CODE;

  if (!reserve (&self->task_frames, &self->task_frames_capacity,
                thread->n_frames + chain->n_tasks + 1))
    return 0;
  memcpy (self->task_frames, thread->frames, n * sizeof *self->task_frames);
  for (size_t i = 0; i < chain->n_tasks; i++)
    if (chain->tasks[i].label != SAL_PYTHON_NO_CODE)
      self->task_frames[n++] = (SalPythonFrame){ chain->tasks[i].label, -1 };
  if (cut != SAL_PYTHON_NO_CODE)
    self->task_frames[n++] = (SalPythonFrame){ cut, -1 };
  memcpy (self->task_frames + n, thread->frames + position + 1,
          (thread->n_frames - position - 1) * sizeof *self->task_frames);
  return n - position - 1;
}

bool
_sal_python_chain_is_ready (SalPython *self,
                            SalPythonThreadState *thread,
                            const SalPythonCopyAt *at,
                            bool is_last)
{
  SalPythonChain *chain = thread->chain;
  uint64_t running;

  thread->has_tasks = false;
  if (self->tasks == NULL)
    return true;
  running = sal_python_u64 (self->bytes + at->thread +
                            sal_python_tasks_get_table (self->tasks)->running);
  if (running == 0)
    return true;
  if (chain != NULL && is_same_chain (self, chain, at, running))
    {
      chain->last_used = self->n_looks;
      thread->has_tasks = true;
      return true;
    }
  if (is_last || thread->n_chain_tries == MAX_TRIES)
    return true;
  /* Made after this copy was planned. */
  if (chain != NULL && chain->n_tasks > 0 && at->serial != chain->serial &&
      chain->tasks[0].address == running)
    return false;
  thread->n_chain_tries++;
  make_chain (self, thread, running);
  return false;
}

void
_sal_python_chain_see (SalPython *self,
                       SalPythonThreadState *thread,
                       bool is_after,
                       SalPythonThread *view)
{
  size_t n_before = thread->n_tasked;
  size_t position;
  size_t n;

  thread->n_tasked = 0;
  thread->n_tasks = 0;
  /* Another task ran before the first could be proved. */
  view->has_moved = view->has_moved || thread->n_chain_tries > 1;
  if (thread->has_tasks && thread->has_stack &&
      find_frame (self, thread->chain, &thread->task_raw, &position))
    thread->n_tasks = insert (self, thread, position);
  n = thread->n_frames + thread->n_tasks;
  if (thread->n_tasks == 0 || !reserve (&thread->tasked, &thread->tasked_capacity, n))
    {
      thread->n_tasks = 0;
      view->same_as_before = view->same_as_before && n_before == 0;
      return;
    }
  view->same_as_before =
      is_after && n == n_before &&
      memcmp (thread->tasked, self->task_frames, n * sizeof *thread->tasked) == 0;
  memcpy (thread->tasked, self->task_frames, n * sizeof *thread->tasked);
  thread->n_tasked = n;
  view->frames = thread->tasked;
  view->n_frames = (uint32_t)n;
}
