/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flat profile. */
#include "sal-function-table.h"

#include "sal-function-table-private.h"
#include "sal-profile-private.h"
#include "sal-stack-weights.h"

struct _SalFunctionTable
{
  gatomicrefcount refs;
  SalProfile *profile;
  SalFunctionRow *rows;
  guint32 n_rows;
  guint32 *row_of; /* by function, or SAL_NO_ID */
  guint64 total_ns;
  guint64 total_samples;
};

G_DEFINE_BOXED_TYPE (SalFunctionTable,
                     sal_function_table,
                     sal_function_table_ref,
                     sal_function_table_unref)

typedef struct
{
  SalFunctionRow *rows; /* by function */
  guint32 *depths;      /* by function: how often it is on the way down to where the walk is */
  const SalStackWeights *weights;
} Sums;

/* A function that called itself counts where it was called first. */
static void
visit_cb (const SalStackVisit *visit, gboolean is_entry, gpointer user_data)
{
  Sums *sums = user_data;
  SalFunctionRow *row = &sums->rows[visit->function];

  if (!is_entry)
    {
      sums->depths[visit->function]--;
      return;
    }
  if (sums->depths[visit->function]++ == 0)
    {
      row->total_ns += visit->total_ns;
      row->total_samples += visit->total_samples;
    }
  row->self_ns += sums->weights->weights[visit->stack];
  row->self_samples += sums->weights->counts[visit->stack];
}

/* Keeps the rows that have samples. */
static void
set_rows (SalFunctionTable *table, SalFunctionRow *rows, guint32 n_functions)
{
  for (guint32 i = 0; i < n_functions; i++)
    {
      table->row_of[i] = SAL_NO_ID;
      if (rows[i].total_samples == 0)
        continue;
      rows[i].function = i;
      table->row_of[i] = table->n_rows;
      rows[table->n_rows++] = rows[i];
    }
  table->rows = g_renew (SalFunctionRow, rows, MAX (table->n_rows, 1));
}

static gboolean
fill_from_samples (SalFunctionTable *table, const SalFilter *filter, GCancellable *cancellable)
{
  guint32 n_functions = sal_profile_get_n_functions (table->profile);
  g_autofree guint32 *depths = NULL;
  SalStackWeights weights;
  Sums sums;
  gboolean is_finished;

  if (!sal_stack_weights_init (&weights, table->profile, filter, cancellable))
    return FALSE;
  depths = g_new0 (guint32, MAX (n_functions, 1));
  sums.rows = g_new0 (SalFunctionRow, MAX (n_functions, 1));
  sums.depths = depths;
  sums.weights = &weights;
  is_finished = sal_stack_weights_walk (&weights, table->profile, visit_cb, &sums, cancellable);
  set_rows (table, sums.rows, n_functions);
  table->total_ns = weights.total_ns;
  table->total_samples = weights.total_samples;
  sal_stack_weights_clear (&weights);
  return is_finished;
}

static void
fill_from_calls (SalFunctionTable *table)
{
  guint32 n_functions = sal_profile_get_n_functions (table->profile);

  table->rows = g_new0 (SalFunctionRow, MAX (n_functions, 1));
  table->n_rows = n_functions;
  for (guint32 i = 0; i < n_functions; i++)
    {
      table->rows[i].function = i;
      table->rows[i].costs = sal_profile_get_costs (table->profile, i);
      table->row_of[i] = i;
    }
  table->total_ns = (guint64)sal_profile_get_duration_ns (table->profile);
}

static SalFunctionTable *
create (SalProfile *profile)
{
  SalFunctionTable *table = g_new0 (SalFunctionTable, 1);

  g_atomic_ref_count_init (&table->refs);
  table->profile = sal_profile_ref (profile);
  table->row_of = g_new (guint32, MAX (sal_profile_get_n_functions (profile), 1));
  return table;
}

SalFunctionTable *
_sal_function_table_new_for_rows (SalProfile *profile,
                                  SalFunctionRow *rows,
                                  guint32 n_rows,
                                  guint64 total_ns,
                                  guint64 total_samples)
{
  SalFunctionTable *table = create (profile);

  for (guint32 i = 0; i < sal_profile_get_n_functions (profile); i++)
    table->row_of[i] = SAL_NO_ID;
  for (guint32 i = 0; i < n_rows; i++)
    if (rows[i].function != SAL_NO_ID)
      table->row_of[rows[i].function] = i;
  table->rows = rows;
  table->n_rows = n_rows;
  table->total_ns = total_ns;
  table->total_samples = total_samples;
  return table;
}

SalFunctionTable *
sal_function_table_new (SalProfile *profile, const SalFilter *filter, GCancellable *cancellable)
{
  g_autoptr (SalFunctionTable) table = create (profile);

  if (sal_profile_get_kind (profile) == SAL_PROFILE_CALLS)
    fill_from_calls (table);
  else if (!fill_from_samples (table, filter, cancellable))
    return NULL;
  if (g_cancellable_is_cancelled (cancellable))
    return NULL;
  return g_steal_pointer (&table);
}

SalFunctionTable *
sal_function_table_ref (SalFunctionTable *table)
{
  g_return_val_if_fail (table != NULL, NULL);
  g_atomic_ref_count_inc (&table->refs);
  return table;
}

void
sal_function_table_unref (SalFunctionTable *table)
{
  g_return_if_fail (table != NULL);
  if (!g_atomic_ref_count_dec (&table->refs))
    return;
  sal_profile_unref (table->profile);
  g_free (table->rows);
  g_free (table->row_of);
  g_free (table);
}

SalProfile *
sal_function_table_get_profile (SalFunctionTable *table)
{
  return table->profile;
}

guint32
sal_function_table_get_n_rows (SalFunctionTable *table)
{
  return table->n_rows;
}

const SalFunctionRow *
sal_function_table_get_rows (SalFunctionTable *table)
{
  return table->rows;
}

const SalFunctionRow *
sal_function_table_find (SalFunctionTable *table, guint32 function)
{
  if (function >= sal_profile_get_n_functions (table->profile) ||
      table->row_of[function] == SAL_NO_ID)
    return NULL;
  return &table->rows[table->row_of[function]];
}

guint64
sal_function_table_get_total_ns (SalFunctionTable *table)
{
  return table->total_ns;
}

guint64
sal_function_table_get_total_samples (SalFunctionTable *table)
{
  return table->total_samples;
}
