/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads whose stacks are kept since the lock was never theirs, and what changes while it is read:
 * in saved Pythons. */
#include <string.h>

#include "image-bytes.h"
#include "interpreters.h"
#include "sal-target-image.h"

/* After so many looks all that is to be learned is known, and each thread was read again since. */
#define SETTLED 100

/* An image whose bytes may change while it is open. */
typedef struct
{
  SalTarget base;
  Image *image;
  void (*meanwhile) (Image *image); /* before the last range of a read of several; once */
} Changing;

static void change (Image *image);

static SalTargetResult
read_many (SalTarget *target, const SalTargetRange *ranges, size_t n_ranges, size_t *n_read)
{
  Changing *changing = (Changing *)target;
  SalTarget *now = changing->image->target;
  SalTargetResult result;
  size_t n_last;

  if (changing->meanwhile == NULL || n_ranges < 2)
    return now->ops->read_many (now, ranges, n_ranges, n_read);
  result = now->ops->read_many (now, ranges, n_ranges - 1, n_read);
  if (result != SAL_TARGET_OK)
    return result;
  changing->meanwhile (changing->image);
  changing->meanwhile = NULL;
  change (changing->image);
  now = changing->image->target;
  result = now->ops->read_many (now, ranges + n_ranges - 1, 1, &n_last);
  *n_read += n_last;
  return result;
}

static SalTargetResult
list_regions (SalTarget *target, SalTargetRegions *regions)
{
  SalTarget *now = ((Changing *)target)->image->target;

  return now->ops->list_regions (now, regions);
}

static SalTargetResult
open_file (SalTarget *target, const SalTargetRegion *region, int *fd)
{
  SalTarget *now = ((Changing *)target)->image->target;

  return now->ops->open_file (now, region, fd);
}

static const SalTargetOps changing_ops = {
  .read_many = read_many,
  .list_regions = list_regions,
  .open_file = open_file,
};

static Image *
open_changing (const char *name, Changing *changing)
{
  Image *image = image_load (name);

  image_open (image);
  sal_python_free (image->python);
  *changing = (Changing){ { &changing_ops, 0 }, image, NULL };
  g_assert_cmpint (sal_python_open (&changing->base, image->version, &image->python), ==,
                   SAL_PYTHON_OK);
  return image;
}

/* Has the bytes of the image read as they are now. */
static void
change (Image *image)
{
  sal_target_free (image->target);
  g_assert_cmpint (sal_target_image_new_for_bytes (image->bytes, image->length, &image->target), ==,
                   SAL_TARGET_OK);
}

static void
look_at (SalPython *python, SalPythonLook *look)
{
  g_assert_cmpint (sal_python_look (python, look), ==, SAL_PYTHON_OK);
}

static void
settle (Image *image, SalPythonLook *look)
{
  for (int i = 0; i < SETTLED; i++)
    look_at (image->python, look);
  g_assert_cmpuint (look->n_threads, ==, 5);
}

static guint64
get_lock (const Image *image, guint32 field)
{
  return image->python->interpreters[0].gil + field;
}

/* The lock goes to the thread at @holder, as the last of @n_switches that did. */
static void
pass_lock (Image *image, guint64 n_switches, guint64 holder)
{
  const SalPythonLayout *layout = &image->python->runtime.layout;
  guint64 at = get_lock (image, layout->gil_switches);

  image_put (image, at, image_get (image, at) + n_switches);
  image_put (image, get_lock (image, layout->gil_holder), holder);
}

static guint64
get_holder (Image *image)
{
  return image_get (image, get_lock (image, image->python->runtime.layout.gil_holder));
}

/* The number of a thread that does not have the lock, and not @other. */
static guint
find_rester (Image *image, guint other)
{
  for (guint i = 0; i < image->python->n_threads; i++)
    if (i != other && image->python->threads[i]->address != get_holder (image))
      return i;
  g_assert_not_reached ();
}

/* The thread goes one instruction back in its innermost frame. */
static void
move (Image *image, guint number)
{
  const SalPythonLayout *layout = &image->python->runtime.layout;
  const SalPythonThreadState *thread = image->python->threads[number];
  guint64 head = layout->thread_frame != SAL_PYTHON_NO_FIELD
                     ? image_get (image, thread->address + layout->thread_frame)
                     : image_get (image, thread->cframe + layout->cframe_frame);
  guint8 *at = image_at (image, head + layout->frame_instruction);
  guint32 instruction;

  memcpy (&instruction, at, sizeof instruction);
  instruction -= 2;
  memcpy (at, &instruction, sizeof instruction);
}

