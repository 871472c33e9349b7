/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One look at all threads, and which copies of their stacks may be believed.
 *
 * The program runs while it is copied, so a copy may mix what was at one moment with what was at
 * another. Nothing that CPython writes counts upwards with every call, so that no number of equal
 * copies proves anything by itself: a program that goes back and forth fast enough looks the same
 * each time. What is believed, and why:
 *
 * 1. Frames tell whether they run, or from 3.14 on whether they have called anything yet (stacktop
 *    and return_offset, see sal-python-walk.h). The likeliest mixture, a new frame below what is
 *    left of an older callee, is seen in the bytes of a single copy, and refused.
 * 2. A stack of which every stretch of eight frames was proved before is believed from one copy.
 *    Such a copy can at worst be off by the nanoseconds it took; it cannot show a caller, or a row
 *    of callers, that never was. This is the usual case, and costs one copy.
 * 3. A stretch is proved by copies in a row, taken at irregular distances, that agree in every
 *    frame's address, code and, except for the innermost, instruction. A mixture would have to be
 *    met each time between the same two words. The number asked for grows as the bytes themselves
 *    say less: fewest where each callee's function is found on its caller's stack, most where the
 *    innermost frame is not running (it has just been entered or left, or its locals are being
 *    destroyed) or, from 3.14 on, where a function is not found.
 *    Where the frames go beyond the one that the thread names, a copy does not count, since the
 *    rest may just be in the making.
 * 4. What cannot be proved is TORN: counted, never shown.
 *
 * None of this rests on the lock. A thread's frames are entered and left by itself alone, and the
 * code that a frame runs lives as long as the frame: so it is in free-threaded builds, too, where
 * others run meanwhile and the collector, which stops them, writes nothing of what is read here
 * but tags of references (CPython 3.13.15 – 3.15.0rc1 Python/gc_free_threading.c). A frame that is
 * just being moved to its thread's copy of the instructions may name one and point into another,
 * which is TORN as well. */
#include <stdlib.h>
#include <string.h>

#include "sal-target-namespace.h"

#include "sal-python-bytes.h"
#include "sal-python-private.h"

/* Copies in a row that prove a stack. */
#define NEEDED_PROVED 3
#define NEEDED_CALLS 4
#define NEEDED_LEAVING 8

#define MAX_ROUNDS 12
#define COPIES_A_ROUND 2
#define MAX_TRIES 4

/* Whether the bytes of one copy allow it to be believed on the ground of what is known. */
static bool
is_known (SalPython *self, const SalPythonThreadState *thread)
{
  const SalPythonCandidate *now = &self->now;
  size_t n = now->n_frames;

  /* C code called a frame that has returned, by a frame that runs: an older callee of its caller.
   * */
  if (now->n_raw > 1 && !now->raw[0].is_running && now->raw[1].is_running)
    return false;
  if (thread->has_stack && n == thread->n_frames && n > 0 &&
      now->frames[0].code == thread->frames[0].code &&
      memcmp (now->frames + 1, thread->frames + 1, (n - 1) * sizeof *now->frames) == 0)
    return true;
  return sal_python_proof_knows (self->proof, now->frames, n);
}

static int
count_needed (const SalPythonLayout *layout, const SalPythonCandidate *candidate)
{
  bool tells_running = layout->frame_stack_top != SAL_PYTHON_NO_FIELD;

  if (candidate->n_raw == 0)
    return NEEDED_PROVED;
  if (tells_running && !candidate->raw[0].is_running)
    return NEEDED_LEAVING;
  for (size_t i = 0; i + 1 < candidate->n_raw; i++)
    if (candidate->raw[i].call != SAL_PYTHON_CALL_PROVED)
      return tells_running ? NEEDED_CALLS : NEEDED_LEAVING;
  return tells_running ? NEEDED_PROVED : NEEDED_CALLS;
}

/* Whether the innermost frame was called by the one that the thread names, or further inside. Up to
 * 3.10 that may be one that is just being made, and looks like one that runs what its memory was
 * used for before. */
static bool
goes_beyond_head (const SalPython *self)
{
  const SalPythonCandidate *now = &self->now;

  if (self->runtime.layout.thread_chunk != SAL_PYTHON_NO_FIELD)
    return false;
  for (size_t i = 1; i < now->n_raw; i++)
    if (now->raw[i].address == now->head)
      return true;
  return false;
}

