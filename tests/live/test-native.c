/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that native stacks are what the program says they are. */
#include <string.h>
#include <unistd.h>

#include "extension.h"
#include "recording.h"

/* Interpreters are of two builds: shared with symbols, and Debian's, static and stripped. */
typedef struct
{
  const char *label;
  const char *minor; /* NULL: Debian's, by its path */
  const char *loop;  /* the C function that runs Python */
  const char *main;  /* the one that programs begin in */
} Build;

#define LOOP "_PyEval_EvalFrameDefault"

static const Build builds[] = {
  { "2.7", "2.7", "PyEval_EvalFrameEx", "Py_Main" },
  { "3.6", "3.6", LOOP, "Py_Main" },
  { "3.7", "3.7", LOOP, "_Py_UnixMain" },
  { "3.8", "3.8", LOOP, "Py_BytesMain" },
  { "3.9", "3.9", LOOP, "Py_BytesMain" },
  { "3.10", "3.10", LOOP, "Py_BytesMain" },
  { "3.11", "3.11", LOOP, "Py_BytesMain" },
  { "3.12", "3.12", LOOP, "Py_BytesMain" },
  { "3.13", "3.13", LOOP, "Py_BytesMain" },
  { "3.14", "3.14", LOOP, "Py_BytesMain" },
  { "3.15", "3.15", LOOP, "Py_BytesMain" },
  { "3.13t", "3.13t", LOOP, "Py_BytesMain" },
  { "3.14t", "3.14t", LOOP, "Py_BytesMain" },
  { "debian", NULL, LOOP, "Py_BytesMain" },
};

static char *
find_python (const Build *build)
{
  if (build->minor != NULL)
    return python_find (build->minor);
  if (g_file_test ("/usr/bin/python3", G_FILE_TEST_IS_EXECUTABLE))
    return g_strdup ("/usr/bin/python3");
  g_test_skip ("no /usr/bin/python3 here");
  return NULL;
}

static char *
build_extension (const char *python)
{
  return extension_build (python, "steps.c", WORDS ("-O2"));
}

/* Whether the functions @names stand in @stack in this order, innermost first, others between. */
static gboolean
is_in_order (const Recording *recording, guint32 stack, const char *const *names)
{
  while (*names != NULL && stack != SAL_CAPTURE_NO_ID)
    {
      if (strcmp (recording_get_name (recording, stack), *names) == 0)
        names++;
      stack = g_array_index (recording->stacks, SalCaptureStack, stack).parent;
    }
  return *names == NULL;
}

/* Samples with @name in their stack, and of these the ones with @names in order, innermost
 * first. */
static void
count_samples (const Recording *recording,
               const char *name,
               const char *const *names,
               guint *n_all,
               guint *n_good)
{
  *n_all = 0;
  *n_good = 0;
  for (guint i = 0; i < recording->samples->len; i++)
    {
      guint32 stack = g_array_index (recording->samples, SalCaptureSample, i).stack;

      if (stack == SAL_CAPTURE_NO_ID || !recording_is_in (recording, stack, name))
        continue;
      ++*n_all;
      *n_good += is_in_order (recording, stack, names);
    }
}

/* 99.5 % merged and all recorded, but for one that is bad luck. A thread that has no processor to
 * stop on for a while goes without, which is counted, but says nothing about merging. */
static void
assert_merged (const Recording *recording, const char *what)
{
  const SalCaptureCounters *counters = &recording->counters;
  /* What cannot be read may be what a program that ends has let go of. */
  guint64 n_lost =
      counters->errors[SAL_CAPTURE_ERROR_TORN] + counters->errors[SAL_CAPTURE_ERROR_CHAIN];
  guint n_seams;
  guint n_good;

  g_test_message ("%s: %" G_GUINT64_FORMAT " samples, %" G_GUINT64_FORMAT
                  " native, %" G_GUINT64_FORMAT " seams, %" G_GUINT64_FORMAT
                  " cut, %" G_GUINT64_FORMAT " lost, held %" G_GUINT64_FORMAT " us",
                  what,
                  counters->samples,
                  counters->native_samples,
                  counters->native_seams,
                  counters->native_cut,
                  n_lost,
                  counters->stop_median_ns / 1000);
  g_assert_cmpuint (counters->samples, >, 0);
  g_assert_cmpuint (counters->native_samples, >=, counters->samples);
  count_samples (recording, "<native frames missing>", NO_WORDS, &n_seams, &n_good);
  g_assert_cmpuint (n_seams, <=, 1 + counters->samples / 200);
  g_assert_cmpuint (n_lost, <=, 1 + counters->samples / 200);
}

