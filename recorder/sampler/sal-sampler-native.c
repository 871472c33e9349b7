/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Native stacks of the threads of one process, and how long it took to get them. */
#include "sal-sampler-native.h"

#include <stdlib.h>
#include <string.h>

#include "sal-native-stop.h"
#include "sal-native-unwind.h"

#include "sal-sampler-clock.h"

#define FIRST_LENGTH ((size_t)16 << 10)
#define MOST_LENGTH ((size_t)256 << 10)
#define MAX_LATE 64
/* Times of stops by their size: eight steps to each doubling, from 1 µs on. */
#define N_TIMES 192

struct _SalSamplerNatives
{
  SalSamplerNative *first; /* all that were ever begun, in use and not */
  SalNativeStop late[MAX_LATE];
  size_t n_late;

  /* What one look at work needs. */
  uint8_t *bytes; /* MOST_LENGTH */
  SalNativeFrame frames[SAL_NATIVE_MAX_FRAMES];
  SalNativeMerged *merged;
  size_t merged_capacity;
  SalNativeActivation *activations;
  size_t activations_capacity;

  /* What is counted. */
  uint64_t n_samples;
  uint64_t n_seams;
  uint64_t n_cut;
  uint64_t n_stops;
  uint64_t times[N_TIMES];
};

struct _SalSamplerNative
{
  SalSamplerNatives *all;
  SalSamplerNative *next;
  SalNativeUnwinder *unwinder;
  SalTarget *target; /* borrowed, NULL = not in use */
  bool has_stopped;  /* a thread of it, ever */
  bool is_denied;
};

/* One hold at work. */
typedef struct
{
  SalSamplerNative *native;
  pid_t tid;
  SalSamplerNativeStack *stack;
  SalNativeStop stop;
  SalNativeSnapshot snapshot;
} Hold;

bool
sal_sampler_native_is_possible (void)
{
#if defined(__x86_64__)
  return true;
#else
  return false;
#endif
}

SalSamplerNatives *
sal_sampler_natives_new (void)
{
  SalSamplerNatives *all = calloc (1, sizeof *all);

  if (all == NULL)
    return NULL;
  all->bytes = malloc (MOST_LENGTH);
  if (all->bytes == NULL)
    {
      free (all);
      return NULL;
    }
  return all;
}

SalSamplerNative *
sal_sampler_natives_begin (SalSamplerNatives *all, SalTarget *target)
{
  SalSamplerNative *native = all->first;

  while (native != NULL && native->target != NULL)
    native = native->next;
  if (native == NULL)
    {
      native = calloc (1, sizeof *native);
      if (native == NULL)
        return NULL;
      native->unwinder = sal_native_unwinder_new (target);
      if (native->unwinder == NULL)
        {
          free (native);
          return NULL;
        }
      native->all = all;
      native->next = all->first;
      all->first = native;
    }
  else
    sal_native_unwinder_forget (native->unwinder, target);
  native->target = target;
  native->has_stopped = false;
  native->is_denied = false;
  return native;
}

void
sal_sampler_natives_end (SalSamplerNatives *all, SalSamplerNative *native)
{
  (void)all;
  if (native != NULL)
    native->target = NULL;
}

bool
sal_sampler_native_is_denied (const SalSamplerNative *native)
{
  return native->is_denied;
}

static size_t
get_step (uint64_t time_ns)
{
  uint64_t time_us = time_ns / 1000;
  size_t doublings = 0;

  if (time_us < 8)
    return (size_t)time_us;
  while (time_us >> doublings >= 16)
    doublings++;
  doublings = (doublings + 1) * 8 + (size_t)(time_us >> doublings & 7);
  return doublings < N_TIMES ? doublings : N_TIMES - 1;
}

/* The longest time that is counted in @step. */
static uint64_t
get_time (size_t step)
{
  if (step < 8)
    return (step + 1) * 1000;
  return ((step % 8 + 9) << (step / 8 - 1)) * 1000;
}

