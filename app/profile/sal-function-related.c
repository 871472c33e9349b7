/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callers and callees of one function. */
#include "sal-function-rank.h"
#include "sal-function-table.h"
#include "sal-profile-private.h"
#include "sal-stack-weights.h"

typedef struct
{
  guint32 function;
  gboolean is_caller_wanted;
  SalRelatedRow *rows; /* by the other function; the last: nobody */
  guint32 *depths;     /* likewise: how often the pair is on the way down */
  guint32 n_functions;
  const SalStackWeights *weights;
} Sums;

/* The pair (parent's function, function) counts where it came first on the way. */
static void
visit_cb (const SalStackVisit *visit, gboolean is_entry, gpointer user_data)
{
  Sums *sums = user_data;
  guint32 other = sums->is_caller_wanted ? visit->parent_function : visit->function;
  guint32 at = other == SAL_NO_ID ? sums->n_functions : other;

  if ((sums->is_caller_wanted ? visit->function : visit->parent_function) != sums->function)
    return;
  if (!is_entry)
    {
      sums->depths[at]--;
      return;
    }
  if (sums->depths[at]++ == 0)
    {
      sums->rows[at].total_ns += visit->total_ns;
      sums->rows[at].total_samples += visit->total_samples;
    }
  sums->rows[at].self_ns += sums->weights->weights[visit->stack];
  sums->rows[at].self_samples += sums->weights->counts[visit->stack];
}

static void
list_from_samples (SalProfile *profile, const SalFilter *filter, Sums *sums, GArray *list)
{
  guint32 n = sal_profile_get_n_functions (profile);
  g_autofree SalRelatedRow *rows = g_new0 (SalRelatedRow, (gsize)n + 1);
  g_autofree guint32 *depths = g_new0 (guint32, (gsize)n + 1);
  SalStackWeights weights;

  if (!sal_stack_weights_init (&weights, profile, filter, NULL))
    return;
  sums->n_functions = n;
  sums->rows = rows;
  sums->depths = depths;
  sums->weights = &weights;
  sal_stack_weights_walk (&weights, profile, visit_cb, sums, NULL);
  for (guint32 i = 0; i <= n; i++)
    if (rows[i].total_samples > 0)
      {
        rows[i].function = i == n ? SAL_NO_ID : i;
        g_array_append_val (list, rows[i]);
      }
  sal_stack_weights_clear (&weights);
}

static void
list_from_calls (SalProfile *profile, const Sums *sums, GArray *list)
{
  guint32 n_edges = sal_profile_get_n_edges (profile);
  const SalCallEdge *edges = sal_profile_get_edges (profile);

  for (guint32 i = 0; i < n_edges; i++)
    {
      guint32 from = sums->is_caller_wanted ? edges[i].callee : edges[i].caller;
      SalRelatedRow row = { .costs = edges[i].costs };

      if (from != sums->function)
        continue;
      row.function = sums->is_caller_wanted ? edges[i].caller : edges[i].callee;
      g_array_append_val (list, row);
    }
}

/* Heaviest first; NaN counts as nothing. */
static int
compare_times (double a, double b)
{
  return ((b > 0 ? b : 0) > (a > 0 ? a : 0)) - ((b > 0 ? b : 0) < (a > 0 ? a : 0));
}

static int
compare_rows_cb (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const SalRelatedRow *ra = a;
  const SalRelatedRow *rb = b;
  int order = (rb->total_ns > ra->total_ns) - (rb->total_ns < ra->total_ns);

  if (order == 0)
    order = (rb->total_samples > ra->total_samples) - (rb->total_samples < ra->total_samples);
  if (order == 0)
    order = compare_times (ra->costs.cumtime, rb->costs.cumtime);
  if (order == 0)
    order = (rb->costs.ncalls > ra->costs.ncalls) - (rb->costs.ncalls < ra->costs.ncalls);
  return order != 0 ? order : sal_function_compare (user_data, ra->function, rb->function);
}

static GArray *
list_related (SalProfile *profile,
              const SalFilter *filter,
              guint32 function,
              gboolean is_caller_wanted)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (SalRelatedRow));
  Sums sums = { .function = function, .is_caller_wanted = is_caller_wanted };

  if (function >= sal_profile_get_n_functions (profile))
    return list;
  if (sal_profile_get_kind (profile) == SAL_PROFILE_CALLS)
    list_from_calls (profile, &sums, list);
  else
    list_from_samples (profile, filter, &sums, list);
  g_array_sort_with_data (list, compare_rows_cb, profile);
  return list;
}

GArray *
sal_profile_list_callers (SalProfile *profile, const SalFilter *filter, guint32 function)
{
  return list_related (profile, filter, function, TRUE);
}

GArray *
sal_profile_list_callees (SalProfile *profile, const SalFilter *filter, guint32 function)
{
  return list_related (profile, filter, function, FALSE);
}