/* Of the program @words, NULL-ended. */
static Recording *
record_program (const char *what, const char *rate, const char *const *words)
{
  g_autoptr (Recorder) recorder =
      recorder_run (WORDS ("--native", "--budget", "0", "--rate", rate), words);
  Recording *recording;

  g_assert_cmpint (recorder->exit_status, ==, 0);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  assert_merged (recording, what);
  return recording;
}

static Recording *
record (const char *python, const char *what, const char *folder)
{
  g_autofree char *target = target_path ("native.py");

  return record_program (what, "400", WORDS (python, target, what, "0.5", folder));
}

/* In every sample that is in the innermost function the whole chain must be right. */
static void
assert_chain (const Recording *recording, const char *const *names, guint least)
{
  guint n_all;
  guint n_good;

  count_samples (recording, names[0], names, &n_all, &n_good);
  g_test_message ("%u of %u samples of %s in the right stack", n_good, n_all, names[0]);
  g_assert_cmpuint (n_all, >=, least);
  g_assert_cmpuint (n_good, ==, n_all);
}

static void
test_c_calls_python_calls_c (gconstpointer data)
{
  const Build *build = data;
  g_autofree char *python = find_python (data);
  g_autofree char *folder = python != NULL ? build_extension (python) : NULL;
  g_autoptr (Recording) recording = NULL;

  if (folder == NULL)
    return;
  recording = record (python, "steps", folder);
  assert_chain (recording,
                WORDS ("steps_burn",
                       build->loop,
                       "inner_c",
                       "descend_c",
                       "steps_descend",
                       "outer",
                       "repeat",
                       "<module>",
                       build->loop,
                       build->main,
                       "_start"),
                10);
  assert_chain (recording,
                WORDS ("steps_burn", "back", "inner_c", "descend_c", "outer", "<module>"),
                10);
  extension_remove (folder);
}

static void
test_generators_and_threads (gconstpointer data)
{
  g_autofree char *python = find_python (data);
  g_autofree char *folder = python != NULL ? build_extension (python) : NULL;
  g_autoptr (Recording) generator = NULL;
  g_autoptr (Recording) threads = NULL;

  if (folder == NULL)
    return;
  generator = record (python, "generator", folder);
  assert_chain (generator,
                WORDS ("steps_burn", "back", "descend_c", "outer", "produce", "consume"),
                10);
  threads = record (python, "threads", folder);
  assert_chain (threads, WORDS ("steps_burn", "back", "descend_c", "outer", "repeat"), 10);
  extension_remove (folder);
}

static void
test_standard_library (gconstpointer data)
{
  g_autofree char *python = find_python (data);
  g_autoptr (Recording) zlib = NULL;
  g_autoptr (Recording) hashlib = NULL;
  g_autoptr (Recording) re = NULL;

  if (python == NULL)
    return;
  zlib = record (python, "zlib", NULL);
  assert_chain (zlib, WORDS ("deflate", "compress", "repeat", "<module>"), 10);
  hashlib = record (python, "hashlib", NULL);
  g_assert_cmpuint (recording_sum_weights (hashlib, "digest", G_MAXUINT32), >, 0);
  re = record (python, "re", NULL);
  g_assert_cmpuint (recording_sum_weights (re, "match", G_MAXUINT32), >, 0);
}

/* In any sample, wherever it was when it was stopped. */
static void
test_callbacks (gconstpointer data)
{
  g_autofree char *python = find_python (data);
  g_autofree char *target = target_path ("callbacks.py");
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return;
  recording = record_program ("callbacks", "1000", WORDS (python, target, "1"));
  assert_chain (recording, WORDS ("upper", "replaces", "<module>"), 1);
  assert_chain (recording, WORDS ("compare", "compares", "<module>"), 1);
}

