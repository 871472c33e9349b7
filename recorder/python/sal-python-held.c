/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread looked at while somebody holds it still: a single copy of it is the truth. */
#include <stdlib.h>
#include <string.h>

#include "sal-python-bytes.h"
#include "sal-python-private.h"

/* Where the stack is not where it was thought to be. */
#define MAX_READS 4
/* Code objects that were not known are learned one by one. */
#define MAX_LESSONS 64
#define MAX_CFRAMES SAL_PYTHON_MAX_FRAMES

void
sal_python_set_hasty (SalPython *self, bool is_hasty)
{
  self->is_hasty = is_hasty;
}

/* Without the lock, all threads are asked whether they run. */
void
sal_python_leave (SalPython *self, size_t position)
{
  if (position < self->n_threads && self->n_interpreters == 1 &&
      !self->runtime.layout.is_free_threaded)
    self->threads[position]->is_left = true;
}

static bool
reserve_activations (SalPython *self, size_t n)
{
  size_t capacity = n * 2;
  SalPythonActivation *activations;

  if (n <= self->activations_capacity)
    return true;
  activations = realloc (self->activations, capacity * sizeof *activations);
  if (activations == NULL)
    return false;
  self->activations = activations;
  self->activations_capacity = capacity;
  return true;
}

/* Reads the _PyCFrame at @address in the copy of the thread's C stack. */
static bool
read_cframe (const SalPython *self, uint64_t address, uint64_t *frame, uint64_t *previous)
{
  const SalTargetRange *stack = &self->stack;
  uint32_t offset = self->runtime.layout.cframe_frame;
  const uint8_t *bytes;

  if (address < stack->address || address - stack->address > stack->length ||
      stack->length - (size_t)(address - stack->address) < offset + 16)
    return false;
  bytes = (const uint8_t *)stack->buffer + (address - stack->address) + offset;
  *frame = sal_python_u64 (bytes);
  *previous = sal_python_u64 (bytes + 8);
  return true;
}

/* 3.11: each run of the loop has a _PyCFrame among its locals, which names the one outside it. One
 * that names the same frame as that has not begun yet, or is about to end. */
static void
find_cframes (SalPython *self, size_t n_activations)
{
  uint64_t address = self->cframe;
  uint64_t frame;
  uint64_t previous;
  uint64_t frame_outside;
  uint64_t previous_outside;

  for (size_t i = 0, n_steps = 0; i < n_activations && n_steps < MAX_CFRAMES; n_steps++)
    {
      uint64_t inner = address;

      if (!read_cframe (self, inner, &frame, &previous))
        return;
      address = previous;
      if (!read_cframe (self, previous, &frame_outside, &previous_outside) ||
          frame_outside != frame)
        self->activations[i++].entry = inner;
    }
}

/* Divides the frames of self->now by the runs of the evaluation loop that execute them. */
static SalTargetResult
divide (SalPython *self, const SalPythonThreadState *thread, SalPythonHeld *held)
{
  const SalPythonCandidate *now = &self->now;
  SalPythonActivation activation = { 0 };
  size_t n = 0;

  if (!reserve_activations (self, now->n_raw + 1))
    return SAL_TARGET_MEMORY;
  for (size_t i = 0; i < now->n_raw; i++)
    {
      const SalPythonRawFrame *raw = &now->raw[i];
      uint32_t code = sal_python_codes_lookup (self->codes, raw->code);

      if (code != SAL_PYTHON_NO_CODE && !sal_python_codes_get (self->codes, code)->is_shim)
        activation.n_frames++;
      if (i == thread->task_raw)
        activation.n_frames += (uint32_t)thread->n_tasks;
      if (raw->call != SAL_PYTHON_CALL_THROUGH && i + 1 < now->n_raw)
        continue;
      activation.entry = raw->entry;
      self->activations[n++] = activation;
      activation = (SalPythonActivation){ 0 };
    }
  if (self->runtime.layout.owner_entry == SAL_PYTHON_NO_FIELD &&
      self->runtime.layout.thread_cframe != SAL_PYTHON_NO_FIELD)
    find_cframes (self, n);
  held->activations = self->activations;
  held->n_activations = n;
  return SAL_TARGET_OK;
}

/* Reads the stack out of the copy, learning code objects as need be where the thread is held: while
 * their frames stand still, they cannot go. */
static SalPythonVerdict
examine (SalPython *self, SalPythonThreadState *thread, const SalPythonCopyAt *at, bool is_held)
{
  SalPythonVerdict verdict = SAL_PYTHON_VERDICT_AGAIN;

  self->is_still = true;
  self->passes_cframe = false;
  for (int i = 0; i < MAX_LESSONS && verdict == SAL_PYTHON_VERDICT_AGAIN; i++)
    {
      verdict = _sal_python_examine (self, thread, at);
      /* CPython 3.11 and 3.12 Python/ceval.c: a _PyCFrame is linked to before it names a frame. */
      if (verdict == SAL_PYTHON_VERDICT_CHAIN && !self->passes_cframe &&
          self->runtime.layout.thread_cframe != SAL_PYTHON_NO_FIELD)
        {
          self->passes_cframe = true;
          verdict = SAL_PYTHON_VERDICT_AGAIN;
        }
      else if (!is_held)
        break;
    }
  self->is_still = false;
  return verdict;
}

