/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks up to 3.10: frames are objects on the heap, each with a link to the one that called it.
 *
 * A frame object is freed when its call ends, and soon serves another call: at the same address,
 * often of the same function. So the addresses that a thread's stack had are a good guess at where
 * its frames will be, and all of them are copied in one read, neighbours with what lies between.
 * The stack is then found by the links in the copy alone. */
#include <stdlib.h>
#include <string.h>

#include "sal-python-bytes.h"
#include "sal-python-private.h"

/* Frames nearer than this are copied with what lies between; a range costs more than these bytes.
 * */
#define GAP 768
#define MAX_SPAN ((uint64_t)16 << 10)
/* Looks after which a frame that no stack came by is forgotten. */
#define FRAME_LIFE 64
/* What is read around a frame whose place was not known. Small objects lie in arenas of 256 KiB. */
#define BLOCK ((uint64_t)16 << 10)
#define PAGE ((uint64_t)4 << 10)
#define MAX_BLOCKS 2048
#define MAX_TRIES 3

#define NO_INDEX SIZE_MAX

/* PyObject.ob_refcnt comes first in every object. */
#define REFERENCES 0

/* FRAME_EXECUTING and FRAME_UNWINDING of CPython 3.10 Include/internal/pycore_frame.h. */
#define STATE_EXECUTING 0
#define STATE_UNWINDING 2

static size_t
find_frame (const SalPythonThreadState *thread, uint64_t address, size_t guess)
{
  size_t low = 0;
  size_t high = thread->n_heap;

  if (guess < thread->n_heap && thread->heap[guess].address == address)
    return guess;
  while (low < high)
    {
      size_t middle = (low + high) / 2;

      if (thread->heap[middle].address < address)
        low = middle + 1;
      else
        high = middle;
    }
  return low < thread->n_heap && thread->heap[low].address == address ? low : NO_INDEX;
}

static bool
is_frame (const SalPython *self, const uint8_t *bytes)
{
  return sal_python_u64 (bytes + self->runtime.layout.object_type) == self->frame_type;
}

static bool
is_alive (const uint8_t *bytes)
{
  return sal_python_u64 (bytes + REFERENCES) != 0;
}

/* Whether the frame is being run, itself or what it called. Generators that wait are not, nor are
 * frames that have returned and are kept by a traceback, except in 2.7, which cannot tell. */
static bool
is_running (const SalPythonLayout *layout, const uint8_t *bytes)
{
  const uint8_t *mark = bytes + layout->frame_mark;

  switch (layout->mark)
    {
    case SAL_PYTHON_MARK_STACK:
      return is_alive (bytes) && sal_python_u64 (mark) == 0;
    case SAL_PYTHON_MARK_FLAG:
      return is_alive (bytes) && *mark != 0;
    case SAL_PYTHON_MARK_STATE:
      return is_alive (bytes) && (*mark == STATE_EXECUTING || *mark == STATE_UNWINDING);
    case SAL_PYTHON_MARK_NONE:
    default:
      return false;
    }
}

static SalPythonRawFrame
read_frame (const SalPythonLayout *layout, uint64_t address, const uint8_t *bytes)
{
  int32_t last = (int32_t)sal_python_u32 (bytes + layout->frame_instruction);

  return (SalPythonRawFrame){
    .address = address,
    .code = sal_python_u64 (bytes + layout->frame_code),
    .instruction = last < 0 ? (uint64_t)-2 : (uint64_t)last * layout->instruction_scale,
    .call = SAL_PYTHON_CALL_THROUGH,
    .is_running = is_running (layout, bytes),
  };
}

static const uint8_t *
get_bytes (const SalPython *self,
           const SalPythonThreadState *thread,
           const SalPythonCopyAt *at,
           size_t index)
{
  return self->bytes + at->spans + thread->heap[index].offset;
}

/* Follows the links from @head. TORN: it came by a frame that is free. */
static SalPythonWalkResult
walk_from (SalPython *self,
           SalPythonThreadState *thread,
           const SalPythonCopyAt *at,
           uint64_t head,
           SalPythonWalk *walk)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  size_t guess = thread->head_index;
  SalPythonHeapFrame *before = NULL;

  walk->n_frames = 0;
  for (uint64_t address = head; address != 0;)
    {
      size_t index = find_frame (thread, address, guess);
      const uint8_t *bytes;

      if (index == NO_INDEX)
        {
          walk->missing = address;
          return SAL_PYTHON_WALK_MISSING;
        }
      if (before != NULL)
        before->back_index = index;
      else
        thread->head_index = index;
      before = &thread->heap[index];
      bytes = get_bytes (self, thread, at, index);
      if (!is_frame (self, bytes) || walk->n_frames >= thread->n_heap)
        return SAL_PYTHON_WALK_CHAIN;
      if (!is_alive (bytes))
        return SAL_PYTHON_WALK_TORN;
      if (walk->n_frames >= walk->capacity)
        return SAL_PYTHON_WALK_DEEP;
      before->last_used = self->n_looks;
      walk->frames[walk->n_frames++] = read_frame (layout, address, bytes);
      address = sal_python_u64 (bytes + layout->frame_previous);
      guess = before->back_index;
    }
  return SAL_PYTHON_WALK_WHOLE;
}

