/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what a search finds and puts it into words. */
#include "config.h"

#include "sal-search-line.h"

#include <glib/gi18n.h>

#include "sal-format.h"

static guint
count_matches (SalViewState *state, SalProfile *profile)
{
  guint n_functions = profile ? sal_profile_get_n_functions (profile) : 0;
  guint n_matches = 0;

  for (guint i = 0; i < n_functions; i++)
    n_matches += sal_view_state_matches (state, i) ? 1 : 0;
  return n_matches;
}

char *
sal_search_line_describe (SalViewState *state, SalProfile *profile, SalFlameView *flame)
{
  guint n_matches = count_matches (state, profile);
  g_autofree char *count = sal_format_count (n_matches);
  g_autofree char *functions = NULL;
  g_autofree char *percent = NULL;
  double fraction;
  gboolean exact;

  /* The flame graph knows the share, and whether it is measured. */
  g_object_get (flame, "match-fraction", &fraction, "match-exact", &exact, NULL);
  if (fraction < 0)
    return g_strdup ("");
  if (n_matches == 0)
    return g_strdup (_ ("No function matches"));
  functions = g_strdup_printf (g_dngettext (NULL, "%s function", "%s functions", n_matches), count);
  percent = sal_format_percent (fraction, 1);
  /* Translators: "3 functions, 34 % of the time"; the second one is for an estimate */
  return g_strdup_printf (exact ? _ ("%s, %s of the time") : _ ("%s, about %s of the time"),
                          functions,
                          percent);
}
