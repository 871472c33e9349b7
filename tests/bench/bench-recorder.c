/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What recording costs: flat out, at 1 kHz, in the program and in the recorder, beside the floor
 * that the kernel sets, measured in the same run.
 *
 *   bench-recorder [VERSION]    3.15: only the rates of that version
 *
 * The rates are of every version from 3.11 on that is here, the rest is of 3.11. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#include "bench-sampler.h"
#include "recording.h"
#include "sal-python.h"
#include "sal-target-direct.h"

#define ROUNDS 8
#define LOOKS 20000
#define N_PAIRS 12
#define WINDOW_S 0.6
#define LEAST_UNITS 6
#define RATE_S 2

/* A Python program that runs until it is killed. */
typedef struct
{
  GPid pid;
  int out;
} Program;

static Program
start (const char *python, const char *name)
{
  g_autofree char *target = target_path (name);
  const char *argv[] = { python, target, NULL };
  g_autoptr (GError) error = NULL;
  Program program;

  if (!g_spawn_async_with_pipes (NULL,
                                 (char **)argv,
                                 NULL,
                                 G_SPAWN_DO_NOT_REAP_CHILD,
                                 NULL,
                                 NULL,
                                 &program.pid,
                                 NULL,
                                 &program.out,
                                 NULL,
                                 &error))
    g_error ("%s", error->message);
  g_usleep (500000);
  return program;
}

static void
end (Program *program)
{
  kill (program->pid, SIGKILL);
  waitpid (program->pid, NULL, 0);
  close (program->out);
}

/* Somewhere in the program's heap with 16 KiB that can be read. */
static guint64
find_16_kib (SalTarget *target)
{
  SalTargetRegions regions = { 0 };
  guint64 address = 0;

  if (target->ops->list_regions (target, &regions) == SAL_TARGET_OK)
    for (size_t i = 0; i < regions.n_items && address == 0; i++)
      if (regions.items[i].path != NULL && strcmp (regions.items[i].path, "[heap]") == 0)
        address = regions.items[i].start;
  sal_target_regions_free (&regions);
  return address;
}

/* Microseconds of a look, and of one read of 16 KiB, in turns. */
static void
measure_looks (const char *python)
{
  static char buffer[16384];
  Program program = start (python, "deep.py");
  SalTarget *target = NULL;
  SalPython *opened = NULL;
  char version[32] = "";
  g_autoptr (GArray) looks = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) floors = g_array_new (FALSE, FALSE, sizeof (double));
  guint64 address;
  guint64 n_calls = 0;
  guint n_frames = 0;

  if (sal_target_direct_new (program.pid, &target) != SAL_TARGET_OK ||
      sal_python_open (target, version, &opened) != SAL_PYTHON_OK)
    g_error ("cannot look at %s", python);
  address = find_16_kib (target);
  for (int round = 0; round < ROUNDS; round++)
    {
      struct iovec here = { buffer, sizeof buffer };
      struct iovec there = { (void *)(guintptr)address, sizeof buffer };
      SalPythonLook look = { 0 };
      double begun = bench_get_seconds (CLOCK_MONOTONIC);
      double took;

      for (int i = 0; i < LOOKS; i++)
        {
          if (sal_python_look (opened, &look) != SAL_PYTHON_OK)
            g_error ("look failed");
          n_calls += look.n_calls;
        }
      n_frames = look.threads[0].n_frames;
      took = (bench_get_seconds (CLOCK_MONOTONIC) - begun) / LOOKS * 1e6;
      g_array_append_val (looks, took);
      begun = bench_get_seconds (CLOCK_MONOTONIC);
      for (int i = 0; i < LOOKS; i++)
        if (process_vm_readv (program.pid, &here, 1, &there, 1, 0) != sizeof buffer)
          g_error ("read failed");
      took = (bench_get_seconds (CLOCK_MONOTONIC) - begun) / LOOKS * 1e6;
      g_array_append_val (floors, took);
    }
  printf ("a look at %u frames (Python %s): median %.2f µs, best %.2f µs, %.4f system calls\n",
          n_frames,
          version,
          bench_get_quantile (looks, 0.5),
          bench_get_quantile (looks, 0),
          (double)n_calls / (ROUNDS * LOOKS));
  printf ("floor, one process_vm_readv of 16 KiB: median %.2f µs, best %.2f µs\n",
          bench_get_quantile (floors, 0.5),
          bench_get_quantile (floors, 0));
  sal_python_free (opened);
  sal_target_free (target);
  end (&program);
}

/* System calls of the read(2) family that this process has made. Source: proc_pid_io(5). */
static guint64
count_reads (void)
{
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents ("/proc/self/io", &text, NULL, NULL))
    return 0;
  at = strstr (text, "syscr: ");
  return at != NULL ? g_ascii_strtoull (at + strlen ("syscr: "), NULL, 10) : 0;
}

