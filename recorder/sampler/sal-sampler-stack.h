/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which stack a thread of a look has, held still where need be. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-python.h"

#include "sal-sampler-book.h"
#include "sal-sampler-process.h"

/* In place of a thread's position in a look: it has no Python. */
#define SAL_SAMPLER_NO_POSITION SIZE_MAX
/* A thread, its name, its end, its sample, what it waits for and that one's name; the stack's
 * definitions come on top. */
#define SAL_SAMPLER_THREAD_ROOM 6

/* How often a thread of the look has been asked for, where it is to be held. */
typedef enum
{
  SAL_SAMPLER_TURN_FIRST, /* not yet */
  SAL_SAMPLER_TURN_NEXT,  /* it has been asked to stop, and may have by now */
  SAL_SAMPLER_TURN_LAST,  /* likewise, and is not waited for any longer */
} SalSamplerTurn;

/**
 * sal_sampler_stack_find: finds the id of the stack of the thread at @position of the look, which
 * is @thread->stack then; counts why there is none otherwise.
 *
 * *@seen is what the look shows of it, and where it was held, how it was then. False: there is
 * none; or not yet, where sal_sampler_native_expects() says so.
 */
bool sal_sampler_stack_find (SalSamplerBook *book,
                             SalSamplerProcess *process,
                             SalSamplerThread *thread,
                             size_t position,
                             SalPythonThread *seen,
                             int64_t now,
                             SalSamplerTurn turn) __attribute__ ((warn_unused_result));