static void
test_threads_without_python (gconstpointer data)
{
  g_autofree char *python = find_python (data);
  g_autofree char *folder = python != NULL ? build_extension (python) : NULL;
  g_autoptr (Recording) recording = NULL;
  guint n_threads = 0;

  if (folder == NULL)
    return;
  recording = record (python, "pool", folder);
  assert_chain (recording, WORDS ("burn_c", "pool_work", "<no Python>"), 10);
  for (guint i = 0; i < recording->threads->len; i++)
    n_threads += g_array_index (recording->threads, SalCaptureThread, i).name != SAL_CAPTURE_NO_ID;
  g_assert_cmpuint (n_threads, ==, 3);
  extension_remove (folder);
}

/* Code that is in no file is one frame, and the walk goes on behind it. */
static void
test_code_made_at_run_time (gconstpointer data)
{
  g_autofree char *python = find_python (data);
  g_autofree char *folder = python != NULL ? build_extension (python) : NULL;
  g_autoptr (Recording) recording = NULL;

  if (folder == NULL)
    return;
  recording = record (python, "made", folder);
  assert_chain (recording,
                WORDS ("burn_made", "<anonymous code>", "steps_made", "made", "<module>"),
                10);
  extension_remove (folder);
}

/* What a copy of the stack has no room for is said to be missing; nothing else is. */
static void
test_deep_stacks (gconstpointer data)
{
  const Build *build = data;
  g_autofree char *python = find_python (data);
  g_autofree char *folder = python != NULL ? build_extension (python) : NULL;
  g_autofree char *target = target_path ("native.py");
  g_autoptr (Recording) deep = NULL;
  g_autoptr (Recording) deeper = NULL;
  g_autoptr (Recorder) recorder = NULL;
  guint n_all;
  guint n_cut;

  if (folder == NULL)
    return;
  deep = record (python, "deep", folder);
  assert_chain (deep, WORDS ("steps_burn", "back", "go_down", "repeat"), 10);
  recorder = recorder_run (WORDS ("--native", "--budget", "0", "--rate", "100"),
                           WORDS (python, target, "deeper", "1", folder));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  deeper = recorder_load (recorder);
  assert_chain (deeper, WORDS ("steps_burn", "back", build->loop, "inner_c"), 1);
  assert_chain (deeper, WORDS ("steps_burn", "back", "go_down", "repeat"), 1);
  count_samples (deeper,
                 "steps_burn",
                 WORDS ("steps_burn", "<native frames missing>"),
                 &n_all,
                 &n_cut);
  g_assert_cmpuint (n_cut, ==, n_all);
  g_assert_cmpuint (deeper->counters.native_cut, >=, n_cut);
  extension_remove (folder);
}

/* A thread that sleeps is read while it does, and not held, however often it has been awake since
 * the sample before. What the program does before and after that is held. */
static void
test_resting_threads_are_left_alone (gconstpointer data)
{
  g_autofree char *python = find_python (data);
  g_autofree char *target = target_path ("native.py");
  g_autoptr (Recording) recording = NULL;

  if (python == NULL)
    return;
  recording = record_program ("sleep", "50", WORDS (python, target, "sleep", "1"));
  assert_chain (recording, WORDS ("nap", "repeat", "<module>"), 10);
  g_test_message ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " samples were held",
                  recording->counters.held,
                  recording->counters.samples);
  g_assert_cmpuint (recording->counters.held * 2, <, recording->counters.samples);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (gconstpointer data);
  } tests[] = {
    { "c-calls-python-calls-c", test_c_calls_python_calls_c },
    { "callbacks", test_callbacks },
    { "threads-without-python", test_threads_without_python },
    { "code-made-at-run-time", test_code_made_at_run_time },
    { "deep-stacks", test_deep_stacks },
    { "generators-and-threads", test_generators_and_threads },
    { "standard-library", test_standard_library },
    { "resting-threads-are-left-alone", test_resting_threads_are_left_alone },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (builds); j++)
      {
        g_autofree char *path =
            g_strdup_printf ("/live/native/%s/%s", tests[i].name, builds[j].label);

        g_test_add_data_func (path, &builds[j], tests[i].test);
      }
  return g_test_run ();
}
