/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile in one line: "6.79 s · 6,172 samples · 321 missed · 1 thread". */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

/** sal_summary_add: appends @part, which is taken, to @line, after a dot when it is not the
 * first. */
void sal_summary_add (GString *line, char *part);
/** sal_summary_add_samples: appends the numbers of samples and of missed ticks. */
void sal_summary_add_samples (GString *line, guint64 samples, guint64 missed);
/** sal_summary_add_threads: appends the number of threads. */
void sal_summary_add_threads (GString *line, guint n_threads);

/** sal_summary_describe: (transfer full): the line about @profile. */
char *sal_summary_describe (SalProfile *profile) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
