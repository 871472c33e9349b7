/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which bytes of the target one look needs, so that they can be had in one call. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sal-python-bytes.h"
#include "sal-python-private.h"

/* How much above the top of the stack is copied, for frames that are pushed until the next look:
 * more where a copy too short would make a stop longer. */
#define SLACK 512
#define HELD_SLACK 4096
#define MAX_CHUNK ((uint64_t)16 << 20)
#define MAX_CHUNKS 4096
#define MAX_CHUNK_BYTES ((uint64_t)32 << 20)
#define MAX_SPANS 512
/* Frames nearer than this are copied with what lies between; a range costs more than these bytes.
 * */
#define SPAN_GAP 768
#define MAX_MERGED ((uint32_t)16 << 10)
#define WORD_GAP 1024
/* Looks after which a span that no walk came by is forgotten. */
#define SPAN_LIFE 64
/* Looks after which a fingerprint is no longer read with every copy. */
#define CHECK_LIFE 32

static size_t
plan_add (SalPython *self, uint32_t owner, uint64_t address, size_t length)
{
  size_t offset = self->n_bytes;

  if (self->n_ranges == self->ranges_capacity)
    {
      size_t capacity = self->ranges_capacity == 0 ? 64 : self->ranges_capacity * 2;
      SalTargetRange *ranges = realloc (self->ranges, capacity * sizeof *ranges);
      uint32_t *owners = realloc (self->owners, capacity * sizeof *owners);

      if (ranges != NULL)
        self->ranges = ranges;
      if (owners != NULL)
        self->owners = owners;
      if (ranges == NULL || owners == NULL)
        {
          self->is_out_of_memory = true;
          return 0;
        }
      self->ranges_capacity = capacity;
    }
  if (self->n_bytes + length > self->bytes_capacity)
    {
      size_t capacity = (self->n_bytes + length) * 2;
      uint8_t *bytes = realloc (self->bytes, capacity);

      if (bytes == NULL)
        {
          self->is_out_of_memory = true;
          return 0;
        }
      self->bytes = bytes;
      self->bytes_capacity = capacity;
    }
  self->owners[self->n_ranges] = owner;
  self->ranges[self->n_ranges++] = (SalTargetRange){ address, (void *)(uintptr_t)offset, length };
  self->n_bytes += length;
  return offset;
}

/* Adds what may lie shortly behind the range before: it is read in one with that then. */
static size_t
plan_behind (SalPython *self, uint32_t owner, uint64_t address, size_t length)
{
  SalTargetRange last = { 0 };
  size_t apart;

  if (self->n_ranges > 0 && self->owners[self->n_ranges - 1] == owner)
    last = self->ranges[self->n_ranges - 1];
  if (address < last.address + last.length || address - last.address - last.length > WORD_GAP)
    return plan_add (self, owner, address, length);
  apart = (size_t)(address - last.address);
  self->n_ranges--;
  self->n_bytes -= last.length;
  return plan_add (self, owner, last.address, apart + length) + apart;
}

/* Adds words of the runtime or of an interpreter. */
static size_t
plan_words (SalPython *self, uint64_t address, size_t length)
{
  return plan_behind (self, UINT32_MAX, address, length);
}

/* Whether it is asked which interpreters there are: once in a tick of the kernel. In between those
 * that are known tell of their threads, and of their own end by having none. */
static bool
is_list_due (SalPython *self)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC_COARSE, &now);
  if (now.tv_nsec == self->listed.tv_nsec && now.tv_sec == self->listed.tv_sec)
    return false;
  self->listed = now;
  return true;
}

