/* SPDX-License-Identifier: GPL-3.0-or-later */
/* asyncio tasks in a saved Python, and in the same after damage. */
#include <string.h>

#include "image-bytes.h"

#define IMAGE "tasks-3.14.10.image"
#define N_FRAMES 8
#define STACK                                                                 \
  "stop fetch Handle._run BaseEventLoop._run_once BaseEventLoop.run_forever " \
  "BaseEventLoop.run_until_complete Runner.run run <module>"

/* Looks, and learns from what is seen that asyncio is there. */
static SalPythonResult
look (Image *image, SalPythonLook *seen)
{
  SalPythonResult result = sal_python_look (image->python, seen);

  for (uint32_t i = 0; i < sal_python_get_n_codes (image->python); i++)
    sal_python_get_code (image->python, i);
  return result == SAL_PYTHON_OK ? sal_python_look (image->python, seen) : result;
}

/* The functions of the only thread, or its tasks, from the inside out. */
static char *
describe (Image *image, const SalPythonLook *seen, bool tasks)
{
  GString *text = g_string_new (NULL);

  for (uint32_t i = 0; i < seen->threads[0].n_frames; i++)
    {
      const SalPythonCode *code =
          sal_python_get_code (image->python, seen->threads[0].frames[i].code);

      if (code->is_task == tasks)
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", code->name);
    }
  return g_string_free (text, FALSE);
}

static const SalPythonChain *
get_chain (Image *image)
{
  const SalPythonChain *chain = image->python->threads[0]->chain;

  g_assert_nonnull (chain);
  return chain;
}

/* The image, looked at. */
static Image *
load (SalPythonLook *seen)
{
  Image *image = image_load (IMAGE);

  image_open (image);
  g_assert_cmpstr (sal_python_result_name (image->result), ==, "ok");
  g_assert_cmpint (look (image, seen), ==, SAL_PYTHON_OK);
  g_assert_cmpuint (seen->n_threads, ==, 1);
  return image;
}

/* Whatever was damaged, the stack is what it is; it may go without tasks. Returns these. */
static char *
look_again (Image *image)
{
  g_autofree char *stack = NULL;
  SalPythonLook seen;

  image_open (image);
  g_assert_cmpstr (sal_python_result_name (image->result), ==, "ok");
  g_assert_cmpint (look (image, &seen), ==, SAL_PYTHON_OK);
  g_assert_cmpint (seen.threads[0].result, ==, SAL_PYTHON_LOOK_OK);
  g_assert_cmpuint (seen.threads[0].n_frames, <=, N_FRAMES + 1 + SAL_PYTHON_MAX_TASKS + 1);
  stack = describe (image, &seen, false);
  g_assert_cmpstr (stack, ==, STACK);
  return describe (image, &seen, true);
}

/* One task, one of two that wait for it, the task that gathers these with
 * a name that is cut, and the one whose group that is in. */
static void
test_good (void)
{
  g_autoptr (GString) expected = g_string_new ("fetcher (fetch) wäiter (wait_for) crawler-");
  g_autofree char *stack = NULL;
  g_autofree char *tasks = NULL;
  SalPythonLook seen;
  Image *image = load (&seen);

  for (guint i = 0; i < 248; i++)
    g_string_append_c (expected, 'x');
  g_string_append (expected, " (crawl) Task (top)");
  stack = describe (image, &seen, false);
  tasks = describe (image, &seen, true);
  g_assert_cmpstr (stack, ==, STACK);
  g_assert_cmpstr (tasks, ==, expected->str);
  g_assert_cmpuint (get_chain (image)->n_tasks, ==, 4);
  for (uint32_t i = 0; i < seen.threads[0].n_frames; i++)
    {
      SalPythonFrame frame = seen.threads[0].frames[i];
      const SalPythonCode *code = sal_python_get_code (image->python, frame.code);

      if (code->is_task)
        {
          g_assert_true (g_str_has_suffix (code->file, "still_tasks.py"));
          g_assert_cmpuint (code->first_line, >, 0);
          g_assert_cmpuint (sal_python_get_position (image->python, frame.code, -1).line, ==, 0);
        }
    }
  image_free (image);
}

