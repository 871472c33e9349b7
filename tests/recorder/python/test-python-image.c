/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walker on saved Pythons, and on the same after damage. */
#include <stdlib.h>
#include <string.h>

#include "image-bytes.h"

#define OLD_IMAGE "python-3.8.18.image"

/* How deep 3.8 and 3.11 on are where a coroutine runs. */
#define N_COROUTINE(image) (g_str_has_prefix ((image)->version, "3.8") ? 14 : 15)

static const SalPythonThread *
find_thread (Image *image, const SalPythonLook *look, const char *name)
{
  for (size_t i = 0; i < look->n_threads; i++)
    {
      char *found = sal_python_dup_thread_name (image->python, look->threads[i].thread_id, NULL);
      gboolean is_it = g_strcmp0 (found, name) == 0;

      free (found);
      if (is_it)
        return &look->threads[i];
    }
  return NULL;
}

static void
look_at (Image *image, SalPythonLook *look)
{
  g_assert_cmpstr (sal_python_result_name (image->result), ==, "ok");
  g_assert_cmpint (sal_python_look (image->python, look), ==, SAL_PYTHON_OK);
}

/* Names from the inside out, joined by spaces, @n of them. */
static char *
describe (Image *image, const SalPythonThread *thread, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < MIN (n, thread->n_frames); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            sal_python_get_code (image->python, thread->frames[i].code)->name);
  return g_string_free (text, FALSE);
}

static void
assert_stack (Image *image, const SalPythonLook *look, const char *name, const char *stack, guint n)
{
  const SalPythonThread *thread = find_thread (image, look, name);
  g_autofree char *found = NULL;

  g_assert_nonnull (thread);
  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_OK);
  found = describe (image, thread, (guint)strlen (stack));
  g_assert_true (g_str_has_prefix (found, "Condition.wait Event.wait stop "));
  g_assert_true (g_str_has_prefix (found + strlen ("Condition.wait Event.wait stop "), stack));
  g_assert_cmpuint (thread->n_frames, ==, n);
}

/* Up to 3.10 functions inside of others have no longer name, and frames are on the heap. */
static gboolean
is_old (const char *name)
{
  return strcmp (name, OLD_IMAGE) == 0;
}

static void
test_good (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;

  image_open (image);
  look_at (image, &look);
  g_assert_nonnull (strstr (data, image->version));
  g_assert_cmpuint (look.n_threads, ==, 5);
  assert_stack (image, &look, "callback-ü",
                is_old (data) ? "<lambda> Café.größe Thread.run"
                              : "Café.größe.<locals>.<lambda> Café.größe Thread.run",
                8);
  assert_stack (image, &look, "generator", "tail numbers <lambda> Thread.run", 9);
  assert_stack (image, &look, "coroutine", "inner outer Handle._run", N_COROUTINE (image));
  assert_stack (image, &look, "deep", "deep deep deep", 207);
  image_free (image);
}

/* A look at an image settles: the second is one read and the same. */
static void
test_same (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;

  image_open (image);
  for (int i = 0; i < 100; i++)
    look_at (image, &look);
  g_assert_cmpuint (look.n_calls, ==, 1);
  g_assert_cmpuint (look.n_retries, ==, 0);
  for (size_t i = 0; i < look.n_threads; i++)
    g_assert_true (look.threads[i].same_as_before);
  image_free (image);
}

/* Opens an image, lets @damage change it by what was found, and looks again from the start. The
 * thread called "deep" is the one to hit: it comes first, and its frames are good to reach. */
typedef void (*Damage) (Image *image, const SalPythonThreadState *thread, const guint64 *frames);