static uint32_t
least (uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

static uint32_t
most (uint32_t a, uint32_t b)
{
  return a > b ? a : b;
}

void
_sal_python_plan_get_words (const SalPythonLayout *layout, uint32_t *start, uint32_t *end)
{
  *start = least (layout->interpreter_next, layout->interpreter_threads);
  *end = most (layout->interpreter_next, layout->interpreter_threads) + 8;
  if (layout->interpreter_collecting == SAL_PYTHON_NO_FIELD)
    return;
  *start = least (*start, layout->interpreter_collecting);
  *end = most (*end, layout->interpreter_collecting + 8);
}

void
_sal_python_plan_get_gil_words (const SalPythonLayout *layout, uint32_t *start, uint32_t *end)
{
  uint32_t flag = layout->gil_locked != SAL_PYTHON_NO_FIELD ? layout->gil_locked
                                                            : layout->gil_holder;

  *start = least (layout->gil_holder, flag);
  *end = most (layout->gil_holder, flag) + 8;
  if (layout->gil_switches != SAL_PYTHON_NO_FIELD)
    *end = most (*end, layout->gil_switches + 8);
  if (layout->is_free_threaded)
    *start = least (*start, layout->gil_enabled);
}

void
_sal_python_plan_words (SalPython *self)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  uint32_t gil_start;
  uint32_t gil_end;
  uint32_t start;
  uint32_t end;

  self->n_ranges = 0;
  self->n_bytes = 0;
  self->n_checks = 0;
  self->is_out_of_memory = false;
  _sal_python_plan_get_words (layout, &start, &end);
  _sal_python_plan_get_gil_words (layout, &gil_start, &gil_end);
  self->lock_at = SAL_PYTHON_NOT_READ;
  if (self->lock != 0)
    self->lock_at = plan_words (self, self->lock, 8);
  self->runtime_at = SAL_PYTHON_NOT_READ;
  if (is_list_due (self))
    self->runtime_at = plan_words (self, self->runtime.address + layout->runtime_interpreters, 8);
  self->collecting_at = SAL_PYTHON_NOT_READ;
  if (self->runtime.collecting != 0)
    self->collecting_at = plan_words (self, self->runtime.collecting, 4);
  for (size_t i = 0; i < self->n_interpreters; i++)
    {
      SalPythonInterpreter *interpreter = &self->interpreters[i];
      uint64_t gil = interpreter->gil + gil_start;
      uint64_t words = interpreter->address + start;
      bool is_behind = gil >= words && gil - words <= (end - start) + WORD_GAP;

      /* Up to 3.11 the lock is the runtime's, later the interpreter's: just behind other words, it
       * can be had with these. */
      interpreter->gil_at = SAL_PYTHON_NOT_READ;
      if (interpreter->gil != 0 && !is_behind)
        interpreter->gil_at = plan_words (self, gil, gil_end - gil_start);
      interpreter->at = plan_words (self, words, end - start);
      if (interpreter->gil != 0 && is_behind)
        interpreter->gil_at = plan_words (self, gil, gil_end - gil_start);
    }
}

size_t
_sal_python_plan_range (SalPython *self, uint32_t owner, uint64_t address, size_t length)
{
  return plan_add (self, owner, address, length);
}

size_t
_sal_python_plan_check (SalPython *self, uint32_t owner, uint32_t code)
{
  uint64_t address = sal_python_codes_get (self->codes, code)->address + self->check_start;

  if (self->n_checks == 0)
    self->first_check = self->n_ranges;
  for (size_t i = self->first_check; i < self->first_check + self->n_checks; i++)
    if (self->ranges[i].address == address)
      return (size_t)(uintptr_t)self->ranges[i].buffer;
  self->n_checks++;
  return plan_add (self, owner, address, self->check_length);
}

/* Forgets fingerprints that no stack has asked for lately. */
static void
drop_checks (const SalPython *self, SalPythonThreadState *thread)
{
  size_t n = 0;

  for (size_t i = 0; i < thread->n_checks; i++)
    if (self->n_looks - thread->checks[i].last_wanted <= CHECK_LIFE)
      thread->checks[n++] = thread->checks[i];
  thread->n_checks = n;
}

void
_sal_python_plan_copy (SalPython *self, uint32_t index, SalPythonCopyAt *at)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  SalPythonThreadState *thread = self->threads[index];

  at->n_codes = 0;
  at->thread = plan_add (self, index, thread->address, layout->thread_size);
  if (layout->thread_cframe != SAL_PYTHON_NO_FIELD)
    at->cframe = plan_add (self, index, thread->cframe + layout->cframe_frame, 8);
  at->cframe_address = thread->cframe;
  at->native_id = SAL_PYTHON_NOT_READ;
  if (thread->native_id_at != 0)
    at->native_id = plan_add (self, index, thread->native_id_at, 4);
  /* Where a _PyCFrame is, the frame of a run of the loop may be next to it. */
  at->spans = self->n_bytes;
  if (thread->n_spans > 0)
    at->spans = plan_behind (self, index, thread->spans[0].address, thread->spans[0].length);
  for (size_t i = 1; i < thread->n_spans; i++)
    plan_add (self, index, thread->spans[i].address, thread->spans[i].length);
  at->chunk = self->n_bytes;
  if (thread->chunk_length > 0)
    plan_add (self, index, thread->chunk, thread->chunk_length);
  _sal_python_chain_plan (self, index, at);
}

