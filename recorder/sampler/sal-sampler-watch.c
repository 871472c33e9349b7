/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one tick does: looks at every process that is being sampled. */
#include "sal-sampler-watch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sal-sampler-clock.h"
#include "sal-sampler-intern.h"
#include "sal-sampler-look.h"

#define NO_ID SAL_CAPTURE_NO_ID
#define MS 1000000
#define N_ERRORS SAL_CAPTURE_N_ERRORS
/* Below this a process is not looked at. */
#define ROOM_OF_A_LOOK 1024
/* A process and two strings. */
#define ROOM_OF_A_PROCESS 4
/* Looks at a process that fail one after another before its runtime is searched for anew. */
#define FAILURES_BEFORE_SEEKING 3

/* Counters that other threads read while this one counts. */
typedef struct
{
  atomic_uint_fast64_t ticks;
  atomic_uint_fast64_t samples;
  atomic_uint_fast64_t missed;
  atomic_uint_fast64_t late;
  atomic_uint_fast64_t retried;
  atomic_uint_fast64_t rejected;
  atomic_uint_fast64_t errors[N_ERRORS];
  atomic_uint_fast64_t withheld;
  atomic_uint_fast64_t rate_mhz;
  atomic_uint_fast32_t n_threads;
  atomic_uint_fast32_t n_processes;
} Shared;

struct _SalSamplerWatch
{
  SalSamplerIntern *intern; /* owned */
  SalSamplerRing *ring;     /* borrowed */
  SalSamplerBook book;

  /* Borrowed: the first n_active are looked at, n_lost more behind them no longer. */
  SalSamplerProcess **items;
  size_t n_active;
  size_t n_lost;
  size_t capacity;

  uint32_t n_process_ids;
  uint64_t n_full; /* ticks given up because the ring was full */
  uint64_t n_late; /* ticks whose looks all came too late to the processors of the programs */
  Shared shared;
};

SalSamplerWatch *
sal_sampler_watch_new (SalSamplerRing *ring, bool native, bool blocking, bool is_hurried)
{
  SalSamplerWatch *watch = calloc (1, sizeof *watch);

  if (watch == NULL)
    return NULL;
  watch->ring = ring;
  watch->intern = sal_sampler_intern_new (ring);
  if (native || blocking)
    watch->book.holds = sal_sampler_holds_new (is_hurried);
  if (native && watch->book.holds != NULL)
    watch->book.natives = sal_sampler_natives_new (watch->book.holds);
  if (watch->intern == NULL || ((native || blocking) && watch->book.holds == NULL) ||
      (native && watch->book.natives == NULL))
    {
      sal_sampler_watch_free (watch);
      return NULL;
    }
  watch->book.ring = ring;
  watch->book.intern = watch->intern;
  return watch;
}

/* A table of strings that is full costs the text, not the process. */
static uint32_t
intern_text (SalSamplerWatch *watch, const char *text)
{
  uint32_t id = sal_sampler_intern_string (watch->intern, text != NULL ? text : "");

  return id != NO_ID ? id : 0;
}

static void
put_process (SalSamplerWatch *watch,
             SalSamplerProcess *process,
             uint32_t command,
             uint32_t python,
             int64_t time_ns)
{
  process->id = watch->n_process_ids++;
  sal_sampler_ring_push (
      watch->ring,
      &(SalCaptureRecord){
          .kind = SAL_CAPTURE_PROCESS,
          .process = {
              .pid = (uint32_t)process->pid,
              .parent = process->parent != NULL ? process->parent->id : NO_ID,
              .start_ns = time_ns,
              .command = command,
              .python = python,
          },
      });
}

void
sal_sampler_watch_list (SalSamplerWatch *watch, SalSamplerProcess *process, int64_t time_ns)
{
  uint32_t command;
  uint32_t python = NO_ID;

  sal_sampler_ring_wait_for_room (watch->ring, ROOM_OF_A_PROCESS);
  command = intern_text (watch, process->command);
  if (process->seek.python != NULL)
    python = intern_text (watch, process->seek.version);
  if (process->id == NO_ID)
    put_process (watch, process, command, python, time_ns);
  else
    sal_sampler_ring_push (watch->ring,
                           &(SalCaptureRecord){
                               .kind = SAL_CAPTURE_PROCESS_IMAGE,
                               .process_image = { process->id, time_ns, command, python },
                           });
}