static bool
is_answer (SalPythonVerdict verdict)
{
  return verdict == SAL_PYTHON_VERDICT_STACK || verdict == SAL_PYTHON_VERDICT_EMPTY ||
         verdict == SAL_PYTHON_VERDICT_MEMORY;
}

/* Reads the thread until the copy answers. It is let go right after the first read, since what is
 * known needs nobody to stand still; where that is not enough, it stands still from the second read
 * on. */
static SalTargetResult
read_held (SalPython *self,
           uint32_t index,
           const SalPythonHold *hold,
           SalPythonCopyAt *at,
           SalPythonVerdict *verdict)
{
  SalPythonThreadState *thread = self->threads[index];
  SalTargetResult result = SAL_TARGET_OK;
  size_t n_read;

  thread->n_chain_tries = 0;
  *verdict = thread->is_planned ? SAL_PYTHON_VERDICT_STACK : SAL_PYTHON_VERDICT_PLAN;
  for (int i = 0; i < MAX_READS; i++)
    {
      if (*verdict != SAL_PYTHON_VERDICT_STACK)
        result = _sal_python_plan_thread (self, index);
      if (result == SAL_TARGET_OK)
        {
          _sal_python_plan_words (self);
          _sal_python_plan_copy (self, index, at);
          _sal_python_plan_checks (self, index, at);
          result = _sal_python_plan_read (self, hold, &n_read);
        }
      if (i == 0)
        hold->resume (hold->data);
      if (result == SAL_TARGET_OK)
        *verdict = examine (self, thread, at, i > 0 && !hold->is_asleep);
      if (result == SAL_TARGET_OK && is_answer (*verdict) &&
          (*verdict != SAL_PYTHON_VERDICT_STACK ||
           _sal_python_chain_is_ready (self, thread, at, i + 1 == MAX_READS)))
        break;
      if (result == SAL_TARGET_FAULT || result == SAL_TARGET_CORRUPT)
        {
          thread->is_planned = false;
          thread->faulted_in = self->n_looks;
          *verdict = SAL_PYTHON_VERDICT_PLAN;
          result = SAL_TARGET_OK;
        }
      if (result != SAL_TARGET_OK)
        break;
    }
  return result;
}

static SalTargetResult
believe (SalPython *self,
         uint32_t index,
         const SalPythonCopyAt *at,
         SalPythonVerdict verdict,
         SalPythonHeld *held)
{
  SalPythonThreadState *thread = self->threads[index];

  if (verdict == SAL_PYTHON_VERDICT_MEMORY)
    return SAL_TARGET_MEMORY;
  if (!is_answer (verdict))
    {
      held->thread.result =
          verdict == SAL_PYTHON_VERDICT_CHAIN ? SAL_PYTHON_LOOK_CHAIN : SAL_PYTHON_LOOK_READ;
      thread->has_stack = false;
      return SAL_TARGET_OK;
    }
  _sal_python_read_ids (self, thread, at, &held->thread);
  if (verdict == SAL_PYTHON_VERDICT_EMPTY)
    {
      _sal_python_believe_empty (thread, &held->thread);
      return SAL_TARGET_OK;
    }
  sal_python_proof_learn (self->proof, self->now.frames, self->now.n_frames);
  _sal_python_believe (self, thread, &held->thread);
  /* What a look by itself does not copy of one that stays where it is, it shall from now on. */
  if (held->thread.same_as_before && thread->is_pending)
    thread->is_planned = false;
  return divide (self, thread, held);
}

SalPythonResult
sal_python_look_held (SalPython *self,
                      size_t position,
                      const SalPythonHold *hold,
                      SalPythonHeld *held)
{
  uint32_t index = (uint32_t)position;
  SalPythonVerdict verdict;
  SalPythonCopyAt at;
  SalTargetResult result;

  memset (held, 0, sizeof *held);
  if (position >= self->n_threads)
    return SAL_PYTHON_NOT_READY;
  held->thread.address = self->threads[index]->address;
  result = read_held (self, index, hold, &at, &verdict);
  hold->resume (hold->data);
  if (result == SAL_TARGET_OK)
    result = believe (self, index, &at, verdict, held);
  self->stack = (SalTargetRange){ 0 };
  self->passes_cframe = false;
  return result == SAL_TARGET_ABSENT ? SAL_PYTHON_NOT_READY : sal_python_result_of (result);
}
