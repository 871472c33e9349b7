/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-index.h"
#include "sal-profile-builder.h"
#include "sal-profile-private.h"

G_BEGIN_DECLS

/* What the builder's two halves share: the tables of both kinds of profile, and what follows a
 * capture. */

typedef struct _SalCaptureFeed SalCaptureFeed;

struct _SalProfileBuilder
{
  SalProfileKind kind;
  SalTexts *texts;
  SalColumn functions; /* SalFunction */
  SalIndex functions_index;
  GHashTable *meta;
  GPtrArray *warnings;

  /* recordings */
  SalCaptureFeed *feed;
  SalColumn frames;
  SalColumn stacks;
  SalColumn waits; /* SalWait */
  SalSamples samples;
  GArray *processes; /* of SalProcess */
  GArray *threads;   /* of SalThread */
  SalProfileCounters counters;
  gint64 end_ns; /* of the last sample or the END record */
  gboolean is_finished;

  /* call profiles; shared with a profile that was taken until something is added */
  GArray *costs;
  GArray *edges;
  gboolean is_shared;
};

/** sal_capture_feed_new: the half of the builder that reads a capture. */
SalCaptureFeed *sal_capture_feed_new (void) G_GNUC_WARN_UNUSED_RESULT;

/** sal_capture_feed_free: NULL is fine. */
void sal_capture_feed_free (SalCaptureFeed *feed);

/** sal_capture_feed_push: adds the records of these bytes to the tables of @builder. */
gboolean sal_capture_feed_push (SalCaptureFeed *feed,
                                SalProfileBuilder *builder,
                                const void *bytes,
                                gsize length,
                                GError **error);

G_END_DECLS
