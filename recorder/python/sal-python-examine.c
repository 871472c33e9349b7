/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One copy of a thread: the stack that is in it, and whether its code objects are still the same.
 * */
#include <string.h>

#include "sal-python-bytes.h"
#include "sal-python-private.h"

/* The current chunk and the thread state come before the spans. */
#define N_FIXED_PIECES 2

/* Up to 3.10, code objects don't say which class they are of; a frame's first variable may. */
static void
give_hint (SalPython *self,
           const SalPythonThreadState *thread,
           const SalPythonCopyAt *at,
           uint32_t index,
           uint64_t frame)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  const uint8_t *bytes = _sal_python_heap_get_frame (self, thread, at, frame);

  if (bytes != NULL)
    sal_python_codes_set_hint (self->codes, index, frame,
                               sal_python_u64 (bytes + layout->frame_locals));
}

/* Gives every frame its code object and offset. Frames of the interpreter's own code are left out.
 * */
static SalPythonVerdict
resolve (SalPython *self,
         const SalPythonThreadState *thread,
         const SalPythonCopyAt *at,
         SalPythonCandidate *candidate)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  SalPythonVerdict verdict = SAL_PYTHON_VERDICT_STACK;
  size_t n = 0;

  for (size_t i = 0; i < candidate->n_raw - candidate->n_recalled; i++)
    {
      SalPythonRawFrame *raw = &candidate->raw[i];
      uint32_t index = sal_python_codes_lookup (self->codes, raw->code);
      const SalPythonCodeEntry *code;
      uint64_t start;
      int64_t offset;
      bool is_new;

      if (index == SAL_PYTHON_NO_CODE)
        {
          index = sal_python_codes_learn (self->codes, raw->code, &self->n_calls);
          if (index == SAL_PYTHON_NO_CODE)
            return SAL_PYTHON_VERDICT_CHAIN;
          verdict = SAL_PYTHON_VERDICT_AGAIN;
        }
      start = sal_python_codes_get_start (self->codes, index, raw->copy, &is_new, &self->n_calls);
      if (is_new)
        verdict = SAL_PYTHON_VERDICT_AGAIN;
      code = sal_python_codes_get (self->codes, index);
      if (layout->thread_chunk == SAL_PYTHON_NO_FIELD && code->hint_frame == 0)
        give_hint (self, thread, at, index, raw->address);
      offset = (int64_t)(raw->instruction - start);
      /* Up to 3.12 it is one before the first instruction in a frame that has not begun. What is
       * no instruction of the object known may be one of another that came to its address. */
      if (offset < -2 || offset >= (int64_t)code->size || (offset & (layout->code_unit - 1)) != 0)
        return sal_python_codes_learn (self->codes, raw->code, &self->n_calls) == index
                   ? SAL_PYTHON_VERDICT_TORN
                   : SAL_PYTHON_VERDICT_AGAIN;
      raw->is_shown = !code->is_shim;
      if (raw->is_shown)
        candidate->frames[n++] = (SalPythonFrame){ index, offset < 0 ? -1 : (int32_t)offset };
    }
  if (candidate->n_recalled > 0)
    n += _sal_python_recall_resolve (thread,
                                     &candidate->raw[candidate->n_raw - candidate->n_recalled],
                                     candidate->frames + n);
  candidate->n_frames = n;
  return verdict;
}

/* The word at @address of the thread's C stack, where that was copied. */
static bool
read_stack (const SalPython *self, uint64_t address, uint64_t *word)
{
  const SalTargetRange *stack = &self->stack;

  if (address < stack->address || address - stack->address >= stack->length ||
      stack->length - (size_t)(address - stack->address) < sizeof *word)
    return false;
  *word = sal_python_u64 ((const uint8_t *)stack->buffer + (address - stack->address));
  return true;
}

/* Finds the innermost frame; false when where the thread names it was not copied. Where it is held
 * and its innermost _PyCFrame names nothing yet, that is passed over. */
static bool
find_head (SalPython *self,
           SalPythonThreadState *thread,
           const SalPythonCopyAt *at,
           uint64_t *head)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  const uint8_t *state = self->bytes + at->thread;
  uint32_t offset = layout->cframe_frame;

  if (layout->thread_cframe == SAL_PYTHON_NO_FIELD)
    {
      *head = sal_python_u64 (state + layout->thread_frame);
      return true;
    }
  self->cframe = sal_python_u64 (state + layout->thread_cframe);
  if (self->passes_cframe)
    return read_stack (self, self->cframe + offset + 8, &self->cframe) &&
           read_stack (self, self->cframe + offset, head);
  if (self->cframe != at->cframe_address)
    return read_stack (self, self->cframe + offset, head);
  *head = sal_python_u64 (self->bytes + at->cframe);
  return true;
}

/* A walk that took known frames was not led through what these are in: it is what was of use then.
 */
