/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Native stacks of the threads of one process, and how long it took to get them. */
#include "sal-sampler-native.h"

#include <stdlib.h>
#include <string.h>

#include "sal-native-unwind.h"

/* Stacks that were not copied far enough are held again, with more. */
#define MAX_HOLDS 4
/* How often a rest that did not tell is read again. */
#define MOST_HIDDEN 3

struct _SalSamplerNatives
{
  SalSamplerNative *first; /* all that were ever begun, in use and not */
  SalSamplerHolds *holds;  /* borrowed */

  /* What one look at work needs. */
  SalNativeFrame frames[SAL_NATIVE_MAX_FRAMES];
  SalNativeMerged *merged;
  size_t merged_capacity;
  SalNativeActivation *activations;
  size_t activations_capacity;

  /* What is counted. */
  uint64_t n_samples;
  uint64_t n_seams;
  uint64_t n_cut;
};

struct _SalSamplerNative
{
  SalSamplerNatives *all;
  SalSamplerNative *next;
  SalNativeUnwinder *unwinder;
  SalTarget *target; /* borrowed, NULL = not in use */
  const SalNativeFunction *loops[SAL_PYTHON_N_LOOPS];
  bool has_loops;   /* that they were looked for */
  bool has_stopped; /* a thread of it, ever */
  bool is_denied;
};

