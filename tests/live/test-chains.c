/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that no stack is shown that never was. */
#include <string.h>

#include "recording.h"

/* Samples asked for, a third of a million over all versions, and SAL_TEST_TIMES as many. Some
 * fifteen thousand a second come where they are taken from the program's own processor. */
#define MANY 60000
#define FEWER 30000
#define FEW 15000

/* Whether @stack has a call in it that alternate.py never makes. */
static gboolean
is_impossible (const Recording *recording, guint32 stack)
{
  const char *callee = "";

  while (stack != SAL_CAPTURE_NO_ID)
    {
      const char *name = recording_get_name (recording, stack);

      if ((strcmp (name, "a") == 0 && callee[0] != '\0' && strcmp (callee, "b") != 0) ||
          (strcmp (name, "c") == 0 && callee[0] != '\0' && strcmp (callee, "d") != 0) ||
          (strcmp (callee, "b") == 0 && strcmp (name, "a") != 0) ||
          (strcmp (callee, "d") == 0 && strcmp (name, "c") != 0))
        return TRUE;
      callee = name;
      stack = g_array_index (recording->stacks, SalCaptureStack, stack).parent;
    }
  return FALSE;
}

static void
assert_chains (const char *minor, guint n_samples, const char *n_threads)
{
  g_autofree char *python = python_find (minor);
  g_autofree char *target = target_path ("alternate.py");
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  guint n_a;
  guint n_c;

  if (python == NULL)
    return;
  recorder = recorder_start (TRUE, WORDS ("--rate", "max"),
                             WORDS (python, target, "3600", n_threads));
  recorder_sample (recorder, n_samples);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_REQUEST);
  n_a = recording_count (recording, "a");
  n_c = recording_count (recording, "c");
  g_test_message ("%u samples, %u in a, %u in c, %" G_GUINT64_FORMAT " rejected",
                  recording->samples->len,
                  n_a,
                  n_c,
                  recording->counters.rejected);

  /* Each stack that any sample shows; none but those that were sampled are written. */
  for (guint i = 0; i < recording->stacks->len; i++)
    if (is_impossible (recording, i))
      g_error ("%s within %s",
               recording_get_name (recording, i),
               recording_get_name (recording,
                                   g_array_index (recording->stacks, SalCaptureStack, i).parent));
  g_assert_cmpuint (recording->samples->len, >=, n_samples);
  /* Each has more than a sixth of the time, though neither lives as long as a copy takes. */
  g_assert_cmpuint (n_a, >, n_samples / 10);
  g_assert_cmpuint (n_c, >, n_samples / 10);
}

typedef struct
{
  const char *minor;
  guint n_samples;
  const char *label; /* NULL: the version */
  const char *n_threads;
} Case;

static void
test_chains (const void *data)
{
  const Case *test = data;

  assert_chains (test->minor,
                 recorder_scale (test->n_samples),
                 test->n_threads != NULL ? test->n_threads : "1");
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "2.7", FEW },
    { "3.6", FEW },
    { "3.7", FEW },
    { "3.8", FEW },
    { "3.9", FEW },
    { "3.10", FEW },
    { "3.11", MANY },
    { "3.12", MANY },
    { "3.13", MANY },
    { "3.14", FEWER },
    { "3.15", FEWER },
    { "3.13t", FEWER },
    { "3.14t", FEWER },
    /* On two processors at once. */
    { "3.13t", FEWER, "3.13t-threads", "3" },
    { "3.14t", FEWER, "3.14t-threads", "3" },
    { "3.15t", FEWER },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *label = cases[i].label != NULL ? cases[i].label : cases[i].minor;
      g_autofree char *path = g_strdup_printf ("/live/chains/%s", label);

      g_test_add_data_func (path, &cases[i], test_chains);
    }
  return g_test_run ();
}
