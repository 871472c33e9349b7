/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread looked at while somebody holds it still: a single copy of it is the truth. */
#include <stdlib.h>
#include <string.h>

#include "sal-python-bytes.h"
#include "sal-python-private.h"

#define MAX_HOLDS 3
/* Code objects that were not known are learned one by one. */
#define MAX_LESSONS 64

void
sal_python_set_hasty (SalPython *self, bool is_hasty)
{
  self->is_hasty = is_hasty;
}

/* Reads the thread's copy and *@extra in one call. */
static SalTargetResult
read_copy (SalPython *self, uint32_t index, const SalTargetRange *extra, SalPythonCopyAt *at)
{
  size_t n_read;

  _sal_python_plan_words (self);
  _sal_python_plan_copy (self, index, at);
  _sal_python_plan_checks (self, index, at);
  return _sal_python_plan_read (self, extra, &n_read);
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

/* 3.11: each run of the loop has a _PyCFrame among its locals, which names the one outside it. They
 * lie in @extra, the thread's C stack. */
static void
find_cframes (SalPython *self,
              const SalPythonThreadState *thread,
              const SalTargetRange *extra,
              size_t n_activations)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  uint32_t previous = layout->cframe_frame + 8;
  uint64_t address = thread->cframe;

  for (size_t i = 0; i < n_activations; i++)
    {
      const uint8_t *bytes = extra->buffer;

      if (address < extra->address || address - extra->address > extra->length ||
          extra->length - (size_t)(address - extra->address) < previous + 8)
        return;
      self->activations[i].entry = address;
      address = sal_python_u64 (bytes + (address - extra->address) + previous);
    }
}

/* Divides the frames of self->now by the runs of the evaluation loop that execute them. */
static SalTargetResult
divide (SalPython *self,
        const SalPythonThreadState *thread,
        const SalTargetRange *extra,
        SalPythonHeld *held)
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
      if (raw->call != SAL_PYTHON_CALL_THROUGH && i + 1 < now->n_raw)
        continue;
      activation.entry = raw->entry;
      self->activations[n++] = activation;
      activation = (SalPythonActivation){ 0 };
    }
  if (self->runtime.layout.owner_entry == SAL_PYTHON_NO_FIELD &&
      self->runtime.layout.thread_cframe != SAL_PYTHON_NO_FIELD)
    find_cframes (self, thread, extra, n);
  held->activations = self->activations;
  held->n_activations = n;
  return SAL_TARGET_OK;
}

/* Reads the stack out of the copy, learning code objects as need be: the thread runs by now, but
 * its bytes are here. */
static SalPythonVerdict
examine (SalPython *self, SalPythonThreadState *thread, const SalPythonCopyAt *at)
{
  SalPythonVerdict verdict = SAL_PYTHON_VERDICT_AGAIN;

  for (int i = 0; i < MAX_LESSONS && verdict == SAL_PYTHON_VERDICT_AGAIN; i++)
    verdict = _sal_python_examine (self, thread, at);
  return verdict;
}

/* One hold. Anything but STACK and EMPTY: hold it again. The first time it runs on as soon as its
 * bytes are here; what could not be made sense of then, since the code that it ran is gone, is
 * examined before it goes on. */
static SalTargetResult
hold_once (SalPython *self,
           uint32_t index,
           const SalPythonHold *hold,
           bool is_retry,
           SalPythonVerdict *verdict,
           SalPythonHeld *held)
{
  SalPythonThreadState *thread = self->threads[index];
  SalTargetRange extra = { 0 };
  SalTargetResult result = SAL_TARGET_OK;
  SalPythonCopyAt at;
  bool is_read;

  if (!hold->stop (hold->data, &extra))
    return SAL_TARGET_ABSENT;
  if (*verdict == SAL_PYTHON_VERDICT_PLAN)
    result = _sal_python_plan_thread (self, index);
  if (result == SAL_TARGET_OK)
    result = read_copy (self, index, &extra, &at);
  is_read = result == SAL_TARGET_OK;
  if (is_read && is_retry)
    *verdict = examine (self, thread, &at);
  hold->resume (hold->data, is_read);
  if (result == SAL_TARGET_FAULT || result == SAL_TARGET_CORRUPT)
    {
      thread->is_planned = false;
      *verdict = SAL_PYTHON_VERDICT_PLAN;
      return SAL_TARGET_OK;
    }
  if (result != SAL_TARGET_OK)
    return result;

  if (!is_retry)
    *verdict = examine (self, thread, &at);
  if (*verdict == SAL_PYTHON_VERDICT_MEMORY)
    return SAL_TARGET_MEMORY;
  if (*verdict != SAL_PYTHON_VERDICT_STACK && *verdict != SAL_PYTHON_VERDICT_EMPTY)
    return SAL_TARGET_OK;
  _sal_python_read_ids (self, thread, &at, &held->thread);
  if (*verdict == SAL_PYTHON_VERDICT_EMPTY)
    {
      _sal_python_believe_empty (thread, &held->thread);
      return SAL_TARGET_OK;
    }
  sal_python_proof_learn (self->proof, self->now.frames, self->now.n_frames);
  _sal_python_believe (self, thread, &held->thread);
  return divide (self, thread, &extra, held);
}

SalPythonResult
sal_python_look_held (SalPython *self,
                      size_t position,
                      const SalPythonHold *hold,
                      SalPythonHeld *held)
{
  SalPythonThreadState *thread;
  SalPythonVerdict verdict;

  memset (held, 0, sizeof *held);
  if (position >= self->n_threads)
    return SAL_PYTHON_NOT_READY;
  thread = self->threads[position];
  held->thread.address = thread->address;
  verdict = thread->is_planned ? SAL_PYTHON_VERDICT_STACK : SAL_PYTHON_VERDICT_PLAN;
  for (int i = 0; i < MAX_HOLDS; i++)
    {
      SalTargetResult result = hold_once (self, (uint32_t)position, hold, i > 0, &verdict, held);

      if (result == SAL_TARGET_ABSENT)
        return SAL_PYTHON_NOT_READY;
      if (result != SAL_TARGET_OK)
        return sal_python_result_of (result);
      if (verdict == SAL_PYTHON_VERDICT_STACK || verdict == SAL_PYTHON_VERDICT_EMPTY)
        return SAL_PYTHON_OK;
      held->thread.result =
          verdict == SAL_PYTHON_VERDICT_CHAIN ? SAL_PYTHON_LOOK_CHAIN : SAL_PYTHON_LOOK_READ;
    }
  thread->has_stack = false;
  return SAL_PYTHON_OK;
}
