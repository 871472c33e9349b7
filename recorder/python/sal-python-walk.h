/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Follows the chain of frames through bytes that were copied from the target. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-python-layout.h"

/* The deepest stack that is followed. */
#define SAL_PYTHON_MAX_FRAMES 32768

/* Memory of the target, copied. */
typedef struct
{
  uint64_t address;
  const uint8_t *bytes;
  size_t length;
  bool is_used; /* out: a frame was found in it */
} SalPythonPiece;

/* How a frame came to be called, as far as the bytes tell. */
typedef enum
{
  SAL_PYTHON_CALL_DIRECT, /* by the frame outside it, without C code between */
  /* and the function it runs lies on that frame's stack where callees lie */
  SAL_PYTHON_CALL_PROVED,
  /* C code lies between it and the frame outside it, or it is the outermost */
  SAL_PYTHON_CALL_THROUGH,
} SalPythonCall;

/* A frame as found; nothing is known yet about its code object. */
typedef struct
{
  uint64_t address;
  uint64_t code;
  uint64_t instruction;
  uint32_t copy;    /* of the code's instructions that it is in; 0 = the code object's own */
  uint32_t n_shown; /* how many are shown from the outermost up to this one: set by who keeps it */
  uint64_t entry;   /* of the entry frame just outside it, on the C stack; 0 = none was passed */
  SalPythonCall call;
  bool
      /* it has its stack in registers: the innermost frame, or one that called C code */
      is_running;
  bool is_shown; /* it is no frame of the interpreter's own: set by who finds its code object */
} SalPythonRawFrame;

typedef enum
{
  SAL_PYTHON_WALK_WHOLE,
  SAL_PYTHON_WALK_MISSING, /* .missing is in no piece */
  SAL_PYTHON_WALK_CHAIN,   /* a cycle, or something that is no frame */
  SAL_PYTHON_WALK_DEEP,    /* more frames than SAL_PYTHON_MAX_FRAMES or the room given */
  SAL_PYTHON_WALK_TORN,    /* up to 3.10: a free frame; later: a chain that cannot end there */
} SalPythonWalkResult;

typedef struct
{
  /* in */
  const SalPythonLayout *layout;
  SalPythonPiece *pieces; /* the most likely first */
  size_t n_pieces;
  SalPythonRawFrame *frames; /* room for @capacity; innermost first */
  size_t capacity;
  uint64_t shim;      /* code object of frames that the interpreter puts between; 0 = not known */
  uint64_t outermost; /* the outermost frame that the thread had last; 0 = none, or not known */
  /* Frames found by a walk to the outer end before, innermost first, @n_known = 0 of none. The
   * bytes from known_start up to known_end are what they were then, and so are those of frames that
   * lie neither there nor behind it. */
  const SalPythonRawFrame *known;
  size_t n_known;
  uint64_t known_start;
  uint64_t known_end;
  uint8_t known_owner; /* last_owner after that walk */
  /* out */
  size_t n_frames;
  uint64_t missing;
  bool is_trimmed;   /* frames inside of the first one given turned out to be remains */
  size_t n_recalled; /* of the outermost frames: how many are those known */
  /* state, so that a walk can go on when the missing piece was added */
  uint64_t next;
  uint64_t function; /* of the last frame found */
  bool is_through;   /* an entry frame was passed since the last frame */
  uint8_t last_owner;
  uint64_t landmark;
  size_t n_steps;
  size_t landmark_step;
  size_t last_piece;
  size_t next_known;
} SalPythonWalk;

/**
 * sal_python_walk_start: sets @walk, whose "in" fields are set, to the innermost frame at @head.
 */
void sal_python_walk_start (SalPythonWalk *walk, uint64_t head);

/**
 * sal_python_walk_run: follows the chain to its outer end, or as far as the pieces reach.
 *
 * After MISSING it can be called again with a piece added. Entry frames on the C stack are passed
 * over. Where it comes to a frame that is known, and so are those outside of it, it takes these as
 * they are. The frames given begin with the innermost that can be alive: the head may be older than
 * the bytes, and then the frames it leads to may have returned. Does not allocate, block or read
 * the target; hostile bytes are fine.
 * Source: CPython 3.11 – 3.13 Python/ceval.c, Include/internal/pycore_frame.h: stacktop is −1 while
 * a frame runs, and the depth of its stack from just before it calls another Python frame, or
 * returns. Hence a frame with −1 whose callee, by the chain, was called directly has called
 * nothing: the callee is what is left of an older one.
 * CPython 3.14.10, 3.15.2 Include/internal/pycore_interpframe.h: stackpointer is set before every
 * call and, but in debug builds, stays as it was; return_offset is 0 in a new frame and is set just
 * after the first callee's frame was made, except in the frames that EXIT_INIT_CHECK returns
 * through, which never have one (Python/bytecodes.c, CALL_ALLOC_AND_ENTER_INIT).
 * CPython 3.11 – 3.15 Objects/genobject.c, Python/ceval.c (YIELD_VALUE), Python/frame.c: the frame
 * of a generator that is not running, and one that is its frame object's, have no previous one;
 * from 3.12 on every frame that runs has, the outermost of a run of the loop its entry frame.
 */
SalPythonWalkResult sal_python_walk_run (SalPythonWalk *walk);

/**
 * sal_python_walk_peek: the frame at @address, if the pieces hold one that can be a Python frame.
 *
 * Returns false for none, and for entry frames. frame->call is left open.
 */
bool sal_python_walk_peek (SalPythonWalk *walk, uint64_t address, SalPythonRawFrame *frame);