static bool
do_agree (const SalPythonCandidate *a, const SalPythonCandidate *b)
{
  if (a->n_raw != b->n_raw || a->n_frames != b->n_frames || a->is_partial != b->is_partial)
    return false;
  for (size_t i = 0; i < a->n_raw; i++)
    if (a->raw[i].address != b->raw[i].address || a->raw[i].code != b->raw[i].code ||
        a->raw[i].call != b->raw[i].call || a->raw[i].is_running != b->raw[i].is_running)
      return false;
  if (a->n_frames == 0)
    return true;
  return a->frames[0].code == b->frames[0].code &&
         memcmp (a->frames + 1, b->frames + 1, (a->n_frames - 1) * sizeof *a->frames) == 0;
}

static bool
keep_stack (SalPythonThreadState *thread, const SalPythonCandidate *candidate)
{
  if (candidate->n_frames > thread->frames_capacity)
    {
      size_t capacity = candidate->n_frames * 2;
      SalPythonFrame *frames = realloc (thread->frames, capacity * sizeof *frames);

      if (frames == NULL)
        return false;
      thread->frames = frames;
      thread->frames_capacity = capacity;
    }
  memcpy (thread->frames, candidate->frames, candidate->n_frames * sizeof *candidate->frames);
  thread->n_frames = candidate->n_frames;
  return true;
}

/* Where a frame ends is where the next one on the data stack begins. */
static void
learn_sizes (SalPython *self, const SalPythonThreadState *thread)
{
  const SalPythonRawFrame *raw = self->now.raw;

  for (size_t i = 0; i + 1 < self->now.n_raw; i++)
    if (_sal_python_is_in_chunk (thread, raw[i].address) &&
        _sal_python_is_in_chunk (thread, raw[i + 1].address) && raw[i].address > raw[i + 1].address)
      sal_python_codes_set_frame_size (self->codes,
                                       sal_python_codes_lookup (self->codes, raw[i + 1].code),
                                       (uint32_t)(raw[i].address - raw[i + 1].address));
}

static bool
is_all_trusted (const SalPython *self, const SalPythonThreadState *thread)
{
  for (size_t i = 0; i < thread->n_frames; i++)
    if (!sal_python_codes_is_trusted (self->codes, thread->frames[i].code))
      return false;
  return true;
}

void
_sal_python_believe (SalPython *self, SalPythonThreadState *thread, SalPythonThread *view)
{
  const SalPythonCandidate *now = &self->now;
  bool is_after = thread->has_stack;

  view->result = now->is_partial ? SAL_PYTHON_LOOK_PARTIAL : SAL_PYTHON_LOOK_OK;
  view->same_as_before =
      thread->has_stack && now->n_frames == thread->n_frames &&
      memcmp (now->frames, thread->frames, now->n_frames * sizeof *now->frames) == 0;
  thread->has_stack = view->same_as_before || keep_stack (thread, now);
  if (!thread->has_stack)
    view->result = SAL_PYTHON_LOOK_READ;
  if (!view->same_as_before || !thread->is_trusted)
    thread->is_trusted = is_all_trusted (self, thread);
  thread->outermost = now->n_raw > 0 ? now->raw[now->n_raw - 1].address : 0;
  thread->innermost = now->n_raw > 0 ? now->raw[0].address : 0;
  thread->may_keep = false;
  view->n_frames = thread->has_stack ? (uint32_t)thread->n_frames : 0;
  view->frames = thread->frames;
  _sal_python_chain_see (self, thread, is_after, view);
}

void
_sal_python_believe_empty (SalPythonThreadState *thread, SalPythonThread *view)
{
  view->result = SAL_PYTHON_LOOK_EMPTY;
  view->same_as_before = thread->has_stack && thread->n_frames == 0;
  thread->has_stack = true;
  thread->may_keep = false;
  thread->n_frames = 0;
  thread->outermost = 0;
  thread->innermost = 0;
  thread->n_tasked = 0;
  thread->n_tasks = 0;
}

void
_sal_python_read_ids (const SalPython *self,
                      SalPythonThreadState *thread,
                      const SalPythonCopyAt *at,
                      SalPythonThread *view)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  uint64_t tid;

  view->address = thread->address;
  view->thread_id = sal_python_u64 (self->bytes + at->thread + layout->thread_id);
  tid = _sal_python_native_id_get (self, thread, at);
  if (tid != thread->own_tid)
    {
      thread->own_tid = tid;
      thread->tid = sal_target_translate_thread (self->target, tid);
    }
  view->tid = thread->tid;
  view->asks_gil = layout->thread_asks_gil != 0 &&
                   sal_python_u32 (self->bytes + at->thread + layout->thread_asks_gil) != 0;
  _sal_python_list_get_lock (self, thread, at, view);
}

