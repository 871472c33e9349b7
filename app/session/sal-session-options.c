/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to record, as a value. */
#include "sal-session-options.h"

SalSessionOptions *
sal_session_options_new (void)
{
  SalSessionOptions *options = g_new0 (SalSessionOptions, 1);

  options->rate_hz = 1000.0;
  options->budget_percent = 10.0;
  return options;
}

SalSessionOptions *
sal_session_options_copy (const SalSessionOptions *options)
{
  SalSessionOptions *copy;

  g_return_val_if_fail (options != NULL, NULL);

  copy = g_new (SalSessionOptions, 1);
  *copy = *options;
  copy->argv = g_strdupv (options->argv);
  copy->directory = g_strdup (options->directory);
  copy->environment = g_strdupv (options->environment);
  copy->name = g_strdup (options->name);
  return copy;
}

void
sal_session_options_free (SalSessionOptions *options)
{
  if (options == NULL)
    return;
  g_strfreev (options->argv);
  g_free (options->directory);
  g_strfreev (options->environment);
  g_free (options->name);
  g_free (options);
}
