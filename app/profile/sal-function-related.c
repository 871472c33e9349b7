/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callers and callees of one function. */
#include "sal-function-table-private.h"
#include "sal-profile-private.h"
#include "sal-stack-weights.h"

/* Of pairs with the function, by who the other one is. */
typedef struct
{
  SalFunctionRow *rows; /* by function; the last: nobody */
  guint32 *depths;      /* likewise: how often the pair is on the way down */
} Pairs;

typedef struct
{
  guint32 function;
  guint32 n_functions;
  Pairs callers;
  Pairs callees;
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

/* A pair counts where it came first on the way. */
static void
visit_pair (Sums *sums, Pairs *pairs, guint32 other, const SalStackVisit *visit, gboolean is_entry)
{
  guint32 at = other == SAL_NO_ID ? sums->n_functions : other;

  if (!is_entry)
    {
      pairs->depths[at]--;
      return;
    }
  if (pairs->depths[at]++ == 0)
    {
      pairs->rows[at].total_ns += visit->total_ns;
      pairs->rows[at].total_samples += visit->total_samples;
    }
  pairs->rows[at].self_ns += sums->weights->weights[visit->stack];
  pairs->rows[at].self_samples += sums->weights->counts[visit->stack];
}

static void
visit_cb (const SalStackVisit *visit, gboolean is_entry, gpointer user_data)
{
  Sums *sums = user_data;

  if (visit->function == sums->function)
    {
      visit_function (sums, visit, is_entry);
      visit_pair (sums, &sums->callers, visit->parent_function, visit, is_entry);
    }
  if (visit->parent_function == sums->function)
    visit_pair (sums, &sums->callees, visit->function, visit, is_entry);
}

static void
pairs_init (Pairs *pairs, guint32 n_functions)
{
  pairs->rows = g_new0 (SalFunctionRow, (gsize)n_functions + 1);
  pairs->depths = g_new0 (guint32, (gsize)n_functions + 1);
}

static void
pairs_clear (Pairs *pairs)
{
  g_free (pairs->rows);
  g_free (pairs->depths);
}

/* A table of the rows that have samples; takes them. */
static SalFunctionTable *
make_table (SalProfile *profile, const Sums *sums, Pairs *pairs)
{
  SalFunctionRow *rows = g_steal_pointer (&pairs->rows);
  guint32 n_rows = 0;

  for (guint32 i = 0; i <= sums->n_functions; i++)
    if (rows[i].total_samples > 0)
      {
        rows[n_rows] = rows[i];
        rows[n_rows++].function = i == sums->n_functions ? SAL_NO_ID : i;
      }
  return _sal_function_table_new_for_rows (profile, rows, n_rows, sums->total_ns,
                                           sums->total_samples);
}

static gboolean
find_in_samples (SalProfile *profile,
                 const SalFilter *filter,
                 guint32 function,
                 GCancellable *cancellable,
                 SalFunctionTable **callers,
                 SalFunctionTable **callees)
{
  Sums sums = { .function = function, .n_functions = sal_profile_get_n_functions (profile) };
  SalStackWeights weights;
  gboolean is_finished;

  if (!sal_stack_weights_init (&weights, profile, filter, cancellable))
    return FALSE;
  pairs_init (&sums.callers, sums.n_functions);
  pairs_init (&sums.callees, sums.n_functions);
  sums.weights = &weights;
  is_finished = sal_stack_weights_walk (&weights, profile, visit_cb, &sums, cancellable);
  sal_stack_weights_clear (&weights);
  if (is_finished)
    {
      *callers = make_table (profile, &sums, &sums.callers);
      *callees = make_table (profile, &sums, &sums.callees);
    }
  pairs_clear (&sums.callers);
  pairs_clear (&sums.callees);
  return is_finished;
}

static int
compare_functions_cb (gconstpointer a, gconstpointer b)
{
  const SalFunctionRow *left = a;
  const SalFunctionRow *right = b;

  return (left->function > right->function) - (left->function < right->function);
}

static SalFunctionTable *
find_in_calls (SalProfile *profile, guint32 function, gboolean is_caller_wanted)
{
  guint32 n_edges = sal_profile_get_n_edges (profile);
  const SalCallEdge *edges = sal_profile_get_edges (profile);
  GArray *list = g_array_new (FALSE, FALSE, sizeof (SalFunctionRow));
  guint32 n_rows;

  for (guint32 i = 0; i < n_edges; i++)
    {
      SalFunctionRow row = { .costs = edges[i].costs };

      if ((is_caller_wanted ? edges[i].callee : edges[i].caller) != function)
        continue;
      row.function = is_caller_wanted ? edges[i].caller : edges[i].callee;
      row.total_ns = (guint64)sal_profile_count_ns (row.costs.cumtime);
      if (!edges[i].has_times)
        row.costs.tottime = row.costs.cumtime = -1;
      g_array_append_val (list, row);
    }
  g_array_sort (list, compare_functions_cb);
  n_rows = list->len;
  return _sal_function_table_new_for_rows (
      profile, (SalFunctionRow *)(void *)g_array_free (list, FALSE), n_rows,
      (guint64)sal_profile_count_ns (sal_profile_get_costs (profile, function).cumtime), 0);
}

gboolean
sal_function_table_find_related (SalProfile *profile,
                                 const SalFilter *filter,
                                 guint32 function,
                                 GCancellable *cancellable,
                                 SalFunctionTable **callers,
                                 SalFunctionTable **callees)
{
  *callers = *callees = NULL;
  g_return_val_if_fail (function < sal_profile_get_n_functions (profile), FALSE);

  if (sal_profile_get_kind (profile) == SAL_PROFILE_SAMPLES)
    return find_in_samples (profile, filter, function, cancellable, callers, callees);
  *callers = find_in_calls (profile, function, TRUE);
  *callees = find_in_calls (profile, function, FALSE);
  return TRUE;
}
