/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings directly and through the helper, which is to give at least half as many samples a
 * second: with native frames, where it is told how long threads are held, and without; and how much
 * longer a program with 32 threads takes that is recorded with native frames at 100 Hz (2 % are
 * allowed). The helper's side is for root only.
 *
 * Usage: bench-native rates|plain|crowd */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "bench-sampler.h"
#include "brokered-session.h"
#include "recording.h"

#define N_ROUNDS 4
#define ROUND_S 1.0
#define N_PAIRS 12
#define WINDOW_S 0.8
/* A sampler that has just begun learns about code that it meets for the first time. */
#define LEAD_US 300000
#define LEAST_PIECES 20
#define PATIENCE_S 30

/* crowd.py at work. */
typedef struct
{
  GPid pid;
  char *path;
  const volatile double *told; /* pieces of work, processor time, time */
} Program;

static void
start (Program *program, const char *python, const char *words)
{
  g_autofree char *target = target_path ("crowd.py");
  g_autofree char *command = NULL;
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp (NULL, &program->path, &error);
  double end = bench_get_seconds (CLOCK_MONOTONIC) + PATIENCE_S;

  if (fd < 0 || ftruncate (fd, 3 * sizeof (double)) != 0)
    g_error ("no file");
  program->told = mmap (NULL, 3 * sizeof (double), PROT_READ, MAP_SHARED, fd, 0);
  close (fd);
  command = g_strdup_printf ("%s %s %s %s", python, target, program->path, words);
  argv = g_strsplit (command, " ", -1);
  if (program->told == MAP_FAILED ||
      !g_spawn_async (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &program->pid,
                      &error))
    g_error ("%s does not start", command);
  while (program->told[0] < 1)
    {
      if (bench_get_seconds (CLOCK_MONOTONIC) > end)
        g_error ("%s does not run", command);
      g_usleep (10000);
    }
}

static void
end (Program *program)
{
  kill (program->pid, SIGKILL);
  waitpid (program->pid, NULL, 0);
  munmap ((void *)program->told, 3 * sizeof (double));
  g_unlink (program->path);
  g_free (program->path);
}

/* What samples taken as often as possible were like. */
typedef struct
{
  double rate;     /* of them, a second */
  double n_frames; /* of each */
  SalCaptureCounters counters;
} Rate;

static double
count_frames (const Recording *recording)
{
  guint64 n = 0;

  for (guint i = 0; i < recording->samples->len; i++)
    {
      guint32 stack = g_array_index (recording->samples, SalCaptureSample, i).stack;

      for (; stack != SAL_CAPTURE_NO_ID; n++)
        stack = g_array_index (recording->stacks, SalCaptureStack, stack).parent;
    }
  return (double)n / recording->samples->len;
}

static Rate
record (const Program *program, SalTargetBroker *broker, bool is_native)
{
  g_autoptr (Recording) recording = NULL;
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp (NULL, &path, NULL);
  SalSamplerOptions options = { .native = is_native, .output_fd = fd, .broker = broker };
  BenchSampler bench = bench_sampler_start (program->pid, &options);
  SalSamplerStatus before;
  SalSamplerStatus after;
  double begun;
  Rate rate;

  g_usleep (LEAD_US);
  begun = bench_get_seconds (CLOCK_MONOTONIC);
  sal_sampler_get_status (bench.sampler, &before);
  g_usleep ((gulong)(ROUND_S * 1e6));
  sal_sampler_get_status (bench.sampler, &after);
  rate.rate = (double)(after.counters.samples - before.counters.samples) /
              (bench_get_seconds (CLOCK_MONOTONIC) - begun);
  bench_sampler_stop (&bench);
  recording = recording_load (path);
  rate.n_frames = count_frames (recording);
  rate.counters = recording->counters;
  g_unlink (path);
  close (fd);
  return rate;
}

static void
print_rate (const char *name, const Rate *rate)
{
  const SalCaptureCounters *counters = &rate->counters;
  double n = (double)counters->native_samples;

  printf ("    %-8s %7.0f samples/s of %.0f frames", name, rate->rate, rate->n_frames);
  if (counters->native_samples == 0)
    {
      puts ("");
      return;
    }
  printf (", %6.2f %% merged, %5.2f %% cut, held %5.1f µs (p99 %6.1f), copy %5.1f µs\n",
          100 * (1 - (double)counters->native_seams / n),
          100 * (double)counters->native_cut / n,
          (double)counters->stop_median_ns / 1000,
          (double)counters->stop_p99_ns / 1000,
          (double)counters->copy_median_ns / 1000);
}