/* The stack of a copy in one number, not 0; two that agree have the same. */
static uint64_t
sum_up (const SalPythonCandidate *candidate)
{
  uint64_t sum = candidate->n_frames;

  for (size_t i = 0; i < candidate->n_frames; i++)
    {
      const SalPythonFrame *frame = &candidate->frames[i];

      sum ^= frame->code | (i > 0 ? (uint64_t)(uint32_t)frame->offset << 32 : 0);
      sum *= 0x9e3779b97f4a7c15u;
      sum ^= sum >> 29;
    }
  return sum | 1;
}

/* Believes the copy, unless its task is not known yet: then another one is needed. */
static bool
accept (SalPython *self,
        SalPythonThreadState *thread,
        const SalPythonCopyAt *at,
        SalPythonThread *view)
{
  if (!_sal_python_chain_is_ready (self, thread, at, self->is_hasty))
    return false;
  view->has_moved = view->has_moved || (thread->met != 0 && thread->met != sum_up (&self->now));
  _sal_python_read_ids (self, thread, at, view);
  _sal_python_believe (self, thread, view);
  _sal_python_recall_keep (self, thread, at);
  return true;
}

/* One copy counts: returns true when the thread is done with. */
static bool
weigh (SalPython *self,
       SalPythonThreadState *thread,
       const SalPythonCopyAt *at,
       SalPythonVerdict *verdict,
       int *n_agreeing,
       SalPythonThread *view)
{
  SalPythonCandidate swap;

  *verdict = _sal_python_examine (self, thread, at);
  if (*verdict == SAL_PYTHON_VERDICT_EMPTY)
    {
      view->has_moved = view->has_moved || thread->met != 0;
      _sal_python_read_ids (self, thread, at, view);
      _sal_python_believe_empty (thread, view);
      return true;
    }
  if (*verdict != SAL_PYTHON_VERDICT_STACK)
    {
      thread->has_moved = thread->has_moved || *verdict == SAL_PYTHON_VERDICT_TORN;
      *n_agreeing = 0;
      return *verdict == SAL_PYTHON_VERDICT_MEMORY;
    }
  if (is_known (self, thread))
    return accept (self, thread, at, view);
  if (goes_beyond_head (self))
    *n_agreeing = 0;
  else
    *n_agreeing = *n_agreeing > 0 && do_agree (&self->now, &self->before) ? *n_agreeing + 1 : 1;
  if (*n_agreeing >= count_needed (&self->runtime.layout, &self->now))
    {
      sal_python_proof_learn (self->proof, self->now.frames, self->now.n_frames);
      learn_sizes (self, thread);
      return accept (self, thread, at, view);
    }
  if (thread->met == 0)
    thread->met = sum_up (&self->now);
  swap = self->before;
  self->before = self->now;
  self->now = swap;
  return false;
}

static SalPythonLookResult
result_of (SalPythonVerdict verdict)
{
  switch (verdict)
    {
    case SAL_PYTHON_VERDICT_CHAIN:
      return SAL_PYTHON_LOOK_CHAIN;
    case SAL_PYTHON_VERDICT_MEMORY:
      return SAL_PYTHON_LOOK_READ;
    case SAL_PYTHON_VERDICT_STACK:
    case SAL_PYTHON_VERDICT_EMPTY:
    case SAL_PYTHON_VERDICT_PLAN:
    case SAL_PYTHON_VERDICT_AGAIN:
    case SAL_PYTHON_VERDICT_TORN:
    default:
      return SAL_PYTHON_LOOK_TORN;
    }
}

/* A look has one time, at which one thread at most holds a lock: of two that copies of different
 * moments show with it the one in the later copy, which is @index's. */
static void
keep_lock (SalPython *self, uint32_t index)
{
  const SalPythonThread *holder = &self->views[index];

  for (uint32_t i = 0; i < self->n_threads && holder->holds_gil; i++)
    if (i != index && self->views[i].holds_gil && self->views[i].gil == holder->gil)
      {
        self->views[i].holds_gil = false;
        self->views[i].in_gc = false;
      }
}