static const SalPythonThread *
look_damaged (Image *image, SalPythonLook *look, Damage damage)
{
  guint64 frames[64];
  SalPythonThreadState thread;
  const SalPythonThread *seen;

  image_open (image);
  look_at (image, look);
  seen = find_thread (image, look, "deep");
  g_assert_nonnull (seen);
  g_assert_true (seen == &look->threads[0]);
  thread = *image->python->threads[0];
  /* Its frames lie one above the other; the chain itself tells where. */
  if (image->python->runtime.layout.thread_frame != SAL_PYTHON_NO_FIELD)
    frames[0] = image_get (image, thread.address + image->python->runtime.layout.thread_frame);
  else
    frames[0] = image_get (image, thread.cframe + image->python->runtime.layout.cframe_frame);
  for (guint i = 1; i < G_N_ELEMENTS (frames); i++)
    frames[i] = image_get (image, frames[i - 1] + image->python->runtime.layout.frame_previous);
  damage (image, &thread, frames);
  image_open (image);
  if (image->result != SAL_PYTHON_OK || sal_python_look (image->python, look) != SAL_PYTHON_OK)
    return NULL;
  return &look->threads[0];
}

static void
assert_others_are_good (Image *image, const SalPythonLook *look)
{
  assert_stack (image, look, "generator", "tail numbers", 9);
  assert_stack (image, look, "coroutine", "inner outer Handle._run", N_COROUTINE (image));
}

static void
make_cycle (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  image_put (image, frames[40] + image->python->runtime.layout.frame_previous, frames[10]);
}

static void
test_cycle (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, make_cycle);

  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_CHAIN);
  g_assert_cmpuint (thread->n_frames, ==, 0);
  assert_others_are_good (image, &look);
  image_free (image);
}

static void
point_nowhere (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  image_put (image, frames[20] + image->python->runtime.layout.frame_previous, 0xdeadbeef000);
}

/* The inner frames are still good to have. */
static void
test_nowhere (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, point_nowhere);

  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_PARTIAL);
  g_assert_cmpuint (thread->n_frames, >=, 20);
  assert_others_are_good (image, &look);
  image_free (image);
}

static void
point_at_garbage (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  image_put (image, frames[20] + image->python->runtime.layout.frame_code, frames[30]);
}

static void
test_garbage (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, point_at_garbage);

  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_CHAIN);
  assert_others_are_good (image, &look);
  image_free (image);
}

static void
lose_chunk (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  image_put (image, thread->address + image->python->runtime.layout.thread_chunk, 0x10000);
}

static void
test_no_chunk (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, lose_chunk);

  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_READ);
  assert_others_are_good (image, &look);
  image_free (image);
}

static void
blow_up_chunk (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  image_put (image, thread->chunk + image->python->runtime.layout.chunk_size, G_MAXUINT64 / 2);
}

static void
test_huge_chunk (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, blow_up_chunk);

  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_READ);
  assert_others_are_good (image, &look);
  image_free (image);
}

static void
lose_head (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  image_put (image, thread->address + image->python->runtime.layout.thread_frame, 0x10000);
}

static void
test_no_head (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, lose_head);

  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_CHAIN);
  assert_others_are_good (image, &look);
  image_free (image);
}

/* The head is a frame that has returned: what it leads to is no stack. */
static void
free_head (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  image_put (image, frames[0], 0);
}

static void
test_free_head (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, free_head);

  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_TORN);
  g_assert_cmpuint (thread->n_frames, ==, 0);
  assert_others_are_good (image, &look);
  image_free (image);
}

/* The names of a method's arguments cannot be read: it keeps its plain name. */
static void
blow_up_variables (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  const SalPythonLayout *layout = &image->python->runtime.layout;

  for (uint32_t i = 0; i < sal_python_get_n_codes (image->python); i++)
    {
      const SalPythonCodeEntry *code = sal_python_codes_get (image->python->codes, i);

      if (g_str_equal (sal_python_get_code (image->python, i)->name, "Event.wait"))
        image_put (image, image_get (image, code->address + layout->code_variables) + 24, 0x10001);
    }
}

static void
test_bad_variables (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, blow_up_variables);
  g_autofree char *found = describe (image, thread, 3);

  g_assert_cmpstr (found, ==, "Condition.wait wait stop");
  image_free (image);
}

