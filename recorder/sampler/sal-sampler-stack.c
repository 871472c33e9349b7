/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which stack a thread of a look has, held still where need be. */
#include "sal-sampler-stack.h"

/* Looks after one that was torn that hold the thread that runs, where that is allowed. */
#define HELD_LOOKS 64

/* Counts a look that gave no stack. */
static void
count_failure (SalSamplerBook *book, SalPythonLookResult result)
{
  SalCaptureCounters *counters = &book->counters;

  if (result == SAL_PYTHON_LOOK_TORN)
    {
      counters->rejected++;
      counters->errors[SAL_CAPTURE_ERROR_TORN]++;
    }
  else if (result == SAL_PYTHON_LOOK_CHAIN)
    counters->errors[SAL_CAPTURE_ERROR_CHAIN]++;
  else
    counters->errors[SAL_CAPTURE_ERROR_READ]++;
}

/* Whether a stack of @n_frames that nobody has seen yet could be queued. */
static bool
has_room (const SalSamplerBook *book, uint32_t n_frames)
{
  return sal_sampler_ring_get_room (book->ring) >=
         sal_sampler_intern_get_need (n_frames) + SAL_SAMPLER_THREAD_ROOM;
}

/* Whether the stack of @thread was interned; the tables are full otherwise. */
static bool
note (SalSamplerBook *book, SalSamplerThread *thread, bool is_interned)
{
  thread->is_stack_known = is_interned;
  if (!is_interned)
    book->counters.errors[SAL_CAPTURE_ERROR_LIMIT]++;
  return is_interned;
}

/* Finds the id of the stack that @seen shows; false when it cannot be told. */
static bool
find_stack (SalSamplerBook *book,
            SalSamplerProcess *process,
            SalSamplerThread *thread,
            const SalPythonThread *seen)
{
  bool is_good = seen->result == SAL_PYTHON_LOOK_OK || seen->result == SAL_PYTHON_LOOK_EMPTY ||
                 seen->result == SAL_PYTHON_LOOK_PARTIAL;

  if (!is_good)
    {
      thread->is_stack_known = false;
      count_failure (book, seen->result);
      return false;
    }
  if (thread->is_stack_known && seen->same_as_before)
    return true;

  return note (book,
               thread,
               has_room (book, seen->n_frames) &&
                   sal_sampler_intern_stack (book->intern,
                                             process->seek.python,
                                             &process->codes,
                                             seen,
                                             &thread->trail,
                                             &thread->stack));
}

/* Whether the stack of @thread can only be what it was, since it rests. */
static bool
is_resting (SalSamplerProcess *process,
            SalSamplerThread *thread,
            const SalPythonThread *seen,
            int64_t now)
{
  bool is_same = seen->same_as_before && seen->result <= SAL_PYTHON_LOOK_PARTIAL;

  if (!thread->is_stack_known ||
      !sal_sampler_rest_goes_on (&thread->rest, is_same, now))
    return false;
  sal_sampler_native_count_again (process->native);
  return true;
}

/* Keeps the stack that @look shows; false when a table is full. */
static bool
keep_native_stack (SalSamplerBook *book,
                   SalSamplerProcess *process,
                   SalSamplerThread *thread,
                   const SalSamplerMixed *mixed)
{
  return note (book,
               thread,
               has_room (book, (uint32_t)mixed->n_items + 1) &&
                   sal_sampler_intern_mixed (book->intern,
                                             process->seek.python,
                                             &process->codes,
                                             mixed,
                                             &thread->stack));
}

/* Finds the id of the native and Python stack of the thread at @position of the look. *@seen, where
 * the thread was held, is how it was then. */
