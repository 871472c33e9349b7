/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one look at one process gives: a sample of each of its threads. */
#include "sal-sampler-look.h"

#include <stdbool.h>
#include <string.h>

#include "sal-sampler-clock.h"
#include "sal-sampler-name.h"
#include "sal-sampler-place.h"
#include "sal-sampler-stack.h"
#include "sal-sampler-state.h"

#define NO_ID SAL_CAPTURE_NO_ID
/* Threads of a look that are waited for together. */
#define MAX_AWAITED 64
#define MS 1000000
/* A thread gets its name about when it starts running, and may get another one at any time. */
#define FIRST_NAME_PATIENCE_NS (10LL * MS)
#define LONGEST_NAME_PATIENCE_NS (8000LL * MS)
#define NAME_PAUSE_NS (10LL * MS)

/* Threads that have been asked to stop and get no processor to do so on. While each is waited for,
 * all others come nearer to theirs; one that has stopped leaves its own to the next. */
typedef struct
{
  size_t n_items;
  struct
  {
    SalSamplerThread *thread;
    SalPythonThread seen;
    size_t position;
  } items[MAX_AWAITED];
} Awaited;

static void
put_thread (SalSamplerBook *book, SalSamplerProcess *process, const SalSamplerThread *thread)
{
  sal_sampler_ring_push (book->ring,
                         &(SalCaptureRecord){
                             .kind = SAL_CAPTURE_THREAD,
                             .thread = {
                                 .id = thread->id,
                                 .process = process->id,
                                 .tid = thread->tid,
                                 .name = thread->name,
                                 .start_ns = thread->start_ns,
                                 .is_main = thread->tid == (uint64_t)process->pid,
                             },
                         });
}

/* A thread that was not there at the look before began since: its first sample stands for that
 * time, so that on average a short thread is given as much as it had. */
static void
begin_thread (SalSamplerBook *book,
              SalSamplerProcess *process,
              SalSamplerThread *thread,
              int64_t now)
{
  thread->id = book->n_thread_ids++;
  thread->start_ns = process->looked_ns;
  thread->last_ns = process->looked_ns;
  thread->stack = NO_ID;
  thread->name = sal_sampler_name_find (book->intern, process, thread);
  thread->name_patience_ns = FIRST_NAME_PATIENCE_NS;
  thread->name_due_ns = now + thread->name_patience_ns;
  process->ask.target = process->seek.target;
  sal_sampler_cpu_open (&thread->cpu, process->pid, thread->tid, &process->ask, now);
  put_thread (book, process, thread);
}

static void
end_last_thread (SalSamplerBook *book, SalSamplerProcess *process, int64_t now)
{
  const SalSamplerThread *thread = process->threads.items[process->threads.n_items - 1];

  sal_sampler_ring_push (book->ring,
                         &(SalCaptureRecord){
                             .kind = SAL_CAPTURE_THREAD_END,
                             .thread_end = { thread->id, now },
                         });
  sal_sampler_threads_remove_last (&process->threads);
}

/* Asks at most one thread for its name, whichever is due: it takes far longer than a look. */
static void
renew_a_name (SalSamplerBook *book, SalSamplerProcess *process, int64_t now)
{
  SalSamplerThread *thread;
  uint32_t name;

  if (now - process->name_asked_ns < NAME_PAUSE_NS || process->threads.n_items == 0)
    return;
  if (process->next_name >= process->threads.n_items)
    process->next_name = 0;
  thread = process->threads.items[process->next_name++];
  if (now < thread->name_due_ns || sal_sampler_ring_get_room (book->ring) < SAL_SAMPLER_THREAD_ROOM)
    return;

  process->name_asked_ns = now;
  name = sal_sampler_name_find (book->intern, process, thread);
  thread->name_patience_ns *= 4;
  if (thread->name_patience_ns > LONGEST_NAME_PATIENCE_NS)
    thread->name_patience_ns = LONGEST_NAME_PATIENCE_NS;
  thread->name_due_ns = now + thread->name_patience_ns;
  if (name != NO_ID && name != thread->name)
    {
      thread->name = name;
      put_thread (book, process, thread);
    }
}