/* Marks the frames that another one that runs was called by. */
static void
mark_callers (const SalPython *self, SalPythonThreadState *thread, const SalPythonCopyAt *at)
{
  const SalPythonLayout *layout = &self->runtime.layout;

  for (size_t i = 0; i < thread->n_heap; i++)
    thread->heap[i].is_caller = false;
  for (size_t i = 0; i < thread->n_heap; i++)
    {
      const uint8_t *bytes = get_bytes (self, thread, at, i);
      size_t back;

      thread->heap[i].is_running = is_frame (self, bytes) && is_running (layout, bytes);
      if (!thread->heap[i].is_running)
        continue;
      back = find_frame (thread, sal_python_u64 (bytes + layout->frame_previous),
                         thread->heap[i].back_index);
      if (back == NO_INDEX)
        continue;
      thread->heap[i].back_index = back;
      thread->heap[back].is_caller = true;
    }
}

static bool
is_all_running (const SalPythonWalk *walk)
{
  for (size_t i = 0; i < walk->n_frames; i++)
    if (!walk->frames[i].is_running)
      return false;
  return walk->n_frames > 0;
}

/* The one frame that runs, calls none that does, and belongs to the stack that ends at @root; 0 =
 * there is none, or more than one. */
static uint64_t
find_innermost (SalPython *self,
                SalPythonThreadState *thread,
                const SalPythonCopyAt *at,
                uint64_t root,
                SalPythonWalk *walk)
{
  uint64_t found = 0;

  for (size_t i = 0; i < thread->n_heap && root != 0; i++)
    {
      if (!thread->heap[i].is_running || thread->heap[i].is_caller ||
          walk_from (self, thread, at, thread->heap[i].address, walk) != SAL_PYTHON_WALK_WHOLE ||
          !is_all_running (walk) || walk->frames[walk->n_frames - 1].address != root)
        continue;
      if (found != 0)
        return 0;
      found = thread->heap[i].address;
    }
  return found;
}

/* The head was read a little before the frames. Where they say that by then another frame was the
 * innermost, that is taken, so that a function is not seen less because its calls are short. Not
 * where the thread stands still: a frame that is just being made has its caller already, but may
 * have the code, and the mark, of what its memory was before.
 * Source: CPython 3.10 Objects/frameobject.c, _PyFrame_New_NoTrack(). */
SalPythonWalkResult
_sal_python_heap_follow (SalPython *self,
                         SalPythonThreadState *thread,
                         const SalPythonCopyAt *at,
                         uint64_t head,
                         SalPythonWalk *walk)
{
  SalPythonWalkResult result = walk_from (self, thread, at, head, walk);
  uint64_t root = thread->outermost;
  uint64_t innermost;

  if (self->is_still || result == SAL_PYTHON_WALK_DEEP ||
      self->runtime.layout.mark == SAL_PYTHON_MARK_STACK ||
      find_frame (thread, head, thread->head_index) == NO_INDEX)
    return result;
  mark_callers (self, thread, at);
  if (walk->n_frames > 0 && walk->frames[0].is_running &&
      !thread->heap[thread->head_index].is_caller)
    return result;
  if (result == SAL_PYTHON_WALK_WHOLE && walk->n_frames > 0)
    root = walk->frames[walk->n_frames - 1].address;
  innermost = find_innermost (self, thread, at, root, walk);
  if (innermost != 0)
    return walk_from (self, thread, at, innermost, walk);
  thread->has_moved = true;
  if (result == SAL_PYTHON_WALK_WHOLE)
    return walk_from (self, thread, at, head, walk);
  walk->n_frames = 0;
  return result;
}

const uint8_t *
_sal_python_heap_get_frame (const SalPython *self,
                            const SalPythonThreadState *thread,
                            const SalPythonCopyAt *at,
                            uint64_t address)
{
  size_t index = find_frame (thread, address, NO_INDEX);

  return index != NO_INDEX ? get_bytes (self, thread, at, index) : NULL;
}

/* Memory read around frames, for as long as a plan is made. */
typedef struct
{
  uint64_t address;
  uint64_t length;
  uint8_t *bytes;
} Block;