/* Reads the thread again until a copy can be believed. */
static SalTargetResult
settle (SalPython *self, uint32_t index, SalPythonVerdict verdict)
{
  int n_agreeing = 0;
  SalPythonThreadState *thread = self->threads[index];
  SalPythonThread *view = &self->views[index];

  for (int round = 0; round < MAX_ROUNDS && !self->is_hasty; round++)
    {
      SalPythonCopyAt at[COPIES_A_ROUND];
      size_t n_read;
      SalTargetResult result = SAL_TARGET_OK;

      if (verdict == SAL_PYTHON_VERDICT_PLAN)
        result = _sal_python_plan_thread (self, index);
      if (result == SAL_TARGET_OK)
        {
          _sal_python_plan_words (self);
          for (int i = 0; i < COPIES_A_ROUND; i++)
            _sal_python_plan_copy (self, index, &at[i]);
          for (int i = 0; i < COPIES_A_ROUND; i++)
            _sal_python_plan_checks (self, index, &at[i]);
          self->n_retries += COPIES_A_ROUND;
          result = _sal_python_plan_read (self, NULL, &n_read);
        }
      if (result == SAL_TARGET_GONE || result == SAL_TARGET_DENIED || result == SAL_TARGET_MEMORY)
        return result;
      if (result != SAL_TARGET_OK)
        {
          verdict = SAL_PYTHON_VERDICT_PLAN;
          n_agreeing = 0;
          thread->faulted_in = self->n_looks;
          view->result = SAL_PYTHON_LOOK_READ;
          continue;
        }
      for (int i = 0; i < COPIES_A_ROUND; i++)
        {
          if (weigh (self, thread, &at[i], &verdict, &n_agreeing, view))
            {
              keep_lock (self, index);
              return SAL_TARGET_OK;
            }
          if (verdict == SAL_PYTHON_VERDICT_PLAN)
            break;
        }
      view->result = result_of (verdict);
    }
  view->has_moved = view->has_moved || view->result == SAL_PYTHON_LOOK_TORN;
  return SAL_TARGET_OK;
}

/* Plans those threads that are to be read and need it. */
static SalTargetResult
plan_threads (SalPython *self)
{
  for (uint32_t i = 0; i < self->n_threads; i++)
    {
      SalPythonThreadState *thread = self->threads[i];
      SalTargetResult result;

      if (thread->is_planned || thread->is_skipped || thread->is_kept)
        continue;
      result = _sal_python_plan_thread (self, i);
      if (result == SAL_TARGET_GONE || result == SAL_TARGET_DENIED || result == SAL_TARGET_MEMORY)
        return result;
      thread->is_skipped = result != SAL_TARGET_OK;
    }
  return SAL_TARGET_OK;
}

/* Plans the one read of all threads. */
static void
plan_all (SalPython *self)
{
  _sal_python_plan_words (self);
  for (uint32_t i = 0; i < self->n_threads; i++)
    _sal_python_pulse_plan_first (self, i);
  for (uint32_t i = 0; i < self->n_threads; i++)
    {
      SalPythonThreadState *thread = self->threads[i];

      thread->next_at = SAL_PYTHON_NOT_READ;
      /* One that may have moved may have gone: then this does not lead to it any longer. */
      if (thread->is_kept && i + 1 < self->n_threads &&
          (!self->threads[i + 1]->is_kept || self->threads[i + 1]->is_left))
        thread->next_at = _sal_python_plan_range (
            self, i, thread->address + self->runtime.layout.thread_next, 8);
      else if (!thread->is_kept && !thread->is_skipped)
        _sal_python_plan_copy (self, i, &thread->at);
    }
  for (uint32_t i = 0; i < self->n_threads; i++)
    if (!self->threads[i]->is_kept && !self->threads[i]->is_skipped)
      _sal_python_plan_checks (self, i, &self->threads[i]->at);
  for (uint32_t i = 0; i < self->n_threads; i++)
    _sal_python_pulse_plan_last (self, i);
}

/* Reads all threads that may have moved at once, planning those that need it. A thread whose memory
 * is gone is planned anew once, and left out of this look after that. */
static SalPythonResult
read_all (SalPython *self)
{
  SalTargetResult result;
  size_t n_read = 0;

  for (size_t i = 0; i < self->n_threads; i++)
    self->threads[i]->is_skipped = false;
  _sal_python_still_predict (self);
  for (;;)
    {
      uint32_t owner;

      result = plan_threads (self);
      if (result != SAL_TARGET_OK)
        return sal_python_result_of (result);
      plan_all (self);
      result = _sal_python_plan_read (self, NULL, &n_read);
      if (result == SAL_TARGET_OK && !_sal_python_still_agrees (self))
        continue;
      if (result != SAL_TARGET_FAULT)
        return sal_python_result_of (result);
      owner = n_read < self->n_ranges ? self->owners[n_read] : UINT32_MAX;
      if (owner == UINT32_MAX)
        return SAL_PYTHON_CORRUPT;
      self->n_retries++;
      self->threads[owner]->is_kept = false;
      self->threads[owner]->is_skipped = self->threads[owner]->faulted_in == self->n_looks;
      self->threads[owner]->faulted_in = self->n_looks;
      self->threads[owner]->is_planned = false;
    }
}