static void
mark_spans (SalPython *self, SalPythonThreadState *thread, bool has_recalled)
{
  for (size_t i = 0; i < thread->n_spans; i++)
    if (self->pieces[i + N_FIXED_PIECES].is_used ||
        (has_recalled && thread->spans[i].last_used == thread->recall.n_looks))
      thread->spans[i].last_used = self->n_looks;
}

/* The innermost running frame on the data stack above the one at @address; 0 = there is none.
 *
 * Frames lie on it end to end. What is left of frames that have returned is never marked as
 * running, so a running frame found there is alive, whatever the head said some time before. */
static uint64_t
climb (const SalPython *self, SalPythonWalk *walk, uint64_t address)
{
  SalPythonRawFrame frame;
  uint64_t found = 0;

  for (int i = 0; i < SAL_PYTHON_MAX_FRAMES; i++)
    {
      uint32_t index;

      if (!sal_python_walk_peek (walk, address, &frame))
        break;
      if (i > 0 && frame.is_running)
        found = address;
      index = sal_python_codes_lookup (self->codes, frame.code);
      if (index == SAL_PYTHON_NO_CODE || sal_python_codes_get (self->codes, index)->frame_size == 0)
        break;
      address += sal_python_codes_get (self->codes, index)->frame_size;
    }
  return found;
}

bool
_sal_python_is_in_chunk (const SalPythonThreadState *thread, uint64_t address)
{
  return address >= thread->chunk && address - thread->chunk < thread->chunk_length;
}

/* Walks from the head. The head was read a little before the frames; where they say that by then
 * another frame was the innermost, walks from that. So a stack is from one moment as nearly as
 * possible, and a function is not seen less because its calls are short. A frame that is in no
 * piece may be a generator's, which is not on the data stack: what runs there need not be the
 * innermost then. */
static SalPythonWalkResult
follow (SalPython *self, SalPythonThreadState *thread, SalPythonWalk *walk, uint64_t head)
{
  SalPythonWalkResult found;
  uint64_t start = thread->outermost;
  uint64_t innermost;

  sal_python_walk_start (walk, head);
  found = sal_python_walk_run (walk);
  if (found == SAL_PYTHON_WALK_MISSING)
    return found;
  for (size_t i = 0; found == SAL_PYTHON_WALK_WHOLE && i < walk->n_frames; i++)
    if (_sal_python_is_in_chunk (thread, walk->frames[i].address))
      {
        start = walk->frames[i].address;
        break;
      }
  innermost = climb (self, walk, start);
  if (innermost == 0 || (walk->n_frames > 0 && innermost == walk->frames[0].address))
    return found;
  sal_python_walk_start (walk, innermost);
  if (sal_python_walk_run (walk) == SAL_PYTHON_WALK_WHOLE && !walk->is_trimmed)
    return SAL_PYTHON_WALK_WHOLE;
  sal_python_walk_start (walk, head);
  return sal_python_walk_run (walk);
}

/* Whether the fingerprint of a code object was read with this copy, and still is what it was.
 * *@is_read tells the first. */
static bool
was_checked (const SalPython *self, const SalPythonCopyAt *at, uint32_t index, bool *is_read)
{
  for (size_t i = 0; i < at->n_codes; i++)
    if (at->codes[i] == index)
      {
        *is_read = true;
        return sal_python_codes_matches (self->codes, index,
                                         self->bytes + at->checks[i]);
      }
  *is_read = false;
  return false;
}

/* Has the fingerprint read with the copies to come; the one that was least in need makes room. */
static void
want_check (SalPython *self, SalPythonThreadState *thread, uint32_t index)
{
  SalPythonCheck *oldest = &thread->checks[0];

  for (size_t i = 0; i < thread->n_checks; i++)
    {
      if (thread->checks[i].code == index)
        {
          thread->checks[i].last_wanted = self->n_looks;
          return;
        }
      if (thread->checks[i].last_wanted < oldest->last_wanted)
        oldest = &thread->checks[i];
    }
  if (thread->n_checks < SAL_PYTHON_MAX_CHECKS)
    oldest = &thread->checks[thread->n_checks++];
  *oldest = (SalPythonCheck){ index, self->n_looks };
}

/* Reads the fingerprints that were not read with the copy, right after it. */
static bool
check_pending (SalPython *self, size_t n_pending)
{
  size_t at[SAL_PYTHON_MAX_PENDING];
  size_t n_read;

  self->n_ranges = 0;
  self->n_checks = 0;
  for (size_t i = 0; i < n_pending; i++)
    at[i] = _sal_python_plan_check (self, UINT32_MAX, self->pending[i]);
  if (_sal_python_plan_read (self, NULL, &n_read) != SAL_TARGET_OK)
    return false;
  for (size_t i = 0; i < n_pending; i++)
    if (!sal_python_codes_matches (self->codes, self->pending[i], self->bytes + at[i]))
      return false;
  return true;
}

/* A code object may have been freed and another made at its address since it was entered. It cannot
 * have been while a frame that we saw runs it. So it is looked at again, in or right after the same
 * read, for the innermost frame, for frames that were not in the stack before, and for all frames
 * until an object has stood the test a number of times. */
