/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to record, as a value. */
#include "sal-session-options.h"

#include <math.h>

/* The same bounds as the recorder's. */
#define LOWEST_RATE_HZ 0.01
#define HIGHEST_RATE_HZ 1e6
#define SHORTEST_DURATION_S 1e-6
#define LONGEST_DURATION_S 1e8

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

static gboolean
parse_number (const char *text, double lowest, double highest, double *number)
{
  char *end = NULL;
  double value = g_ascii_strtod (text, &end);

  if (end == text || *end != '\0' || !isfinite (value) || value < lowest || value > highest)
    return FALSE;
  *number = value;
  return TRUE;
}

gboolean
sal_session_options_parse_rate (const char *text, double *rate_hz)
{
  g_return_val_if_fail (text != NULL, FALSE);

  if (g_str_equal (text, "max"))
    {
      *rate_hz = 0;
      return TRUE;
    }
  return parse_number (text, LOWEST_RATE_HZ, HIGHEST_RATE_HZ, rate_hz);
}

gboolean
sal_session_options_parse_duration (const char *text, double *duration_s)
{
  g_return_val_if_fail (text != NULL, FALSE);

  return parse_number (text, SHORTEST_DURATION_S, LONGEST_DURATION_S, duration_s);
}