static SalPythonResult
read_current (SalPython *self)
{
  SalPythonResult result = SAL_PYTHON_OK;

  for (int i = 0; i < MAX_TRIES; i++)
    {
      if (self->n_threads == 0 || i > 0)
        {
          _sal_python_still_forget (self);
          result = _sal_python_list (self);
        }
      if (result == SAL_PYTHON_OK)
        result = read_all (self);
      if (result == SAL_PYTHON_GONE || result == SAL_PYTHON_DENIED || result == SAL_PYTHON_MEMORY)
        return result;
      if (result == SAL_PYTHON_OK && _sal_python_list_is_current (self))
        {
          _sal_python_still_note (self);
          return SAL_PYTHON_OK;
        }
    }
  return SAL_PYTHON_CORRUPT;
}

static void
clear_view (const SalPythonThreadState *thread, SalPythonThread *view)
{
  memset (view, 0, sizeof *view);
  view->address = thread->address;
  view->frames = thread->frames;
  view->result = SAL_PYTHON_LOOK_READ;
  view->had_no_turn = thread->had_no_turn;
}

/* What is known of one that is left out is who it is. */
static void
forget_view (SalPythonThreadState *thread, SalPythonThread *view)
{
  thread->is_left = false;
  thread->may_keep = false;
  view->result = SAL_PYTHON_LOOK_TORN;
  view->frames = NULL;
  view->n_frames = 0;
  view->same_as_before = false;
}

SalPythonResult
sal_python_look (SalPython *self, SalPythonLook *look)
{
  SalPythonResult result;
  uint32_t n_pending = 0;

  self->n_looks++;
  self->n_calls = 0;
  self->n_retries = 0;
  memset (look, 0, sizeof *look);
  _sal_python_chain_search (self);
  result = read_current (self);
  if (result != SAL_PYTHON_OK)
    return result;
  _sal_python_list_count_attached (self);
  /* First everything that the one read answers, since the next read overwrites it. */
  for (uint32_t i = 0; i < self->n_threads; i++)
    {
      SalPythonThreadState *thread = self->threads[i];
      SalPythonVerdict verdict;
      bool is_at_work;
      int n_agreeing = 0;

      clear_view (thread, &self->views[i]);
      thread->is_pending = false;
      thread->n_chain_tries = 0;
      if (thread->is_kept)
        {
          _sal_python_still_show (thread, &self->views[i]);
          look->n_kept++;
          if (thread->is_left)
            forget_view (thread, &self->views[i]);
          continue;
        }
      thread->is_left = false;
      thread->may_keep = false;
      if (thread->is_skipped)
        continue;
      _sal_python_read_ids (self, thread, &thread->at, &self->views[i]);
      is_at_work = _sal_python_pulse_is_felt (self, thread, &self->views[i]);
      thread->has_moved = false;
      thread->met = 0;
      thread->is_pending =
          !weigh (self, thread, &thread->at, &verdict, &n_agreeing, &self->views[i]);
      self->views[i].has_moved = self->views[i].has_moved || thread->has_moved;
      self->views[i].is_at_work = is_at_work;
      thread->verdict = verdict;
      /* Of one that nobody has met yet, nobody will ask for a hold. */
      if (self->is_hasty && verdict == SAL_PYTHON_VERDICT_PLAN &&
          (!thread->has_stack || thread->n_frames == 0))
        thread->is_planned = false;
      n_pending += thread->is_pending;
    }
  for (uint32_t i = 0; i < self->n_threads && n_pending > 0; i++)
    if (self->threads[i]->is_pending)
      {
        SalTargetResult settled = settle (self, i, self->threads[i]->verdict);

        if (settled != SAL_TARGET_OK)
          return sal_python_result_of (settled);
      }
  for (uint32_t i = 0; i < self->n_threads && !self->is_hasty; i++)
    if (self->views[i].result > SAL_PYTHON_LOOK_PARTIAL)
      self->threads[i]->has_stack = false;
  for (uint32_t i = 0; i < self->n_threads; i++)
    if (!self->threads[i]->is_kept)
      _sal_python_still_save (self->threads[i], &self->views[i]);
  look->threads = self->views;
  look->n_threads = _sal_python_merge (self);
  look->n_calls = self->n_calls;
  look->n_retries = self->n_retries;
  return SAL_PYTHON_OK;
}
