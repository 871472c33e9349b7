/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows the chain of frames through bytes that were copied from the target. */
#include "sal-python-walk.h"

#include <string.h>

#include "sal-python-bytes.h"

void
sal_python_walk_start (SalPythonWalk *walk, uint64_t head)
{
  walk->n_frames = 0;
  walk->missing = 0;
  walk->is_trimmed = false;
  walk->next = head;
  walk->function = 0;
  walk->is_through = false;
  walk->landmark = 0;
  walk->n_steps = 0;
  walk->last_owner = 0;
  walk->landmark_step = 1;
  walk->last_piece = 0;
  walk->next_known = 0;
  walk->n_recalled = 0;
}

/* The piece that holds @length bytes at @address. */
static SalPythonPiece *
find_piece (SalPythonWalk *walk, uint64_t address, size_t length)
{
  SalPythonPiece *piece = &walk->pieces[walk->last_piece];

  if (walk->n_pieces == 0)
    return NULL;
  for (size_t i = 0; i <= walk->n_pieces; i++)
    {
      if (address >= piece->address && address - piece->address < piece->length &&
          length <= piece->length - (size_t)(address - piece->address))
        {
          walk->last_piece = (size_t)(piece - walk->pieces);
          return piece;
        }
      if (i < walk->n_pieces)
        piece = &walk->pieces[i];
    }
  return NULL;
}

static uint64_t
read_reference (const SalPythonLayout *layout, const uint8_t *bytes)
{
  return sal_python_u64 (bytes) & ~(uint64_t)layout->reference_tag;
}

/* Whether the function of the last frame found lies just above the part of the caller's stack that
 * is in use. There the caller had it when it pushed the callee's frame, and nothing overwrites it
 * until the callee returns. */
static bool
has_called (const SalPythonWalk *walk,
            const SalPythonPiece *piece,
            const uint8_t *frame,
            uint64_t stack_top)
{
  size_t offset = (size_t)(frame - piece->bytes) + walk->layout->frame_size;

  if (walk->function == 0 || stack_top > piece->length / 8)
    return false;
  for (size_t i = 0; i < 2; i++)
    {
      size_t slot = offset + ((size_t)stack_top + i) * 8;

      if (slot + 8 <= piece->length &&
          read_reference (walk->layout, piece->bytes + slot) == walk->function)
        return true;
    }
  return false;
}

static bool
is_running (const SalPythonLayout *layout, const uint8_t *frame)
{
  return layout->frame_stack_top != SAL_PYTHON_NO_FIELD &&
         sal_python_u32 (frame + layout->frame_stack_top) == UINT32_MAX;
}

/* Up to 3.13: by the depth of the caller's stack. */
static bool
judge_by_depth (const SalPythonWalk *walk, const SalPythonPiece *piece, const uint8_t *frame)
{
  const SalPythonLayout *layout = walk->layout;
  SalPythonRawFrame *callee = &walk->frames[walk->n_frames - 1];
  int32_t stack_top;

  if (callee->call == SAL_PYTHON_CALL_THROUGH)
    return walk->n_frames > 1 || callee->is_running || !is_running (layout, frame);
  stack_top = (int32_t)sal_python_u32 (frame + layout->frame_stack_top);
  if (stack_top < 0)
    return false;
  if (has_called (walk, piece, frame, (uint64_t)stack_top))
    callee->call = SAL_PYTHON_CALL_PROVED;
  return true;
}

/* From 3.14 on: the caller's stack pointer is that of its last call, whether or not that has
 * returned, but a frame begins with a return offset of 0, and gets one with its first call. */
static bool
judge_by_pointer (const SalPythonWalk *walk, const SalPythonPiece *piece, const uint8_t *frame)
{
  const SalPythonLayout *layout = walk->layout;
  SalPythonRawFrame *callee = &walk->frames[walk->n_frames - 1];
  uint64_t base = walk->next + layout->frame_size;
  uint64_t pointer = sal_python_u64 (frame + layout->frame_stack_pointer);

  if (callee->call == SAL_PYTHON_CALL_THROUGH)
    return true;
  if (layout->frame_return_offset != SAL_PYTHON_NO_FIELD &&
      sal_python_u16 (frame + layout->frame_return_offset) == 0 &&
      read_reference (layout, frame + layout->frame_code) != walk->shim)
    return false;
  if (pointer >= base && has_called (walk, piece, frame, (pointer - base) / 8))
    callee->call = SAL_PYTHON_CALL_PROVED;
  return true;
}

/* Whether the last frame found can be alive when @frame is the one that called it; how it was
 * called goes into it. */
static bool
judge_call (const SalPythonWalk *walk, const SalPythonPiece *piece, const uint8_t *frame)
{
  if (walk->layout->frame_stack_top != SAL_PYTHON_NO_FIELD)
    return judge_by_depth (walk, piece, frame);
  if (walk->layout->frame_stack_pointer != SAL_PYTHON_NO_FIELD)
    return judge_by_pointer (walk, piece, frame);
  return true;
}

/* Brent: remembers a frame at every power of two and looks for it again. */
static bool
is_cycle (SalPythonWalk *walk)
{
  if (walk->next == walk->landmark)
    return true;
  if (++walk->n_steps == walk->landmark_step)
    {
      walk->landmark = walk->next;
      walk->landmark_step *= 2;
    }
  return false;
}

