/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How to record: between settings, dialogs and a recording's options. */
#include "sal-sampling.h"

#include "sal-settings.h"

SalSampling
sal_sampling_get_last (void)
{
  GSettings *settings = sal_settings_get ();

  return (SalSampling){
    .rate_hz = g_settings_get_double (settings, "rate"),
    .flat_out = g_settings_get_boolean (settings, "flat-out"),
  };
}

void
sal_sampling_apply (const SalSampling *sampling, SalSessionOptions *options)
{
  options->rate_hz = sampling->flat_out ? 0 : sampling->rate_hz;
  options->duration_s = sampling->duration_s;
  options->subprocesses = sampling->subprocesses;
  options->native = sampling->native;
  options->blocking = sampling->blocking;
}
