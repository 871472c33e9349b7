/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

/* Which samples count: a value. A zeroed SalFilter keeps every sample. */
typedef struct
{
  const guint8 *threads; /* (nullable): one byte a thread, 0 = leave out; NULL = all. Borrowed */
  guint32 n_threads;     /* length of @threads; threads past it are kept */
  gint64 start_ns;       /* samples with start_ns <= time < end_ns */
  gint64 end_ns;         /* 0 = to the end */
  gboolean on_cpu_only;  /* idle samples are left out */
  gboolean gil_only;     /* only samples that hold the GIL */
} SalFilter;

/** sal_filter_copy: (transfer full): a filter with threads of its own, for a worker. */
SalFilter *sal_filter_copy (const SalFilter *filter) G_GNUC_WARN_UNUSED_RESULT;
/** sal_filter_free: frees a copy (nullable). */
void sal_filter_free (SalFilter *filter);

/** sal_filter_keeps: whether @sample counts under @filter. */
gboolean sal_filter_keeps (const SalFilter *filter, const SalSample *sample);

G_END_DECLS
