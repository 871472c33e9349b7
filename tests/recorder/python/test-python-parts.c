/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the room that need no target: walk, proof, text, locations. */
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "sal-python-layout.h"
#include "sal-python-lines.h"
#include "sal-python-proof.h"
#include "sal-python-text.h"
#include "sal-python-walk.h"

#define BASE 0x10000
#define SIZE 1024

typedef struct
{
  const SalPythonLayout *layout;
  guint8 bytes[SIZE];
  SalPythonPiece piece;
  SalPythonRawFrame frames[8];
  SalPythonWalk walk;
} Stack;

static void
stack_init (Stack *stack)
{
  memset (stack, 0, sizeof *stack);
  stack->layout = sal_python_layout_find (0x030b00);
  stack->piece = (SalPythonPiece){ BASE, stack->bytes, SIZE, false };
  stack->walk = (SalPythonWalk){ .layout = stack->layout,
                                 .pieces = &stack->piece,
                                 .n_pieces = 1,
                                 .frames = stack->frames,
                                 .capacity = G_N_ELEMENTS (stack->frames) };
}

/* A frame at place @place, 128 bytes each, that runs or has the depth @top of its own stack. */
static guint64
put_frame (Stack *stack, guint place, guint64 previous, gint32 top, guint64 function)
{
  guint8 *frame = stack->bytes + place * 128;

  memcpy (frame + stack->layout->frame_previous, &previous, 8);
  memcpy (frame + stack->layout->frame_stack_top, &top, 4);
  memcpy (frame + stack->layout->frame_function, &function, 8);
  frame[stack->layout->frame_code] = (guint8)place;
  return BASE + place * 128;
}

static SalPythonWalkResult
run (Stack *stack, guint64 head)
{
  sal_python_walk_start (&stack->walk, head);
  return sal_python_walk_run (&stack->walk);
}

static void
test_whole (void)
{
  Stack stack;
  guint64 outer;
  guint64 inner;
  guint64 function = 0x7777;

  stack_init (&stack);
  outer = put_frame (&stack, 1, 0, 2, 0);
  inner = put_frame (&stack, 2, outer, -1, function);
  memcpy (stack.bytes + 128 + stack.layout->frame_size + 3 * 8, &function, 8);
  g_assert_cmpint (run (&stack, inner), ==, SAL_PYTHON_WALK_WHOLE);
  g_assert_cmpuint (stack.walk.n_frames, ==, 2);
  g_assert_cmpint (stack.frames[0].call, ==, SAL_PYTHON_CALL_PROVED);
  g_assert_true (stack.frames[0].is_running);
  g_assert_false (stack.walk.is_trimmed);
}

/* A frame that runs has called nothing: what seems its callee is left over. */
static void
test_remains (void)
{
  Stack stack;
  guint64 outer;
  guint64 running;
  guint64 remains;

  stack_init (&stack);
  outer = put_frame (&stack, 1, 0, 2, 0);
  running = put_frame (&stack, 2, outer, -1, 0);
  remains = put_frame (&stack, 3, running, 1, 0);
  g_assert_cmpint (run (&stack, remains), ==, SAL_PYTHON_WALK_WHOLE);
  g_assert_true (stack.walk.is_trimmed);
  g_assert_cmpuint (stack.walk.n_frames, ==, 2);
  g_assert_cmphex (stack.frames[0].address, ==, running);
}

/* The layout of 3.14 as far as the walk goes. */
static SalPythonLayout
get_layout_with_pointer (void)
{
  return (SalPythonLayout){
    .frame_size = 80,
    .frame_code = 0,
    .frame_previous = 8,
    .frame_function = 16,
    .frame_instruction = 56,
    .frame_stack_top = SAL_PYTHON_NO_FIELD,
    .frame_stack_pointer = 64,
    .frame_return_offset = 72,
    .frame_owner = 74,
    .frame_is_entry = SAL_PYTHON_NO_FIELD,
    .owner_entry = 3,
    .owner_most = 4,
    .reference_tag = 3,
  };
}

