/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns raw stacks into ids of the capture, writing each definition once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-capture-record.h"
#include "sal-native-merge.h"
#include "sal-python.h"

#include "sal-sampler-index.h"
#include "sal-sampler-ring.h"
#include "sal-sampler-wait.h"

/* Functions, frames and stacks are told apart by what they say, so that all processes of a program,
 * and what they become by exec, share the ids.
 * Thread: one at a time: the ring's producer.
 */
typedef struct _SalSamplerIntern SalSamplerIntern;

/* What is known of the code objects of one SalPython: a zeroed one knows nothing, and is for
 * sal_sampler_codes_clear(). */
typedef struct
{
  SalSamplerIndex places;   /* (code, offset) → index of place_frames */
  uint32_t *place_frames;   /* frame ids */
  uint32_t n_place_frames;  /* capacity */
  uint32_t *code_functions; /* by code index: function id, NO_ID = not asked yet */
  uint32_t n_code_functions;
} SalSamplerCodes;

/* The stack that a thread showed last, as ids: what has not changed since is not looked up
 * again. */
typedef struct
{
  SalPythonFrame *frames; /* innermost first */
  uint32_t *stacks;       /* of frame i and everything it was called from */
  uint32_t n_frames;      /* 0 = nothing known */
  uint32_t capacity;
  uint32_t base; /* what the outermost frame was put on: NO_ID, or the mark of a cut stack */
} SalSamplerTrail;

/** sal_sampler_intern_new: empty tables that write definitions to @ring (borrowed); NULL without
 * memory. */
SalSamplerIntern *sal_sampler_intern_new (SalSamplerRing *ring)
    __attribute__ ((warn_unused_result));

/** sal_sampler_intern_get_need: the most records that interning a stack of @n_frames may write. */
size_t sal_sampler_intern_get_need (uint32_t n_frames);

/**
 * sal_sampler_intern_string: the id of @text, or SAL_CAPTURE_NO_ID when a table is full.
 *
 * Writes at most one record, for which the ring must have room.
 */
uint32_t sal_sampler_intern_string (SalSamplerIntern *intern, const char *text);

/**
 * sal_sampler_intern_stack: the id of the stack that @seen shows.
 *
 * @python explains code not seen before, which @codes remembers. A stack whose outer end is missing
 * (LOOK_PARTIAL) is put on the mark "<truncated>". @trail is this thread's, and is brought up to
 * date. The ring must have room for sal_sampler_intern_get_need() records.
 * Errors: false when a table is full or memory is short; *@stack is SAL_CAPTURE_NO_ID then, and
 * also for a thread that runs no Python, which is true.
 */
bool sal_sampler_intern_stack (SalSamplerIntern *intern,
                               SalPython *python,
                               SalSamplerCodes *codes,
                               const SalPythonThread *seen,
                               SalSamplerTrail *trail,
                               uint32_t *stack) __attribute__ ((warn_unused_result));

/* A stack of Python and native frames. Everything is innermost first, and borrowed. */
typedef struct
{
  const SalNativeMerged *items;
  size_t n_items;
  const SalPythonFrame *frames; /* that Python's items name */
  const SalNativeFrame *native; /* that native items name */
  const char *base;             /* a mark that the outermost frame is put on, or NULL */
} SalSamplerMixed;

/**
 * sal_sampler_intern_mixed: the id of the stack @mixed, as sal_sampler_intern_stack().
 *
 * Names of native functions are left for the sink to find. The ring must have room for
 * sal_sampler_intern_get_need() records of n_items + 1 frames.
 */
bool sal_sampler_intern_mixed (SalSamplerIntern *intern,
                               SalPython *python,
                               SalSamplerCodes *codes,
                               const SalSamplerMixed *mixed,
                               uint32_t *stack) __attribute__ ((warn_unused_result));

/**
 * sal_sampler_intern_wait: the id of @wait, counted from 1.
 *
 * Of a program that waits for ever new things only the kinds are told in the end. Writes at most
 * two records, for which the ring must have room.
 * Errors: 0 without memory.
 */
uint32_t sal_sampler_intern_wait (SalSamplerIntern *intern, const SalSamplerWait *wait);

/** sal_sampler_intern_get_n_unreadable: code objects that made no sense, so far. */
uint64_t sal_sampler_intern_get_n_unreadable (const SalSamplerIntern *intern);

/** sal_sampler_codes_clear: frees what @codes holds; it knows nothing then. For when another
 * SalPython will be used; trails must be cleared with it. */
void sal_sampler_codes_clear (SalSamplerCodes *codes);

/** sal_sampler_trail_clear: frees what @trail holds; it is empty and usable again. */
void sal_sampler_trail_clear (SalSamplerTrail *trail);

/** sal_sampler_intern_free: NULL is fine. The texts of definitions still in the ring go with it. */
void sal_sampler_intern_free (SalSamplerIntern *intern);