/* What @thread waits for; 0 where its state says it all. */
static uint32_t
find_wait (SalSamplerBook *book,
           const SalSamplerProcess *process,
           SalSamplerThread *thread,
           uint32_t state)
{
  SalSamplerWait wait;

  if ((state & (SAL_CAPTURE_ON_CPU | SAL_CAPTURE_WANTS_GIL)) != 0)
    return 0;
  if (thread->cpu.has_moved)
    {
      sal_sampler_wait_find (&thread->cpu, process->seek.target, &wait);
      thread->wait = sal_sampler_intern_wait (book->intern, &wait);
      thread->cpu.has_moved = false;
    }
  return thread->wait;
}

/* Queues a sample of the thread, if there is one. False: it is to be asked for again. */
static bool
sample_thread (SalSamplerBook *book,
               SalSamplerProcess *process,
               SalSamplerThread *thread,
               const SalPythonThread *looked,
               size_t position,
               int64_t now,
               SalSamplerTurn turn)
{
  uint64_t weight_ns = (uint64_t)(now - thread->last_ns);
  SalPythonThread held = *looked;
  const SalPythonThread *seen = &held;
  uint32_t state;
  uint32_t wait;

  /* The next sample stands for the time of a look that gave none, too: so a thread's weights add up
   * to its life. */
  sal_sampler_state_ask (thread, seen, process->native != NULL, now);
  if (!sal_sampler_stack_find (book, process, thread, position, &held, now, turn))
    return process->native == NULL || turn == SAL_SAMPLER_TURN_LAST ||
           !sal_sampler_native_expects (process->native, (pid_t)thread->tid);

  thread->last_ns = now;
  sal_capture_pace_go (&book->pace, now);
  if (seen->result == SAL_PYTHON_LOOK_PARTIAL)
    book->counters.errors[SAL_CAPTURE_ERROR_DEPTH]++;
  book->counters.samples++;
  state = sal_sampler_state_get (thread, seen);
  wait = find_wait (book, process, thread, state);
  sal_sampler_ring_push (book->ring,
                         &(SalCaptureRecord){
                             .kind = SAL_CAPTURE_SAMPLE,
                             .sample = {
                                 .time_ns = now,
                                 .thread = thread->id,
                                 .stack = thread->stack,
                                 .state = state,
                                 .weight_ns = weight_ns,
                                 .cpu_ns = sal_sampler_cpu_take (&thread->cpu, weight_ns),
                                 .wait = wait,
                             },
                         });
  return true;
}

/* Samples a thread that the look shows, if need be when it stops. Of one that an earlier look has
 * asked in vain, only whether it has stopped by now is of interest. */
static void
meet (SalSamplerBook *book,
      SalSamplerProcess *process,
      SalSamplerThread *thread,
      const SalPythonThread *seen,
      size_t position,
      int64_t now,
      Awaited *awaited)
{
  bool is_late = process->native != NULL &&
                 sal_sampler_native_expects (process->native, (pid_t)thread->tid);
  SalSamplerTurn turn = is_late ? SAL_SAMPLER_TURN_LAST : SAL_SAMPLER_TURN_FIRST;

  if (sample_thread (book, process, thread, seen, position, now, turn) ||
      awaited->n_items == MAX_AWAITED)
    return;
  awaited->items[awaited->n_items].thread = thread;
  awaited->items[awaited->n_items].seen = *seen;
  awaited->items[awaited->n_items].position = position;
  awaited->n_items++;
}

/* Samples the others of the look as they stop. */
static void
await (SalSamplerBook *book, SalSamplerProcess *process, Awaited *awaited, int64_t now)
{
  int64_t begun_ns = sal_sampler_clock_now ();
  int64_t waited_ns = 0;

  while (awaited->n_items > 0)
    {
      size_t n_items = awaited->n_items;
      SalSamplerTurn turn;

      sal_native_stop_nap (waited_ns);
      waited_ns = sal_sampler_clock_now () - begun_ns;
      turn = waited_ns < SAL_NATIVE_STOP_PATIENCE ? SAL_SAMPLER_TURN_NEXT : SAL_SAMPLER_TURN_LAST;
      awaited->n_items = 0;
      for (size_t i = 0; i < n_items; i++)
        if (sal_sampler_ring_get_room (book->ring) < SAL_SAMPLER_THREAD_ROOM)
          book->counters.errors[SAL_CAPTURE_ERROR_LIMIT]++;
        else if (!sample_thread (book,
                                 process,
                                 awaited->items[i].thread,
                                 &awaited->items[i].seen,
                                 awaited->items[i].position,
                                 now,
                                 turn))
          awaited->items[awaited->n_items++] = awaited->items[i];
    }
}

