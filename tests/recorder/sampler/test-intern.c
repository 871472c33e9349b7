/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of interning stacks, with an explainer of the test's own in place of a Python. */
#include "sal-sampler-intern.h"

#include <glib.h>

/* The functions of recorder/python that interning asks: the linker takes these first. Code n is
 * "function n" in file.py; the line is the offset, code 9 makes no sense. */
static guint n_asked;

uint32_t
sal_python_get_n_codes (const SalPython *python)
{
  return 10;
}

const SalPythonCode *
sal_python_get_code (SalPython *python, uint32_t code)
{
  static SalPythonCode codes[10];
  static char names[10][16];

  n_asked++;
  g_snprintf (names[code], sizeof names[code], "function %u", code);
  codes[code] = (SalPythonCode){
    .name = code == 9 ? "<unreadable>" : names[code],
    .file = "file.py",
    .first_line = code,
    .readable = code != 9,
  };
  return &codes[code];
}

SalPythonPosition
sal_python_get_position (SalPython *python, uint32_t code, int32_t offset)
{
  return (SalPythonPosition){ .line = (uint32_t)offset / 2 };
}

typedef struct
{
  SalSamplerRing *ring;
  SalSamplerIntern *intern;
  SalSamplerTrail trail;
  SalSamplerCodes codes;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  n_asked = 0;
  fixture->ring = sal_sampler_ring_new (4096);
  fixture->intern = sal_sampler_intern_new (fixture->ring);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sal_sampler_trail_clear (&fixture->trail);
  sal_sampler_codes_clear (&fixture->codes);
  sal_sampler_intern_free (fixture->intern);
  sal_sampler_ring_free (fixture->ring);
}

/* Interns a stack of @n frames, given innermost first. */
static uint32_t
intern (Fixture *fixture, SalPythonLookResult result, const SalPythonFrame *frames, uint32_t n)
{
  SalPythonThread seen = { .result = result, .frames = frames, .n_frames = n };
  uint32_t stack;

  g_assert_cmpuint (sal_sampler_ring_get_room (fixture->ring), >=, sal_sampler_intern_get_need (n));
  g_assert_true (
      sal_sampler_intern_stack (fixture->intern,
                                NULL,
                                &fixture->codes,
                                &seen,
                                &fixture->trail,
                                &stack));
  return stack;
}

#define FRAMES(...) ((const SalPythonFrame[]){ __VA_ARGS__ })
#define INTERN(fixture, ...)    \
  intern (fixture,              \
          SAL_PYTHON_LOOK_OK,   \
          FRAMES (__VA_ARGS__), \
          sizeof FRAMES (__VA_ARGS__) / sizeof (SalPythonFrame))

/* How many records of @kind lie in the ring; @last is the last one, empty when there is none. */
static guint
count (Fixture *fixture, SalCaptureRecordKind kind, SalCaptureRecord *last)
{
  const SalCaptureRecord *records;
  size_t n = sal_sampler_ring_peek (fixture->ring, &records);
  guint n_found = 0;

  *last = (SalCaptureRecord){ 0 };
  for (size_t i = 0; i < n; i++)
    if (records[i].kind == kind)
      {
        n_found++;
        *last = records[i];
      }
  return n_found;
}

static void
test_definitions_are_written_once (Fixture *fixture, gconstpointer data)
{
  SalCaptureRecord last;
  uint32_t stack = INTERN (fixture, { 1, 2 }, { 0, 4 });

  g_assert_cmpuint (stack, ==, 1);
  g_assert_cmpuint (INTERN (fixture, { 1, 2 }, { 0, 4 }), ==, stack);
  g_assert_cmpuint (count (fixture, SAL_CAPTURE_STRING, &last), ==, 3);
  g_assert_cmpuint (count (fixture, SAL_CAPTURE_FUNCTION, &last), ==, 2);
  g_assert_cmpuint (count (fixture, SAL_CAPTURE_FRAME, &last), ==, 2);
  g_assert_cmpuint (last.frame.line, ==, 1);
  g_assert_cmpuint (count (fixture, SAL_CAPTURE_STACK, &last), ==, 2);
  g_assert_cmpuint (last.stack.parent, ==, 0);
  g_assert_cmpuint (n_asked, ==, 2);
}

static void
test_offsets_of_one_line_share_a_frame (Fixture *fixture, gconstpointer data)
{
  SalCaptureRecord last;

  g_assert_cmpuint (INTERN (fixture, { 1, 2 }), ==, INTERN (fixture, { 1, 3 }));
  g_assert_cmpuint (count (fixture, SAL_CAPTURE_FRAME, &last), ==, 1);
}

static void
test_the_trail_follows_every_change (Fixture *fixture, gconstpointer data)
{
  uint32_t abc = INTERN (fixture, { 2, 0 }, { 1, 0 }, { 0, 0 });
  uint32_t ab = INTERN (fixture, { 1, 0 }, { 0, 0 });
  uint32_t abd = INTERN (fixture, { 3, 0 }, { 1, 0 }, { 0, 0 });
  uint32_t moved = INTERN (fixture, { 3, 0 }, { 1, 0 }, { 0, 8 });

  sal_sampler_trail_clear (&fixture->trail);
  g_assert_cmpuint (INTERN (fixture, { 1, 0 }, { 0, 0 }), ==, ab);
  g_assert_cmpuint (INTERN (fixture, { 2, 0 }, { 1, 0 }, { 0, 0 }), ==, abc);
  sal_sampler_trail_clear (&fixture->trail);
  g_assert_cmpuint (INTERN (fixture, { 3, 0 }, { 1, 0 }, { 0, 0 }), ==, abd);
  g_assert_cmpuint (INTERN (fixture, { 3, 0 }, { 1, 0 }, { 0, 8 }), ==, moved);
  g_assert_cmpuint (abd, !=, moved);
  g_assert_cmpuint (abc, !=, abd);
}