/* A frame as put_frame() makes it; its own stack has @callee where its pointer is, and
 * it has called something when it @returns. */
static guint64
put_frame_with_pointer (
    Stack *stack, guint place, guint64 previous, guint64 function, guint64 callee, guint8 returns)
{
  guint64 address = BASE + place * 128;
  guint8 *frame = stack->bytes + place * 128;
  guint64 pointer = address + 80 + 2 * 8;
  guint64 code = place * 16 + 1;

  memcpy (frame, &code, 8);
  memcpy (frame + 8, &previous, 8);
  memcpy (frame + 16, &function, 8);
  memcpy (frame + 64, &pointer, 8);
  memcpy (frame + 80 + 2 * 8, &callee, 8);
  frame[72] = returns;
  return address;
}

/* The entry frame of a run of the loop. */
static guint64
put_entry (Stack *stack, guint place)
{
  guint64 address = put_frame_with_pointer (stack, place, 0, 0, 0, 0);

  stack->bytes[place * 128 + 74] = 3;
  return address;
}

static void
test_pointer (void)
{
  SalPythonLayout layout = get_layout_with_pointer ();
  Stack stack;
  guint64 outer;
  guint64 shim;
  guint64 inner;

  stack_init (&stack);
  stack.walk.layout = &layout;
  outer = put_frame_with_pointer (&stack, 1, put_entry (&stack, 4), 0x7000, 0x7101, 8);
  shim = put_frame_with_pointer (&stack, 2, outer, 0x7100, 0, 0);
  inner = put_frame_with_pointer (&stack, 3, shim, 0x7201, 0, 0);

  /* One that has called nothing is the innermost, and its function is where it was called. */
  g_assert_cmpint (run (&stack, inner), ==, SAL_PYTHON_WALK_WHOLE);
  g_assert_true (stack.walk.is_trimmed);
  g_assert_cmpuint (stack.walk.n_frames, ==, 2);
  g_assert_cmphex (stack.frames[0].address, ==, shim);
  g_assert_cmphex (stack.frames[0].code, ==, 2 * 16);
  g_assert_cmpint (stack.frames[0].call, ==, SAL_PYTHON_CALL_PROVED);

  /* Unless it is the interpreter's own, which never has a return offset. */
  stack.walk.shim = 2 * 16;
  g_assert_cmpint (run (&stack, inner), ==, SAL_PYTHON_WALK_WHOLE);
  g_assert_false (stack.walk.is_trimmed);
  g_assert_cmpuint (stack.walk.n_frames, ==, 3);
  g_assert_cmpint (stack.frames[0].call, ==, SAL_PYTHON_CALL_DIRECT);

  /* A wild pointer proves nothing. */
  memset (stack.bytes + 128 + 64, 0xff, 8);
  g_assert_cmpint (run (&stack, shim), ==, SAL_PYTHON_WALK_WHOLE);
  g_assert_cmpint (stack.frames[0].call, ==, SAL_PYTHON_CALL_DIRECT);
}

/* A generator that yields loses its link to its caller, and with it all that are outside. */
static void
test_outer_end (void)
{
  SalPythonLayout layout = get_layout_with_pointer ();
  Stack stack;
  guint64 generator;
  guint64 inner;

  stack_init (&stack);
  stack.walk.layout = &layout;
  generator = put_frame_with_pointer (&stack, 1, 0, 0x7000, 0x7101, 8);
  inner = put_frame_with_pointer (&stack, 2, generator, 0x7100, 0, 0);
  g_assert_cmpint (run (&stack, inner), ==, SAL_PYTHON_WALK_TORN);
  put_frame_with_pointer (&stack, 1, put_entry (&stack, 3), 0x7000, 0x7101, 8);
  g_assert_cmpint (run (&stack, inner), ==, SAL_PYTHON_WALK_WHOLE);

  /* 3.11: only the thread's stack before can tell. */
  stack_init (&stack);
  generator = put_frame (&stack, 1, 0, 2, 0);
  inner = put_frame (&stack, 2, generator, -1, 0);
  stack.bytes[128 + stack.layout->frame_owner] = 1;
  g_assert_cmpint (run (&stack, inner), ==, SAL_PYTHON_WALK_WHOLE);
  stack.walk.outermost = BASE + 3 * 128;
  g_assert_cmpint (run (&stack, inner), ==, SAL_PYTHON_WALK_TORN);
  stack.walk.outermost = generator;
  g_assert_cmpint (run (&stack, inner), ==, SAL_PYTHON_WALK_WHOLE);
}