bool
sal_sampler_watch_begin (SalSamplerWatch *watch, SalSamplerProcess *process, int64_t time_ns)
{
  size_t n = watch->n_active + watch->n_lost;

  if (n == watch->capacity)
    {
      size_t capacity = watch->capacity == 0 ? 16 : watch->capacity * 2;
      SalSamplerProcess **items =
          realloc (watch->items, capacity * sizeof (SalSamplerProcess *));

      if (items == NULL)
        return false;
      watch->items = items;
      watch->capacity = capacity;
    }
  watch->items[n] = watch->items[watch->n_active];
  watch->items[watch->n_active++] = process;
  process->looked_ns = time_ns;
  process->name_asked_ns = 0;
  process->n_failures = 0;
  return true;
}

void
sal_sampler_watch_end (SalSamplerWatch *watch, const SalSamplerProcess *process, int64_t time_ns)
{
  sal_sampler_ring_wait_for_room (watch->ring, 1);
  sal_sampler_ring_push (watch->ring,
                         &(SalCaptureRecord){
                             .kind = SAL_CAPTURE_PROCESS_END,
                             .process_end = { process->id,
                                              time_ns,
                                              atomic_load (&process->status) },
                         });
}

size_t
sal_sampler_watch_get_n (const SalSamplerWatch *watch)
{
  return watch->n_active;
}

bool
sal_sampler_watch_is_near (const SalSamplerWatch *watch)
{
  return watch->book.is_near;
}

void
sal_sampler_watch_set_schedule (SalSamplerWatch *watch,
                                uint64_t n_missed,
                                uint64_t n_late,
                                uint64_t n_withheld,
                                uint64_t rate_mhz)
{
  watch->book.counters.missed = n_missed + watch->n_full + (rate_mhz > 0 ? watch->n_late : 0);
  watch->book.counters.late = n_late;
  watch->book.counters.withheld = n_withheld;
  watch->book.counters.rate_mhz = rate_mhz;
}

static void
publish (SalSamplerWatch *watch)
{
  const SalCaptureCounters *counters = &watch->book.counters;
  Shared *shared = &watch->shared;
  size_t n_threads = 0;

  atomic_store_explicit (&shared->ticks, counters->ticks, memory_order_relaxed);
  atomic_store_explicit (&shared->samples, counters->samples, memory_order_relaxed);
  atomic_store_explicit (&shared->missed, counters->missed, memory_order_relaxed);
  atomic_store_explicit (&shared->late, counters->late, memory_order_relaxed);
  atomic_store_explicit (&shared->retried, counters->retried, memory_order_relaxed);
  atomic_store_explicit (&shared->rejected, counters->rejected, memory_order_relaxed);
  atomic_store_explicit (&shared->withheld, counters->withheld, memory_order_relaxed);
  atomic_store_explicit (&shared->rate_mhz, counters->rate_mhz, memory_order_relaxed);
  for (size_t i = 0; i < N_ERRORS; i++)
    atomic_store_explicit (&shared->errors[i], counters->errors[i], memory_order_relaxed);
  for (size_t i = 0; i < watch->n_active; i++)
    n_threads += watch->items[i]->threads.n_items;
  atomic_store_explicit (&shared->n_threads, (uint32_t)n_threads, memory_order_relaxed);
  atomic_store_explicit (&shared->n_processes,
                         (uint32_t)watch->n_active,
                         memory_order_relaxed);
}

/* Nobody has read the capture for a while: nothing can be kept. */
static void
skip_tick (SalSamplerWatch *watch, int64_t now)
{
  watch->n_full++;
  watch->book.counters.missed++;
  for (size_t i = 0; i < watch->n_active; i++)
    sal_sampler_look_away (watch->items[i], now);
  publish (watch);
  clock_nanosleep (CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = MS }, NULL);
}

/* Looks no longer at number @i. */
static void
lose (SalSamplerWatch *watch, size_t i, int64_t now)
{
  SalSamplerProcess *process = watch->items[i];

  sal_sampler_look_end (&watch->book, process, now);
  watch->items[i] = watch->items[--watch->n_active];
  watch->items[watch->n_active] = process;
  watch->n_lost++;
}

