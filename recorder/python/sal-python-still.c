/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which threads cannot have moved since the look before, since the lock was never theirs.
 *
 * Frames are entered, left and stepped through only by the thread that holds the lock. The lock
 * counts how often it went from one thread to another, and names the one that had it last:
 * take_gil() sets last_holder and then adds one to switch_number, if it was another that had it,
 * before the thread goes on. So where between two looks
 *
 * - the number stayed, only the one named may have moved,
 * - it grew by one, only the one named before and the one named now,
 * - it grew by more, any.
 *
 * The stack that a look has found of any other thread is still its stack, to the instruction.
 * Source: CPython 3.7.16 – 3.11.7 Python/ceval_gil.h, 3.12.1 – 3.15.0rc1 Python/ceval_gil.c,
 * take_gil() and drop_gil(); struct _gil_runtime_state, where the number lies behind the flag.
 *
 * The name is copied before the number, which lies behind it. So what is read of a thread that
 * takes the lock meanwhile is its name too early, which does not matter since it has not run yet,
 * or too late: then the number has grown under the same name, or by more than one, or there was
 * nothing to compare it with. What was read like that is relied on only when it is read once more
 * as it was.
 *
 * drop_gil() corrects the name without counting, after a thread has gone from one of its thread
 * states to another, so all states of the thread that is named count as named. Thread states are
 * made at the head of the list, which is always read; only one that runs no Python can be taken out
 * of it by another thread, and those are always read, too. What no rule of CPython forbids an
 * embedding program to do all the same, shows within N_RESTFUL looks for each thread. */
#include "sal-python-bytes.h"
#include "sal-python-private.h"

/* Looks after which one more thread is read although it cannot have moved. */
#define N_RESTFUL 4

static bool
is_usable (const SalPython *self)
{
  return self->runtime.layout.gil_switches != SAL_PYTHON_NO_FIELD && self->n_interpreters == 1 &&
         self->n_threads > 1 && self->interpreters[0].gil_at != SAL_PYTHON_NOT_READ;
}

/* Who has the lock by the read just made. */
static SalPythonTurn
get_turn (const SalPython *self)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  const uint8_t *lock = self->bytes + self->interpreters[0].gil_at;
  uint32_t start;
  uint32_t end;

  _sal_python_plan_get_gil_words (layout, &start, &end);
  return (SalPythonTurn){
    .holder = sal_python_u64 (lock + (layout->gil_holder - start)),
    .n_switches = sal_python_u64 (lock + (layout->gil_switches - start)),
  };
}

/* Whether nobody can have moved since the look before but the holders of then and of @now. */
static bool
is_bounded (const SalPython *self, const SalPythonTurn *now)
{
  const SalPythonTurn *before = &self->turn;

  return self->is_turn_sure &&
         (now->n_switches == before->n_switches ||
          (now->n_switches == before->n_switches + 1 && now->holder != before->holder));
}

static const SalPythonThreadState *
find_thread (const SalPython *self, uint64_t address)
{
  for (size_t i = 0; i < self->n_threads; i++)
    if (self->threads[i]->address == address)
      return self->threads[i];
  return NULL;
}

static bool
is_of (const SalPythonThreadState *thread, const SalPythonThreadState *holder)
{
  return holder != NULL &&
         (thread == holder || thread->last.thread_id == holder->last.thread_id);
}

void
_sal_python_still_predict (SalPython *self)
{
  bool may_keep = self->is_turn_sure && is_usable (self);
  const SalPythonThreadState *holder = may_keep ? find_thread (self, self->turn.holder) : NULL;
  size_t doubted = self->n_threads;

  if (self->n_looks % N_RESTFUL == 0 && self->n_threads > 0)
    doubted = (size_t)(self->n_looks / N_RESTFUL) % self->n_threads;
  for (size_t i = 0; i < self->n_threads; i++)
    {
      SalPythonThreadState *thread = self->threads[i];

      thread->is_kept = thread->is_left || (may_keep && thread->may_keep && i != doubted &&
                                            !is_of (thread, holder));
    }
}

bool
_sal_python_still_agrees (SalPython *self)
{
  const SalPythonThreadState *before = find_thread (self, self->turn.holder);
  const SalPythonThreadState *holder = NULL;
  bool is_known = false;
  size_t n_moved = 0;

  if (is_usable (self))
    {
      SalPythonTurn now = get_turn (self);

      is_known = is_bounded (self, &now);
      holder = find_thread (self, now.holder);
    }
  for (size_t i = 0; i < self->n_threads; i++)
    {
      SalPythonThreadState *thread = self->threads[i];

      thread->had_no_turn = is_known && !is_of (thread, holder) && !is_of (thread, before);
      if (thread->is_kept && !thread->is_left && (!is_known || is_of (thread, holder)))
        {
          thread->is_kept = false;
          n_moved++;
        }
    }
  return n_moved == 0;
}

void
_sal_python_still_note (SalPython *self)
{
  SalPythonTurn now = { 0 };

  if (is_usable (self))
    now = get_turn (self);
  self->is_turn_sure = now.holder != 0 && (is_bounded (self, &now) ||
                                           (now.holder == self->turn.holder &&
                                            now.n_switches == self->turn.n_switches));
  self->turn = now;
}

void
_sal_python_still_forget (SalPython *self)
{
  self->is_turn_sure = false;
}

void
_sal_python_still_save (SalPythonThreadState *thread, const SalPythonThread *view)
{
  thread->last = *view;
  thread->may_keep = thread->has_stack && view->result <= SAL_PYTHON_LOOK_PARTIAL &&
                     thread->n_frames > 0 && thread->n_tasked == 0 && thread->is_trusted;
}

void
_sal_python_still_show (const SalPythonThreadState *thread, SalPythonThread *view)
{
  *view = thread->last;
  view->holds_gil = false;
  view->had_no_turn = thread->had_no_turn;
  view->in_gc = false;
  view->same_as_before = true;
  view->has_moved = false;
  view->is_at_work = false;
}