/* What one hold of a thread gave. */
typedef struct
{
  SalNativeReach reach;
  size_t n_frames;
  SalNativeStopResult stopped;
  bool is_short; /* with more of the stack it goes on */
} Walk;

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
sal_sampler_natives_new (SalSamplerHolds *holds)
{
  SalSamplerNatives *all = calloc (1, sizeof *all);

  if (all != NULL)
    all->holds = holds;
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
  native->has_loops = false;
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

/* Holds a thread that runs no Python. */
static SalPythonResult
look_alone (SalSamplerHold *hold, SalPythonHeld *held)
{
  SalTargetRange ranges[1];
  SalTargetRange stack;
  SalTargetResult result;

  memset (held, 0, sizeof *held);
  held->thread.result = SAL_PYTHON_LOOK_EMPTY;
  result = sal_sampler_hold_read (hold, ranges, 0, &stack);
  sal_sampler_hold_resume (hold);
  if (result == SAL_TARGET_GONE)
    return SAL_PYTHON_GONE;
  return result == SAL_TARGET_OK ? SAL_PYTHON_OK : SAL_PYTHON_NOT_READY;
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

/* Holds the thread of @asked and, when it is on its way again, unwinds the copy. */
static SalPythonResult
hold_and_walk (SalSamplerNative *native,
               const SalSamplerHold *asked,
               SalPython *python,
               size_t position,
               SalSamplerStack *stack,
               SalPythonHeld *held,
               Walk *walked)
{
  SalSamplerHold hold = *asked;
  SalPythonHold how = { sal_sampler_hold_read, sal_sampler_hold_resume, &hold, hold.rest != NULL };
  SalPythonResult result;

  *walked = (Walk){ .reach = SAL_NATIVE_LOST };
  result = python != NULL ? sal_python_look_held (python, position, &how, held)
                          : look_alone (&hold, held);
  walked->stopped = hold.result;
  native->is_denied = hold.result == SAL_NATIVE_STOP_DENIED && !native->has_stopped;
  native->has_stopped =
      native->has_stopped || (result == SAL_PYTHON_OK && hold.rest == NULL);
  if (result == SAL_PYTHON_OK && hold.snapshot.length > 0)
    walked->reach = sal_native_unwinder_run (native->unwinder,
                                             &hold.snapshot,
                                             native->all->frames,
                                             &walked->n_frames);
  walked->is_short =
      walked->reach == SAL_NATIVE_CUT && sal_sampler_hold_widen (&hold, stack);
  if (walked->reach == SAL_NATIVE_WHOLE)
    sal_sampler_hold_learn (&hold, stack, native->all->frames[walked->n_frames - 1].stack);
  return result;
}

/* Whether a thread that rests, and was not stopped, has shown all that there is to see. */
static bool
is_told (SalPythonResult result, const SalPythonHeld *held, const Walk *walked)
{
  return result == SAL_PYTHON_OK && held->thread.result <= SAL_PYTHON_LOOK_PARTIAL &&
         walked->reach != SAL_NATIVE_LOST;
}

/* Whether it rests where frames are found by a register that only one that is stopped shows. Of
 * some of those a hold has shown where it always is. */
static bool
is_hidden (const SalSamplerRest *rest, const SalSamplerStack *stack)
{
  uint64_t pointer;
  uint64_t pc;

  return !sal_sampler_rest_find (rest, &pointer, &pc) ||
         (pointer == stack->hidden && stack->n_hidden == MOST_HIDDEN);
}

/* Takes note of a rest at the stack pointer @pointer that did not tell. */
static void
note_hidden (SalSamplerStack *stack, uint64_t pointer)
{
  stack->n_hidden = pointer == stack->hidden ? stack->n_hidden + 1 : 1;
  stack->hidden = pointer;
}

/* Up to 3.10, each frame is run by a call of the evaluation loop of its own. */
static void
place (SalSamplerNative *native, SalPython *python, const Walk *walked, size_t n_activations)
{
  SalSamplerNatives *all = native->all;
  const uint64_t *loops = sal_python_get_loops (python);

  if (loops[0] == 0)
    return;
  for (size_t i = 0; i < SAL_PYTHON_N_LOOPS && !native->has_loops; i++)
    native->loops[i] = loops[i] != 0
                           ? sal_native_unwinder_find_function (native->unwinder, loops[i])
                           : NULL;
  native->has_loops = native->loops[0] != NULL;
  sal_native_merge_place (all->frames,
                          walked->n_frames,
                          walked->reach,
                          native->loops,
                          SAL_PYTHON_N_LOOPS,
                          all->activations,
                          n_activations);
}

/* Puts the Python frames where they belong. */
static SalPythonResult
merge (SalSamplerNative *native,
       SalPython *python,
       const Walk *walked,
       SalSamplerNativeLook *look)
{
  SalSamplerNatives *all = native->all;
  const SalPythonHeld *held = &look->held;
  size_t n_merged;
  bool is_whole;

  if (!reserve (all,
                sal_native_merge_get_need (walked->n_frames, held->thread.n_frames),
                held->n_activations))
    return SAL_PYTHON_MEMORY;
  for (size_t i = 0; i < held->n_activations; i++)
    all->activations[i] = (SalNativeActivation){ held->activations[i].entry,
                                                 held->activations[i].n_frames };
  if (held->n_activations > 0)
    place (native, python, walked, held->n_activations);
  is_whole = sal_native_merge (all->frames,
                               walked->n_frames,
                               walked->reach,
                               all->activations,
                               held->n_activations,
                               all->merged,
                               &n_merged);
  all->n_samples++;
  all->n_seams += !is_whole;
  all->n_cut += walked->reach != SAL_NATIVE_WHOLE;
  look->mixed = (SalSamplerMixed){
    .items = all->merged,
    .n_items = n_merged,
    .frames = held->thread.frames,
    .native = all->frames,
  };
  if (held->thread.result == SAL_PYTHON_LOOK_PARTIAL ||
      (is_whole && walked->reach != SAL_NATIVE_WHOLE))
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
                         SalSamplerStack *stack,
                         SalSamplerRest *rest,
                         SalSamplerNativeLook *look)
{
  SalSamplerHold hold = { .holds = native->all->holds,
                          .target = native->target,
                          .unwinder = native->unwinder,
                          .stack = stack,
                          .rest = rest != NULL && !is_hidden (rest, stack) ? rest : NULL,
                          .patience_ns = SAL_NATIVE_STOP_AT_ONCE,
                          .tid = tid };
  SalPythonResult result = SAL_PYTHON_OK;
  Walk walked = { .is_short = true };

  memset (look, 0, sizeof *look);
  for (int i = 0; i < MAX_HOLDS && walked.is_short; i++)
    {
      result = hold_and_walk (native, &hold, python, position, stack, &look->held, &walked);
      if (hold.rest != NULL && is_told (result, &look->held, &walked))
        stack->n_hidden = 0;
      else if (hold.rest != NULL)
        {
          if (walked.n_frames > 0)
            note_hidden (stack, native->all->frames[0].stack);
          sal_sampler_rest_unsettle (hold.rest);
          hold.rest = NULL;
          walked.is_short = true;
        }
    }
  look->stopped = walked.stopped;
  if (result != SAL_PYTHON_OK || look->held.thread.result > SAL_PYTHON_LOOK_PARTIAL)
    return result;
  return merge (native, python, &walked, look);
}

bool
sal_sampler_native_expects (const SalSamplerNative *native, pid_t tid)
{
  return sal_sampler_holds_expect (native->all->holds, tid);
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

void
sal_sampler_natives_get_counters (const SalSamplerNatives *all, SalCaptureCounters *counters)
{
  counters->native_samples = all->n_samples;
  counters->native_seams = all->n_seams;
  counters->native_cut = all->n_cut;
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
  free (all->merged);
  free (all->activations);
  free (all);
}