static uint64_t
get_percentile (const SalSamplerNatives *all, uint64_t percent)
{
  uint64_t wanted = (all->n_stops * percent + 99) / 100;
  uint64_t n = 0;

  for (size_t i = 0; i < N_TIMES; i++)
    {
      n += all->times[i];
      if (n >= wanted && n > 0)
        return get_time (i);
    }
  return 0;
}

/* Whether the thread is still to be let go after an earlier stop. */
static bool
is_late (const SalSamplerNatives *all, pid_t tid)
{
  for (size_t i = 0; i < all->n_late; i++)
    if (all->late[i].tid == tid)
      return true;
  return false;
}

/* Stops the thread and says which part of its stack is wanted. */
static bool
stop_cb (void *data, SalTargetRange *extra)
{
  Hold *hold = data;
  SalSamplerNative *native = hold->native;
  SalSamplerNatives *all = native->all;
  SalNativeStopResult result;
  uint64_t pointer;
  uint64_t end;

  hold->snapshot.length = 0;
  if (all->n_late == MAX_LATE || is_late (all, hold->tid))
    return false;
  result = sal_native_stop (hold->tid,
                            hold->tid == native->target->pid,
                            &hold->stop,
                            hold->snapshot.registers);
  if (result == SAL_NATIVE_STOP_LATE)
    all->late[all->n_late++] = hold->stop;
  native->is_denied = result == SAL_NATIVE_STOP_DENIED && !native->has_stopped;
  if (result != SAL_NATIVE_STOP_OK)
    return false;
  native->has_stopped = true;

  pointer = hold->snapshot.registers[SAL_NATIVE_RSP];
  end = sal_native_unwinder_find_stack (native->unwinder, pointer);
  hold->snapshot.stack = pointer;
  hold->snapshot.bytes = all->bytes;
  if (hold->stack->length == 0)
    hold->stack->length = FIRST_LENGTH;
  hold->snapshot.end = end;
  if (end > pointer)
    hold->snapshot.length =
        end - pointer > hold->stack->length ? hold->stack->length : (size_t)(end - pointer);
  *extra = (SalTargetRange){ pointer, all->bytes, hold->snapshot.length };
  return true;
}

static void
resume_cb (void *data, bool is_read)
{
  Hold *hold = data;
  SalSamplerNatives *all = hold->native->all;
  int64_t time_ns;

  sal_native_stop_release (&hold->stop);
  time_ns = sal_sampler_clock_now () - hold->stop.since_ns;
  all->times[get_step ((uint64_t)time_ns)]++;
  all->n_stops++;
  if (!is_read)
    hold->snapshot.length = 0;
}

/* Holds a thread that runs no Python. */
static SalPythonResult
look_alone (SalSamplerNative *native, Hold *hold, SalPythonHeld *held)
{
  SalTargetRange range;
  SalTargetResult result = SAL_TARGET_FAULT;

  memset (held, 0, sizeof *held);
  held->thread.result = SAL_PYTHON_LOOK_EMPTY;
  if (!stop_cb (hold, &range))
    return SAL_PYTHON_NOT_READY;
  if (range.length > 0)
    result = sal_target_read (native->target, range.address, range.buffer, range.length);
  resume_cb (hold, result == SAL_TARGET_OK);
  return result == SAL_TARGET_GONE ? SAL_PYTHON_GONE : SAL_PYTHON_OK;
}

static bool
reserve (SalSamplerNatives *all, size_t n_merged, size_t n_activations)
{
  if (n_merged > all->merged_capacity)
    {
      SalNativeMerged *merged = realloc (all->merged, n_merged * 2 * sizeof *merged);

      if (merged == NULL)
        return false;
      all->merged = merged;
      all->merged_capacity = n_merged * 2;
    }
  if (n_activations > all->activations_capacity)
    {
      SalNativeActivation *activations =
          realloc (all->activations, n_activations * 2 * sizeof *activations);

      if (activations == NULL)
        return false;
      all->activations = activations;
      all->activations_capacity = n_activations * 2;
    }
  return true;
}

