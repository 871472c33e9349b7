/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a dialog that ask how often and for how long to sample. */
#pragma once

#include <adwaita.h>

#include "sal-sampling.h"

G_BEGIN_DECLS

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

/** sal_sampling_group_save: remembers the rate and whether to ask servers. */
void sal_sampling_group_save (SalSamplingGroup *self);

/** sal_sampling_group_dup_summary: (transfer full): the values in a line: "1,000 a second, until
 * it ends". */
char *sal_sampling_group_dup_summary (SalSamplingGroup *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