void
_sal_python_plan_checks (SalPython *self, uint32_t index, SalPythonCopyAt *at)
{
  SalPythonThreadState *thread = self->threads[index];

  drop_checks (self, thread);
  at->n_codes = thread->n_checks;
  for (size_t i = 0; i < thread->n_checks; i++)
    {
      at->codes[i] = thread->checks[i].code;
      at->checks[i] = _sal_python_plan_check (self, index, at->codes[i]);
    }
}

SalTargetResult
_sal_python_plan_read (SalPython *self, const SalPythonHold *hold, size_t *n_read)
{
  *n_read = 0;
  if (hold != NULL)
    {
      plan_add (self, UINT32_MAX, 0, 0);
      self->n_ranges--;
    }
  if (self->is_out_of_memory)
    return SAL_TARGET_MEMORY;
  for (size_t i = 0; i < self->n_ranges; i++)
    self->ranges[i].buffer = self->bytes + (uintptr_t)self->ranges[i].buffer;
  self->n_calls++;
  if (hold != NULL)
    return hold->read (hold->data, self->ranges, self->n_ranges, &self->stack);
  return self->target->ops->read_many (self->target, self->ranges, self->n_ranges, n_read);
}

size_t
_sal_python_plan_pieces (SalPython *self,
                         const SalPythonThreadState *thread,
                         const SalPythonCopyAt *at,
                         size_t n_more)
{
  size_t wanted = thread->n_spans + 3 + n_more;
  size_t n_pieces = 0;
  size_t offset = at->spans;

  if (wanted > self->pieces_capacity)
    {
      SalPythonPiece *pieces = realloc (self->pieces, wanted * 2 * sizeof *pieces);

      if (pieces == NULL)
        return 0;
      self->pieces = pieces;
      self->pieces_capacity = wanted * 2;
    }
  self->pieces[n_pieces++] =
      (SalPythonPiece){ thread->chunk, self->bytes + at->chunk, thread->chunk_length, false };
  self->pieces[n_pieces++] = (SalPythonPiece){ thread->address, self->bytes + at->thread,
                                               self->runtime.layout.thread_size, false };
  for (size_t i = 0; i < thread->n_spans; i++)
    {
      self->pieces[n_pieces++] = (SalPythonPiece){ thread->spans[i].address, self->bytes + offset,
                                                   thread->spans[i].length, false };
      offset += thread->spans[i].length;
    }
  if (self->stack.length > 0)
    self->pieces[n_pieces++] = (SalPythonPiece){ self->stack.address, self->stack.buffer,
                                                 self->stack.length, false };
  return n_pieces;
}

static SalTargetResult
read_bytes (SalPython *self, uint64_t address, void *buffer, size_t length)
{
  self->n_calls++;
  return sal_target_read (self->target, address, buffer, length);
}

/* Enters a span at its place by address, or widens a neighbour to hold it. */
static SalTargetResult
add_span (SalPython *self, SalPythonThreadState *thread, SalPythonSpan span)
{
  size_t i = 0;

  while (i < thread->n_spans && thread->spans[i].address <= span.address)
    i++;
  if (i > 0 && !span.is_chunk && !thread->spans[i - 1].is_chunk)
    {
      SalPythonSpan *before = &thread->spans[i - 1];
      uint64_t length = span.address + span.length - before->address;

      if (length <= before->length)
        return SAL_TARGET_OK;
      if (length <= before->length + SPAN_GAP && length <= MAX_MERGED)
        {
          before->length = (uint32_t)length;
          before->last_used = self->n_looks;
          return SAL_TARGET_OK;
        }
    }
  if (i < thread->n_spans && !span.is_chunk && !thread->spans[i].is_chunk)
    {
      SalPythonSpan *after = &thread->spans[i];
      uint64_t length = after->address + after->length - span.address;

      if (length <= (uint64_t)after->length + SPAN_GAP && length <= MAX_MERGED)
        {
          after->address = span.address;
          after->length = (uint32_t)length;
          after->last_used = self->n_looks;
          return SAL_TARGET_OK;
        }
    }
  if (thread->n_spans == thread->spans_capacity)
    {
      size_t capacity = thread->spans_capacity == 0 ? 8 : thread->spans_capacity * 2;
      SalPythonSpan *spans = realloc (thread->spans, capacity * sizeof *spans);

      if (spans == NULL)
        return SAL_TARGET_MEMORY;
      thread->spans = spans;
      thread->spans_capacity = capacity;
    }
  memmove (thread->spans + i + 1, thread->spans + i, (thread->n_spans - i) * sizeof *thread->spans);
  thread->spans[i] = span;
  thread->n_spans++;
  return SAL_TARGET_OK;
}