static void
measure_rates (const char *python, const char *words, bool is_native)
{
  g_autoptr (GArray) ratios = g_array_new (FALSE, FALSE, sizeof (double));
  BrokeredSession session = { 0 };
  bool has_helper = getuid () == 0;
  Program program;

  start (&program, python, words);
  has_helper = has_helper && brokered_session_begin (&session, program.pid);
  printf ("crowd.py %s:\n", words);
  for (int round = 0; round < N_ROUNDS; round++)
    {
      Rate direct = record (&program, NULL, is_native);
      Rate brokered;
      double ratio;

      print_rate ("direct", &direct);
      if (!has_helper)
        continue;
      brokered = record (&program, session.broker, is_native);
      print_rate ("brokered", &brokered);
      ratio = brokered.rate / direct.rate;
      g_array_append_val (ratios, ratio);
    }
  if (has_helper)
    printf ("    brokered is %.2f of direct (median; worst %.2f; wanted: 0.50)\n",
            bench_get_quantile (ratios, 0.5),
            bench_get_quantile (ratios, 0));
  else
    puts ("    without the helper, which needs root");
  brokered_session_end (&session);
  end (&program);
}

/* Processor time and time of a piece of work, measured over a while. */
static void
read_window (const Program *program, double costs[2])
{
  double until = bench_get_seconds (CLOCK_MONOTONIC) + WINDOW_S;
  double before[3];
  double after[3];

  memcpy (before, (const void *)program->told, sizeof before);
  do
    {
      g_usleep (10000);
      memcpy (after, (const void *)program->told, sizeof after);
    }
  while (bench_get_seconds (CLOCK_MONOTONIC) < until || after[0] - before[0] < LEAST_PIECES);
  for (int i = 0; i < 2; i++)
    costs[i] = (after[i + 1] - before[i + 1]) / (after[0] - before[0]);
}

/* How much more of each a piece of work takes while the program is recorded at 100 Hz, or, with
 * @is_on false, while it is not either, which tells the noise. */
static void
measure_disturbance (const char *python, const char *words, bool is_on)
{
  g_autoptr (GArray) cpu = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) time = g_array_new (FALSE, FALSE, sizeof (double));
  GArray *growths[] = { cpu, time };
  Program program;

  start (&program, python, words);
  for (int pair = 0; pair < N_PAIRS; pair++)
    {
      double costs[2][2];

      /* Off and on change places from pair to pair, so that a drift of the machine cancels. */
      for (int i = 0; i < 2; i++)
        {
          int which = (pair + i) % 2;
          BenchSampler bench = { 0 };

          if (which == 1 && is_on)
            bench = bench_sampler_start (
                program.pid, &(SalSamplerOptions){ .rate_hz = 100, .native = true });
          g_usleep (LEAD_US);
          read_window (&program, costs[which]);
          if (which == 1 && is_on)
            bench_sampler_stop (&bench);
        }
      for (int i = 0; i < 2; i++)
        {
          double growth = 100 * (costs[1][i] / costs[0][i] - 1);

          g_array_append_val (growths[i], growth);
        }
    }
  printf ("crowd.py %s, %s: time %+.2f %% (quartiles %+.2f … %+.2f), processor time %+.2f %% "
          "(%+.2f … %+.2f)\n",
          words,
          is_on ? "100 Hz" : "nobody",
          bench_get_quantile (time, 0.5),
          bench_get_quantile (time, 0.25),
          bench_get_quantile (time, 0.75),
          bench_get_quantile (cpu, 0.5),
          bench_get_quantile (cpu, 0.25),
          bench_get_quantile (cpu, 0.75));
  end (&program);
}

int
main (int argc, char **argv)
{
  static const char *const works[] = { "1 0 20 0 json", "1 0 4 0 zlib", "1 0 4 0 calls" };
  static const char *const plain[] = { "1 0 50 0 steps", "10 0 20 0 steps", "1 31 20 0 steps" };
  static const char *const crowds[] = { "1 31 20 0 json", "32 0 20 0 json", "32 0 20 0 zlib" };
  g_autofree char *python = NULL;
  const char *what = argc > 1 ? argv[1] : "rates";
  sigset_t child;

  g_test_init (&argc, &argv, NULL);
  setvbuf (stdout, NULL, _IOLBF, 0);
  /* As the recorder does: a stop is told by it. */
  sigemptyset (&child);
  sigaddset (&child, SIGCHLD);
  sigprocmask (SIG_BLOCK, &child, NULL);
  python = python_lookup ("3.11");
  if (python == NULL)
    {
      puts ("no Python 3.11 here");
      return 77;
    }
  for (guint i = 0; i < G_N_ELEMENTS (works) && strcmp (what, "rates") == 0; i++)
    measure_rates (python, works[i], true);
  for (guint i = 0; i < G_N_ELEMENTS (plain) && strcmp (what, "plain") == 0; i++)
    measure_rates (python, plain[i], false);
  for (guint i = 0; i < G_N_ELEMENTS (crowds) && strcmp (what, "crowd") == 0; i++)
    for (int is_on = 0; is_on < 2; is_on++)
      measure_disturbance (python, crowds[i], is_on == 1);
  return 0;
}