/* Samples and processor time a second at @rate_hz. */
static void
measure_rate (const char *python, double rate_hz, double seconds)
{
  Program program = start (python, "deep.py");
  BenchSampler bench =
      bench_sampler_start (program.pid, &(SalSamplerOptions){ .rate_hz = rate_hz });
  double begun = bench_get_seconds (CLOCK_MONOTONIC);
  double begun_cpu = bench_get_seconds (CLOCK_PROCESS_CPUTIME_ID);
  SalSamplerStatus before;
  SalSamplerStatus after;
  double took;
  double took_cpu;
  guint64 n;
  guint64 n_reads = count_reads ();

  sal_sampler_get_status (bench.sampler, &before);
  g_usleep ((gulong)(seconds * 1e6));
  sal_sampler_get_status (bench.sampler, &after);
  took = bench_get_seconds (CLOCK_MONOTONIC) - begun;
  took_cpu = bench_get_seconds (CLOCK_PROCESS_CPUTIME_ID) - begun_cpu;
  n = after.counters.samples - before.counters.samples;
  n_reads = count_reads () - n_reads;
  after = bench_sampler_stop (&bench);
  if (rate_hz > 0)
    printf ("at %.0f Hz: ", rate_hz);
  else
    printf ("flat out: ");
  printf ("%.0f samples/s, %.0f a second of processor time, recorder %.4f of a processor, "
          "%.4f reads of /proc a sample, "
          "%.2f bytes a sample, missed %" G_GUINT64_FORMAT ", late %" G_GUINT64_FORMAT
          ", rejected %" G_GUINT64_FORMAT "\n",
          (double)n / took,
          (double)n / took_cpu,
          took_cpu / took,
          (double)n_reads / (double)n,
          (double)after.bytes / (double)after.counters.samples,
          after.counters.missed,
          after.counters.late,
          after.counters.rejected);
  end (&program);
}

/* The processor times that units.py prints within a window, in milliseconds. */
static double
read_window (Program *program, FILE *lines, double seconds)
{
  g_autoptr (GArray) units = g_array_new (FALSE, FALSE, sizeof (double));
  double until = bench_get_seconds (CLOCK_MONOTONIC) + seconds;
  char line[64];

  /* The unit at work began before the window. A busy machine needs a longer one. */
  while ((units->len < LEAST_UNITS || bench_get_seconds (CLOCK_MONOTONIC) < until) &&
         fgets (line, sizeof line, lines) != NULL)
    {
      double unit = atof (line) / 1e6;

      g_array_append_val (units, unit);
    }
  if (units->len < LEAST_UNITS)
    g_error ("the program has ended");
  g_array_remove_index (units, 0);
  return bench_get_quantile (units, 0.5);
}

/* How much more processor time the program needs for the same work while it is recorded. */
static void
measure_disturbance (const char *python, double rate_hz)
{
  Program program = start (python, "units.py");
  FILE *lines = fdopen (dup (program.out), "r");
  g_autoptr (GArray) growths = g_array_new (FALSE, FALSE, sizeof (double));

  setvbuf (lines, NULL, _IOLBF, 64);
  read_window (&program, lines, WINDOW_S);
  for (int pair = 0; pair < N_PAIRS; pair++)
    {
      double units[2] = { 0 };
      double growth;

      /* Off and on change places from pair to pair, so that a drift of the machine cancels. */
      for (int i = 0; i < 2; i++)
        {
          int is_on = (pair + i) % 2;
          BenchSampler bench = { 0 };

          if (is_on)
            bench = bench_sampler_start (program.pid, &(SalSamplerOptions){ .rate_hz = rate_hz });
          units[is_on] = read_window (&program, lines, WINDOW_S);
          if (is_on)
            bench_sampler_stop (&bench);
        }
      growth = 100 * (units[1] / units[0] - 1);
      g_array_append_val (growths, growth);
    }
  printf ("the program's processor time at %.0f Hz: %+.2f %% (median of %d pairs of windows of "
          "%.1f s; quartiles %+.2f … %+.2f)\n",
          rate_hz,
          bench_get_quantile (growths, 0.5),
          N_PAIRS,
          WINDOW_S,
          bench_get_quantile (growths, 0.25),
          bench_get_quantile (growths, 0.75));
  fclose (lines);
  end (&program);
}

static void
measure_rates (const char *minor)
{
  g_autofree char *python = python_lookup (minor);

  if (python == NULL)
    return;
  printf ("%s:\n", python);
  measure_rate (python, 0, RATE_S);
  measure_rate (python, 1000, RATE_S);
  measure_rate (python, 10000, RATE_S);
}

int
main (int argc, char **argv)
{
  static const char *const minors[] = { "3.11", "3.12", "3.13", "3.14", "3.15" };
  g_autofree char *python = NULL;

  g_test_init (&argc, &argv, NULL);
  setvbuf (stdout, NULL, _IOLBF, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (minors); i++)
    if (argc < 2 || g_str_equal (minors[i], argv[1]))
      measure_rates (minors[i]);
  if (argc > 1)
    return 0;
  python = python_lookup ("3.11");
  if (python == NULL)
    {
      puts ("no Python 3.11 here");
      return 77;
    }
  measure_looks (python);
  measure_disturbance (python, 1000);
  return 0;
}
