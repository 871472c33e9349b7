/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that asyncio tasks are told by name, and time given to the one that took it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recording.h"

static const char *const minors[] = { "3.14", "3.15", "3.14t", "3.15t" };

static Recording *
record (const char *minor, const char *mode, const char *rate, char **out)
{
  g_autofree char *python = python_find (minor);
  g_autofree char *target = target_path ("tasks.py");
  g_autoptr (Recorder) recorder = NULL;
  Recording *recording;

  if (python == NULL)
    return NULL;
  recorder = recorder_run (WORDS ("--rate", rate), WORDS (python, target, mode, "3"));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  if (out != NULL)
    *out = g_strdup (recorder->out);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  return recording;
}

static guint8
get_kind (const Recording *recording, guint32 stack)
{
  guint32 frame = g_array_index (recording->stacks, SalCaptureStack, stack).frame;
  guint32 function = g_array_index (recording->frames, SalCaptureFrame, frame).function;

  return g_array_index (recording->functions, SalCaptureFunction, function).kind;
}

static guint32
get_parent (const Recording *recording, guint32 stack)
{
  return g_array_index (recording->stacks, SalCaptureStack, stack).parent;
}

/* The tasks of @stack, innermost first, each behind a "<"; and before them the function that the
 * innermost runs. "" = it has none. */
static char *
describe_tasks (const Recording *recording, guint32 stack)
{
  GString *text = g_string_new (NULL);
  guint32 inner = stack;

  for (; stack != SAL_CAPTURE_NO_ID; stack = get_parent (recording, stack))
    {
      if (get_kind (recording, stack) != SAL_CAPTURE_TASK)
        {
          inner = stack;
          continue;
        }
      if (text->len == 0)
        g_string_append (text, recording_get_name (recording, inner));
      g_string_append_printf (text, "<%s", recording_get_name (recording, stack));
    }
  return g_string_free (text, FALSE);
}

/* Nanoseconds of samples in @function by what describe_tasks() says of them. */
static GHashTable *
sum_by_tasks (const Recording *recording, const char *function)
{
  GHashTable *sums = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < recording->samples->len; i++)
    {
      const SalCaptureSample *sample = &g_array_index (recording->samples, SalCaptureSample, i);
      char *tasks;
      double *sum;

      if (sample->stack == SAL_CAPTURE_NO_ID ||
          !recording_is_in (recording, sample->stack, function))
        continue;
      tasks = describe_tasks (recording, sample->stack);
      sum = g_hash_table_lookup (sums, tasks);
      if (sum == NULL)
        {
          sum = g_new0 (double, 1);
          g_hash_table_insert (sums, g_strdup (tasks), sum);
        }
      *sum += (double)sample->weight_ns;
      g_free (tasks);
    }
  return sums;
}

static double
sum_all (GHashTable *sums)
{
  GHashTableIter iter;
  gpointer key;
  gpointer value;
  double sum = 0;

  g_hash_table_iter_init (&iter, sums);
  while (g_hash_table_iter_next (&iter, &key, &value))
    sum += *(double *)value;
  return sum;
}

static double
get_sum (GHashTable *sums, const char *key)
{
  const double *sum = g_hash_table_lookup (sums, key);

  return sum != NULL ? *sum : 0;
}

/* What the program says that it took, in seconds. */
static double
find_truth (const char *out, const char *name)
{
  g_autofree char *start = g_strdup_printf ("%s ", name);
  const char *line = strstr (out, start);
  double seconds;

  g_assert_nonnull (line);
  g_assert_cmpint (sscanf (line + strlen (start), "%lf", &seconds), ==, 1);
  return seconds;
}

/* By how much a share may be off: three points, three deviations of a share of 40 % over 2,500
 * samples; more only where the machine was too busy for so many. */
static double
get_tolerance (const Recording *recording)
{
  double sum = 0;
  double squares = 0;

  for (guint i = 0; i < recording->samples->len; i++)
    {
      double weight = (double)g_array_index (recording->samples, SalCaptureSample, i).weight_ns;

      sum += weight;
      squares += weight * weight;
    }
  return fmax (0.03, 3 * 0.49 * sqrt (squares) / sum);
}

/* Every stack of the burning function is under its task and whoever waits for that, and each has
 * its share of the time. */
