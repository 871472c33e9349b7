/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Describes the selected function below the views. */
#include "config.h"

#include "sal-function-line.h"

#include <glib/gi18n.h>

#include "sal-format.h"
#include "sal-origin.h"

static void
append_part (GString *line, const char *part)
{
  g_string_append_printf (line, "  ·  %s", part);
}

static void
append_times (GString *line, const char *name, double part, double whole)
{
  g_autofree char *amount = sal_format_duration_ns ((gint64)part);
  g_autofree char *percent = sal_format_percent (part, whole);

  g_string_append_printf (line, "  ·  %s %s (%s)", name, amount, percent);
}

static void
append_costs (GString *line, SalFunctionTable *table, const SalFunctionRow *row, gboolean calls)
{
  double whole = (double)sal_function_table_get_total_ns (table);

  append_times (line, _ ("self"), calls ? row->costs.tottime * 1e9 : (double)row->self_ns, whole);
  append_times (line, _ ("total"), calls ? row->costs.cumtime * 1e9 : (double)row->total_ns, whole);
  if (calls)
    {
      gulong n = (gulong)row->costs.ncalls;
      g_autofree char *count = sal_format_count ((guint64)row->costs.ncalls);

      g_string_append (line, "  ·  ");
      g_string_append_printf (line, g_dngettext (NULL, "%s call", "%s calls", n), count);
    }
}

char *
sal_function_line_describe (SalProfile *profile,
                            SalFunctionTable *table,
                            guint32 function,
                            char **place)
{
  SalFunction what = sal_profile_get_function (profile, function);
  const SalFunctionRow *row = table ? sal_function_table_find (table, function) : NULL;
  GString *line = g_string_new (what.name);

  *place = sal_format_place (&what);
  append_part (line, sal_origin_get_title (sal_origin_find (&what)));
  if (row)
    append_costs (line, table, row, sal_profile_get_kind (profile) == SAL_PROFILE_CALLS);
  return g_string_free (line, FALSE);
}
