/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interpreters and threads of a process, and who holds which lock. */
#include <stdlib.h>

#include "sal-python-bytes.h"
#include "sal-python-private.h"

#define MAX_INTERPRETERS 1024
#define MAX_THREADS 16384

/* @items with room for @wanted of them; NULL when memory is out, and then @items is as it was. */
static void *
reserve (void *items, size_t *capacity, size_t wanted, size_t size)
{
  size_t n = *capacity == 0 ? 8 : *capacity;
  void *grown;

  if (wanted <= *capacity)
    return items;
  while (n < wanted)
    n *= 2;
  grown = realloc (items, n * size);
  if (grown != NULL)
    *capacity = n;
  return grown;
}

static SalPythonResult
read_word (SalPython *self, uint64_t address, uint64_t *word)
{
  self->n_calls++;
  return sal_python_result_of (sal_target_read (self->target, address, word, sizeof *word));
}

static SalPythonResult
list_interpreters (SalPython *self)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  uint64_t address;
  SalPythonResult result =
      read_word (self, self->runtime.address + layout->runtime_interpreters, &address);

  if (result == SAL_PYTHON_OK && self->runtime.lock != 0)
    result = read_word (self, self->runtime.lock, &self->lock);
  self->n_interpreters = 0;
  while (result == SAL_PYTHON_OK && address != 0)
    {
      SalPythonInterpreter *interpreter;

      if (self->n_interpreters >= MAX_INTERPRETERS)
        return SAL_PYTHON_CORRUPT;
      interpreter = reserve (self->interpreters, &self->interpreters_capacity,
                             self->n_interpreters + 1, sizeof *self->interpreters);
      if (interpreter == NULL)
        return SAL_PYTHON_MEMORY;
      self->interpreters = interpreter;
      interpreter = &self->interpreters[self->n_interpreters++];
      interpreter->address = address;
      if (self->runtime.gil != 0)
        interpreter->gil = self->runtime.gil;
      else if (layout->interpreter_gil == SAL_PYTHON_NO_FIELD)
        interpreter->gil = 0;
      else
        result = read_word (self, address + layout->interpreter_gil, &interpreter->gil);
      if (result == SAL_PYTHON_OK)
        result = read_word (self, address + layout->interpreter_next, &address);
    }
  return result;
}

/* The thread at @address if it was listed before; it is moved to the end of the list at @n. */
static SalPythonThreadState *
take_known (SalPython *self, size_t n, uint64_t address)
{
  for (size_t i = n; i < self->n_threads; i++)
    if (self->threads[i]->address == address)
      {
        SalPythonThreadState *thread = self->threads[i];

        self->threads[i] = self->threads[n];
        self->threads[n] = thread;
        return thread;
      }
  return NULL;
}

static void
free_thread (SalPythonThreadState *thread)
{
  free (thread->spans);
  _sal_python_recall_free (thread);
  free (thread->heap);
  free (thread->frames);
  free (thread->merged);
  free (thread->chain);
  free (thread->tasked);
  free (thread);
}

static SalPythonResult
list_threads (SalPython *self, uint32_t interpreter, size_t *n)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  uint64_t address;
  SalPythonResult result = read_word (
      self, self->interpreters[interpreter].address + layout->interpreter_threads, &address);

  while (result == SAL_PYTHON_OK && address != 0)
    {
      SalPythonThreadState *thread;

      for (size_t i = 0; i < *n; i++)
        if (self->threads[i]->address == address)
          return SAL_PYTHON_CORRUPT;
      if (*n >= MAX_THREADS)
        return SAL_PYTHON_CORRUPT;
      thread = take_known (self, *n, address);
      if (thread == NULL)
        {
          SalPythonThreadState **threads = reserve (self->threads, &self->threads_capacity,
                                                    self->n_threads + 1, sizeof *threads);

          if (threads == NULL)
            return SAL_PYTHON_MEMORY;
          self->threads = threads;
          thread = calloc (1, sizeof *thread);
          if (thread == NULL)
            return SAL_PYTHON_MEMORY;
          thread->address = address;
          if (*n < self->n_threads)
            threads[self->n_threads] = threads[*n];
          self->n_threads++;
          threads[*n] = thread;
        }
      thread->interpreter = interpreter;
      ++*n;
      result = read_word (self, address + layout->thread_next, &address);
    }
  return result;
}

SalPythonResult
_sal_python_list (SalPython *self)
{
  size_t n = 0;
  SalPythonResult result = list_interpreters (self);

  for (uint32_t i = 0; result == SAL_PYTHON_OK && i < self->n_interpreters; i++)
    result = list_threads (self, i, &n);
  while (self->n_threads > n)
    free_thread (self->threads[--self->n_threads]);
  if (result == SAL_PYTHON_OK)
    {
      SalPythonThread *views =
          reserve (self->views, &self->views_capacity, self->n_threads + 1, sizeof *views);

      if (views == NULL)
        return SAL_PYTHON_MEMORY;
      self->views = views;
    }
  return result;
}

/* A word of an interpreter, from the read just made. */
static uint64_t
get_word (const SalPython *self, const SalPythonInterpreter *interpreter, uint32_t field)
{
  uint32_t start;
  uint32_t end;

  _sal_python_plan_get_words (&self->runtime.layout, &start, &end);
  return sal_python_u64 (self->bytes + interpreter->at + (field - start));
}

