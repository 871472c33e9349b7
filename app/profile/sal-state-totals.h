/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-filter.h"
#include "sal-profile.h"

G_BEGIN_DECLS

/* Where the time of threads went: on a processor, or what it waited for. Each nanosecond of a
 * sample is in one state. */
typedef enum
{
  SAL_STATE_ON_CPU,   /* its processor time, as the kernel counted it */
  SAL_STATE_RUNNABLE, /* it wanted a processor and had none */
  SAL_STATE_GIL,      /* it waited for its interpreter's lock */
  SAL_STATE_GC,       /* it collected garbage, whether on a processor or not */
  SAL_STATE_DISK,     /* in the kernel's uninterruptible sleep */
  SAL_STATE_ASLEEP,
  SAL_STATE_STOPPED, /* by a signal or a debugger */
  SAL_STATE_UNTOLD,  /* not on a processor; the recording does not say why */
} SalState;

/* What samples have in common that are in one state, and wait for the same kind of thing. */
typedef struct
{
  SalState state;
  SalWaitKind wait;             /* of DISK and ASLEEP */
  SalDescriptorKind descriptor; /* likewise */
  guint64 ns;
  const char *name; /* the file that most of the time of those with a file was for; "" = none */
  guint64 name_ns;  /* that time */
} SalStateRow;

/**
 * sal_state_totals_new: (transfer full) (element-type SalStateRow): where the time of the samples
 * went that @filter (nullable) keeps, longest first; empty for a call profile.
 *
 * @function: only samples with this function in their stack; SAL_NO_ID = all, those without a
 * Python frame too. Texts are @profile's. NULL when cancelled. Thread: any; takes a pass over the
 * samples.
 */
GArray *sal_state_totals_new (SalProfile *profile,
                              const SalFilter *filter,
                              guint32 function,
                              GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;

/** sal_state_totals_by_thread: (transfer full) (element-type GArray): likewise, an array for each
 * thread, of all its samples. Takes two passes over the samples. */
GPtrArray *sal_state_totals_by_thread (SalProfile *profile) G_GNUC_WARN_UNUSED_RESULT;

/** sal_state_row_describe: (transfer full): the row in words, translated: "Sleeping: read (pipe)".
 */
char *sal_state_row_describe (const SalStateRow *row) G_GNUC_WARN_UNUSED_RESULT;

/** sal_state_get_name: for machines: "on-cpu", "asleep"; static. */
const char *sal_state_get_name (SalState state);

/** sal_wait_kind_get_name: likewise: "lock"; static. */
const char *sal_wait_kind_get_name (SalWaitKind kind);

/** sal_descriptor_kind_get_name: likewise: "pipe"; NULL for no descriptor; static. */
const char *sal_descriptor_kind_get_name (SalDescriptorKind kind);

G_END_DECLS