/* A child that fork(2) has just made still has the thread states of its parent's threads. */
static bool
is_foreign (const SalSamplerProcess *process, size_t position, const SalPythonThread *seen)
{
  return !sal_sampler_threads_is_known (&process->threads, position, seen) &&
         !sal_sampler_seek_has_task (process->pid, seen->tid);
}

/* Samples the threads that have no Python, which are behind the @n_met that do. While the look
 * shows others of which it is not known yet who they are, no more are taken for such. Returns how
 * many there are of both. */
static size_t
take_in_loners (SalSamplerBook *book,
                SalSamplerProcess *process,
                const SalPythonLook *look,
                size_t n_met,
                int64_t now,
                Awaited *awaited)
{
  SalSamplerLoners *loners = &process->loners;

  if (process->native == NULL)
    return n_met;
  if (n_met == look->n_threads)
    sal_sampler_loners_list (loners, process->seek.target, &process->threads, n_met, now);
  for (size_t i = 0; i < loners->n_tids; i++)
    {
      SalPythonThread seen = { .tid = loners->tids[i],
                               .result = SAL_PYTHON_LOOK_EMPTY,
                               .same_as_before = true };
      SalSamplerThread *thread;
      bool is_new;

      if (sal_sampler_ring_get_room (book->ring) < SAL_SAMPLER_THREAD_ROOM)
        {
          book->counters.errors[SAL_CAPTURE_ERROR_LIMIT] += loners->n_tids - i;
          break;
        }
      thread = sal_sampler_threads_meet (&process->threads, n_met, &seen, &is_new);
      if (thread == NULL)
        break;
      n_met++;
      if (is_new)
        begin_thread (book, process, thread, now);
      meet (book, process, thread, &seen, SAL_SAMPLER_NO_POSITION, now, awaited);
    }
  return n_met;
}

/* Samples what @look shows as of @now; who is no longer in it had ended by @done_ns. */
static void
take_in (SalSamplerBook *book,
         SalSamplerProcess *process,
         const SalPythonLook *look,
         int64_t now,
         int64_t done_ns)
{
  size_t n_met = 0;
  Awaited awaited;

  awaited.n_items = 0;
  for (size_t i = 0; i < look->n_threads; i++)
    {
      const SalPythonThread *seen = &look->threads[i];
      SalSamplerThread *thread;
      bool is_new;

      if (sal_sampler_threads_is_unborn (&process->threads, n_met, look, i) ||
          is_foreign (process, n_met, seen))
        continue;
      if (sal_sampler_ring_get_room (book->ring) < SAL_SAMPLER_THREAD_ROOM)
        {
          book->counters.errors[SAL_CAPTURE_ERROR_LIMIT] += look->n_threads - i;
          return;
        }
      thread = sal_sampler_threads_meet (&process->threads, n_met, seen, &is_new);
      if (thread == NULL)
        {
          book->counters.errors[SAL_CAPTURE_ERROR_LIMIT]++;
          continue;
        }
      n_met++;
      if (is_new)
        begin_thread (book, process, thread, now);
      meet (book, process, thread, seen, i, now, &awaited);
    }
  n_met = take_in_loners (book, process, look, n_met, now, &awaited);
  await (book, process, &awaited, now);
  while (process->threads.n_items > n_met && sal_sampler_ring_get_room (book->ring) > 0)
    end_last_thread (book, process, done_ns);
}

/* Begins to take native stacks, or gives them up where the kernel refuses to stop a thread. */
static void
prepare_holds (SalSamplerBook *book, SalSamplerProcess *process)
{
  if (book->natives != NULL && process->native == NULL && !process->is_hold_denied)
    process->native = sal_sampler_natives_begin (book->natives, process->seek.target);
  else if (process->native != NULL && sal_sampler_native_is_denied (process->native))
    {
      sal_sampler_natives_end (book->natives, process->native);
      process->native = NULL;
      sal_sampler_process_give_up_holds (process, true);
    }
  /* To ask where a thread sleeps takes less than to hold it, and leaves it alone. */
  process->ask.is_free = process->native != NULL;
  process->n_held_looks -= process->n_held_looks > 0;
  if (process->is_hold_denied)
    process->n_held_looks = 0;
  /* Threads that run are held and looked at again, from wherever that may be. */
  sal_python_set_hasty (process->seek.python,
                        process->native != NULL || process->n_held_looks > 0);
  if (process->n_held_looks > 0)
    sal_sampler_near_clear (&process->near);
}