static void
test_kept (const void *data)
{
  Changing changing;
  Image *image = open_changing (data, &changing);
  SalPythonLook look;

  settle (image, &look);
  for (int i = 0; i < SETTLED; i++)
    {
      look_at (image->python, &look);
      g_assert_cmpuint (look.n_calls, ==, 1);
      g_assert_cmpuint (look.n_threads, ==, 5);
      g_assert_cmpuint (look.n_kept, >=, 3);
      for (gsize thread = 0; thread < look.n_threads; thread++)
        {
          g_assert_cmpint (look.threads[thread].result, ==, SAL_PYTHON_LOOK_OK);
          g_assert_true (look.threads[thread].same_as_before);
          g_assert_cmpuint (look.threads[thread].tid, !=, 0);
        }
    }
  image_free (image);
}

/* Moves a thread while the lock goes as told, and looks whether that is seen at once. */
static void
assert_seen (Image *image, guint64 n_switches, gboolean takes_it, gboolean other_takes_it)
{
  SalPythonLook look;
  guint moved;
  gint32 offset;
  guint64 holder;

  settle (image, &look);
  moved = find_rester (image, G_MAXUINT);
  offset = look.threads[moved].frames[0].offset;
  holder = get_holder (image);
  if (takes_it)
    holder = image->python->threads[moved]->address;
  else if (other_takes_it)
    holder = image->python->threads[find_rester (image, moved)]->address;
  move (image, moved);
  pass_lock (image, n_switches, holder);
  change (image);
  look_at (image->python, &look);
  g_assert_cmpint (look.threads[moved].result, ==, SAL_PYTHON_LOOK_OK);
  g_assert_false (look.threads[moved].same_as_before);
  g_assert_cmpint (look.threads[moved].frames[0].offset, ==, offset - 2);
}

static void
test_taken (const void *data)
{
  Changing changing;
  Image *image = open_changing (data, &changing);

  assert_seen (image, 1, TRUE, FALSE);
  /* From one of its thread states to another. */
  assert_seen (image, 0, TRUE, FALSE);
  image_free (image);
}

/* The thread may have had the lock, and passed it on. */
static void
test_passed (const void *data)
{
  Changing changing;
  Image *image = open_changing (data, &changing);

  assert_seen (image, 2, FALSE, TRUE);
  assert_seen (image, 2, FALSE, FALSE);
  assert_seen (image, 1, FALSE, FALSE);
  assert_seen (image, G_MAXUINT64, FALSE, TRUE);
  assert_seen (image, 1000, FALSE, TRUE);
  image_free (image);
}

/* Only of those that had no part in what became of the lock is it told that they never had it. */
static void
test_no_turn (const void *data)
{
  static const struct
  {
    guint64 n_switches;
    gboolean is_passed; /* to another than before */
    guint n_without;
  } turns[] = { { 0, FALSE, 4 }, { 1, TRUE, 3 }, { 0, FALSE, 4 }, { 2, TRUE, 0 }, { 1, TRUE, 3 } };
  Changing changing;
  Image *image = open_changing (data, &changing);
  SalPythonLook look;

  settle (image, &look);
  for (gsize i = 0; i < G_N_ELEMENTS (turns); i++)
    {
      guint64 before = get_holder (image);
      guint64 now = turns[i].is_passed
                        ? image->python->threads[find_rester (image, G_MAXUINT)]->address
                        : before;
      guint n_without = 0;

      pass_lock (image, turns[i].n_switches, now);
      change (image);
      look_at (image->python, &look);
      for (gsize k = 0; k < look.n_threads; k++)
        {
          const SalPythonThread *thread = &look.threads[k];

          n_without += thread->had_no_turn;
          g_assert_false (thread->had_no_turn &&
                          (thread->address == before || thread->address == now));
        }
      g_assert_cmpuint (n_without, ==, turns[i].n_without);
      /* What was read while it changed is read once more. */
      look_at (image->python, &look);
    }
  image_free (image);
}

/* What cannot be is seen nonetheless, before long. */
static void
test_unforeseen (const void *data)
{
  Changing changing;
  Image *image = open_changing (data, &changing);
  SalPythonLook look;
  gint32 offset;
  guint moved;
  guint n_looks = 0;

  settle (image, &look);
  moved = find_rester (image, G_MAXUINT);
  offset = look.threads[moved].frames[0].offset;
  move (image, moved);
  change (image);
  do
    look_at (image->python, &look);
  while (++n_looks < 20 && look.threads[moved].frames[0].offset == offset);
  g_assert_cmpint (look.threads[moved].frames[0].offset, ==, offset - 2);
  image_free (image);
}