static void
test_a_cut_stack_stands_on_a_mark (Fixture *fixture, gconstpointer data)
{
  const SalPythonFrame *frames = FRAMES ({ 1, 0 });
  uint32_t whole = intern (fixture, SAL_PYTHON_LOOK_OK, frames, 1);
  uint32_t cut = intern (fixture, SAL_PYTHON_LOOK_PARTIAL, frames, 1);
  SalCaptureRecord last;

  g_assert_cmpuint (whole, !=, cut);
  g_assert_cmpuint (intern (fixture, SAL_PYTHON_LOOK_OK, frames, 1), ==, whole);
  count (fixture, SAL_CAPTURE_FUNCTION, &last);
  g_assert_cmpint (last.function.kind, ==, SAL_CAPTURE_MARK);
  g_assert_cmpuint (last.function.file, ==, SAL_CAPTURE_NO_ID);
}

static void
test_no_frames_are_no_stack (Fixture *fixture, gconstpointer data)
{
  INTERN (fixture, { 1, 0 });
  g_assert_cmpuint (intern (fixture, SAL_PYTHON_LOOK_EMPTY, NULL, 0), ==, SAL_CAPTURE_NO_ID);
}

static void
test_unreadable_code_is_a_mark (Fixture *fixture, gconstpointer data)
{
  SalCaptureRecord last;

  INTERN (fixture, { 9, 0 });
  INTERN (fixture, { 9, 4 });
  count (fixture, SAL_CAPTURE_FUNCTION, &last);
  g_assert_cmpint (last.function.kind, ==, SAL_CAPTURE_MARK);
  g_assert_cmpuint (sal_sampler_intern_get_n_unreadable (fixture->intern), ==, 1);
}

static void
test_another_python_keeps_the_ids (Fixture *fixture, gconstpointer data)
{
  uint32_t stack = INTERN (fixture, { 1, 2 }, { 0, 4 });

  sal_sampler_codes_clear (&fixture->codes);
  sal_sampler_trail_clear (&fixture->trail);
  g_assert_cmpuint (INTERN (fixture, { 1, 2 }, { 0, 4 }), ==, stack);
  g_assert_cmpuint (n_asked, ==, 4);
}

static void
test_a_code_out_of_range_is_refused (Fixture *fixture, gconstpointer data)
{
  SalPythonThread seen = { .frames = FRAMES ({ 77, 0 }), .n_frames = 1 };
  uint32_t stack;

  g_assert_false (
      sal_sampler_intern_stack (fixture->intern,
                                NULL,
                                &fixture->codes,
                                &seen,
                                &fixture->trail,
                                &stack));
  g_assert_cmpuint (stack, ==, SAL_CAPTURE_NO_ID);
}

/* Takes the STACK records out of the ring, behind those in @stacks. */
static void
take_stacks (Fixture *fixture, GArray *stacks)
{
  const SalCaptureRecord *records;
  size_t n;

  while ((n = sal_sampler_ring_peek (fixture->ring, &records)) > 0)
    {
      for (size_t i = 0; i < n; i++)
        if (records[i].kind == SAL_CAPTURE_STACK)
          g_array_append_val (stacks, records[i].stack);
      sal_sampler_ring_drop (fixture->ring, n);
    }
}

/* More than are kept, each of two frames: the ids stay right, and the first is defined anew. */
static void
test_stacks_without_end (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) stacks = g_array_new (FALSE, FALSE, sizeof (SalCaptureStack));
  uint32_t first = INTERN (fixture, { 1, 0 }, { 0, 0 });
  SalCaptureStack before;
  SalCaptureStack after;
  uint32_t again;

  for (int32_t i = 0; i < 600 * 600; i++)
    {
      uint32_t stack = INTERN (fixture, { 1, 2 * (i % 600) }, { 0, 2 * (i / 600) });

      take_stacks (fixture, stacks);
      g_assert_cmpuint (stack, <, stacks->len);
    }
  again = INTERN (fixture, { 1, 0 }, { 0, 0 });
  take_stacks (fixture, stacks);
  g_assert_cmpuint (again, ==, stacks->len - 1);
  before = g_array_index (stacks, SalCaptureStack, first);
  after = g_array_index (stacks, SalCaptureStack, again);
  g_assert_cmpuint (after.frame, ==, before.frame);
  g_assert_cmpuint (after.parent, !=, before.parent);
  before = g_array_index (stacks, SalCaptureStack, before.parent);
  after = g_array_index (stacks, SalCaptureStack, after.parent);
  g_assert_cmpuint (after.frame, ==, before.frame);
  g_assert_cmpuint (after.parent, ==, SAL_CAPTURE_NO_ID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/sampler/intern/definitions-are-written-once", test_definitions_are_written_once);
  ADD ("/sampler/intern/offsets-of-one-line", test_offsets_of_one_line_share_a_frame);
  ADD ("/sampler/intern/the-trail-follows", test_the_trail_follows_every_change);
  ADD ("/sampler/intern/a-cut-stack", test_a_cut_stack_stands_on_a_mark);
  ADD ("/sampler/intern/no-frames", test_no_frames_are_no_stack);
  ADD ("/sampler/intern/unreadable-code", test_unreadable_code_is_a_mark);
  ADD ("/sampler/intern/another-python", test_another_python_keeps_the_ids);
  ADD ("/sampler/intern/stacks-without-end", test_stacks_without_end);
  ADD ("/sampler/intern/out-of-range", test_a_code_out_of_range_is_refused);
  return g_test_run ();
}
