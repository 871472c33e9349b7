/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a dialog that ask how often and for how long to sample. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* How to record: a value. */
typedef struct
{
  double rate_hz; /* kept while @flat_out is on */
  gboolean flat_out;
  double duration_s; /* 0 = until the program ends */
  gboolean subprocesses;
  gboolean native; /* stacks */
} SalSampling;

/* Signals: "changed" (no arguments): a person or sal_sampling_group_set() changed a value. */
#define SAL_TYPE_SAMPLING_GROUP (sal_sampling_group_get_type ())
G_DECLARE_FINAL_TYPE (SalSamplingGroup,
                      sal_sampling_group,
                      SAL,
                      SAMPLING_GROUP,
                      AdwPreferencesGroup)

/** sal_sampling_group_set: shows @sampling, and whether servers were asked the last time. */
void sal_sampling_group_set (SalSamplingGroup *self, const SalSampling *sampling);

/** sal_sampling_group_get: the values as they stand, also of a number that is still being typed. */
SalSampling sal_sampling_group_get (SalSamplingGroup *self);

/** sal_sampling_group_load: shows the rate of last time, until the program ends. */
void sal_sampling_group_load (SalSamplingGroup *self);

/** sal_sampling_group_save: remembers the rate and whether to ask servers. */
void sal_sampling_group_save (SalSamplingGroup *self);

/** sal_sampling_group_dup_summary: (transfer full): the values in a line: "1,000 a second, until
 * it ends". */
char *sal_sampling_group_dup_summary (SalSamplingGroup *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
