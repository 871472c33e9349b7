/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread at a time held still and copied, and how long that took. */
#include "sal-sampler-hold.h"

#include <stdlib.h>

#include "sal-sampler-clock.h"
#include "sal-sampler-place.h"

#define FIRST_LENGTH ((size_t)16 << 10)
#define MOST_LENGTH ((size_t)256 << 10)
/* Beyond what was needed of a stack the last time. */
#define SLACK 256
/* Where it is not known yet how deep the stack is, it is so deep as it was lately at most; which is
 * forgotten by a part in so many with each hold. */
#define FADING 64
#define MAX_LATE 64
/* The least that the helper waits: to ask it once more takes as long. */
#define HELPER_PATIENCE_US 200
/* Times of stops by their size: eight steps to each doubling, from 1 µs on. */
#define N_TIMES 192

typedef struct
{
  uint64_t n_all;
  uint64_t n_of[N_TIMES];
} Times;

struct _SalSamplerHolds
{
  uint8_t *bytes;               /* MOST_LENGTH */
  SalNativeStop late[MAX_LATE]; /* to be settled */
  size_t n_late;
  bool is_hurried;
  Times stops;
  Times copies;
};

SalSamplerHolds *
sal_sampler_holds_new (bool is_hurried)
{
  SalSamplerHolds *self = calloc (1, sizeof *self);

  if (self == NULL)
    return NULL;
  self->is_hurried = is_hurried;
  self->bytes = malloc (MOST_LENGTH);
  if (self->bytes == NULL)
    {
      free (self);
      return NULL;
    }
  return self;
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
get_percentile (const Times *times, uint64_t percent)
{
  uint64_t wanted = (times->n_all * percent + 99) / 100;
  uint64_t n = 0;

  for (size_t i = 0; i < N_TIMES; i++)
    {
      n += times->n_of[i];
      if (n >= wanted && n > 0)
        return get_time (i);
    }
  return 0;
}

void
sal_sampler_holds_get_counters (const SalSamplerHolds *self, SalCaptureCounters *counters)
{
  counters->held = self->stops.n_all;
  counters->stop_median_ns = get_percentile (&self->stops, 50);
  counters->stop_p99_ns = get_percentile (&self->stops, 99);
  counters->copy_median_ns = get_percentile (&self->copies, 50);
}

static void
count_time (Times *times, int64_t time_ns)
{
  times->n_of[get_step ((uint64_t)time_ns)]++;
  times->n_all++;
}

/* The thread among those that were asked to stop earlier; NULL when it is none of them. */
static SalNativeStop *
find_late (SalSamplerHolds *self, pid_t tid)
{
  for (size_t i = 0; i < self->n_late; i++)
    if (self->late[i].tid == tid)
      return &self->late[i];
  return NULL;
}

/* Whether it was the helper that asked it. */
static bool
is_helpers (const SalNativeStop *late)
{
  return late->since_ns == 0;
}

bool
sal_sampler_holds_expect (SalSamplerHolds *self, pid_t tid)
{
  return find_late (self, tid) != NULL;
}

/* How much to copy of a stack that was needed for @depth bytes the last time, 0 = not known. */
static size_t
get_length (const SalSamplerHold *hold, uint64_t depth)
{
  size_t length = hold->stack->length != 0 ? hold->stack->length : FIRST_LENGTH;

  if (hold->stack->length == 0 && depth > 0 && depth < MOST_LENGTH - SLACK)
    length = (size_t)depth + SLACK;
  return length;
}

/* Where the copy begins and the stack ends. */
static void
place (SalSamplerHold *hold)
{
  SalNativeSnapshot *snapshot = &hold->snapshot;
  uint64_t pointer = snapshot->registers[SAL_NATIVE_RSP];
  uint64_t start;

  if (hold->unwinder == NULL)
    return;
  snapshot->end = sal_native_unwinder_find_stack (hold->unwinder, pointer, &start);
  snapshot->bytes = hold->holds->bytes;
  snapshot->stack =
      pointer - start < SAL_NATIVE_RED_ZONE ? start : pointer - SAL_NATIVE_RED_ZONE;
}

/* How much of its stack is to be read. */
static void
want_stack (SalSamplerHold *hold)
{
  SalNativeSnapshot *snapshot = &hold->snapshot;
  uint64_t base;
  size_t length;

  place (hold);
  if (snapshot->end <= snapshot->stack)
    return;
  base = hold->stack->base;
  length = get_length (hold, base > snapshot->stack ? base - snapshot->stack : 0);
  if (length > snapshot->end - snapshot->stack)
    length = (size_t)(snapshot->end - snapshot->stack);
  hold->wanted = (SalTargetRange){ snapshot->stack, hold->holds->bytes, length };
}

static bool
begin (SalSamplerHold *hold)
{
  SalSamplerHolds *self = hold->holds;
  SalNativeSnapshot *snapshot = &hold->snapshot;
  SalNativeStop *late = find_late (self, hold->tid);

  hold->result = SAL_NATIVE_STOP_LATE;
  if (late != NULL)
    {
      hold->stop = *late;
      *late = self->late[--self->n_late];
      hold->result = sal_native_stop_wait (&hold->stop, 0, snapshot->registers);
    }
  else if (self->n_late < MAX_LATE)
    hold->result = sal_native_stop (hold->tid,
                                    hold->tid == hold->target->pid,
                                    hold->patience_ns,
                                    &hold->stop,
                                    snapshot->registers);
  else
    return false;
  if (hold->result == SAL_NATIVE_STOP_LATE)
    self->late[self->n_late++] = hold->stop;
  hold->is_held = hold->result == SAL_NATIVE_STOP_OK;
  if (!hold->is_held)
    return false;
  want_stack (hold);
  return true;
}

/* As begin(), of one that rests. */
static bool
begin_resting (SalSamplerHold *hold)
{
  uint64_t *registers = hold->snapshot.registers;

  for (int i = 0; i < SAL_NATIVE_N_REGISTERS; i++)
    registers[i] = SAL_NATIVE_UNKNOWN;
  if (!sal_sampler_rest_find (hold->rest,
                              &registers[SAL_NATIVE_RSP],
                              &registers[SAL_NATIVE_RIP]))
    return false;
  want_stack (hold);
  hold->is_placed = true;
  return true;
}

/* How long the helper waits: not at all for one that was waited for before. */
static uint32_t
get_patience_us (const SalSamplerHold *hold, bool was_late)
{
  uint32_t patience_us = (uint32_t)(hold->patience_ns / 1000);

  if (was_late)
    return 0;
  return patience_us > HELPER_PATIENCE_US ? patience_us : HELPER_PATIENCE_US;
}

/* The helper stops it, copies and lets it go, all at once. It also lets go those that nobody asks
 * for again. */
static SalTargetResult
take (SalSamplerHold *hold, const SalTargetRange *ranges, size_t n_ranges)
{
  SalSamplerHolds *self = hold->holds;
  SalNativeSnapshot *snapshot = &hold->snapshot;
  SalNativeStop *late = find_late (self, hold->tid);
  SalTargetSnapshot taken = {
    .tid = hold->tid,
    .patience_us = get_patience_us (hold, late != NULL),
    .below = SAL_NATIVE_RED_ZONE,
    .stack = self->bytes,
    .length = hold->unwinder != NULL ? get_length (hold, hold->stack->depth) : 0,
  };
  SalTargetResult result;

  snapshot->length = 0;
  hold->result = SAL_NATIVE_STOP_LATE;
  if (late != NULL)
    *late = self->late[--self->n_late];
  else if (self->n_late == MAX_LATE)
    return SAL_TARGET_ABSENT;
  hold->result = SAL_NATIVE_STOP_OK;
  result = hold->target->ops->snapshot (hold->target, ranges, n_ranges, &taken);
  if (result == SAL_TARGET_OK && self->is_hurried)
    (void)sal_sampler_place_go_to (taken.processor);
  if (result == SAL_TARGET_DENIED)
    hold->result = SAL_NATIVE_STOP_DENIED;
  if (result == SAL_TARGET_ABSENT)
    hold->result = taken.is_late ? SAL_NATIVE_STOP_LATE : SAL_NATIVE_STOP_GONE;
  if (hold->result == SAL_NATIVE_STOP_LATE)
    self->late[self->n_late++] = (SalNativeStop){ .tid = hold->tid };
  if (result == SAL_TARGET_LIMIT || result == SAL_TARGET_DENIED)
    return SAL_TARGET_ABSENT;
  if (result != SAL_TARGET_OK)
    return result;
  count_time (&self->stops, (int64_t)taken.stopped_ns);
  if (!sal_native_stop_convert (taken.registers, taken.n_registers, snapshot->registers))
    return SAL_TARGET_ABSENT;
  place (hold);
  snapshot->stack = snapshot->registers[SAL_NATIVE_RSP] - SAL_NATIVE_RED_ZONE;
  snapshot->length = taken.length;
  return SAL_TARGET_OK;
}

/* Reads @ranges and, the first time, the stack. */
static SalTargetResult
read_ranges (SalSamplerHold *hold, SalTargetRange *ranges, size_t n_ranges)
{
  size_t n_read = n_ranges + (hold->wanted.length > 0);
  int64_t start_ns = sal_sampler_clock_now ();
  SalTargetResult result = SAL_TARGET_OK;

  ranges[n_ranges] = hold->wanted;
  if (n_read > 0)
    result = hold->target->ops->read_many (hold->target, ranges, n_read, &n_read);
  hold->copy_ns += sal_sampler_clock_now () - start_ns;
  if (result == SAL_TARGET_OK && hold->wanted.length > 0)
    hold->snapshot.length = hold->wanted.length;
  if (result == SAL_TARGET_FAULT && n_read == n_ranges)
    result = SAL_TARGET_OK;
  if (result == SAL_TARGET_OK)
    hold->wanted.length = 0;
  return result;
}

static SalTargetResult
read_resting (SalSamplerHold *hold, SalTargetRange *ranges, size_t n_ranges)
{
  SalTargetResult result;

  if (!hold->is_placed && !begin_resting (hold))
    return SAL_TARGET_ABSENT;
  result = read_ranges (hold, ranges, n_ranges);
  if (result == SAL_TARGET_OK && !sal_sampler_rest_is_proved (hold->rest))
    return SAL_TARGET_ABSENT;
  return result;
}

SalTargetResult
sal_sampler_hold_read (void *data,
                       SalTargetRange *ranges,
                       size_t n_ranges,
                       SalTargetRange *stack)
{
  SalSamplerHold *hold = data;
  SalNativeSnapshot *snapshot = &hold->snapshot;
  SalTargetResult result;

  *stack = (SalTargetRange){ 0 };
  if (hold->rest != NULL)
    result = read_resting (hold, ranges, n_ranges);
  else if (hold->target->ops->snapshot != NULL)
    result = take (hold, ranges, n_ranges);
  else if (!hold->is_held && !begin (hold))
    result = SAL_TARGET_ABSENT;
  else
    result = read_ranges (hold, ranges, n_ranges);
  if (result == SAL_TARGET_OK)
    *stack = (SalTargetRange){ snapshot->stack, hold->holds->bytes, snapshot->length };
  return result;
}

void
sal_sampler_hold_resume (void *data)
{
  SalSamplerHold *hold = data;

  if (!hold->is_held)
    return;
  /* There is room: one is held at a time, and only while there is. */
  if (!sal_native_stop_release (&hold->stop))
    hold->holds->late[hold->holds->n_late++] = hold->stop;
  hold->is_held = false;
  count_time (&hold->holds->stops, sal_sampler_clock_now () - hold->stop.since_ns);
  count_time (&hold->holds->copies, hold->copy_ns);
  hold->copy_ns = 0;
}

SalPythonResult
sal_sampler_hold_look (SalSamplerHolds *self,
                       SalTarget *target,
                       pid_t tid,
                       SalPython *python,
                       size_t position,
                       SalPythonHeld *held,
                       SalNativeStopResult *stopped)
{
  SalSamplerHold hold = { .holds = self,
                          .target = target,
                          .patience_ns = SAL_NATIVE_STOP_PATIENCE,
                          .tid = tid };
  SalPythonHold how = { sal_sampler_hold_read, sal_sampler_hold_resume, &hold };
  SalPythonResult result = sal_python_look_held (python, position, &how, held);

  *stopped = hold.result;
  return result;
}

void
sal_sampler_hold_learn (const SalSamplerHold *hold, SalSamplerStack *stack, uint64_t base)
{
  size_t faded = stack->depth - stack->depth / FADING;
  size_t depth = base > hold->snapshot.stack ? (size_t)(base - hold->snapshot.stack) : 0;

  stack->base = base;
  stack->depth = depth > faded ? depth : faded;
  stack->length = 0;
}

bool
sal_sampler_hold_widen (const SalSamplerHold *hold, SalSamplerStack *stack)
{
  size_t length = hold->snapshot.length;

  if (stack->length >= MOST_LENGTH || length == 0)
    return false;
  stack->length = length < MOST_LENGTH / 4 ? length * 4 : MOST_LENGTH;
  return true;
}

bool
sal_sampler_holds_settle (SalSamplerHolds *self)
{
  size_t n = 0;

  for (size_t i = 0; i < self->n_late; i++)
    if (!is_helpers (&self->late[i]) &&
        sal_native_stop_settle (&self->late[i]) == SAL_NATIVE_STOP_LATE)
      self->late[n++] = self->late[i];
  self->n_late = n;
  return n > 0;
}

void
sal_sampler_holds_free (SalSamplerHolds *self)
{
  if (self == NULL)
    return;
  free (self->bytes);
  free (self);
}