void
sal_sampler_watch_tick (SalSamplerWatch *watch, int64_t start_ns)
{
  if (sal_sampler_ring_get_room (watch->ring) < ROOM_OF_A_LOOK)
    {
      skip_tick (watch, sal_sampler_clock_now () - start_ns);
      return;
    }
  watch->book.counters.ticks++;
  watch->book.is_near = false;
  watch->book.n_late = 0;
  for (size_t i = 0; i < watch->n_active;)
    {
      SalSamplerProcess *process = watch->items[i];
      SalPythonResult result = SAL_PYTHON_GONE;

      if (!atomic_load_explicit (&process->has_ended, memory_order_acquire))
        {
          if (sal_sampler_ring_get_room (watch->ring) < ROOM_OF_A_LOOK)
            result = SAL_PYTHON_OK; /* the next tick sees to it */
          else
            result = sal_sampler_look (&watch->book, process, start_ns);
        }
      process->n_failures = result == SAL_PYTHON_OK ? 0 : process->n_failures + 1;
      if (result == SAL_PYTHON_GONE || process->n_failures == FAILURES_BEFORE_SEEKING)
        lose (watch, i, sal_sampler_clock_now () - start_ns);
      else
        i++;
    }
  if (watch->book.n_late > 0 && watch->book.n_late == watch->n_active)
    {
      watch->book.counters.ticks--;
      watch->n_late++;
    }
  watch->book.counters.errors[SAL_CAPTURE_ERROR_CODE] =
      sal_sampler_intern_get_n_unreadable (watch->intern);
  publish (watch);
}

SalSamplerProcess *
sal_sampler_watch_find_complaint (const SalSamplerWatch *watch)
{
  for (size_t i = 0; i < watch->n_active; i++)
    if (watch->items[i]->complaint != NULL)
      return watch->items[i];
  return NULL;
}

SalSamplerProcess *
sal_sampler_watch_pop_lost (SalSamplerWatch *watch)
{
  return watch->n_lost > 0 ? watch->items[watch->n_active + --watch->n_lost] : NULL;
}

void
sal_sampler_watch_leave (SalSamplerWatch *watch, int64_t time_ns)
{
  for (size_t i = 0; i < watch->n_active; i++)
    sal_sampler_look_end (&watch->book, watch->items[i], time_ns);
  watch->n_active = 0;
  watch->n_lost = 0;
  publish (watch);
}

bool
sal_sampler_watch_settle (SalSamplerWatch *watch)
{
  return watch->book.holds != NULL && sal_sampler_holds_settle (watch->book.holds);
}

void
sal_sampler_watch_rest (SalSamplerWatch *watch, int64_t until_ns)
{
  while (sal_sampler_watch_settle (watch))
    {
      clock_nanosleep (CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = MS }, NULL);
      if (sal_sampler_clock_now () >= until_ns)
        break;
    }
}

void
sal_sampler_watch_put_counters (SalSamplerWatch *watch, int64_t time_ns)
{
  SalCaptureRecord record = { .kind = SAL_CAPTURE_COUNTERS, .counters = watch->book.counters };
  struct timespec cpu;

  if (sal_sampler_ring_get_room (watch->ring) == 0)
    return;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &cpu);
  if (watch->book.natives != NULL)
    sal_sampler_natives_get_counters (watch->book.natives, &record.counters);
  if (watch->book.holds != NULL)
    sal_sampler_holds_get_counters (watch->book.holds, &record.counters);
  record.counters.time_ns = time_ns;
  record.counters.cpu_ns = (uint64_t)cpu.tv_sec * 1000 * MS + (uint64_t)cpu.tv_nsec;
  sal_sampler_ring_push (watch->ring, &record);
}

void
sal_sampler_watch_get_counters (SalSamplerWatch *watch,
                                SalCaptureCounters *counters,
                                uint32_t *n_threads,
                                uint32_t *n_processes)
{
  Shared *shared = &watch->shared;

  *counters = (SalCaptureCounters){
    .ticks = atomic_load_explicit (&shared->ticks, memory_order_relaxed),
    .samples = atomic_load_explicit (&shared->samples, memory_order_relaxed),
    .missed = atomic_load_explicit (&shared->missed, memory_order_relaxed),
    .late = atomic_load_explicit (&shared->late, memory_order_relaxed),
    .retried = atomic_load_explicit (&shared->retried, memory_order_relaxed),
    .rejected = atomic_load_explicit (&shared->rejected, memory_order_relaxed),
    .withheld = atomic_load_explicit (&shared->withheld, memory_order_relaxed),
    .rate_mhz = atomic_load_explicit (&shared->rate_mhz, memory_order_relaxed),
  };
  for (size_t i = 0; i < N_ERRORS; i++)
    counters->errors[i] = atomic_load_explicit (&shared->errors[i], memory_order_relaxed);
  *n_threads = (uint32_t)atomic_load_explicit (&shared->n_threads, memory_order_relaxed);
  *n_processes = (uint32_t)atomic_load_explicit (&shared->n_processes, memory_order_relaxed);
}

void
sal_sampler_watch_free (SalSamplerWatch *watch)
{
  if (watch == NULL)
    return;
  sal_sampler_intern_free (watch->intern);
  sal_sampler_natives_free (watch->book.natives);
  sal_sampler_holds_free (watch->book.holds);
  free (watch->items);
  free (watch);
}
