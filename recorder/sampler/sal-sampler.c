/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One recording: looks at a program's Python and writes what it sees. */
#include "config.h"

#include "sal-sampler.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "sal-sampler-budget.h"
#include "sal-sampler-clock.h"
#include "sal-sampler-near.h"
#include "sal-sampler-ring.h"
#include "sal-sampler-scout.h"
#include "sal-sampler-sink.h"
#include "sal-sampler-strings.h"
#include "sal-sampler-watch.h"

#define NS_PER_S 1000000000LL
/* 200 bytes each. Flat out some 200,000 records a second come, and the sink looks every 20 ms; the
 * rest is for a machine or a reader that is busy elsewhere. */
#define RING_RECORDS 65536
#define COUNT_EVERY_NS NS_PER_S
/* How long threads that were asked to stop are waited for at the end. */
#define MOST_REST_NS (NS_PER_S / 10)
/* Of META records; those beyond are warnings too many. */
#define MOST_METAS 64

struct _SalSampler
{
  /* Owned. */
  SalSamplerRing *ring;
  SalSamplerSink *sink;
  SalSamplerWatch *watch;
  SalSamplerScout *scout;
  char *command;
  char *directory;
  int mail_fd;             /* told of what comes from the scout, and of the stop */
  char *metas[MOST_METAS]; /* texts of META records, which the ring borrows */
  size_t n_metas;

  /* The sampling thread's. */
  pthread_t thread;
  bool has_thread;
  double rate_hz;
  int event_fd; /* borrowed */
  int64_t start_ns;
  SalSamplerClock clock;
  SalSamplerBudget budget;
  double share;

  /* Told to the sampling thread. */
  SalSamplerMail mail; /* processes from the scout */
  atomic_bool is_stopped;
  atomic_uint end_reason; /* SalCaptureEndReason; written before is_stopped */

  /* Told by it. */
  atomic_bool has_sampled;
  atomic_bool is_sampling;
  atomic_int_fast64_t stopped_ns; /* elapsed when it stopped, 0 = still going */
};

static bool
make_parts (SalSampler *sampler, const SalSamplerOptions *options)
{
  sampler->command = strdup (options->command);
  sampler->directory = options->directory != NULL ? strdup (options->directory) : NULL;
  sampler->mail_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  sampler->ring = sal_sampler_ring_new (RING_RECORDS);
  if (sampler->ring != NULL)
    sampler->watch = sal_sampler_watch_new (sampler->ring,
                                            options->native,
                                            options->blocking,
                                            options->rate_hz == 0);
  sampler->scout = sal_sampler_scout_new (&(SalSamplerScoutOptions){
      .follows_all = options->follows_all,
      .describe = options->describe,
      .broker = options->broker,
      .out = &sampler->mail,
      .out_fd = sampler->mail_fd,
      .event_fd = options->event_fd,
  });
  return sampler->command != NULL && sampler->mail_fd >= 0 && sampler->watch != NULL &&
         sampler->scout != NULL;
}

SalCaptureResult
sal_sampler_new (const SalSamplerOptions *options, SalSampler **out)
{
  SalSampler *sampler = calloc (1, sizeof *sampler);
  SalCaptureResult result = SAL_CAPTURE_MEMORY;

  *out = NULL;
  if (sampler == NULL)
    return SAL_CAPTURE_MEMORY;
  sampler->rate_hz = options->rate_hz;
  sampler->share = options->budget;
  sampler->event_fd = options->event_fd;
  if (make_parts (sampler, options))
    result = sal_sampler_sink_new (options->output_fd,
                                   sampler->ring,
                                   options->event_fd,
                                   options->debuginfod,
                                   &sampler->sink);
  if (result != SAL_CAPTURE_OK)
    {
      int error = errno;

      sal_sampler_free (sampler);
      errno = error;
      return result;
    }
  *out = sampler;
  return SAL_CAPTURE_OK;
}

/* Writes a META record; the value is cut and cleaned like every text. */
static void
put_meta (SalSampler *sampler, const char *key, const char *value)
{
  uint32_t length;
  char *text;

  if (sampler->n_metas == MOST_METAS)
    return;
  text = sal_sampler_strings_dup_clean (value, &length);
  if (text == NULL)
    return;
  sal_sampler_ring_wait_for_room (sampler->ring, 1);
  sampler->metas[sampler->n_metas++] = text;
  sal_sampler_ring_push (sampler->ring,
                         &(SalCaptureRecord){
                             .kind = SAL_CAPTURE_META,
                             .meta = { { key, strlen (key) }, { text, length } },
                         });
}

