/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a view state asks of its worker, and the answer. */
#pragma once

#include "sal-call-graph.h"
#include "sal-call-tree.h"
#include "sal-frame-view.h"
#include "sal-function-table.h"

G_BEGIN_DECLS

typedef struct
{
  /* the question */
  SalProfile *profile; /* owned */
  SalFilter *filter;   /* owned */
  SalFrameView frames;
  gboolean inverted;
  gboolean by_library; /* whether the table of libraries is wanted */
  SalCallTreeOrder order;
  guint64 serial;

  /* the answer, owned */
  SalCallTree *tree;           /* of a recording */
  SalCallGraph *graph;         /* of a call profile */
  SalFunctionTable *table;     /* NULL when it was cancelled */
  SalFunctionTable *libraries; /* of a recording, if wanted */
  guint origins;               /* 1 << SalOrigin of each function in the table */
} SalViewWork;

/** sal_view_work_free: takes a gpointer for GTask. */
void sal_view_work_free (gpointer work);

/** sal_view_work_run: fills in the answer. FALSE when cancelled. Thread: any. */
gboolean sal_view_work_run (SalViewWork *work, GCancellable *cancellable);

G_END_DECLS
