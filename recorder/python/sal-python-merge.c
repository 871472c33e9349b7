/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes one stack of those that a kernel thread has in several interpreters.
 *
 * A thread that runs code in a sub-interpreter has a thread state there, besides the one it came
 * from. List heads are where new interpreters are put, so the first of its states is the inner one.
 * Source: CPython 3.11.7 – 3.15.2 Python/pystate.c, PyInterpreterState_New(); Modules
 * _xxsubinterpretersmodule.c and _interpretersmodule.c, which run code in the calling thread. */
#include <stdlib.h>
#include <string.h>

#include "sal-python-private.h"

static bool
reserve (SalPythonThreadState *thread, size_t wanted)
{
  SalPythonFrame *frames;

  if (wanted <= thread->merged_capacity)
    return true;
  frames = realloc (thread->merged, wanted * 2 * sizeof *frames);
  if (frames == NULL)
    return false;
  thread->merged = frames;
  thread->merged_capacity = wanted * 2;
  return true;
}

/* Puts the frames of @inner before those of @outer, which is @thread's. */
static void
join (SalPythonThread *outer, SalPythonThreadState *thread, const SalPythonThread *inner)
{
  size_t n = (size_t)inner->n_frames + outer->n_frames;
  bool is_second = thread->n_inner > 0;

  if (n > SAL_PYTHON_MAX_FRAMES || !reserve (thread, n))
    {
      outer->result = SAL_PYTHON_LOOK_READ;
      outer->n_frames = 0;
      return;
    }
  memmove (thread->merged + inner->n_frames, is_second ? thread->merged : outer->frames,
           outer->n_frames * sizeof *outer->frames);
  memcpy (thread->merged, inner->frames, inner->n_frames * sizeof *inner->frames);
  thread->n_inner += inner->n_frames;
  outer->frames = thread->merged;
  outer->n_frames = (uint32_t)n;
  if (outer->result == SAL_PYTHON_LOOK_EMPTY)
    outer->result = SAL_PYTHON_LOOK_OK;
}

/* Makes one of two states of a thread; address and ident stay the outer's. */
static void
merge (SalPythonThread *outer, SalPythonThreadState *thread, const SalPythonThread *inner)
{
  if (inner->result == SAL_PYTHON_LOOK_EMPTY)
    return;
  /* Of the two locks it can hold or wait for one. */
  if (inner->holds_gil || inner->asks_gil || !outer->holds_gil)
    {
      outer->gil = inner->gil;
      outer->gil_size = inner->gil_size;
      outer->is_gil_awaited = inner->is_gil_awaited;
      outer->holds_gil = inner->holds_gil;
      outer->asks_gil = inner->asks_gil;
      outer->in_gc = inner->in_gc;
    }
  outer->same_as_before = outer->same_as_before && inner->same_as_before;
  outer->is_at_work = outer->is_at_work || inner->is_at_work;
  if (inner->result == SAL_PYTHON_LOOK_PARTIAL || inner->result > outer->result)
    outer->result = inner->result;
  if (outer->result > SAL_PYTHON_LOOK_PARTIAL)
    outer->n_frames = 0;
  else
    join (outer, thread, inner);
}

/* The outermost state of the thread whose state number @inner is; @inner when it is the only one.
 */
static size_t
find_outermost (const SalPython *self, size_t inner)
{
  for (size_t i = self->n_threads; i-- > inner + 1;)
    if (self->views[i].tid == self->views[inner].tid && self->views[i].tid != 0 &&
        self->threads[i]->interpreter != self->threads[inner]->interpreter)
      return i;
  return inner;
}

size_t
_sal_python_merge (SalPython *self)
{
  size_t n = 0;

  if (self->n_interpreters < 2 && !self->has_merged)
    return self->n_threads;
  self->has_merged = false;
  for (size_t i = self->n_threads; i-- > 0;)
    {
      size_t outermost = find_outermost (self, i);
      SalPythonThreadState *thread = self->threads[i];

      thread->n_inner_before = thread->n_inner;
      thread->n_inner = 0;
      thread->is_inner = outermost != i;
      if (thread->is_inner)
        merge (&self->views[outermost], self->threads[outermost], &self->views[i]);
    }
  for (size_t i = 0; i < self->n_threads; i++)
    {
      const SalPythonThreadState *thread = self->threads[i];

      self->has_merged = self->has_merged || thread->n_inner > 0;
      if (thread->is_inner)
        continue;
      if (thread->n_inner != thread->n_inner_before)
        self->views[i].same_as_before = false;
      self->views[n++] = self->views[i];
    }
  return n;
}