static void
test_shares (const void *data)
{
  static const struct
  {
    const char *name;
    const char *tasks;
  } cases[] = {
    { "group-a", "worker<group-a (worker)<Task (shares)" },
    { "group-b", "outer<group-b (outer)<Task (shares)" },
    { "part-1", "worker<part-1 (worker)<gatherer (collect)<Task (shares)" },
    { "part-2", "worker<part-2 (worker)<gatherer (collect)<Task (shares)" },
    { "eager", "burst<eager (burst)" },
  };
  g_autofree char *out = NULL;
  g_autoptr (Recording) recording = record (data, "shares", "1000", &out);
  g_autoptr (GHashTable) sums = NULL;
  double truth = 0;
  double all = 0;

  if (recording == NULL)
    return;
  sums = sum_by_tasks (recording, "burn");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      truth += find_truth (out, cases[i].name);
      all += get_sum (sums, cases[i].tasks);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double share = get_sum (sums, cases[i].tasks) / all;
      double right = find_truth (out, cases[i].name) / truth;

      g_test_message ("%s took %.2f %% and was given %.2f %%", cases[i].name, 100 * right,
                      100 * share);
      g_assert_cmpfloat (fabs (share - right), <, get_tolerance (recording));
    }
  /* A few at the start, before asyncio was known to be there, and where the task changed again and
   * again while it was looked at. */
  g_test_message ("%.2f %% of the time is under the tasks that took it",
                  100 * all / sum_all (sums));
  g_assert_cmpfloat (all / sum_all (sums), >, 0.97);
}

/* Tasks that come and go at the same addresses: none is taken for another. */
static void
test_churn (const void *data)
{
  g_autoptr (Recording) recording = record (data, "churn", "2000", NULL);
  guint n_right = 0;
  guint n_all = 0;

  if (recording == NULL)
    return;
  for (guint i = 0; i < recording->samples->len; i++)
    {
      guint32 stack = g_array_index (recording->samples, SalCaptureSample, i).stack;

      for (guint n = 0; n < 16 && stack != SAL_CAPTURE_NO_ID; n++)
        {
          g_autofree char *leaf = g_strdup_printf ("leaf_%u", n);
          g_autofree char *right = g_strdup_printf ("run<job-%u (run)<Task (churn)", n);
          g_autofree char *tasks = NULL;

          if (!recording_is_in (recording, stack, leaf))
            continue;
          tasks = describe_tasks (recording, stack);
          n_all++;
          n_right += g_str_equal (tasks, right);
          if (tasks[0] != '\0')
            g_assert_cmpstr (tasks, ==, right);
        }
    }
  g_test_message ("%u of %u stacks have their task", n_right, n_all);
  g_assert_cmpuint (n_right, >, n_all / 2);
}

/* Of a row of tasks longer than is followed the inner part is shown, and that it is not all. */
static void
test_deep (const void *data)
{
  g_autoptr (Recording) recording = record (data, "deep", "1000", NULL);
  g_autoptr (GString) right = g_string_new ("descend");
  g_autoptr (GHashTable) sums = NULL;

  if (recording == NULL)
    return;
  for (guint n = 0; n < 64; n++)
    g_string_append_printf (right, "<level-%u (descend)", n);
  g_string_append (right, "<<truncated>");
  sums = sum_by_tasks (recording, "burn");
  g_assert_cmpfloat (get_sum (sums, right->str) / sum_all (sums), >, 0.97);
}

/* Before 3.14 there is no table: everything is as if there were no tasks. */
static void
test_older (void)
{
  g_autoptr (Recording) recording = record ("3.13", "churn", "1000", NULL);

  if (recording == NULL)
    return;
  for (guint i = 0; i < recording->functions->len; i++)
    g_assert_cmpint (g_array_index (recording->functions, SalCaptureFunction, i).kind,
                     !=,
                     SAL_CAPTURE_TASK);
  g_assert_cmpuint (recording_sum_weights (recording, "burn", G_MAXUINT32), >, 0);
}

static void
add (const char *minor, const char *name, GTestDataFunc function)
{
  g_autofree char *path = g_strdup_printf ("/live/tasks/%s/%s", minor, name);

  g_test_add_data_func (path, minor, function);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (minors); i++)
    {
      add (minors[i], "shares", test_shares);
      add (minors[i], "churn", test_churn);
      add (minors[i], "deep", test_deep);
    }
  g_test_add_func ("/live/tasks/3.13/older", test_older);
  return g_test_run ();
}