typedef struct
{
  Block *blocks;
  size_t n_blocks;
  size_t capacity;
  size_t last;
} Blocks;

static const uint8_t *
find_in_blocks (Blocks *blocks, uint64_t address, uint64_t length)
{
  for (size_t n = 0; n < blocks->n_blocks; n++)
    {
      size_t i = (blocks->last + n) % blocks->n_blocks;
      const Block *block = &blocks->blocks[i];

      if (address >= block->address && address - block->address <= block->length &&
          length <= block->length - (address - block->address))
        {
          blocks->last = i;
          return block->bytes + (address - block->address);
        }
    }
  return NULL;
}

static SalTargetResult
add_block (SalPython *self, Blocks *blocks, uint64_t start, uint64_t end)
{
  Block block = { start, end - start, NULL };
  SalTargetResult result;

  if (blocks->n_blocks >= MAX_BLOCKS)
    return SAL_TARGET_LIMIT;
  if (blocks->n_blocks == blocks->capacity)
    {
      size_t capacity = blocks->capacity == 0 ? 16 : blocks->capacity * 2;
      Block *grown = realloc (blocks->blocks, capacity * sizeof *grown);

      if (grown == NULL)
        return SAL_TARGET_MEMORY;
      blocks->blocks = grown;
      blocks->capacity = capacity;
    }
  block.bytes = malloc ((size_t)block.length);
  if (block.bytes == NULL)
    return SAL_TARGET_MEMORY;
  self->n_calls++;
  result = sal_target_read (self->target, start, block.bytes, (size_t)block.length);
  if (result != SAL_TARGET_OK)
    {
      free (block.bytes);
      return result;
    }
  blocks->last = blocks->n_blocks;
  blocks->blocks[blocks->n_blocks++] = block;
  return SAL_TARGET_OK;
}

/* The frame at @address, read with its surroundings as far as those can be read. */
static SalTargetResult
read_around (SalPython *self, Blocks *blocks, uint64_t address, const uint8_t **bytes)
{
  uint64_t length = self->runtime.layout.frame_size;
  uint64_t end = address + length;
  SalTargetResult result;

  *bytes = find_in_blocks (blocks, address, length);
  if (*bytes != NULL)
    return SAL_TARGET_OK;
  if (end < address || end > UINT64_MAX - BLOCK)
    return SAL_TARGET_FAULT;
  result = add_block (self, blocks, address & ~(BLOCK - 1), (end + BLOCK - 1) & ~(BLOCK - 1));
  if (result == SAL_TARGET_FAULT)
    result = add_block (self, blocks, address & ~(PAGE - 1), (end + PAGE - 1) & ~(PAGE - 1));
  if (result == SAL_TARGET_FAULT)
    result = add_block (self, blocks, address, end);
  if (result == SAL_TARGET_OK)
    *bytes = find_in_blocks (blocks, address, length);
  return result;
}

static void
clear_blocks (Blocks *blocks)
{
  for (size_t i = 0; i < blocks->n_blocks; i++)
    free (blocks->blocks[i].bytes);
  free (blocks->blocks);
}

static bool
append_frame (SalPythonThreadState *thread, uint64_t address, uint64_t now)
{
  if (thread->n_heap == thread->heap_capacity)
    {
      size_t capacity = thread->heap_capacity == 0 ? 64 : thread->heap_capacity * 2;
      SalPythonHeapFrame *heap = realloc (thread->heap, capacity * sizeof *heap);

      if (heap == NULL)
        return false;
      thread->heap = heap;
      thread->heap_capacity = capacity;
    }
  thread->heap[thread->n_heap++] = (SalPythonHeapFrame){ .address = address, .last_used = now };
  return true;
}

static int
compare_frames (const void *a, const void *b)
{
  const SalPythonHeapFrame *left = a;
  const SalPythonHeapFrame *right = b;

  if (left->address != right->address)
    return left->address < right->address ? -1 : 1;
  /* The newer first, since the first of a pair stays. */
  return left->last_used > right->last_used ? -1 : left->last_used < right->last_used;
}