/* The thread with the lock is not read in the look that leaves it out, and in the next one is. */
static void
test_left (const void *data)
{
  Changing changing;
  Image *image = open_changing (data, &changing);
  SalPythonLook look;
  gint32 offset;
  guint number = 0;

  settle (image, &look);
  while (image->python->threads[number]->address != get_holder (image))
    number++;
  offset = look.threads[number].frames[0].offset;
  move (image, number);
  change (image);
  sal_python_leave (image->python, number);
  look_at (image->python, &look);
  g_assert_cmpuint (look.n_calls, ==, 1);
  g_assert_cmpuint (look.n_kept, >=, 4);
  g_assert_false (look.threads[number].same_as_before);
  g_assert_cmpuint (look.threads[number].tid, !=, 0);
  g_assert_cmpint (look.threads[number].result, ==, SAL_PYTHON_LOOK_TORN);
  g_assert_cmpuint (look.threads[number].n_frames, ==, 0);
  look_at (image->python, &look);
  g_assert_false (look.threads[number].same_as_before);
  g_assert_cmpint (look.threads[number].frames[0].offset, ==, offset - 2);
  look_at (image->python, &look);
  g_assert_true (look.threads[number].same_as_before);
  image_free (image);
}

/* One that is to be left out has gone, and so has the one behind it. */
static void
test_left_ended (const void *data)
{
  Changing changing;
  Image *image = open_changing (data, &changing);
  const SalPythonLayout *layout;
  SalPythonLook look;

  settle (image, &look);
  layout = &image->python->runtime.layout;
  image_put (image, image->python->threads[1]->address + layout->thread_next,
             image_get (image, image->python->threads[3]->address + layout->thread_next));
  change (image);
  for (gsize i = 0; i < 5; i++)
    sal_python_leave (image->python, i);
  look_at (image->python, &look);
  g_assert_cmpuint (look.n_threads, ==, 3);
  image_free (image);
}

/* A thread that had the lock has gone; the one before it in the list was kept. */
static void
test_ended (const void *data)
{
  Changing changing;
  Image *image = open_changing (data, &changing);
  const SalPythonLayout *layout;
  guint64 ended;
  SalPythonLook look;

  settle (image, &look);
  layout = &image->python->runtime.layout;
  ended = image->python->threads[2]->address;
  pass_lock (image, 1, ended);
  image_put (image, image->python->threads[1]->address + layout->thread_next,
             image_get (image, ended + layout->thread_next));
  change (image);
  look_at (image->python, &look);
  g_assert_cmpuint (look.n_threads, ==, 4);
  for (gsize i = 0; i < look.n_threads; i++)
    g_assert_cmpuint (look.threads[i].address, !=, ended);
  image_free (image);
}

static guint
find_holder (Image *image)
{
  for (guint i = 0; i < image->python->n_threads; i++)
    if (image->python->threads[i]->address == get_holder (image))
      return i;
  g_assert_not_reached ();
}

static void
move_holder (Image *image)
{
  move (image, find_holder (image));
}

static void
move_rester (Image *image)
{
  move (image, find_rester (image, G_MAXUINT));
}

/* Only the thread with the lock can be seen at work, and only if its instruction changes while it
 * is read and that is asked for. */
static void
test_at_work (const void *data)
{
  Changing changing;
  Image *image = open_changing (data, &changing);
  SalPythonLook look;

  image_put (image, get_lock (image, image->python->runtime.layout.gil_locked), 1);
  change (image);
  settle (image, &look);
  changing.meanwhile = move_holder;
  look_at (image->python, &look);
  g_assert_cmpuint (interpreters_count_at_work (&look), ==, 0);

  sal_python_set_watchful (image->python, true);
  settle (image, &look);
  g_assert_cmpuint (look.n_calls, ==, 1);
  g_assert_cmpuint (interpreters_count_at_work (&look), ==, 0);
  changing.meanwhile = move_rester;
  look_at (image->python, &look);
  g_assert_cmpuint (interpreters_count_at_work (&look), ==, 0);
  changing.meanwhile = move_holder;
  look_at (image->python, &look);
  g_assert_cmpuint (interpreters_count_at_work (&look), ==, 1);
  g_assert_true (look.threads[find_holder (image)].is_at_work);

  image_put (image, get_lock (image, image->python->runtime.layout.gil_locked), 0);
  change (image);
  changing.meanwhile = move_holder;
  look_at (image->python, &look);
  g_assert_cmpuint (interpreters_count_at_work (&look), ==, 0);
  image_free (image);
}

/* A SalPythonHold of what stands still anyway. */
static SalTargetResult
read_still (void *data, SalTargetRange *ranges, size_t n_ranges, SalTargetRange *stack)
{
  SalTarget *target = data;
  size_t n_read;

  *stack = (SalTargetRange){ 0 };
  return target->ops->read_many (target, ranges, n_ranges, &n_read);
}

static void
go_on (void *data)
{
  g_assert_nonnull (data);
}