/* Every code object of the inner frames, after damage to the strings or the table of one. */
static void
damage_code (Image *image, guint32 field, guint32 in_object, guint64 value)
{
  const SalPythonCodeEntry *code = NULL;

  for (uint32_t i = 0; i < sal_python_get_n_codes (image->python); i++)
    if (g_str_equal (sal_python_get_code (image->python, i)->name, "deep"))
      code = sal_python_codes_get (image->python->codes, i);
  g_assert_nonnull (code);
  image_put (image, image_get (image, code->address + field) + in_object, value);
}

static void
blow_up_name (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  const SalPythonLayout *layout = &image->python->runtime.layout;

  if (layout->code_qualified_name != SAL_PYTHON_NO_FIELD)
    damage_code (image, layout->code_qualified_name, layout->text_length, (guint64)1 << 62);
  /* The plain name is the same object, or else another that is just as bad. */
  damage_code (image, layout->code_name, layout->text_length, (guint64)1 << 62);
}

static void
test_huge_name (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, blow_up_name);
  const SalPythonCode *code;

  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_OK);
  code = sal_python_get_code (image->python, thread->frames[20].code);
  g_assert_false (code->readable);
  g_assert_cmpstr (code->name, ==, "<unreadable>");
  image_free (image);
}

static void
blow_up_table (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  const SalPythonLayout *layout = &image->python->runtime.layout;

  damage_code (image, layout->code_line_table, layout->bytes_length, G_MAXUINT64);
}

static void
test_huge_table (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, blow_up_table);
  SalPythonFrame frame = thread->frames[20];

  g_assert_cmpstr (sal_python_get_code (image->python, frame.code)->name, ==, "deep");
  g_assert_cmpuint (sal_python_get_position (image->python, frame.code, frame.offset).line, ==, 0);
  image_free (image);
}

static void
knot_threads (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  image_put (image, thread->address + image->python->runtime.layout.thread_next, thread->address);
}

static void
test_thread_cycle (const void *data)
{
  Image *image = image_load (data);
  SalPythonLook look;

  g_assert_null (look_damaged (image, &look, knot_threads));
  g_assert_cmpint (image->result, ==, SAL_PYTHON_CORRUPT);
  image_free (image);
}

/* Of 3.13. */
#define N_OFFSETS 73

/* Each word of the debug offsets in turn: nothing may come of it but a result. */
static void
test_offsets (void)
{
  static const guint64 values[] = { 0, 1, 7, 4090, 1 << 20, 1 << 30, G_MAXUINT64, G_MAXUINT64 / 2 };
  Image *image = image_load ("python-3.13.0.image");
  guint n_refused = 0;
  guint64 start;

  image_open (image);
  start = image->python->runtime.address;
  for (guint64 word = 0; word < N_OFFSETS; word++)
    for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
      {
        guint64 good = image_get (image, start + word * 8);
        SalPythonLook look;

        image_put (image, start + word * 8, values[i]);
        image_open (image);
        if (image->result != SAL_PYTHON_OK ||
            sal_python_look (image->python, &look) != SAL_PYTHON_OK)
          n_refused++;
        image_put (image, start + word * 8, good);
      }
  g_assert_cmpuint (n_refused, >, 100);
  image_open (image);
  g_assert_cmpint (image->result, ==, SAL_PYTHON_OK);
  image_free (image);
}

static void
assert_version (
    Image *image, guint64 word, guint64 value, SalPythonResult result, const char *version)
{
  guint64 at = image->python->runtime.address + word * 8;
  guint64 good = image_get (image, at);

  image_put (image, at, value);
  image_open (image);
  g_assert_cmpstr (sal_python_result_name (image->result), ==, sal_python_result_name (result));
  g_assert_cmpstr (image->version, ==, version);
  image_put (image, at, good);
  image_open (image);
}

static void
test_versions (void)
{
  Image *image = image_load ("python-3.13.0.image");

  image_open (image);
  /* Neither a build with the lock nor one without. */
  assert_version (image, 2, 2, SAL_PYTHON_UNSUPPORTED, "3.13.0t");
  /* The saved bytes end where the table of 3.13 does. */
  assert_version (image, 1, 0x030e00b2, SAL_PYTHON_CORRUPT, "3.14.0b2");
  assert_version (image, 1, 0x030d05f0, SAL_PYTHON_OK, "3.13.5");
  image_free (image);
}