static SalPythonVerdict
check_codes (SalPython *self, SalPythonThreadState *thread, const SalPythonCopyAt *at)
{
  const SalPythonCandidate *now = &self->now;
  size_t n_same = 0;
  size_t n_pending = 0;
  bool is_good = true;

  if (thread->has_stack && now->n_frames == thread->n_frames && now->n_frames > 0 &&
      memcmp (now->frames + 1, thread->frames + 1, (now->n_frames - 1) * sizeof *now->frames) == 0)
    n_same = now->n_frames - 1;
  while (thread->has_stack && n_same + 1 < now->n_frames && n_same < thread->n_frames &&
         memcmp (&now->frames[now->n_frames - 1 - n_same],
                 &thread->frames[thread->n_frames - 1 - n_same], sizeof *now->frames) == 0)
    n_same++;
  self->n_stamps++;
  for (size_t i = 0; i < now->n_frames; i++)
    {
      uint32_t index = now->frames[i].code;
      bool is_read;

      if (i >= now->n_frames - n_same && thread->is_trusted)
        break;
      if (i >= now->n_frames - n_same && sal_python_codes_is_trusted (self->codes, index))
        continue;
      if (!sal_python_codes_stamp (self->codes, index, self->n_stamps))
        continue;
      want_check (self, thread, index);
      if (!was_checked (self, at, index, &is_read))
        {
          is_good = is_good && !is_read;
          if (n_pending < SAL_PYTHON_MAX_PENDING)
            self->pending[n_pending++] = index;
        }
    }
  if (is_good && (n_pending == 0 || check_pending (self, n_pending)))
    return SAL_PYTHON_VERDICT_STACK;
  for (size_t i = 0; i < now->n_raw; i++)
    if (sal_python_codes_learn (self->codes, now->raw[i].code, &self->n_calls) ==
        SAL_PYTHON_NO_CODE)
      return SAL_PYTHON_VERDICT_TORN;
  return SAL_PYTHON_VERDICT_AGAIN;
}

SalPythonVerdict
_sal_python_examine (SalPython *self, SalPythonThreadState *thread, const SalPythonCopyAt *at)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  const uint8_t *state = self->bytes + at->thread;
  uint64_t head;
  SalPythonWalk walk = { .layout = layout,
                         .frames = self->now.raw,
                         .capacity = self->now.capacity,
                         .shim = sal_python_codes_get_shim (self->codes),
                         .outermost = thread->outermost };
  bool is_on_heap = layout->thread_chunk == SAL_PYTHON_NO_FIELD;
  SalPythonWalkResult found;
  SalPythonVerdict verdict;

  if ((is_on_heap && sal_python_u64 (state + layout->thread_id) != thread->thread_id) ||
      (!is_on_heap && sal_python_u64 (state + layout->thread_chunk) != thread->chunk) ||
      !find_head (self, thread, at, &head))
    return SAL_PYTHON_VERDICT_PLAN;
  if (head == 0)
    return SAL_PYTHON_VERDICT_EMPTY;
  if (is_on_heap)
    found = _sal_python_heap_follow (self, thread, at, head, &walk);
  else
    {
      walk.n_pieces = _sal_python_plan_pieces (self, thread, at, 0);
      if (walk.n_pieces == 0)
        return SAL_PYTHON_VERDICT_MEMORY;
      walk.pieces = self->pieces;
      if (self->stack.length == 0)
        _sal_python_recall_offer (self, thread, at, &walk);
      found = follow (self, thread, &walk, head);
    }
  thread->has_moved = thread->has_moved || walk.is_trimmed || found == SAL_PYTHON_WALK_TORN;
  self->now.n_raw = walk.n_frames;
  self->now.n_recalled = walk.n_recalled;
  self->now.head = head;
  self->now.last_owner = walk.last_owner;
  self->now.is_partial = found != SAL_PYTHON_WALK_WHOLE;
  if (found == SAL_PYTHON_WALK_TORN)
    return SAL_PYTHON_VERDICT_TORN;
  if (found == SAL_PYTHON_WALK_CHAIN || (found == SAL_PYTHON_WALK_MISSING &&
                                         walk.missing == thread->unreadable && walk.n_frames == 0))
    return SAL_PYTHON_VERDICT_CHAIN;
  if ((found == SAL_PYTHON_WALK_MISSING && walk.missing != thread->unreadable) ||
      (found == SAL_PYTHON_WALK_DEEP && self->now.capacity < SAL_PYTHON_MAX_FRAMES))
    return SAL_PYTHON_VERDICT_PLAN;
  if (!is_on_heap)
    mark_spans (self, thread, walk.n_recalled > 0);
  /* From 3.15 on a thread that runs no Python is at its outermost frame, which is only a mark. */
  if (found == SAL_PYTHON_WALK_WHOLE && walk.n_frames == 0)
    return SAL_PYTHON_VERDICT_EMPTY;
  verdict = resolve (self, thread, at, &self->now);
  return verdict == SAL_PYTHON_VERDICT_STACK ? check_codes (self, thread, at) : verdict;
}
