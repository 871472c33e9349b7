/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered of each thread of the program from one look to the next. */
#include "sal-sampler-threads.h"

#include <stdlib.h>
#include <string.h>

/* A thread that could not be read in this look comes without its id. */
static bool
is_same (const SalSamplerThread *thread, const SalPythonThread *seen)
{
  return thread->address == seen->address && (thread->tid == seen->tid || seen->tid == 0);
}

bool
sal_sampler_threads_is_known (const SalSamplerThreads *threads,
                              size_t position,
                              const SalPythonThread *seen)
{
  if (position < threads->n_items && is_same (threads->items[position], seen))
    return true;
  for (size_t i = 0; i < threads->n_items; i++)
    if (is_same (threads->items[i], seen))
      return true;
  return false;
}

bool
sal_sampler_threads_is_unborn (const SalSamplerThreads *threads,
                               size_t position,
                               const SalPythonLook *look,
                               size_t index)
{
  const SalPythonThread *seen = &look->threads[index];
  bool is_taken = false;

  if ((seen->n_frames > 0 && seen->tid != 0) ||
      (position < threads->n_items && is_same (threads->items[position], seen)))
    return false;
  for (size_t i = 0; i < threads->n_items; i++)
    {
      if (is_same (threads->items[i], seen))
        return false;
      /* By one that has Python. */
      is_taken = is_taken ||
                 (threads->items[i]->address != 0 && threads->items[i]->tid == seen->tid);
    }
  for (size_t i = index + 1; i < look->n_threads && !is_taken; i++)
    is_taken = look->threads[i].tid == seen->tid;
  return is_taken || seen->tid == 0;
}

static SalSamplerThread *
append (SalSamplerThreads *threads, const SalPythonThread *seen)
{
  SalSamplerThread *thread;

  if (threads->n_items == threads->capacity)
    {
      size_t capacity = threads->capacity == 0 ? 16 : threads->capacity * 2;
      SalSamplerThread **items = realloc (threads->items, capacity * sizeof (SalSamplerThread *));

      if (items == NULL)
        return NULL;
      threads->items = items;
      threads->capacity = capacity;
    }
  thread = calloc (1, sizeof *thread);
  if (thread == NULL)
    return NULL;
  thread->tid = seen->tid;
  thread->address = seen->address;
  thread->thread_id = seen->thread_id;
  thread->cpu.schedstat_fd = -1;
  thread->cpu.syscall_fd = -1;
  thread->cpu.stat_fd = -1;
  threads->items[threads->n_items++] = thread;
  return thread;
}

SalSamplerThread *
sal_sampler_threads_meet (SalSamplerThreads *threads,
                          size_t position,
                          const SalPythonThread *seen,
                          bool *is_new)
{
  size_t found = position;
  SalSamplerThread *thread;

  *is_new = false;
  if (position < threads->n_items && is_same (threads->items[position], seen))
    return threads->items[position];

  while (found < threads->n_items && !is_same (threads->items[found], seen))
    found++;
  if (found == threads->n_items)
    {
      if (append (threads, seen) == NULL)
        return NULL;
      *is_new = true;
    }

  /* Those in between move up by one: after a thread that came or went, the next ones are met at
   * their place or right behind it. */
  thread = threads->items[found];
  memmove (&threads->items[position + 1],
           &threads->items[position],
           (found - position) * sizeof (SalSamplerThread *));
  threads->items[position] = thread;
  return thread;
}

void
sal_sampler_threads_remove_last (SalSamplerThreads *threads)
{
  SalSamplerThread *thread = threads->items[--threads->n_items];

  sal_sampler_trail_clear (&thread->trail);
  sal_sampler_cpu_close (&thread->cpu);
  free (thread);
}

void
sal_sampler_threads_clear (SalSamplerThreads *threads)
{
  while (threads->n_items > 0)
    sal_sampler_threads_remove_last (threads);
  free (threads->items);
  *threads = (SalSamplerThreads){ 0 };
}