#define FREE_THREADED_IMAGE "python-3.14.7t.image"

/* The program that was saved ran without the lock. */
static void
test_no_lock (void)
{
  Image *image = image_load (FREE_THREADED_IMAGE);
  SalPythonLook look;

  image_open (image);
  look_at (image, &look);
  for (size_t i = 0; i < look.n_threads; i++)
    {
      g_assert_cmphex (look.threads[i].gil, ==, 0);
      g_assert_cmphex (look.threads[i].gil_size, ==, 0);
      g_assert_false (look.threads[i].holds_gil || look.threads[i].in_gc);
    }
  image_free (image);
}

/* Each thread runs instructions of its own: a number that no thread has leads nowhere. */
static void
take_strange_copy (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  guint64 at = frames[20] + image->python->runtime.layout.frame_copy;

  g_assert_cmpuint (image_get (image, at) & G_MAXUINT32, >, 0);
  image_put (image, at, (image_get (image, at) & ~(guint64)G_MAXUINT32) | 0x7fffffff);
}

static void
test_strange_copy (void)
{
  Image *image = image_load (FREE_THREADED_IMAGE);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, take_strange_copy);

  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_TORN);
  assert_others_are_good (image, &look);
  image_free (image);
}

static void
lengthen_copies (Image *image, const SalPythonThreadState *thread, const guint64 *frames)
{
  const SalPythonLayout *layout = &image->python->runtime.layout;
  guint64 code = image_get (image, frames[20] + layout->frame_code) & ~(guint64)3;

  image_put (image, image_get (image, code + layout->code_copies), (guint64)1 << 40);
}

static void
test_huge_copies (void)
{
  Image *image = image_load (FREE_THREADED_IMAGE);
  SalPythonLook look;
  const SalPythonThread *thread = look_damaged (image, &look, lengthen_copies);

  g_assert_cmpint (thread->result, ==, SAL_PYTHON_LOOK_TORN);
  assert_others_are_good (image, &look);
  image_free (image);
}

/* The Python has begun, but has no thread yet. */
static void
test_not_ready (const void *data)
{
  Image *image = image_load (data);

  image_open (image);
  image_put (image,
             image->python->runtime.address + image->python->runtime.layout.runtime_interpreters,
             0);
  image_open (image);
  g_assert_cmpstr (sal_python_result_name (image->result), ==, "not ready");
  image_free (image);
}

static void
add (const char *name, const char *test, GTestDataFunc function)
{
  g_autofree char *path = g_strdup_printf ("/python/image/%s/%s", name, test);

  g_test_add_data_func (path, name, function);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { OLD_IMAGE, "python-3.11.7.image", "python-3.12.1.image",
                                       "python-3.13.0.image", FREE_THREADED_IMAGE };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      add (names[i], "good", test_good);
      add (names[i], "same", test_same);
      add (names[i], "cycle", test_cycle);
      add (names[i], "nowhere", test_nowhere);
      add (names[i], "garbage", test_garbage);
      if (is_old (names[i]))
        {
          add (names[i], "no-head", test_no_head);
          add (names[i], "free-head", test_free_head);
          add (names[i], "bad-variables", test_bad_variables);
        }
      else
        {
          add (names[i], "no-chunk", test_no_chunk);
          add (names[i], "huge-chunk", test_huge_chunk);
        }
      add (names[i], "huge-name", test_huge_name);
      add (names[i], "huge-table", test_huge_table);
      add (names[i], "thread-cycle", test_thread_cycle);
      add (names[i], "not-ready", test_not_ready);
    }
  g_test_add_func ("/python/image/offsets", test_offsets);
  g_test_add_func ("/python/image/versions", test_versions);
  g_test_add_func ("/python/image/free-threaded/no-lock", test_no_lock);
  g_test_add_func ("/python/image/free-threaded/strange-copy", test_strange_copy);
  g_test_add_func ("/python/image/free-threaded/huge-copies", test_huge_copies);
  return g_test_run ();
}