static void
read_frame (const SalPythonLayout *layout,
            uint64_t address,
            const uint8_t *frame,
            SalPythonRawFrame *found)
{
  found->address = address;
  found->code = read_reference (layout, frame + layout->frame_code);
  found->instruction = sal_python_u64 (frame + layout->frame_instruction);
  found->copy = layout->frame_copy != 0 ? sal_python_u32 (frame + layout->frame_copy) : 0;
  found->is_running = is_running (layout, frame);
  found->entry = 0;
  found->call = SAL_PYTHON_CALL_DIRECT;
  if (layout->frame_is_entry != SAL_PYTHON_NO_FIELD && frame[layout->frame_is_entry] != 0)
    found->call = SAL_PYTHON_CALL_THROUGH;
}

/* Adds @frame, which lies at walk->next, outside of those found so far. */
static SalPythonWalkResult
add_frame (SalPythonWalk *walk, const SalPythonPiece *piece, const uint8_t *frame)
{
  const SalPythonLayout *layout = walk->layout;

  if (walk->n_frames > 0 && walk->is_through)
    walk->frames[walk->n_frames - 1].call = SAL_PYTHON_CALL_THROUGH;
  if (walk->n_frames > 0 && !judge_call (walk, piece, frame))
    {
      walk->n_frames = 0;
      walk->is_trimmed = true;
    }
  if (walk->n_frames >= walk->capacity)
    return SAL_PYTHON_WALK_DEEP;
  walk->is_through = false;
  read_frame (layout, walk->next, frame, &walk->frames[walk->n_frames++]);
  walk->function = layout->frame_function != SAL_PYTHON_NO_FIELD
                       ? read_reference (layout, frame + layout->frame_function)
                       : 0;
  return SAL_PYTHON_WALK_WHOLE;
}

/* Whether the frame just added, at walk->next, and so those outside of it, are known; if so, takes
 * them. How a frame was called is judged by whether another lies inside of it, which must have been
 * so then if it is now and the other way round. */
static bool
recall (SalPythonWalk *walk)
{
  const SalPythonRawFrame *known = walk->known;
  size_t n;

  if (walk->next < walk->known_start || walk->next + walk->layout->frame_size > walk->known_end)
    return false;
  while (walk->next_known < walk->n_known &&
         (known[walk->next_known].address < walk->known_start ||
          known[walk->next_known].address > walk->next))
    walk->next_known++;
  n = walk->n_known - walk->next_known;
  if (n == 0 || known[walk->next_known].address != walk->next ||
      (walk->n_frames == 1) != (walk->next_known == 0) || n - 1 > walk->capacity - walk->n_frames)
    return false;
  memcpy (&walk->frames[walk->n_frames - 1], &known[walk->next_known], n * sizeof *known);
  walk->n_frames += n - 1;
  walk->n_recalled = n;
  walk->last_owner = walk->known_owner;
  walk->is_through = true;
  return true;
}

/* Whether a thread can end where the chain does. A generator that has just yielded, and a frame
 * that a traceback keeps, have lost the link to their caller. */
static bool
is_outer_end (const SalPythonWalk *walk)
{
  const SalPythonLayout *layout = walk->layout;

  if (layout->owner_entry != SAL_PYTHON_NO_FIELD)
    return walk->is_through;
  return walk->last_owner == 0 || walk->outermost == 0 ||
         walk->frames[walk->n_frames - 1].address == walk->outermost;
}

SalPythonWalkResult
sal_python_walk_run (SalPythonWalk *walk)
{
  const SalPythonLayout *layout = walk->layout;

  while (walk->next != 0)
    {
      SalPythonPiece *piece = find_piece (walk, walk->next, layout->frame_size);
      const uint8_t *frame;
      uint8_t owner;

      if (piece == NULL)
        {
          walk->missing = walk->next;
          return SAL_PYTHON_WALK_MISSING;
        }
      if ((walk->next & 7) != 0 || is_cycle (walk))
        return SAL_PYTHON_WALK_CHAIN;
      piece->is_used = true;
      frame = piece->bytes + (walk->next - piece->address);
      owner = frame[layout->frame_owner];
      if (owner > layout->owner_most)
        return SAL_PYTHON_WALK_CHAIN;
      if (owner >= layout->owner_entry)
        {
          walk->is_through = true;
          /* Behind that of the loop, 3.15 has the mark at the outer end of every thread. */
          if (walk->n_frames > 0 && walk->frames[walk->n_frames - 1].entry == 0)
            walk->frames[walk->n_frames - 1].entry = walk->next;
        }
      else if (add_frame (walk, piece, frame) != SAL_PYTHON_WALK_WHOLE)
        return SAL_PYTHON_WALK_DEEP;
      else if (walk->n_known > 0 && recall (walk))
        return is_outer_end (walk) ? SAL_PYTHON_WALK_WHOLE : SAL_PYTHON_WALK_TORN;
      walk->last_owner = owner;
      walk->next = sal_python_u64 (frame + layout->frame_previous);
    }
  if (walk->n_frames == 0)
    return SAL_PYTHON_WALK_WHOLE;
  walk->frames[walk->n_frames - 1].call = SAL_PYTHON_CALL_THROUGH;
  return is_outer_end (walk) ? SAL_PYTHON_WALK_WHOLE : SAL_PYTHON_WALK_TORN;
}

bool
sal_python_walk_peek (SalPythonWalk *walk, uint64_t address, SalPythonRawFrame *frame)
{
  const SalPythonLayout *layout = walk->layout;
  const SalPythonPiece *piece = find_piece (walk, address, layout->frame_size);
  const uint8_t *bytes;

  if (piece == NULL || (address & 7) != 0)
    return false;
  bytes = piece->bytes + (address - piece->address);
  if (bytes[layout->frame_owner] > layout->owner_most ||
      bytes[layout->frame_owner] >= layout->owner_entry)
    return false;
  read_frame (layout, address, bytes, frame);
  return true;
}
