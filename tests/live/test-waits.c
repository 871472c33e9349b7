/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that it is told what each thread waits for. */
#include <string.h>

#include "recording.h"

/* What the threads of waits.py do. */
static const struct
{
  const char *thread;
  SalCaptureWaitKind kind;
  SalCaptureDescriptorKind descriptor_kind;
  const char *name_end; /* of the descriptor's file; NULL = it has none */
} jobs[] = {
  { "sleep", SAL_CAPTURE_WAIT_SLEEP, SAL_CAPTURE_DESCRIPTOR_NONE, NULL },
  { "lock", SAL_CAPTURE_WAIT_LOCK, SAL_CAPTURE_DESCRIPTOR_NONE, NULL },
  { "poll", SAL_CAPTURE_WAIT_POLL, SAL_CAPTURE_DESCRIPTOR_NONE, NULL },
  { "read", SAL_CAPTURE_WAIT_READ, SAL_CAPTURE_DESCRIPTOR_PIPE, NULL },
  { "receive", SAL_CAPTURE_WAIT_RECEIVE, SAL_CAPTURE_DESCRIPTOR_SOCKET, NULL },
  { "patient", SAL_CAPTURE_WAIT_POLL, SAL_CAPTURE_DESCRIPTOR_SOCKET, NULL },
  { "accept", SAL_CAPTURE_WAIT_ACCEPT, SAL_CAPTURE_DESCRIPTOR_SOCKET, NULL },
  { "child", SAL_CAPTURE_WAIT_CHILD, SAL_CAPTURE_DESCRIPTOR_NONE, NULL },
  { "file", SAL_CAPTURE_WAIT_FILE_LOCK, SAL_CAPTURE_DESCRIPTOR_FILE, ".waited-for" },
};

/* The wait that took most of a thread's time, or NULL when none took half of it; *@on_cpu is the
 * share in which it ran or could have. */
static const SalCaptureWait *
find_dominant (const Recording *recording, const char *name, double *on_cpu)
{
  g_autofree double *weights = g_new0 (double, recording->waits->len + 1);
  int id = recording_find_thread (recording, name);
  double sum = 0;

  g_assert_cmpint (id, >=, 0);
  *on_cpu = 0;
  for (guint i = 0; i < recording->samples->len; i++)
    {
      const SalCaptureSample *sample = &g_array_index (recording->samples, SalCaptureSample, i);

      if (sample->thread != (guint32)id)
        continue;
      sum += (double)sample->weight_ns;
      weights[sample->wait] += (double)sample->weight_ns;
      *on_cpu += (sample->state & SAL_CAPTURE_ON_CPU) != 0 ? (double)sample->weight_ns : 0;
    }
  g_assert_cmpfloat (sum, >, 0);
  *on_cpu /= sum;
  for (guint i = 1; i <= recording->waits->len; i++)
    if (weights[i] > sum / 2)
      return &g_array_index (recording->waits, SalCaptureWait, i - 1);
  return NULL;
}

static void
assert_job (const Recording *recording, guint job)
{
  double on_cpu;
  const SalCaptureWait *wait = find_dominant (recording, jobs[job].thread, &on_cpu);
  const char *name = NULL;

  g_assert_nonnull (wait);
  if (wait->name != SAL_CAPTURE_NO_ID)
    name = recording->strings->pdata[wait->name];
  g_test_message ("%s: kind %u, descriptor %d of kind %u, %s",
                  jobs[job].thread,
                  wait->kind,
                  (int)wait->descriptor,
                  wait->descriptor_kind,
                  name != NULL ? name : "no name");
  g_assert_cmpuint (wait->kind, ==, jobs[job].kind);
  g_assert_cmpuint (wait->descriptor_kind, ==, jobs[job].descriptor_kind);
  g_assert_cmpint (wait->descriptor == SAL_CAPTURE_NO_ID,
                   ==,
                   wait->descriptor_kind == SAL_CAPTURE_DESCRIPTOR_NONE);
  g_assert_false (wait->is_disk);
  if (jobs[job].name_end == NULL)
    g_assert_null (name);
  else
    g_assert_true (g_str_has_suffix (name, jobs[job].name_end));
}

static void
test_version (const void *minor)
{
  g_autofree char *python = python_find (minor);
  g_autofree char *target = target_path ("waits.py");
  g_autoptr (Recorder) recorder = NULL;
  g_autoptr (Recording) recording = NULL;
  double on_cpu;

  if (python == NULL)
    return;
  recorder = recorder_run (NO_WORDS, WORDS (python, target, "2"));
  g_assert_cmpint (recorder->exit_status, ==, 0);
  recording = recorder_load (recorder);
  recording_assert_whole (recording, SAL_CAPTURE_END_EXIT);
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    assert_job (recording, i);
  g_assert_null (find_dominant (recording, "burn", &on_cpu));
  g_assert_cmpfloat (on_cpu, >, 0.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/live/waits/2.7", "2.7", test_version);
  g_test_add_data_func ("/live/waits/3.6", "3.6", test_version);
  g_test_add_data_func ("/live/waits/3.11", "3.11", test_version);
  g_test_add_data_func ("/live/waits/3.15", "3.15", test_version);
  g_test_add_data_func ("/live/waits/3.13t", "3.13t", test_version);
  g_test_add_data_func ("/live/waits/3.14t", "3.14t", test_version);
  return g_test_run ();
}