/* Spans that were of use lately stay, since a generator is likely to run again. Chunks are listed
 * anew. When the memory of one of them may be gone, none stays. */
static void
drop_spans (SalPython *self, SalPythonThreadState *thread, bool all)
{
  size_t n = 0;

  for (size_t i = 0; i < thread->n_spans; i++)
    if (!all && !thread->spans[i].is_chunk &&
        self->n_looks - thread->spans[i].last_used <= SPAN_LIFE)
      thread->spans[n++] = thread->spans[i];
  thread->n_spans = n;
}

/* The current chunk as far as it is in use, and the older ones whole. */
static SalTargetResult
plan_chunks (SalPython *self, SalPythonThreadState *thread, uint64_t top)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  uint8_t header[24];
  uint64_t total = 0;
  uint64_t slack = self->is_hasty ? HELD_SLACK : SLACK;
  uint64_t address;
  uint64_t size;
  SalTargetResult result;

  thread->chunk_length = 0;
  thread->chunk_size = 0;
  if (thread->chunk == 0)
    return SAL_TARGET_OK;
  result = read_bytes (self, thread->chunk, header, sizeof header);
  if (result != SAL_TARGET_OK)
    return result;
  size = sal_python_u64 (header + layout->chunk_size);
  if (size < layout->chunk_data || size > MAX_CHUNK || top < thread->chunk ||
      top - thread->chunk > size)
    return SAL_TARGET_CORRUPT;
  thread->chunk_size = (uint32_t)size;
  thread->chunk_length =
      (uint32_t)(top - thread->chunk + slack < size ? top - thread->chunk + slack : size);
  address = sal_python_u64 (header + layout->chunk_previous);
  for (int i = 0; address != 0 && i < MAX_CHUNKS; i++)
    {
      uint64_t used;

      result = read_bytes (self, address, header, sizeof header);
      if (result != SAL_TARGET_OK)
        return result;
      size = sal_python_u64 (header + layout->chunk_size);
      used = sal_python_u64 (header + layout->chunk_top);
      if (size < layout->chunk_data || size > MAX_CHUNK || used > (size - layout->chunk_data) / 8)
        return SAL_TARGET_CORRUPT;
      used = layout->chunk_data + used * 8;
      total += used;
      if (total > MAX_CHUNK_BYTES)
        break;
      result =
          add_span (self, thread, (SalPythonSpan){ address, (uint32_t)used, true, self->n_looks });
      if (result != SAL_TARGET_OK)
        return result;
      address = sal_python_u64 (header + layout->chunk_previous);
    }
  return SAL_TARGET_OK;
}

static bool
reserve_frames (SalPythonCandidate *candidate)
{
  size_t capacity = candidate->capacity == 0 ? 1024 : candidate->capacity * 2;
  SalPythonRawFrame *raw = realloc (candidate->raw, capacity * sizeof *raw);
  SalPythonFrame *frames = realloc (candidate->frames, capacity * sizeof *frames);

  if (raw != NULL)
    candidate->raw = raw;
  if (frames != NULL)
    candidate->frames = frames;
  if (raw == NULL || frames == NULL)
    return false;
  candidate->capacity = capacity;
  return true;
}

bool
_sal_python_plan_reserve (SalPython *self)
{
  return reserve_frames (&self->now) && reserve_frames (&self->before);
}