static bool
shows_new_threads (const SalSamplerProcess *process, const SalPythonLook *look)
{
  for (size_t i = 0; i < look->n_threads; i++)
    if (!sal_sampler_threads_is_known (&process->threads, i, &look->threads[i]))
      return true;
  return false;
}

/* The moment of a look that was made between @begun_ns and @done_ns, which is long where nobody
 * lets us go on. A thread may have ended right after it was read, or begun right before: neither
 * shall seem to have been there when it was not. */
static int64_t
get_moment (const SalSamplerBook *book,
            const SalSamplerProcess *process,
            const SalPythonLook *look,
            int64_t begun_ns,
            int64_t done_ns)
{
  int64_t now = shows_new_threads (process, look) ? done_ns : begun_ns;
  int64_t rounded = sal_capture_pace_round (&book->pace, now);

  return rounded > process->looked_ns ? rounded : now;
}

/* Has the next look tell which threads are at work where that saves asking the kernel. */
static void
prepare_watch (SalSamplerProcess *process, int64_t now)
{
  bool is_due = false;

  for (size_t i = 0; i < process->threads.n_items && !is_due; i++)
    {
      const SalSamplerCpu *cpu = &process->threads.items[i]->cpu;

      is_due = cpu->is_on_cpu && sal_sampler_cpu_is_due (cpu, now);
    }
  sal_python_set_watchful (process->seek.python, is_due);
}

SalPythonResult
sal_sampler_look (SalSamplerBook *book, SalSamplerProcess *process, int64_t start_ns)
{
  SalPythonLook look;
  SalPythonResult result;
  SalSamplerPlace place;
  int64_t begun_ns = sal_sampler_clock_now () - start_ns;
  int64_t done_ns;
  int64_t now;

  prepare_holds (book, process);
  prepare_watch (process, begun_ns);
  place = process->native == NULL ? sal_sampler_near_come (&process->near, process->pid)
                                  : SAL_SAMPLER_PLACE_ANYWHERE;
  if (place != SAL_SAMPLER_PLACE_ANYWHERE)
    {
      book->is_near = true;
      book->n_late += place == SAL_SAMPLER_PLACE_LATE;
      if (place == SAL_SAMPLER_PLACE_LATE)
        return SAL_PYTHON_OK;
      book->counters.same_cpu++;
      begun_ns = sal_sampler_clock_now () - start_ns;
    }
  result = sal_python_look (process->seek.python, &look);
  if (result == SAL_PYTHON_OK)
    {
      book->counters.retried += look.n_retries;
      if (process->n_held_looks == 0)
        sal_sampler_near_learn (&process->near, &look);
      done_ns = sal_sampler_clock_now () - start_ns;
      now = get_moment (book, process, &look, begun_ns, done_ns);
      take_in (book, process, &look, now, done_ns);
      renew_a_name (book, process, now);
      process->looked_ns = begun_ns;
    }
  else
    {
      book->counters.errors[SAL_CAPTURE_ERROR_READ] += result != SAL_PYTHON_GONE;
      for (size_t i = 0; i < process->threads.n_items; i++)
        process->threads.items[i]->is_stack_known = false;
    }
  return result;
}

void
sal_sampler_look_away (SalSamplerProcess *process, int64_t now_ns)
{
  for (size_t i = 0; i < process->threads.n_items; i++)
    {
      SalSamplerThread *thread = process->threads.items[i];

      (void)sal_sampler_cpu_take (&thread->cpu, (uint64_t)(now_ns - thread->last_ns));
      thread->last_ns = now_ns;
      thread->is_stack_known = false;
    }
  process->looked_ns = now_ns;
}

void
sal_sampler_look_end (SalSamplerBook *book, SalSamplerProcess *process, int64_t now_ns)
{
  while (process->threads.n_items > 0)
    {
      sal_sampler_ring_wait_for_room (book->ring, 1);
      end_last_thread (book, process, now_ns);
    }
  sal_sampler_codes_clear (&process->codes);
  sal_sampler_natives_end (book->natives, process->native);
  process->native = NULL;
  sal_sampler_loners_forget (&process->loners);
  sal_sampler_near_clear (&process->near);
  sal_sampler_place_go_anywhere ();
}
