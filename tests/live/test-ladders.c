/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that the quickest programs are shown as they are: calls, generators, coroutines,
 * exceptions, threads that come and go, and ten thousand frames. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording.h"

/* Samples of each version, and SAL_TEST_TIMES as many: of everything by turns, and of ten thousand
 * frames. Up to 3.10 these lie all over the heap, and take far longer to copy. */
#define N_SAMPLES 12000
#define N_DEEP_SAMPLES 1000
#define N_OLD_DEEP_SAMPLES 100
#define N_HELD_SAMPLES 300
/* See ladders.py. */
#define N_RUNGS 46
#define N_DEEP 10000

typedef struct
{
  char letter; /* '\0' = it is no rung */
  guint number;
  guint line; /* of its frame, from the first of its function */
} Rung;

static Rung
get_rung (const Recording *recording, guint32 stack)
{
  Rung rung = { 0 };
  const SalCaptureFrame *frame;
  const char *name = recording_get_name (recording, stack);
  char rest;

  if (stack == SAL_CAPTURE_NO_ID ||
      sscanf (name, "%c_%u%c", &rung.letter, &rung.number, &rest) != 2)
    return (Rung){ 0 };
  frame = &g_array_index (recording->frames,
                          SalCaptureFrame,
                          g_array_index (recording->stacks, SalCaptureStack, stack).frame);
  rung.line =
      frame->line -
      g_array_index (recording->functions, SalCaptureFunction, frame->function).first_line;
  return rung;
}

/* Whether ladders.py can have had the innermost two frames of @stack, below which there are
 * @n_rungs rungs. */
static gboolean
is_possible (const Recording *recording, guint32 stack, guint n_rungs)
{
  guint32 parent = g_array_index (recording->stacks, SalCaptureStack, stack).parent;
  Rung callee = get_rung (recording, stack);
  Rung caller = get_rung (recording, parent);
  gboolean goes_round = caller.letter == 'k' || caller.letter == 'l';

  if (caller.letter == '\0')
    return callee.letter == '\0' || callee.number == 0;
  if (callee.letter == '\0')
    return goes_round ? n_rungs == N_DEEP : caller.number == N_RUNGS - 1;
  return callee.letter == caller.letter && caller.line == 1 && n_rungs < N_DEEP &&
         (callee.number == caller.number + 1 ||
          (goes_round && callee.number == 0 && caller.number == N_RUNGS - 1));
}

static void
assert_possible (const Recording *recording)
{
  g_autofree guint *n_rungs = g_new0 (guint, recording->stacks->len + 1);

  /* A caller's stack comes before its callee's. None but those that were sampled are written. */
  for (guint32 i = 0; i < recording->stacks->len; i++)
    {
      guint32 parent = g_array_index (recording->stacks, SalCaptureStack, i).parent;
      guint n_below = parent != SAL_CAPTURE_NO_ID ? n_rungs[parent] : 0;

      if (!is_possible (recording, i, n_below))
        g_error ("%s within %s, line %u, above %u rungs",
                 recording_get_name (recording, i),
                 recording_get_name (recording, parent),
                 get_rung (recording, parent).line,
                 n_below);
      n_rungs[i] = get_rung (recording, i).letter != '\0' ? n_below + 1 : 0;
    }
}

/* Says how many samples are within each rung 0 of @letters. Which ladders a busy machine lets the
 * program climb in the time is its affair; some it must. */
static void
assert_seen (const Recording *recording, const char *letters)
{
  guint sum = 0;

  for (const char *letter = letters; *letter != '\0'; letter++)
    {
      g_autofree char *name = g_strdup_printf ("%c_0", *letter);
      guint n = recording_count (recording, name);

      g_test_message ("%s: %u samples", name, n);
      sum += n;
    }
  g_assert_cmpuint (sum + recording->counters.rejected, >, 0);
}

static void
assert_climbs (const char *minor,
               const char *letters,
               guint n_samples,
               const char *option,
               const char *const *climbs)
{
  g_autofree char *python = python_find (minor);
  g_autofree char *target = target_path ("ladders.py");
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  guint64 n_rejected;

  if (python == NULL)
    return;
  recorder = recorder_start (TRUE,
                             WORDS ("--rate", "max", option),
                             WORDS (python,
                                    target,
                                    "3600",
                                    climbs[0],
                                    climbs[1],
                                    climbs[2],
                                    climbs[3],
                                    climbs[4]));
  recorder_sample (recorder, n_samples);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_REQUEST);
  n_rejected = recording->counters.rejected;
  g_test_message ("%u samples, %u stacks, %" G_GUINT64_FORMAT " rejected",
                  recording->samples->len,
                  recording->stacks->len,
                  n_rejected);
  assert_possible (recording);
  assert_seen (recording, letters);
  /* Ten thousand frames take so long to copy that a busy machine lets the program run meanwhile:
   * then they cannot be proved, and are told as rejected, unless it may be held still. */
  if (strcmp (letters, "kl") != 0 || option != NULL)
    g_assert_cmpuint (n_rejected, <, n_samples / 100);
}

static void
test_all (const void *minor)
{
  gboolean is_old = strcmp (minor, "2.7") == 0;

  assert_climbs (minor,
                 is_old ? "abcdghij" : "abcdefghij",
                 recorder_scale (N_SAMPLES),
                 NULL,
                 WORDS ("calls",
                        "generators",
                        "exceptions",
                        "threads",
                        is_old ? NULL : "coroutines"));
}

static void
test_deep (const void *data)
{
  const char *minor = data;
  gboolean is_old = atoi (minor) < 3 || atoi (minor + 2) < 11;
  guint n_samples = is_old ? N_OLD_DEEP_SAMPLES : N_DEEP_SAMPLES;

  assert_climbs (minor, "kl", recorder_scale (n_samples), NULL,
                 WORDS ("recursion", NULL, NULL, NULL, NULL));
}

static void
test_held (const void *minor)
{
  assert_climbs (minor, "kl", recorder_scale (N_HELD_SAMPLES), "--blocking",
                 WORDS ("recursion", NULL, NULL, NULL, NULL));
}

int
main (int argc, char **argv)
{
  static const char *const minors[] = { "2.7", "3.6", "3.7", "3.8", "3.9", "3.10",
                                        "3.11", "3.12", "3.13", "3.14", "3.15" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (minors); i++)
    {
      g_autofree char *all = g_strdup_printf ("/live/ladders/%s", minors[i]);
      g_autofree char *deep = g_strdup_printf ("/live/ladders/deep/%s", minors[i]);
      g_autofree char *held = g_strdup_printf ("/live/ladders/held/%s", minors[i]);

      g_test_add_data_func (all, minors[i], test_all);
      g_test_add_data_func (deep, minors[i], test_deep);
      g_test_add_data_func (held, minors[i], test_held);
    }
  return g_test_run ();
}