/* Whether, in the read just made, the interpreter or the whole process collects. */
static bool
is_collecting (const SalPython *self, const SalPythonInterpreter *interpreter)
{
  const SalPythonLayout *layout = &self->runtime.layout;

  if (self->collecting_at != SAL_PYTHON_NOT_READ)
    return sal_python_u32 (self->bytes + self->collecting_at) != 0;
  return layout->interpreter_collecting != SAL_PYTHON_NO_FIELD &&
         (uint32_t)get_word (self, interpreter, layout->interpreter_collecting) != 0;
}

bool
_sal_python_list_is_current (const SalPython *self)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  uint64_t next_interpreter = self->n_interpreters > 0 ? self->interpreters[0].address : 0;
  size_t n = 0;

  if (self->runtime_at != SAL_PYTHON_NOT_READ)
    next_interpreter = sal_python_u64 (self->bytes + self->runtime_at);
  for (uint32_t i = 0; i < self->n_interpreters; i++)
    {
      const SalPythonInterpreter *interpreter = &self->interpreters[i];
      uint64_t next = get_word (self, interpreter, layout->interpreter_threads);

      if (interpreter->address != next_interpreter)
        return false;
      for (; n < self->n_threads && self->threads[n]->interpreter == i; n++)
        {
          const SalPythonThreadState *thread = self->threads[n];

          if (thread->address != next)
            return false;
          /* What is not read does not tell who comes next. */
          if (thread->next_at != SAL_PYTHON_NOT_READ)
            {
              next = sal_python_u64 (self->bytes + thread->next_at);
              continue;
            }
          if (thread->is_skipped || thread->is_kept)
            {
              next = n + 1 < self->n_threads && self->threads[n + 1]->interpreter == i
                         ? self->threads[n + 1]->address
                         : 0;
              continue;
            }
          next = sal_python_u64 (self->bytes + thread->at.thread + layout->thread_next);
        }
      if (next != 0)
        return false;
      next_interpreter = get_word (self, interpreter, layout->interpreter_next);
    }
  return next_interpreter == 0;
}

/* Whether, in the copy, the thread of a free-threaded build runs Python: it is neither outside of
 * it nor stopped with the rest of the program. Source: CPython 3.13.15 – 3.15.0rc1
 * Include/internal/pycore_pystate.h, _Py_THREAD_ATTACHED. */
static bool
is_attached (const SalPython *self, const SalPythonCopyAt *at)
{
  return sal_python_u32 (self->bytes + at->thread + self->runtime.layout.thread_attached) == 1;
}

void
_sal_python_list_count_attached (SalPython *self)
{
  if (!self->runtime.layout.is_free_threaded)
    return;
  for (size_t i = 0; i < self->n_interpreters; i++)
    self->interpreters[i].n_attached = 0;
  for (size_t i = 0; i < self->n_threads; i++)
    if (!self->threads[i]->is_skipped && is_attached (self, &self->threads[i]->at))
      self->interpreters[self->threads[i]->interpreter].n_attached++;
}

/* Where those sleep that wait for the lock. */
static uint64_t
get_waits (const SalPython *self, const SalPythonInterpreter *interpreter)
{
  if (self->lock != 0)
    return self->lock;
  return self->runtime.waits != 0 ? self->runtime.waits : interpreter->gil;
}

/* Whether the threads of the interpreter take its lock at all. */
static bool
is_lock_used (const SalPython *self, const SalPythonInterpreter *interpreter, uint32_t start)
{
  const SalPythonLayout *layout = &self->runtime.layout;

  return interpreter->gil_at != SAL_PYTHON_NOT_READ &&
         (!layout->is_free_threaded || sal_python_u32 (self->bytes + interpreter->gil_at +
                                                       (layout->gil_enabled - start)) != 0);
}

/* Without a lock the thread that collects stops all others first, so it is the one that runs. */
void
_sal_python_list_get_lock (const SalPython *self,
                           const SalPythonThreadState *thread,
                           const SalPythonCopyAt *at,
                           SalPythonThread *view)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  const SalPythonInterpreter *interpreter = &self->interpreters[thread->interpreter];
  uint32_t start;
  uint32_t end;

  _sal_python_plan_get_gil_words (layout, &start, &end);
  view->gil = 0;
  view->gil_size = 0;
  view->is_gil_awaited = false;
  view->holds_gil = false;
  if (is_lock_used (self, interpreter, start))
    {
      const uint8_t *lock = self->bytes + interpreter->gil_at;

      view->gil = get_waits (self, interpreter);
      view->is_gil_awaited = self->lock_at != SAL_PYTHON_NOT_READ &&
                             sal_python_u32 (self->bytes + self->lock_at + 4) != 0;
      view->gil_size = layout->gil_size;
      view->holds_gil = (layout->gil_locked == SAL_PYTHON_NO_FIELD ||
                         sal_python_u32 (lock + (layout->gil_locked - start)) == 1) &&
                        sal_python_u64 (lock + (layout->gil_holder - start)) == thread->address;
    }
  view->in_gc = (view->gil != 0 || !layout->is_free_threaded
                     ? view->holds_gil
                     : interpreter->n_attached == 1 && is_attached (self, at)) &&
                is_collecting (self, interpreter);
}

void
_sal_python_list_free (SalPython *self)
{
  while (self->n_threads > 0)
    free_thread (self->threads[--self->n_threads]);
  free (self->threads);
  free (self->interpreters);
  free (self->views);
}