static void
test_cycle (void)
{
  Stack stack;
  guint64 outer;

  stack_init (&stack);
  outer = put_frame (&stack, 1, BASE + 2 * 128, 2, 0);
  put_frame (&stack, 2, outer, 2, 0);
  g_assert_cmpint (run (&stack, outer), ==, SAL_PYTHON_WALK_CHAIN);
}

static void
test_missing_then_added (void)
{
  Stack stack;
  guint8 elsewhere[128] = { 0 };
  SalPythonPiece pieces[2];
  guint64 inner;

  stack_init (&stack);
  inner = put_frame (&stack, 1, 0x90000, 2, 0);
  pieces[0] = stack.piece;
  pieces[1] = (SalPythonPiece){ 0x90000, elsewhere, sizeof elsewhere, false };
  stack.walk.pieces = pieces;
  g_assert_cmpint (run (&stack, inner), ==, SAL_PYTHON_WALK_MISSING);
  g_assert_cmphex (stack.walk.missing, ==, 0x90000);
  stack.walk.n_pieces = 2;
  g_assert_cmpint (sal_python_walk_run (&stack.walk), ==, SAL_PYTHON_WALK_WHOLE);
  g_assert_cmpuint (stack.walk.n_frames, ==, 2);
  g_assert_true (pieces[1].is_used);
}

/* A walk with what is known of the bytes below place @place finds what one without does, and takes
 * @n_recalled frames as they were. */
static void
assert_recalled (Stack *stack,
                 const SalPythonRawFrame *known,
                 guint64 head,
                 guint place,
                 gsize n_recalled)
{
  SalPythonRawFrame expected[G_N_ELEMENTS (stack->frames)];
  gsize n_frames;

  stack->walk.n_known = 0;
  g_assert_cmpint (run (stack, head), ==, SAL_PYTHON_WALK_WHOLE);
  g_assert_cmpuint (stack->walk.n_recalled, ==, 0);
  n_frames = stack->walk.n_frames;
  memcpy (expected, stack->frames, sizeof expected);

  stack->walk.known = known;
  stack->walk.n_known = 4;
  stack->walk.known_start = BASE;
  stack->walk.known_end = BASE + place * 128;
  memset (stack->frames, 0xff, sizeof stack->frames);
  g_assert_cmpint (run (stack, head), ==, SAL_PYTHON_WALK_WHOLE);
  g_assert_cmpuint (stack->walk.n_recalled, ==, n_recalled);
  g_assert_cmpuint (stack->walk.n_frames, ==, n_frames);
  for (gsize i = 0; i < n_frames; i++)
    {
      g_assert_cmphex (stack->frames[i].address, ==, expected[i].address);
      g_assert_cmphex (stack->frames[i].code, ==, expected[i].code);
      g_assert_cmphex (stack->frames[i].instruction, ==, expected[i].instruction);
      g_assert_cmpint (stack->frames[i].call, ==, expected[i].call);
      g_assert_cmpint (stack->frames[i].is_running, ==, expected[i].is_running);
    }
}

