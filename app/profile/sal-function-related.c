/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callers and callees of one function. */
#include "sal-function-table-private.h"
#include "sal-profile-private.h"
#include "sal-stack-weights.h"

typedef struct
{
  guint32 function;
  gboolean is_caller_wanted;
  SalFunctionRow *rows; /* by the other function; the last: nobody */
  guint32 *depths;      /* likewise: how often the pair is on the way down */
  guint32 n_functions;
  const SalStackWeights *weights;
  guint32 depth; /* how often the function is on the way down */
  guint64 total_ns;
  guint64 total_samples;
} Sums;

/* The function itself counts where it was called first. */
static void
visit_function (Sums *sums, const SalStackVisit *visit, gboolean is_entry)
{
  if (!is_entry)
    {
      sums->depth--;
      return;
    }
  if (sums->depth++ == 0)
    {
      sums->total_ns += visit->total_ns;
      sums->total_samples += visit->total_samples;
    }
}

/* The pair (parent's function, function) counts where it came first on the way. */
static void
visit_cb (const SalStackVisit *visit, gboolean is_entry, gpointer user_data)
{
  Sums *sums = user_data;
  guint32 other = sums->is_caller_wanted ? visit->parent_function : visit->function;
  guint32 at = other == SAL_NO_ID ? sums->n_functions : other;

  if (visit->function == sums->function)
    visit_function (sums, visit, is_entry);
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

/* Moves the rows that have samples to the front; returns their number. */
static guint32
keep_rows (SalFunctionRow *rows, guint32 n_functions)
{
  guint32 n_rows = 0;

  for (guint32 i = 0; i <= n_functions; i++)
    if (rows[i].total_samples > 0)
      {
        rows[n_rows] = rows[i];
        rows[n_rows++].function = i == n_functions ? SAL_NO_ID : i;
      }
  return n_rows;
}

/* NULL when cancelled. */
static SalFunctionTable *
new_from_samples (SalProfile *profile,
                  const SalFilter *filter,
                  Sums *sums,
                  GCancellable *cancellable)
{
  guint32 n = sal_profile_get_n_functions (profile);
  g_autofree SalFunctionRow *rows = NULL;
  g_autofree guint32 *depths = NULL;
  SalStackWeights weights;
  gboolean is_finished;
  guint32 n_rows;

  if (!sal_stack_weights_init (&weights, profile, filter, cancellable))
    return NULL;
  rows = g_new0 (SalFunctionRow, (gsize)n + 1);
  depths = g_new0 (guint32, (gsize)n + 1);
  sums->n_functions = n;
  sums->rows = rows;
  sums->depths = depths;
  sums->weights = &weights;
  is_finished = sal_stack_weights_walk (&weights, profile, visit_cb, sums, cancellable);
  sal_stack_weights_clear (&weights);
  if (!is_finished)
    return NULL;
  n_rows = keep_rows (rows, n);
  return _sal_function_table_new_for_rows (profile, g_steal_pointer (&rows), n_rows,
                                           sums->total_ns, sums->total_samples);
}

static int
compare_functions_cb (gconstpointer a, gconstpointer b)
{
  const SalFunctionRow *left = a;
  const SalFunctionRow *right = b;

  return (left->function > right->function) - (left->function < right->function);
}

static SalFunctionTable *
new_from_calls (SalProfile *profile, const Sums *sums)
{
  guint32 n_edges = sal_profile_get_n_edges (profile);
  const SalCallEdge *edges = sal_profile_get_edges (profile);
  GArray *list = g_array_new (FALSE, FALSE, sizeof (SalFunctionRow));
  guint32 n_rows;

  for (guint32 i = 0; i < n_edges; i++)
    {
      SalFunctionRow row = { .costs = edges[i].costs };

      if ((sums->is_caller_wanted ? edges[i].callee : edges[i].caller) != sums->function)
        continue;
      row.function = sums->is_caller_wanted ? edges[i].caller : edges[i].callee;
      row.total_ns = (guint64)sal_profile_count_ns (row.costs.cumtime);
      if (!edges[i].has_times)
        row.costs.tottime = row.costs.cumtime = -1;
      g_array_append_val (list, row);
    }
  g_array_sort (list, compare_functions_cb);
  n_rows = list->len;
  return _sal_function_table_new_for_rows (
      profile, (SalFunctionRow *)(void *)g_array_free (list, FALSE), n_rows,
      (guint64)sal_profile_count_ns (sal_profile_get_costs (profile, sums->function).cumtime), 0);
}

static SalFunctionTable *
new_related (SalProfile *profile,
             const SalFilter *filter,
             guint32 function,
             gboolean is_caller_wanted,
             GCancellable *cancellable)
{
  Sums sums = { .function = function, .is_caller_wanted = is_caller_wanted };

  g_return_val_if_fail (function < sal_profile_get_n_functions (profile), NULL);

  if (sal_profile_get_kind (profile) == SAL_PROFILE_CALLS)
    return new_from_calls (profile, &sums);
  return new_from_samples (profile, filter, &sums, cancellable);
}

SalFunctionTable *
sal_function_table_new_callers (SalProfile *profile,
                                const SalFilter *filter,
                                guint32 function,
                                GCancellable *cancellable)
{
  return new_related (profile, filter, function, TRUE, cancellable);
}

SalFunctionTable *
sal_function_table_new_callees (SalProfile *profile,
                                const SalFilter *filter,
                                guint32 function,
                                GCancellable *cancellable)
{
  return new_related (profile, filter, function, FALSE, cancellable);
}