/* Unwinds the copy, the thread being on its way, and puts the Python frames where they belong. */
static SalPythonResult
merge (SalSamplerNative *native, Hold *hold, SalSamplerNativeLook *look)
{
  SalSamplerNatives *all = native->all;
  const SalPythonHeld *held = &look->held;
  SalNativeReach reach = SAL_NATIVE_LOST;
  size_t n_frames = 0;
  size_t n_merged;
  bool is_whole;

  if (hold->snapshot.length > 0)
    reach = sal_native_unwinder_run (native->unwinder, &hold->snapshot, all->frames, &n_frames);
  if (reach == SAL_NATIVE_CUT && hold->stack->length < MOST_LENGTH)
    hold->stack->length *= 2;
  if (!reserve (all,
                sal_native_merge_get_need (n_frames, held->thread.n_frames),
                held->n_activations))
    return SAL_PYTHON_MEMORY;
  for (size_t i = 0; i < held->n_activations; i++)
    all->activations[i] = (SalNativeActivation){ held->activations[i].entry,
                                                 held->activations[i].n_frames };
  is_whole = sal_native_merge (all->frames,
                               n_frames,
                               reach,
                               all->activations,
                               held->n_activations,
                               all->merged,
                               &n_merged);
  all->n_samples++;
  all->n_seams += !is_whole;
  all->n_cut += reach != SAL_NATIVE_WHOLE;
  look->mixed = (SalSamplerMixed){
    .items = all->merged,
    .n_items = n_merged,
    .frames = held->thread.frames,
    .native = all->frames,
  };
  if (held->thread.result == SAL_PYTHON_LOOK_PARTIAL || (is_whole && reach != SAL_NATIVE_WHOLE))
    look->mixed.base = "<truncated>";
  else if (held->thread.n_frames == 0)
    look->mixed.base = "<no Python>";
  return SAL_PYTHON_OK;
}

SalPythonResult
sal_sampler_native_look (SalSamplerNative *native,
                         pid_t tid,
                         SalPython *python,
                         size_t position,
                         SalSamplerNativeStack *stack,
                         SalSamplerNativeLook *look)
{
  Hold hold = { .native = native, .tid = tid, .stack = stack };
  SalPythonHold how = { stop_cb, resume_cb, &hold };
  SalPythonResult result;

  memset (look, 0, sizeof *look);
  result = python != NULL ? sal_python_look_held (python, position, &how, &look->held)
                          : look_alone (native, &hold, &look->held);
  if (result != SAL_PYTHON_OK || look->held.thread.result > SAL_PYTHON_LOOK_PARTIAL)
    return result;
  return merge (native, &hold, look);
}

void
sal_sampler_native_count_again (SalSamplerNative *native)
{
  native->all->n_samples++;
}

void
sal_sampler_native_count_missing (SalSamplerNative *native)
{
  native->all->n_samples++;
  native->all->n_seams++;
}

bool
sal_sampler_natives_settle (SalSamplerNatives *all)
{
  size_t n = 0;

  for (size_t i = 0; i < all->n_late; i++)
    if (sal_native_stop_settle (&all->late[i]) == SAL_NATIVE_STOP_LATE)
      all->late[n++] = all->late[i];
  all->n_late = n;
  return n > 0;
}

void
sal_sampler_natives_get_counters (const SalSamplerNatives *all, SalCaptureCounters *counters)
{
  counters->native_samples = all->n_samples;
  counters->native_seams = all->n_seams;
  counters->native_cut = all->n_cut;
  counters->stop_median_ns = get_percentile (all, 50);
  counters->stop_p99_ns = get_percentile (all, 99);
}

void
sal_sampler_natives_free (SalSamplerNatives *all)
{
  if (all == NULL)
    return;
  while (all->first != NULL)
    {
      SalSamplerNative *native = all->first;

      all->first = native->next;
      sal_native_unwinder_free (native->unwinder);
      free (native);
    }
  free (all->bytes);
  free (all->merged);
  free (all->activations);
  free (all);
}
