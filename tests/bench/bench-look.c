/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast the recorder can look, and how often in vain: each supported interpreter, two programs.
 *
 *   bench-look [VERSION]    3.8: only interpreters whose version begins like this
 *
 * deep: 50 frames, the innermost busy. alternate: a → b and c → d by turns, as fast as it can, so
 * that any stack with one of each is one that never was. Up to 3.10, where each frame is an object
 * of its own, also how fast they are read one by one, by turns with looks.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "interpreters.h"
#include "sal-python-bytes.h"
#include "sal-python-private.h"
#include "sal-target-direct.h"

#define WARM_UP_S 0.5
#define MAX_CODES 4096
#define N_ROUNDS 5
#define ROUND_S 0.5

typedef struct
{
  double wall_s;
  double cpu_s;
  guint64 n_looks;
  guint64 n_calls;
  guint64 n_retries;
  guint64 n_results[SAL_PYTHON_LOOK_READ + 1];
  guint64 n_impossible;
} Count;

static double
now_s (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* What the codes of the program at hand are: 0 until known. */
static guint8 sides[MAX_CODES];

/* 1 for a and b, 2 for c and d. */
static guint8
get_side (SalPython *python, guint32 code)
{
  const char *name;

  if (code >= MAX_CODES)
    return 0;
  if (sides[code] == 0)
    {
      name = sal_python_get_code (python, code)->name;
      sides[code] = 4;
      if (g_str_equal (name, "a") || g_str_equal (name, "b"))
        sides[code] = 5;
      if (g_str_equal (name, "c") || g_str_equal (name, "d"))
        sides[code] = 6;
    }
  return sides[code] & 3;
}

static void
count_look (SalPython *python, const SalPythonLook *look, Count *count)
{
  count->n_looks++;
  count->n_calls += look->n_calls;
  count->n_retries += look->n_retries;
  for (size_t i = 0; i < look->n_threads; i++)
    {
      const SalPythonThread *thread = &look->threads[i];
      guint8 both = 0;

      count->n_results[thread->result]++;
      for (uint32_t k = 0; k < thread->n_frames; k++)
        both |= get_side (python, thread->frames[k].code);
      count->n_impossible += both == 3;
    }
}

static void
wait_for (struct timespec *next, long hz)
{
  next->tv_nsec += 1000000000 / hz;
  if (next->tv_nsec >= 1000000000)
    {
      next->tv_nsec -= 1000000000;
      next->tv_sec++;
    }
  clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

/* @hz 0 = as fast as can be. */
static void
look_for (SalPython *python, double seconds, guint64 n_looks, long hz, Count *count)
{
  double start = now_s (CLOCK_MONOTONIC);
  double start_cpu = now_s (CLOCK_THREAD_CPUTIME_ID);
  struct timespec next;
  SalPythonLook look;

  memset (count, 0, sizeof *count);
  clock_gettime (CLOCK_MONOTONIC, &next);
  while (now_s (CLOCK_MONOTONIC) - start < seconds && count->n_looks < n_looks)
    {
      if (hz > 0)
        wait_for (&next, hz);
      if (sal_python_look (python, &look) == SAL_PYTHON_OK)
        count_look (python, &look, count);
    }
  count->wall_s = now_s (CLOCK_MONOTONIC) - start;
  count->cpu_s = now_s (CLOCK_THREAD_CPUTIME_ID) - start_cpu;
}

static void
report (const char *version, const char *script, const char *rate, const Count *count)
{
  double n = (double)count->n_looks;

  printf ("%-7s %-12s %-8s %9.0f looks/s %9.0f per CPU second, %.4f calls, %.4f retries a look; "
          "good %" G_GUINT64_FORMAT ", torn %" G_GUINT64_FORMAT ", other %" G_GUINT64_FORMAT
          ", impossible %" G_GUINT64_FORMAT "\n",
          version, script, rate, n / count->wall_s, n / count->cpu_s, (double)count->n_calls / n,
          (double)count->n_retries / n,
          count->n_results[SAL_PYTHON_LOOK_OK] + count->n_results[SAL_PYTHON_LOOK_EMPTY],
          count->n_results[SAL_PYTHON_LOOK_TORN],
          count->n_results[SAL_PYTHON_LOOK_CHAIN] + count->n_results[SAL_PYTHON_LOOK_READ] +
              count->n_results[SAL_PYTHON_LOOK_PARTIAL],
          count->n_impossible);
  fflush (stdout);
}

/* Reads a thread's frames one by one, and no more of each than it takes to follow the links;
 * returns how many system calls that took. */
static guint64
follow_links (SalTarget *target, const SalPythonLayout *layout, guint64 thread)
{
  guint64 n_calls = 1;
  guint64 frame = 0;
  guint8 bytes[4096];

  if (sal_target_read (target, thread, bytes, layout->thread_size) == SAL_TARGET_OK)
    frame = sal_python_u64 (bytes + layout->thread_frame);
  for (; frame != 0; n_calls++)
    {
      if (sal_target_read (target, frame, bytes, layout->frame_size) != SAL_TARGET_OK)
        break;
      frame = sal_python_u64 (bytes + layout->frame_previous);
    }
  return n_calls;
}

static void
compare_with_links (const char *version, SalTarget *target, SalPython *python)
{
  const SalPythonLayout *layout = &python->runtime.layout;
  guint64 thread = python->threads[0]->address;
  double best = 0;
  double best_by_links = 0;
  double n_calls = 0;
  Count count;

  for (int round = 0; round < N_ROUNDS; round++)
    {
      double start = now_s (CLOCK_MONOTONIC);
      guint64 n_walks = 0;
      guint64 n_calls_now = 0;

      for (; now_s (CLOCK_MONOTONIC) - start < ROUND_S; n_walks++)
        n_calls_now += follow_links (target, layout, thread);
      best_by_links =
          MAX (best_by_links, (double)n_walks / (now_s (CLOCK_MONOTONIC) - start));
      n_calls = (double)n_calls_now / (double)n_walks;
      look_for (python, ROUND_S, G_MAXUINT64, 0, &count);
      best = MAX (best, (double)count.n_looks / count.wall_s);
    }
  printf ("%-7s %-12s one by one %9.0f stacks/s, %.1f calls a stack; looks %9.0f/s = %.1f times "
          "that (best of %d)\n",
          version, "deep.py", best_by_links, n_calls, best, best / best_by_links, N_ROUNDS);
  fflush (stdout);
}

/* What one read of 16 KiB costs here, of the program's own interpreter. */
static void
report_floor (SalTarget *target, const SalTargetRegions *regions)
{
  static char buffer[16384];
  double best = 1;

  for (size_t i = 0; i < regions->n_items; i++)
    if (regions->items[i].end - regions->items[i].start >= sizeof buffer &&
        regions->items[i].permissions[0] == 'r')
      {
        for (int k = 0; k < 20000; k++)
          {
            double start = now_s (CLOCK_MONOTONIC);

            if (sal_target_read (target, regions->items[i].start, buffer, sizeof buffer) !=
                SAL_TARGET_OK)
              break;
            best = MIN (best, now_s (CLOCK_MONOTONIC) - start);
          }
        break;
      }
  printf ("one read of 16 KiB: %.2f us at best\n", best * 1e6);
}

static SalPython *
open_python (GPid pid, SalTarget **target)
{
  SalPython *python = NULL;
  char version[32];

  if (sal_target_direct_new (pid, target) != SAL_TARGET_OK)
    return NULL;
  for (int i = 0; i < 500 && python == NULL; i++)
    {
      g_usleep (10000);
      if (sal_python_open (*target, version, &python) != SAL_PYTHON_OK)
        python = NULL;
    }
  return python;
}

static void
measure (const Interpreter *interpreter, const char *name, gboolean is_first)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "..", "..", "targets", name, NULL);
  const char *argv[] = { interpreter->path, script, "3600", NULL };
  gboolean is_deep = g_str_equal (name, "deep.py");
  SalTargetRegions regions;
  SalTarget *target;
  SalPython *python;
  Count count;
  GPid pid;

  if (!g_spawn_async (NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent, NULL,
                      &pid, NULL))
    return;
  python = open_python (pid, &target);
  if (python != NULL)
    {
      memset (sides, 0, sizeof sides);
      if (is_first && target->ops->list_regions (target, &regions) == SAL_TARGET_OK)
        {
          report_floor (target, &regions);
          sal_target_regions_free (&regions);
        }
      look_for (python, WARM_UP_S, G_MAXUINT64, 0, &count);
      look_for (python, is_deep ? 3 : 60, is_deep ? G_MAXUINT64 : 1000000, 0, &count);
      report (interpreter->version, name, "flat out", &count);
      look_for (python, 3, G_MAXUINT64, 1000, &count);
      report (interpreter->version, name, "1 kHz", &count);
      if (is_deep && python->runtime.layout.thread_chunk == SAL_PYTHON_NO_FIELD)
        compare_with_links (interpreter->version, target, python);
      sal_python_free (python);
      sal_target_free (target);
    }
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) interpreters = NULL;
  gboolean is_first = TRUE;

  g_test_init (&argc, &argv, NULL);
  interpreters = interpreters_list ();
  for (guint i = 0; i < interpreters->len; i++)
    {
      const Interpreter *interpreter = interpreters->pdata[i];

      if (!interpreters_is_supported (interpreter) ||
          (argc > 1 && !g_str_has_prefix (interpreter->version, argv[1])))
        continue;
      measure (interpreter, "deep.py", is_first);
      measure (interpreter, "alternate.py", FALSE);
      is_first = FALSE;
    }
  return is_first ? 77 : 0;
}