/* Follows the stack once, reading what no piece holds, to learn what the next copies must hold. */
static SalTargetResult
plan_frames (SalPython *self, uint32_t index)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  SalPythonThreadState *thread = self->threads[index];
  SalPythonWalk walk = { .layout = layout, .shim = sal_python_codes_get_shim (self->codes) };
  SalPythonCopyAt at;
  SalPythonWalkResult found;
  size_t n_extra = 0;
  size_t n_read;
  SalTargetResult result;

  _sal_python_plan_words (self);
  _sal_python_plan_copy (self, index, &at);
  result = _sal_python_plan_read (self, NULL, &n_read);
  if (result != SAL_TARGET_OK)
    return result;
  walk.n_pieces = _sal_python_plan_pieces (self, thread, &at, MAX_SPANS);
  walk.pieces = self->pieces;
  if (walk.n_pieces == 0)
    return SAL_TARGET_MEMORY;
  walk.frames = self->now.raw;
  walk.capacity = self->now.capacity;
  sal_python_walk_start (&walk,
                         layout->thread_cframe != SAL_PYTHON_NO_FIELD
                             ? sal_python_u64 (self->bytes + at.cframe)
                             : sal_python_u64 (self->bytes + at.thread + layout->thread_frame));
  while ((found = sal_python_walk_run (&walk)) != SAL_PYTHON_WALK_WHOLE)
    {
      uint8_t *extra = self->extra + n_extra * layout->frame_size;
      SalPythonSpan span = { walk.missing, layout->frame_size, false, self->n_looks };

      if (found == SAL_PYTHON_WALK_DEEP && self->now.capacity < SAL_PYTHON_MAX_FRAMES)
        {
          if (!_sal_python_plan_reserve (self))
            return SAL_TARGET_MEMORY;
          walk.frames = self->now.raw;
          walk.capacity = self->now.capacity;
          continue;
        }
      if (found != SAL_PYTHON_WALK_MISSING || n_extra == MAX_SPANS)
        break;
      /* A frame of the chunk above what was copied was pushed since: the next plan will see. */
      if (walk.missing >= thread->chunk && walk.missing - thread->chunk < thread->chunk_size)
        break;
      result = read_bytes (self, walk.missing, extra, layout->frame_size);
      if (result == SAL_TARGET_FAULT)
        {
          thread->unreadable = walk.missing;
          break;
        }
      if (result == SAL_TARGET_OK)
        result = add_span (self, thread, span);
      if (result != SAL_TARGET_OK)
        return result;
      walk.pieces[walk.n_pieces++] =
          (SalPythonPiece){ walk.missing, extra, layout->frame_size, false };
      n_extra++;
    }
  return SAL_TARGET_OK;
}

SalTargetResult
_sal_python_plan_thread (SalPython *self, uint32_t index)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  SalPythonThreadState *thread = self->threads[index];
  uint8_t state[4096];
  SalTargetResult result;

  if ((self->extra == NULL &&
       (self->extra = malloc ((size_t)MAX_SPANS * layout->frame_size)) == NULL) ||
      (self->now.capacity == 0 && !_sal_python_plan_reserve (self)))
    return SAL_TARGET_MEMORY;
  if (layout->thread_chunk == SAL_PYTHON_NO_FIELD)
    return _sal_python_heap_plan (self, index);
  thread->is_planned = false;
  thread->unreadable = 0;
  thread->innermost = 0;
  thread->n_checks = 0;
  _sal_python_recall_forget (thread);
  if (thread->chain != NULL)
    thread->chain->n_tasks = 0;
  drop_spans (self, thread, false);
  result = read_bytes (self, thread->address, state, layout->thread_size);
  if (result != SAL_TARGET_OK)
    return result;
  _sal_python_native_id_plan (self, thread, sal_python_u64 (state + layout->thread_id));
  thread->cframe = layout->thread_cframe != SAL_PYTHON_NO_FIELD
                       ? sal_python_u64 (state + layout->thread_cframe)
                       : 0;
  thread->chunk = sal_python_u64 (state + layout->thread_chunk);
  result = plan_chunks (self, thread, sal_python_u64 (state + layout->thread_chunk + 8));
  if (result == SAL_TARGET_OK)
    result = plan_frames (self, index);
  if (result != SAL_TARGET_OK)
    drop_spans (self, thread, true);
  thread->is_planned = result == SAL_TARGET_OK;
  return result;
}