/* Tasks are part of the one read, and of what is the same. */
static void
test_same (void)
{
  SalPythonLook seen;
  Image *image = load (&seen);

  for (int i = 0; i < 100; i++)
    {
      g_assert_cmpint (sal_python_look (image->python, &seen), ==, SAL_PYTHON_OK);
      g_assert_cmpuint (seen.n_calls, ==, i > 0 ? 1 : seen.n_calls);
      g_assert_cmpuint (seen.n_retries, ==, i > 0 ? 0 : seen.n_retries);
    }
  g_assert_true (seen.threads[0].same_as_before);
  image_free (image);
}

/* Who waits for the outermost task is, it says, the innermost. */
static void
test_cycle (void)
{
  g_autofree char *whole = NULL;
  g_autofree char *tasks = NULL;
  SalPythonLook seen;
  Image *image = load (&seen);
  const SalPythonChain *chain = get_chain (image);
  const SalPythonTaskTable *table = sal_python_tasks_get_table (image->python->tasks);

  whole = describe (image, &seen, true);
  image_put (image, chain->tasks[3].address + table->awaited_by, chain->tasks[0].address);
  tasks = look_again (image);
  g_assert_cmpstr (tasks, ==, whole);
  image_free (image);
}

static const guint64 hostile[] = {
  0,
  1,
  7,
  0x10000,
  G_MAXUINT32,
  (guint64)1 << 47,
  G_MAXINT64,
  G_MAXUINT64,
  G_MAXUINT64 - 7,
};

/* Every word of every range that tells of a task in turn. */
static void
test_tasks (void)
{
  SalPythonLook seen;
  Image *image = load (&seen);
  SalPythonChain chain = *get_chain (image);
  guint n_without = 0;
  guint n_looks = 0;

  for (size_t i = 0; i < chain.n_tasks; i++)
    {
      SalPythonTaskRange ranges[SAL_PYTHON_TASK_RANGES];
      size_t n = sal_python_tasks_list_ranges (image->python->tasks, &chain.tasks[i], ranges);

      for (size_t j = 0; j < n; j++)
        for (uint32_t at = 0; at + 8 <= ranges[j].length; at += 8)
          for (gsize k = 0; k < G_N_ELEMENTS (hostile); k++)
            {
              guint64 good = image_get (image, ranges[j].address + at);
              g_autofree char *tasks = NULL;

              /* What the innermost runs is its stack, too, and tests of that are elsewhere. */
              if (ranges[j].address == chain.tasks[0].frame)
                continue;
              image_put (image, ranges[j].address + at, hostile[k]);
              tasks = look_again (image);
              n_looks++;
              n_without += tasks[0] == '\0';
              image_put (image, ranges[j].address + at, good);
            }
    }
  g_test_message ("%u of %u looks without tasks", n_without, n_looks);
  g_assert_cmpuint (n_without, >, 0);
  g_assert_cmpuint (n_without, <, n_looks);
  image_free (image);
}

/* Every word of asyncio's table in turn. It is the one place where these follow each other. */
static void
test_table (void)
{
  SalPythonLook seen;
  Image *image = load (&seen);
  guint64 head[] = { 0xa8, 0x88, 0x60 }; /* of a task: its size, name and awaited_by */
  guint8 *table = memmem (image->bytes, image->length, head, sizeof head);
  guint n_without = 0;

  g_assert_nonnull (table);
  for (guint word = 0; word < 13; word++)
    for (gsize k = 0; k < G_N_ELEMENTS (hostile) + 2; k++)
      {
        static const guint64 near[] = { 0x58, 0x98 };
        guint64 value = k < G_N_ELEMENTS (hostile) ? hostile[k] : near[k - G_N_ELEMENTS (hostile)];
        g_autofree char *tasks = NULL;
        guint64 good;

        memcpy (&good, table + word * 8, 8);
        memcpy (table + word * 8, &value, 8);
        tasks = look_again (image);
        n_without += tasks[0] == '\0';
        memcpy (table + word * 8, &good, 8);
      }
  g_test_message ("%u looks without tasks", n_without);
  g_assert_cmpuint (n_without, >, 40);
  image_free (image);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/python/tasks/good", test_good);
  g_test_add_func ("/python/tasks/same", test_same);
  g_test_add_func ("/python/tasks/cycle", test_cycle);
  g_test_add_func ("/python/tasks/tasks", test_tasks);
  g_test_add_func ("/python/tasks/table", test_table);
  return g_test_run ();
}