/* The innermost frame is just being made: the thread does not name it yet, and its code is that of
 * what its memory was used for before. No copy shows it, however often it is the same. */
static void
test_unmade (const void *data)
{
  Changing changing;
  Image *image = open_changing (data, &changing);
  const SalPythonLayout *layout = &image->python->runtime.layout;
  SalPythonHold hold = { read_still, go_on, &changing, false };
  SalPythonHeld held;
  SalPythonLook look;
  guint64 thread;
  guint64 unmade;
  guint64 head;
  guint32 n_frames;
  guint32 code;

  settle (image, &look);
  n_frames = look.threads[0].n_frames;
  code = look.threads[0].frames[1].code;
  thread = image->python->threads[0]->address;
  unmade = image_get (image, thread + layout->thread_frame);
  head = image_get (image, unmade + layout->frame_previous);
  image_put (image, thread + layout->thread_frame, head);
  image_put (image, unmade + layout->frame_code, image_get (image, head + layout->frame_code));
  memset (image_at (image, unmade + layout->frame_instruction), 0, sizeof (gint32));
  pass_lock (image, 2, get_holder (image));
  change (image);
  look_at (image->python, &look);
  g_assert_cmpint (look.threads[0].result, ==, SAL_PYTHON_LOOK_TORN);

  g_assert_cmpint (sal_python_look_held (image->python, 0, &hold, &held), ==, SAL_PYTHON_OK);
  g_assert_cmpint (held.thread.result, ==, SAL_PYTHON_LOOK_OK);
  g_assert_cmpuint (held.thread.n_frames, ==, n_frames - 1);
  g_assert_cmpuint (held.thread.frames[0].code, ==, code);
  image_free (image);
}

/* Whichever frames of a deep stack change, a look shows them as one from the start does. */
static void
test_recalled (const void *data)
{
  Changing changing;
  Image *image = open_changing (data, &changing);
  SalPythonThreadState *thread;
  SalPythonLook look;
  guint32 n_frames;

  settle (image, &look);
  thread = image->python->threads[0];
  n_frames = look.threads[0].n_frames;
  g_assert_cmpuint (n_frames, >, 200);
  for (guint i = 0; i < n_frames; i++)
    {
      g_autofree SalPythonFrame *expected =
          g_memdup2 (look.threads[0].frames, n_frames * sizeof *expected);
      guint32 instruction;
      guint8 *at;

      g_assert_cmpuint (thread->recall.n_raw, ==, n_frames);
      at = image_at (image, thread->recall.raw[i].address +
                                image->python->runtime.layout.frame_instruction);
      memcpy (&instruction, at, sizeof instruction);
      instruction -= 2;
      memcpy (at, &instruction, sizeof instruction);
      expected[i].offset -= 2;
      change (image);
      _sal_python_still_forget (image->python);
      look_at (image->python, &look);
      g_assert_cmpint (look.threads[0].result, ==, SAL_PYTHON_LOOK_OK);
      g_assert_cmpuint (look.threads[0].n_frames, ==, n_frames);
      g_assert_cmpmem (look.threads[0].frames, n_frames * sizeof *expected, expected,
                       n_frames * sizeof *expected);
    }
  image_free (image);
}

static void
add_images (const char *name, GTestDataFunc function)
{
  static const char *const images[] = { "python-3.8.18.image", "python-3.11.7.image",
                                        "python-3.12.1.image", "python-3.13.0.image" };

  for (gsize i = 0; i < G_N_ELEMENTS (images); i++)
    {
      g_autofree char *path = g_strdup_printf ("/python/still/%s/%s", images[i], name);

      g_test_add_data_func (path, images[i], function);
    }
}

int
main (int argc, char **argv)
{
  static const char *const chunked[] = { "python-3.11.7.image", "python-3.12.1.image",
                                         "python-3.13.0.image" };

  g_test_init (&argc, &argv, NULL);
  add_images ("kept", test_kept);
  add_images ("taken", test_taken);
  add_images ("passed", test_passed);
  add_images ("no-turn", test_no_turn);
  add_images ("unforeseen", test_unforeseen);
  add_images ("ended", test_ended);
  add_images ("left", test_left);
  add_images ("left-ended", test_left_ended);
  add_images ("at-work", test_at_work);
  g_test_add_data_func ("/python/still/python-3.8.18.image/unmade", "python-3.8.18.image",
                        test_unmade);
  for (gsize i = 0; i < G_N_ELEMENTS (chunked); i++)
    {
      g_autofree char *path = g_strdup_printf ("/python/still/%s/recalled", chunked[i]);

      g_test_add_data_func (path, chunked[i], test_recalled);
    }
  return g_test_run ();
}
