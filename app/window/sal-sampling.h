/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How to record, as the dialogs ask for it. */
#pragma once

#include "sal-session-options.h"

G_BEGIN_DECLS

/* A value. */
typedef struct
{
  double rate_hz; /* kept while @flat_out is on */
  gboolean flat_out;
  double duration_s; /* 0 = until the program ends */
  gboolean subprocesses;
  gboolean native;   /* stacks */
  gboolean blocking; /* threads may be held still where their stacks change too fast */
} SalSampling;

/** sal_sampling_get_last: the rate of last time, until the program ends. Thread: main. */
SalSampling sal_sampling_get_last (void);

/** sal_sampling_apply: puts @sampling into @options. */
void sal_sampling_apply (const SalSampling *sampling, SalSessionOptions *options);

G_END_DECLS