/* Sorts the frames, drops those out of use, and lays spans over the others. */
static SalTargetResult
lay_spans (SalPython *self, SalPythonThreadState *thread)
{
  uint32_t size = self->runtime.layout.frame_size;
  uint32_t offset = 0;
  size_t n = 0;

  if (thread->n_heap > 0)
    qsort (thread->heap, thread->n_heap, sizeof *thread->heap, compare_frames);
  for (size_t i = 0; i < thread->n_heap; i++)
    if ((n == 0 || thread->heap[i].address != thread->heap[n - 1].address) &&
        self->n_looks - thread->heap[i].last_used <= FRAME_LIFE)
      thread->heap[n++] = thread->heap[i];
  thread->n_heap = n;
  if (thread->spans_capacity < n)
    {
      SalPythonSpan *spans = realloc (thread->spans, n * 2 * sizeof *spans);

      if (spans == NULL)
        return SAL_TARGET_MEMORY;
      thread->spans = spans;
      thread->spans_capacity = n * 2;
    }
  thread->n_spans = 0;
  for (size_t i = 0; i < n; i++)
    {
      SalPythonHeapFrame *frame = &thread->heap[i];
      SalPythonSpan *span = thread->n_spans > 0 ? &thread->spans[thread->n_spans - 1] : NULL;

      if (span == NULL || frame->address - span->address > MAX_SPAN ||
          frame->address - span->address > span->length + GAP)
        {
          offset += span != NULL ? span->length : 0;
          span = &thread->spans[thread->n_spans++];
          *span = (SalPythonSpan){ frame->address, size, false, self->n_looks };
        }
      else if (frame->address + size > span->address + span->length)
        span->length = (uint32_t)(frame->address + size - span->address);
      frame->offset = offset + (uint32_t)(frame->address - span->address);
    }
  return SAL_TARGET_OK;
}

/* The first object that says its type is called "frame" teaches us which type that is. */
static void
learn_type (SalPython *self, uint64_t type)
{
  uint64_t name;
  char text[6];

  self->n_calls += 2;
  if (sal_target_read (self->target, type + self->runtime.layout.type_name, &name, sizeof name) ==
          SAL_TARGET_OK &&
      sal_target_read (self->target, name, text, sizeof text) == SAL_TARGET_OK &&
      memcmp (text, "frame", 6) == 0)
    self->frame_type = type;
}

/* Learns the frames of the stack at @head. CORRUPT: it changed meanwhile. */
static SalTargetResult
explore (SalPython *self, SalPythonThreadState *thread, uint64_t head, Blocks *blocks)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  size_t n_before = thread->n_heap;

  for (uint64_t address = head; address != 0;)
    {
      const uint8_t *bytes;
      SalTargetResult result = read_around (self, blocks, address, &bytes);

      if (result == SAL_TARGET_FAULT)
        thread->unreadable = address;
      if (result == SAL_TARGET_FAULT || result == SAL_TARGET_LIMIT)
        return SAL_TARGET_OK;
      if (result != SAL_TARGET_OK)
        return result;
      if (self->frame_type == 0)
        learn_type (self, sal_python_u64 (bytes + layout->object_type));
      /* What is no frame is copied all the same, so that the look can tell. */
      if (!append_frame (thread, address, self->n_looks))
        return SAL_TARGET_MEMORY;
      if (!is_frame (self, bytes))
        return SAL_TARGET_OK;
      if (!is_alive (bytes))
        return SAL_TARGET_CORRUPT;
      address = sal_python_u64 (bytes + layout->frame_previous);
      if (thread->n_heap - n_before >= SAL_PYTHON_MAX_FRAMES)
        {
          thread->unreadable = address;
          return SAL_TARGET_OK;
        }
    }
  return SAL_TARGET_OK;
}

SalTargetResult
_sal_python_heap_plan (SalPython *self, uint32_t index)
{
  const SalPythonLayout *layout = &self->runtime.layout;
  SalPythonThreadState *thread = self->threads[index];
  SalTargetResult result = SAL_TARGET_CORRUPT;
  uint8_t state[4096];

  thread->is_planned = false;
  thread->unreadable = 0;
  thread->innermost = 0;
  thread->n_checks = 0;
  /* The memory of one that we know may be gone. */
  if (thread->faulted_in == self->n_looks)
    thread->n_heap = 0;
  /* Where the stack changed while it was explored, another try may do better. */
  for (int i = 0; i < MAX_TRIES && result == SAL_TARGET_CORRUPT; i++)
    {
      Blocks blocks = { 0 };

      self->n_calls++;
      result = sal_target_read (self->target, thread->address, state, layout->thread_size);
      if (result == SAL_TARGET_OK)
        result = explore (self, thread, sal_python_u64 (state + layout->thread_frame), &blocks);
      clear_blocks (&blocks);
    }
  if (result != SAL_TARGET_OK && result != SAL_TARGET_CORRUPT)
    return result;
  _sal_python_native_id_plan (self, thread, sal_python_u64 (state + layout->thread_id));
  result = lay_spans (self, thread);
  while (result == SAL_TARGET_OK && self->now.capacity < thread->n_heap)
    if (!_sal_python_plan_reserve (self))
      result = SAL_TARGET_MEMORY;
  thread->is_planned = result == SAL_TARGET_OK;
  return result;
}