static bool
find_native_stack (SalSamplerBook *book,
                   SalSamplerProcess *process,
                   SalSamplerThread *thread,
                   size_t position,
                   SalPythonThread *seen,
                   int64_t now,
                   SalSamplerTurn turn)
{
  bool has_python = position != SAL_SAMPLER_NO_POSITION;
  bool rests;
  SalSamplerNativeLook look;
  SalPythonResult result;

  if (turn == SAL_SAMPLER_TURN_FIRST && is_resting (process, thread, seen, now))
    return true;
  if (turn == SAL_SAMPLER_TURN_FIRST)
    sal_sampler_rest_begin (&thread->rest, &thread->cpu, now);
  rests = turn == SAL_SAMPLER_TURN_FIRST && sal_sampler_rest_is_possible (&thread->rest);
  thread->is_stack_known = false;
  result = sal_sampler_native_look (process->native,
                                    (pid_t)thread->tid,
                                    has_python ? process->seek.python : NULL,
                                    position,
                                    &thread->native,
                                    rests ? &thread->rest : NULL,
                                    &look);
  if (turn != SAL_SAMPLER_TURN_LAST &&
      sal_sampler_native_expects (process->native, (pid_t)thread->tid))
    return false;
  /* One that waits for a processor stays what it was: what it shows when it gets one stands for
   * that time, too. Once it has stopped, late, it no longer looks as if it waited. */
  thread->is_awaited = result == SAL_PYTHON_NOT_READY && look.stopped == SAL_NATIVE_STOP_LATE &&
                       (thread->is_awaited || thread->cpu.is_on_cpu);
  if (thread->is_awaited ||
      (result == SAL_PYTHON_NOT_READY && look.stopped == SAL_NATIVE_STOP_GONE))
    return false;
  if (result == SAL_PYTHON_NOT_READY)
    {
      if (!find_stack (book, process, thread, seen))
        return false;
      sal_sampler_native_count_missing (process->native);
      return true;
    }
  if (result != SAL_PYTHON_OK || look.held.thread.result > SAL_PYTHON_LOOK_PARTIAL)
    {
      count_failure (book,
                     result != SAL_PYTHON_OK ? SAL_PYTHON_LOOK_READ : look.held.thread.result);
      return false;
    }
  /* What Python has there is no longer this thread's. */
  if (has_python && look.held.thread.tid != thread->tid)
    return false;
  *seen = look.held.thread;
  /* It ran, so that it will be held again, or its account tells whether it sleeps on. */
  if (has_python && seen->result != SAL_PYTHON_LOOK_PARTIAL &&
      !sal_sampler_rest_is_pending (&thread->rest))
    sal_python_leave (process->seek.python, position);
  return keep_native_stack (book, process, thread, &look.mixed);
}

/* Looks again, while it stands still, at a thread whose stack changes faster than it can be copied.
 * So it is for some time, whatever its copies show: those that show anything show what takes long.
 */
static void
look_still (SalSamplerBook *book,
            SalSamplerProcess *process,
            const SalSamplerThread *thread,
            size_t position,
            SalPythonThread *seen)
{
  bool is_lost = seen->result == SAL_PYTHON_LOOK_TORN || seen->result == SAL_PYTHON_LOOK_READ;
  bool was_same = is_lost || seen->same_as_before;
  SalPythonHeld held;
  SalNativeStopResult stopped;

  if (book->holds == NULL || process->is_hold_denied ||
      (!is_lost && (process->n_held_looks == 0 || !thread->cpu.is_on_cpu)))
    return;
  if (is_lost)
    process->n_held_looks = HELD_LOOKS;
  if (sal_sampler_hold_look (book->holds,
                             process->seek.target,
                             (pid_t)thread->tid,
                             process->seek.python,
                             position,
                             &held,
                             &stopped) == SAL_PYTHON_OK &&
      held.thread.tid == thread->tid)
    {
      *seen = held.thread;
      /* It is the same as the look's, which need not be the one that was kept. */
      seen->same_as_before = seen->same_as_before && was_same;
    }
  if (stopped == SAL_NATIVE_STOP_DENIED)
    sal_sampler_process_give_up_holds (process, false);
}

bool
sal_sampler_stack_find (SalSamplerBook *book,
                        SalSamplerProcess *process,
                        SalSamplerThread *thread,
                        size_t position,
                        SalPythonThread *seen,
                        int64_t now,
                        SalSamplerTurn turn)
{
  if (process->native != NULL)
    return find_native_stack (book, process, thread, position, seen, now, turn);
  look_still (book, process, thread, position, seen);
  return find_stack (book, process, thread, seen);
}
