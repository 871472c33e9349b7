/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of functions by what they are called. */
#include "sal-function-rank.h"

#include <string.h>

int
sal_function_compare (SalProfile *profile, guint32 a, guint32 b)
{
  SalFunction fa, fb;
  int order;

  if (a == b)
    return 0;
  fa = sal_profile_get_function (profile, a);
  fb = sal_profile_get_function (profile, b);
  order = strcmp (fa.name, fb.name);
  if (order == 0)
    order = strcmp (fa.file, fb.file);
  if (order == 0)
    order = (fa.first_line > fb.first_line) - (fa.first_line < fb.first_line);
  return order != 0 ? order : (a > b) - (a < b);
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer profile)
{
  return sal_function_compare (profile, *(const guint32 *)a, *(const guint32 *)b);
}

guint32 *
sal_function_rank_new (SalProfile *profile)
{
  guint32 n = sal_profile_get_n_functions (profile);
  guint32 *ranks = g_new (guint32, MAX (n, 1));
  g_autofree guint32 *order = g_new (guint32, MAX (n, 1));

  for (guint32 i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (gint)n, sizeof *order, compare_cb, profile);
  for (guint32 i = 0; i < n; i++)
    ranks[order[i]] = i;
  return ranks;
}
