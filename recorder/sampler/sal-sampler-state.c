/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread did when it was looked at. */
#include "sal-sampler-state.h"

#include "sal-capture-record.h"

/* Before 3.2 whoever lets the lock go takes it again at once, most times: those who wait are woken
 * over and over only to find it taken, and are hardly ever met asleep.
 * Source: CPython 2.7 Python/ceval.c, PyEval_EvalFrameEx(). */
static bool
asks_gil (const SalSamplerThread *thread, const SalPythonThread *seen)
{
  return seen->asks_gil ||
         (thread->cpu.futex >= seen->gil && thread->cpu.futex - seen->gil < seen->gil_size) ||
         (seen->is_gil_awaited && thread->cpu.is_restless);
}

uint32_t
sal_sampler_state_get (const SalSamplerThread *thread, const SalPythonThread *seen)
{
  uint32_t state = 0;

  if (thread->cpu.is_on_cpu)
    state |= SAL_CAPTURE_ON_CPU;
  if (seen->holds_gil)
    state |= SAL_CAPTURE_HAS_GIL;
  else if (asks_gil (thread, seen))
    state |= SAL_CAPTURE_WANTS_GIL;
  if (seen->in_gc)
    state |= SAL_CAPTURE_IN_GC;
  if (seen->result == SAL_PYTHON_LOOK_PARTIAL)
    state |= SAL_CAPTURE_PARTIAL;
  return state;
}

static SalSamplerStir
get_stir (const SalSamplerThread *thread, const SalPythonThread *seen, bool has_rest)
{
  if (seen->is_at_work)
    return SAL_SAMPLER_STIR_RUNS;
  if (seen->had_no_turn && thread->waits_for_gil && !has_rest)
    return SAL_SAMPLER_STIR_WAITS;
  return !seen->same_as_before || (seen->holds_gil && !thread->cpu.is_on_cpu)
             ? SAL_SAMPLER_STIR_MOVED
             : SAL_SAMPLER_STIR_NONE;
}

void
sal_sampler_state_ask (SalSamplerThread *thread,
                       const SalPythonThread *seen,
                       bool has_rest,
                       int64_t now_ns)
{
  sal_sampler_cpu_ask (&thread->cpu, now_ns, get_stir (thread, seen, has_rest));
  thread->waits_for_gil = seen->had_no_turn && asks_gil (thread, seen) &&
                          (thread->waits_for_gil ||
                           (thread->cpu.asked_ns == now_ns && !thread->cpu.is_on_cpu));
}