static void
test_recalled (void)
{
  Stack stack;
  SalPythonRawFrame known[4];
  guint64 frames[6] = { 0 };

  stack_init (&stack);
  for (guint i = 1; i <= 4; i++)
    frames[i] = put_frame (&stack, i, frames[i - 1], i == 4 ? -1 : 2, i);
  g_assert_cmpint (run (&stack, frames[4]), ==, SAL_PYTHON_WALK_WHOLE);
  memcpy (known, stack.frames, sizeof known);

  /* Nothing, the innermost frame, that and its caller, or all have changed. */
  assert_recalled (&stack, known, frames[4], 8, 4);
  stack.bytes[4 * 128 + stack.layout->frame_instruction] = 2;
  assert_recalled (&stack, known, frames[4], 4, 3);
  stack.bytes[3 * 128 + stack.layout->frame_instruction] = 2;
  assert_recalled (&stack, known, frames[4], 3, 2);
  stack.bytes[1 * 128 + stack.layout->frame_instruction] = 2;
  assert_recalled (&stack, known, frames[4], 1, 0);
  known[1].instruction = known[0].instruction = known[3].instruction = 2;

  /* The innermost has returned: how its caller was called may look otherwise now. */
  assert_recalled (&stack, known, frames[3], 4, 2);
  /* Another two are inside of it, and its caller has gone on. */
  frames[5] = put_frame (&stack, 5, put_frame (&stack, 4, frames[3], 2, 9), -1, 10);
  assert_recalled (&stack, known, frames[5], 4, 3);
  /* Where all of it is another stack. */
  known[1].address = known[2].address = known[3].address = BASE + 7 * 128;
  assert_recalled (&stack, known, frames[5], 4, 0);
}

static void
test_bounds (void)
{
  Stack stack;

  stack_init (&stack);
  g_assert_cmpint (run (&stack, BASE + SIZE - 8), ==, SAL_PYTHON_WALK_MISSING);
  g_assert_cmpint (run (&stack, G_MAXUINT64 - 7), ==, SAL_PYTHON_WALK_MISSING);
  g_assert_cmpint (run (&stack, BASE + 1), ==, SAL_PYTHON_WALK_CHAIN);
  stack.bytes[128 + stack.layout->frame_owner] = 77;
  g_assert_cmpint (run (&stack, BASE + 128), ==, SAL_PYTHON_WALK_CHAIN);
}

/* main → a → x → y and main → c → x → z are proved; main → a → x → z never was. */
static void
test_proof (void)
{
  enum
  {
    MAIN,
    A,
    C,
    X,
    Y,
    Z
  };
  SalPythonFrame first[] = { { Y, 0 }, { X, 2 }, { A, 4 }, { MAIN, 6 } };
  SalPythonFrame second[] = { { Z, 0 }, { X, 2 }, { C, 4 }, { MAIN, 8 } };
  SalPythonFrame never[] = { { Z, 0 }, { X, 2 }, { A, 4 }, { MAIN, 6 } };
  SalPythonFrame elsewhere[] = { { Y, 10 }, { X, 2 }, { A, 4 }, { MAIN, 6 } };
  SalPythonFrame caller[] = { { X, 0 }, { A, 4 }, { MAIN, 6 } };
  SalPythonFrame other_line[] = { { Y, 0 }, { X, 4 }, { A, 4 }, { MAIN, 6 } };
  SalPythonProof *proof = sal_python_proof_new ();

  g_assert_false (sal_python_proof_knows (proof, first, 4));
  sal_python_proof_learn (proof, first, 4);
  sal_python_proof_learn (proof, second, 4);
  g_assert_true (sal_python_proof_knows (proof, first, 4));
  g_assert_true (sal_python_proof_knows (proof, second, 4));
  g_assert_false (sal_python_proof_knows (proof, never, 4));
  g_assert_true (sal_python_proof_knows (proof, elsewhere, 4));
  g_assert_true (sal_python_proof_knows (proof, caller, 3));
  g_assert_false (sal_python_proof_knows (proof, other_line, 4));
  g_assert_false (sal_python_proof_knows (proof, first, 3));
  sal_python_proof_free (proof);
}

