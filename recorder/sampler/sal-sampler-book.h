/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the looks at all processes of a recording share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sal-capture-pace.h"
#include "sal-capture-record.h"

#include "sal-sampler-hold.h"
#include "sal-sampler-intern.h"
#include "sal-sampler-native.h"
#include "sal-sampler-ring.h"

/* Times are of the recording: nanoseconds since its start.
 * Thread: the sampling thread.
 */
typedef struct
{
  SalSamplerRing *ring;       /* borrowed */
  SalSamplerIntern *intern;   /* borrowed */
  SalSamplerHolds *holds;     /* owned by who owns the book; NULL: no thread is held still */
  SalSamplerNatives *natives; /* likewise; NULL: no native stacks wanted */
  uint32_t n_thread_ids;
  SalCapturePace pace; /* of the samples queued */
  bool is_near;        /* this tick looked from the program's own processor */
  uint32_t n_late;     /* looks of this tick that would have been from there, too late */
  SalCaptureCounters counters;
} SalSamplerBook;
