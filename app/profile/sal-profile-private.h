/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-column.h"
#include "sal-profile.h"
#include "sal-texts.h"

G_BEGIN_DECLS

/* What a profile is made of, for the units of this room. */

/* Weights and processor times that do not fit in the sample columns: these hold SAL_WIDE then. */
#define SAL_WIDE G_MAXUINT32

typedef struct
{
  guint64 sample;
  guint64 weight_ns;
  guint64 cpu_ns;
} SalWideSample;

/* 27 bytes a sample, in columns of equal length. */
typedef struct
{
  SalColumn times;   /* gint64 */
  SalColumn threads; /* guint32 */
  SalColumn stacks;  /* guint32 */
  SalColumn weights; /* guint32 */
  SalColumn cpus;    /* guint32 */
  SalColumn waits;   /* guint16 */
  SalColumn states;  /* guint8 */
  SalColumn wide;    /* SalWideSample, by rising sample: where weight or processor time is big */
} SalSamples;

struct _SalProfile
{
  gatomicrefcount refs;
  SalProfileKind kind;

  /* shared with the builder and other profiles */
  SalTexts *texts;
  SalTexts *names;     /* (nullable): of a view's own functions */
  SalColumn functions; /* SalFunction */
  SalColumn frames;    /* SalFrame */
  SalColumn stacks;    /* SalStack */
  SalColumn waits;     /* SalWait; the first is number 1 */
  SalSamples samples;
  GArray *costs; /* of SalCallCosts, by function */
  GArray *edges; /* of SalCallEdge, by (caller, callee) */

  /* owned */
  GArray *processes; /* of SalProcess */
  GArray *threads;   /* of SalThread */
  GHashTable *meta;
  GStrv warnings;
  SalProfileCounters counters;
  gint64 duration_ns;
  gboolean is_finished;
};

/** _sal_profile_copy: (transfer full): another profile of the same tables, for who is about to
 * replace some of them. */
SalProfile *_sal_profile_copy (const SalProfile *profile) G_GNUC_WARN_UNUSED_RESULT;

/** sal_samples_init: no samples. */
void sal_samples_init (SalSamples *samples);

/** sal_samples_clear: drops the columns. */
void sal_samples_clear (SalSamples *samples);

/** sal_samples_share: makes @copy see the samples that are there now. */
void sal_samples_share (const SalSamples *samples, SalSamples *copy);

/** sal_samples_append: adds @sample, whole or not at all; FALSE without memory. */
gboolean sal_samples_append (SalSamples *samples,
                             const SalSample *sample) G_GNUC_WARN_UNUSED_RESULT;

/** sal_samples_get: sample @at, which must exist. */
SalSample sal_samples_get (const SalSamples *samples, guint64 at);

/** sal_profile_count_ns: @seconds of a file, which may be any number, in ns: 0 for those below 0
 * and for none, G_MAXINT64 for those that are too many. */
static inline gint64
sal_profile_count_ns (double seconds)
{
  if (!(seconds > 0))
    return 0;
  return seconds * 1e9 < (double)G_MAXINT64 ? (gint64)(seconds * 1e9) : G_MAXINT64;
}

/** sal_profile_get_stack_function: the function of the innermost frame of @stack. */
static inline guint32
sal_profile_get_stack_function (const SalProfile *profile, guint32 stack)
{
  guint32 frame = SAL_COLUMN_GET (&profile->stacks, SalStack, stack).frame;

  return SAL_COLUMN_GET (&profile->frames, SalFrame, frame).function;
}

G_END_DECLS