/* It never grows, however much it is told, and learns anew after it forgot. */
static void
test_proof_full (void)
{
  SalPythonProof *proof = sal_python_proof_new ();

  for (guint32 i = 0; i < 300000; i++)
    {
      SalPythonFrame frames[] = { { i, 0 }, { 0, 0 } };

      sal_python_proof_learn (proof, frames, 2);
      g_assert_true (sal_python_proof_knows (proof, frames, 2));
    }
  sal_python_proof_free (proof);
}

static void
assert_text (const void *bytes, size_t n, unsigned width, const char *expected)
{
  char *text = sal_python_text_decode (bytes, n, width);

  g_assert_cmpstr (text, ==, expected);
  if (text != NULL)
    g_assert_true (g_utf8_validate (text, -1, NULL));
  free (text);
}

static void
test_text (void)
{
  const guint16 ucs2[] = { 0x540d, 0xd800, 'a', 0xffff, 0x7ff, 0 };
  const guint32 ucs4[] = { 0x1f4a9, 0x10ffff, 0xdc80, 0x110000, 0xffffffff };

  assert_text ("caf\xe9", 4, 1, "café");
  assert_text (ucs2, 6, 2, "名\\ud800a\xef\xbf\xbf\xdf\xbf\\x00");
  assert_text (ucs4, 5, 4, "💩\xf4\x8f\xbf\xbf\\udc80\xef\xbf\xbd\xef\xbf\xbd");
  assert_text ("", 0, 1, "");
  assert_text ("abc", 1, 3, NULL);
}

static void
assert_place (const void *table, size_t length, int32_t offset, SalPythonPosition expected)
{
  SalPythonPosition found = sal_python_lines_find (table, length, 10, offset);

  g_assert_cmpuint (found.line, ==, expected.line);
  g_assert_cmpuint (found.end_line, ==, expected.end_line);
  g_assert_cmpuint (found.column, ==, expected.column);
  g_assert_cmpuint (found.end_column, ==, expected.end_column);
}

static void
test_places (void)
{
  /* Short, one line with +2, long from 3 lines up to 1 down, none. */
  static const guint8 table[] = {
    0x80 | 1 << 3 | 1, 0x35, 0x80 | 12 << 3, 7, 9, 0x80 | 14 << 3, 0x07, 1, 5, 0x48, 1,
    0x80 | 15 << 3 | 7
  };
  const SalPythonPosition none = { 0, 0, 0, 0 };

  assert_place (table, sizeof table, 0, (SalPythonPosition){ 10, 10, 12, 17 });
  assert_place (table, sizeof table, 2, (SalPythonPosition){ 10, 10, 12, 17 });
  assert_place (table, sizeof table, 4, (SalPythonPosition){ 12, 12, 8, 10 });
  assert_place (table, sizeof table, 6, (SalPythonPosition){ 9, 10, 5, 72 });
  assert_place (table, sizeof table, 8, none);
  assert_place (table, sizeof table, 22, none);
  assert_place (table, sizeof table, 24, none);
  assert_place (table, sizeof table, -1, none);
  assert_place (table, 0, 0, none);
  for (size_t n = 0; n < sizeof table; n++)
    for (int32_t offset = 0; offset < 32; offset++)
      sal_python_lines_find (table, n, 10, offset);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/python/walk/whole", test_whole);
  g_test_add_func ("/python/walk/remains", test_remains);
  g_test_add_func ("/python/walk/pointer", test_pointer);
  g_test_add_func ("/python/walk/outer-end", test_outer_end);
  g_test_add_func ("/python/walk/cycle", test_cycle);
  g_test_add_func ("/python/walk/missing-then-added", test_missing_then_added);
  g_test_add_func ("/python/walk/bounds", test_bounds);
  g_test_add_func ("/python/walk/recalled", test_recalled);
  g_test_add_func ("/python/proof/knows", test_proof);
  g_test_add_func ("/python/proof/full", test_proof_full);
  g_test_add_func ("/python/text/decode", test_text);
  g_test_add_func ("/python/lines/places", test_places);
  return g_test_run ();
}