/* What is known before Python is found. */
static void
put_first_metas (SalSampler *sampler)
{
  struct timespec now;
  struct tm utc;
  char date[32];
  char text[64];

  clock_gettime (CLOCK_REALTIME, &now);
  gmtime_r (&now.tv_sec, &utc);
  strftime (date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
  snprintf (text, sizeof text, "%s.%09ldZ", date, now.tv_nsec);
  put_meta (sampler, SAL_CAPTURE_META_START, text);
  put_meta (sampler, SAL_CAPTURE_META_RECORDER, "salamander " SAL_VERSION);
  put_meta (sampler, SAL_CAPTURE_META_COMMAND, sampler->command);
  if (sampler->directory != NULL)
    put_meta (sampler, SAL_CAPTURE_META_DIRECTORY, sampler->directory);
  snprintf (text, sizeof text, "%.10g", sampler->rate_hz);
  put_meta (sampler, SAL_CAPTURE_META_RATE, text);
  if (sampler->share > 0 && sampler->rate_hz > 0)
    {
      snprintf (text, sizeof text, "%.10g", sampler->share * 100);
      put_meta (sampler, SAL_CAPTURE_META_BUDGET, text);
    }
}

/* Tells the capture about the Python that was found first. */
static void
put_python (SalSampler *sampler, const SalSamplerProcess *process)
{
  char link[64];
  char path[4096];
  const char *warning = sal_python_get_warning (process->seek.python);
  ssize_t n;

  put_meta (sampler, SAL_CAPTURE_META_PYTHON, process->seek.version);
  if (warning != NULL)
    put_meta (sampler, SAL_CAPTURE_META_WARNING, warning);
  snprintf (link, sizeof link, "/proc/%d/exe", (int)process->pid);
  n = readlink (link, path, sizeof path - 1);
  if (n > 0)
    {
      path[n] = '\0';
      put_meta (sampler, SAL_CAPTURE_META_EXECUTABLE, path);
    }
}

static int64_t
get_thread_cpu_ns (clockid_t clock)
{
  struct timespec cpu;

  if (clock_gettime (clock, &cpu) != 0)
    return 0;
  return (int64_t)cpu.tv_sec * NS_PER_S + cpu.tv_nsec;
}

/* What looking and keeping have cost. */
static int64_t
get_cpu_ns (SalSampler *sampler)
{
  return get_thread_cpu_ns (CLOCK_THREAD_CPUTIME_ID) + sal_sampler_sink_get_cpu_ns (sampler->sink);
}

static void
set_sampling (SalSampler *sampler)
{
  bool is_sampling = sal_sampler_watch_get_n (sampler->watch) > 0;

  if (is_sampling == atomic_load (&sampler->is_sampling))
    return;
  atomic_store (&sampler->is_sampling, is_sampling);
  if (is_sampling)
    {
      /* Nothing was missed while there was nothing to look at. */
      sampler->clock.deadline_ns = sal_sampler_clock_now ();
      sampler->budget.since_ns = sampler->clock.deadline_ns;
      sampler->budget.cpu_ns = get_cpu_ns (sampler);
      atomic_store (&sampler->has_sampled, true);
    }
  (void)eventfd_write (sampler->event_fd, 1);
}

/* A process began when it was first seen; what it becomes, it becomes now. */
static void
list (SalSampler *sampler, SalSamplerProcess *process)
{
  int64_t time_ns = sal_sampler_clock_now () - sampler->start_ns;

  if (process->id == SAL_CAPTURE_NO_ID)
    time_ns = process->seen_ns > sampler->start_ns ? process->seen_ns - sampler->start_ns : 0;
  sal_sampler_watch_list (sampler->watch, process, time_ns);
}

/* What cannot be had of @process, which the capture knows. */
static void
put_complaint (SalSampler *sampler, SalSamplerProcess *process)
{
  char text[32];

  put_meta (sampler, SAL_CAPTURE_META_WARNING, process->complaint);
  free (process->complaint);
  process->complaint = NULL;
  if (process->refusal == NULL)
    return;
  snprintf (text, sizeof text, "%u %s", process->id, process->refusal);
  put_meta (sampler, SAL_CAPTURE_META_REFUSED, text);
}

/* Those that came of the last looks. */
static void
put_complaints (SalSampler *sampler)
{
  SalSamplerProcess *process;

  while ((process = sal_sampler_watch_find_complaint (sampler->watch)) != NULL)
    put_complaint (sampler, process);
}

/* Does what the scout wishes for @process; false when it is handed back at once. */
static bool
receive (SalSampler *sampler, SalSamplerProcess *process)
{
  int64_t now = sal_sampler_clock_now () - sampler->start_ns;

  if (process->wish == SAL_SAMPLER_WISH_SAMPLE && !atomic_load (&sampler->has_sampled))
    put_python (sampler, process);
  if (process->wish != SAL_SAMPLER_WISH_END || process->id == SAL_CAPTURE_NO_ID)
    list (sampler, process);
  if (process->complaint != NULL)
    put_complaint (sampler, process);
  if (process->wish == SAL_SAMPLER_WISH_END)
    sal_sampler_watch_end (sampler->watch, process, now);
  return process->wish == SAL_SAMPLER_WISH_SAMPLE &&
         sal_sampler_watch_begin (sampler->watch, process, now);
}

/* Takes in what the scout has found. */
static void
receive_all (SalSampler *sampler)
{
  SalSamplerProcess *process = sal_sampler_mail_take (&sampler->mail);

  while (process != NULL)
    {
      SalSamplerProcess *next = process->next;

      if (!receive (sampler, process))
        sal_sampler_scout_return (sampler->scout, process);
      process = next;
      set_sampling (sampler);
    }
}

static void
return_lost (SalSampler *sampler)
{
  SalSamplerProcess *process;

  while ((process = sal_sampler_watch_pop_lost (sampler->watch)) != NULL)
    {
      sal_sampler_scout_return (sampler->scout, process);
      set_sampling (sampler);
    }
}

/* Sets the rate to what it may cost. */
static void
keep_to_budget (SalSampler *sampler, int64_t now)
{
  SalSamplerClock *clock = &sampler->clock;

  if (sal_sampler_budget_is_due (&sampler->budget, now))
    clock->interval_ns = sal_sampler_budget_review (&sampler->budget,
                                                    now,
                                                    get_cpu_ns (sampler),
                                                    clock->interval_ns);
  sal_sampler_watch_set_schedule (
      sampler->watch,
      clock->n_missed,
      clock->n_late,
      (uint64_t)sampler->budget.withheld,
      clock->interval_ns > 0 ? 1000 * (uint64_t)NS_PER_S / (uint64_t)clock->interval_ns : 0);
}

static void
wait_for_mail (SalSampler *sampler)
{
  struct pollfd mail = { .fd = sampler->mail_fd, .events = POLLIN };
  eventfd_t count;

  /* A thread may have been asked to stop, and not have yet, when its process was lost. */
  if (poll (&mail, 1, sal_sampler_watch_settle (sampler->watch) ? 1 : -1) > 0)
    (void)eventfd_read (sampler->mail_fd, &count);
}

/* Looks at every tick until the recording is to end. */
static void
sample (SalSampler *sampler)
{
  int64_t counted_ns = 0;

  while (!atomic_load (&sampler->is_stopped))
    {
      int64_t now;

      receive_all (sampler);
      if (sal_sampler_watch_get_n (sampler->watch) == 0)
        {
          wait_for_mail (sampler);
          continue;
        }
      now = sal_sampler_clock_wait (&sampler->clock, &sampler->is_stopped);
      if (now < 0)
        return;
      keep_to_budget (sampler, now);
      now -= sampler->start_ns;
      sal_sampler_watch_tick (sampler->watch, sampler->start_ns);
      put_complaints (sampler);
      sampler->clock.gives_way = sal_sampler_watch_is_near (sampler->watch);
      sal_sampler_watch_rest (sampler->watch, sampler->clock.deadline_ns);
      return_lost (sampler);
      if (now - counted_ns >= COUNT_EVERY_NS)
        {
          sal_sampler_watch_put_counters (sampler->watch, now);
          counted_ns = now;
        }
    }
}

/* What the scout had not told yet of @process. A recording of nothing does not need it. */
static void
put_rest (SalSampler *sampler, SalSamplerProcess *process, int64_t now)
{
  if (!process->is_listed || process->id == SAL_CAPTURE_NO_ID)
    {
      bool is_orphan = process->parent != NULL && process->parent->id == SAL_CAPTURE_NO_ID;

      if (process->command == NULL || is_orphan || !atomic_load (&sampler->has_sampled))
        return;
      list (sampler, process);
    }
  if (atomic_load (&process->has_ended) && !process->is_ending)
    sal_sampler_watch_end (sampler->watch, process, now);
}

/* Writes how it ended. The ring may be full when nobody reads the capture: then this waits. */
static void
put_end (SalSampler *sampler)
{
  int64_t now = sal_sampler_clock_now () - sampler->start_ns;
  SalSamplerProcess *process;

  atomic_store (&sampler->stopped_ns, now);
  /* What is left then, the kernel lets go when this thread ends. */
  sal_sampler_watch_rest (sampler->watch, sal_sampler_clock_now () + MOST_REST_NS);
  sal_sampler_watch_leave (sampler->watch, now);
  sal_sampler_scout_stop (sampler->scout);
  for (process = sal_sampler_mail_take (&sampler->mail); process != NULL; process = process->next)
    if (process->wish == SAL_SAMPLER_WISH_END)
      process->is_ending = false;
  for (size_t i = 0; (process = sal_sampler_scout_get_process (sampler->scout, i)) != NULL; i++)
    put_rest (sampler, process, now);
  sal_sampler_ring_wait_for_room (sampler->ring, 2);
  sal_sampler_watch_put_counters (sampler->watch, now);
  sal_sampler_ring_push (sampler->ring,
                         &(SalCaptureRecord){
                             .kind = SAL_CAPTURE_END,
                             .end = { now, (uint8_t)atomic_load (&sampler->end_reason) },
                         });
}

static void *
run (void *data)
{
  SalSampler *sampler = data;

  /* The kernel may otherwise wake us 50 µs late to save power. */
  prctl (PR_SET_TIMERSLACK, 1);
  sal_sampler_near_cut_in ();
  put_first_metas (sampler);
  sample (sampler);
  put_end (sampler);
  sal_sampler_sink_close (sampler->sink);
  return NULL;
}

bool
sal_sampler_start (SalSampler *sampler)
{
  int64_t interval_ns = 0;

  sampler->start_ns = sal_sampler_clock_now ();
  if (sampler->rate_hz > 0)
    interval_ns = (int64_t)llround (NS_PER_S / sampler->rate_hz);
  sal_sampler_clock_init (&sampler->clock,
                          interval_ns,
                          sampler->start_ns,
                          (uint64_t)sampler->start_ns);
  sal_sampler_budget_init (&sampler->budget, interval_ns, sampler->share, sampler->start_ns, 0);
  sampler->has_thread = sal_sampler_scout_start (sampler->scout) &&
                        pthread_create (&sampler->thread, NULL, run, sampler) == 0;
  return sampler->has_thread;
}

void
sal_sampler_add_process (SalSampler *sampler, pid_t pid, pid_t parent_pid, bool is_patient)
{
  sal_sampler_scout_add (sampler->scout, pid, parent_pid, is_patient);
}

void
sal_sampler_end_process (SalSampler *sampler, pid_t pid, int status)
{
  sal_sampler_scout_end (sampler->scout, pid, status);
}

void
sal_sampler_stop (SalSampler *sampler, SalCaptureEndReason reason)
{
  if (atomic_load (&sampler->is_stopped))
    return;
  atomic_store (&sampler->end_reason, reason);
  atomic_store (&sampler->is_stopped, true);
  (void)eventfd_write (sampler->mail_fd, 1);
}

void
sal_sampler_hurry (SalSampler *sampler)
{
  sal_sampler_sink_hurry (sampler->sink);
}

void
sal_sampler_get_status (SalSampler *sampler, SalSamplerStatus *status)
{
  int64_t stopped_ns = atomic_load (&sampler->stopped_ns);

  SalSamplerScoutStatus scout;

  sal_sampler_scout_get_status (sampler->scout, &scout);
  *status = (SalSamplerStatus){
    .state = atomic_load (&sampler->is_sampling) ? SAL_SAMPLER_SAMPLING : SAL_SAMPLER_SEEKING,
    .python_result = scout.result,
    .has_sampled = atomic_load (&sampler->has_sampled),
    .is_first_python = scout.is_first_python,
    .has_seen_runtime = scout.has_seen_runtime,
    .output_error = sal_sampler_sink_get_error (sampler->sink),
    .bytes = sal_sampler_sink_get_bytes (sampler->sink),
  };
  memcpy (status->python, scout.version, sizeof status->python);
  if (scout.has_failed && !status->has_sampled)
    status->state = SAL_SAMPLER_FAILED;
  if (stopped_ns > 0)
    status->n_left = sal_sampler_sink_get_left (sampler->sink);
  if (sal_sampler_sink_is_finished (sampler->sink))
    status->state = SAL_SAMPLER_FINISHED;
  if (sampler->has_thread)
    status->elapsed_ns =
        stopped_ns > 0 ? stopped_ns : sal_sampler_clock_now () - sampler->start_ns;
  sal_sampler_watch_get_counters (sampler->watch,
                                  &status->counters,
                                  &status->n_threads,
                                  &status->n_processes);
}

void
sal_sampler_free (SalSampler *sampler)
{
  if (sampler == NULL)
    return;
  if (sampler->has_thread)
    {
      sal_sampler_stop (sampler, SAL_CAPTURE_END_REQUEST);
      pthread_join (sampler->thread, NULL);
    }
  sal_sampler_sink_free (sampler->sink);
  sal_sampler_scout_free (sampler->scout);
  sal_sampler_watch_free (sampler->watch);
  sal_sampler_ring_free (sampler->ring);
  for (size_t i = 0; i < sampler->n_metas; i++)
    free (sampler->metas[i]);
  if (sampler->mail_fd >= 0)
    close (sampler->mail_fd);
  free (sampler->command);
  free (sampler->directory);
  free (sampler);
}
