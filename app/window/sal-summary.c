/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what a profile is as parts with middle dots between them. */
#include "config.h"

#include "sal-summary.h"

#include <glib/gi18n.h>

#include "sal-format.h"

void
sal_summary_add (GString *line, char *part)
{
  if (line->len > 0)
    g_string_append (line, "  ·  ");
  g_string_append (line, part);
  g_free (part);
}

void
sal_summary_add_samples (GString *line, guint64 samples, guint64 missed)
{
  g_autofree char *n_samples = sal_format_count (samples);
  g_autofree char *n_missed = sal_format_count (missed);

  sal_summary_add (line,
                   g_strdup_printf (g_dngettext (NULL, "%s sample", "%s samples", (gulong)samples),
                                    n_samples));
  /* Translators: ticks of the clock at which no sample could be taken */
  sal_summary_add (line,
                   g_strdup_printf (g_dngettext (NULL, "%s missed", "%s missed", (gulong)missed),
                                    n_missed));
}

void
sal_summary_add_threads (GString *line, guint n_threads)
{
  sal_summary_add (line,
                   g_strdup_printf (g_dngettext (NULL, "%u thread", "%u threads", n_threads),
                                    n_threads));
}

static void
add_functions (GString *line, guint n_functions)
{
  g_autofree char *count = sal_format_count (n_functions);

  sal_summary_add (line,
                   g_strdup_printf (g_dngettext (NULL, "%s function", "%s functions", n_functions),
                                    count));
}

char *
sal_summary_describe (SalProfile *profile)
{
  GString *line = g_string_new (NULL);
  g_autofree char *duration = sal_format_duration_ns (sal_profile_get_duration_ns (profile));
  const SalProfileCounters *counters = sal_profile_get_counters (profile);

  if (sal_profile_get_kind (profile) == SAL_PROFILE_CALLS)
    {
      sal_summary_add (line, g_strdup (_ ("cProfile file")));
      sal_summary_add (line, g_strdup (duration));
      add_functions (line, sal_profile_get_n_functions (profile));
    }
  else
    {
      sal_summary_add (line, g_strdup (duration));
      sal_summary_add_samples (line, sal_profile_get_n_samples (profile), counters->missed);
      sal_summary_add_threads (line, sal_profile_get_n_threads (profile));
    }
  return g_string_free (line, FALSE);
}
