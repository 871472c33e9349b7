/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gathers what a profile is made of; what it has gathered is shared with the profiles taken. */
#include "sal-profile-builder.h"

#include <string.h>

#include <glib/gi18n.h>

#include "sal-profile-builder-private.h"

/* A file's own; nobody has so many. */
#define MAX_META 256
#define MAX_WARNINGS 64

SalProfileBuilder *
sal_profile_builder_new (SalProfileKind kind)
{
  SalProfileBuilder *builder = g_new0 (SalProfileBuilder, 1);

  builder->kind = kind;
  builder->texts = sal_texts_new ();
  sal_column_init (&builder->functions, sizeof (SalFunction));
  sal_index_init (&builder->functions_index);
  builder->meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  builder->warnings = g_ptr_array_new_with_free_func (g_free);
  sal_column_init (&builder->frames, sizeof (SalFrame));
  sal_column_init (&builder->stacks, sizeof (SalStack));
  sal_column_init (&builder->waits, sizeof (SalWait));
  sal_samples_init (&builder->samples);
  builder->processes = g_array_new (FALSE, FALSE, sizeof (SalProcess));
  builder->threads = g_array_new (FALSE, FALSE, sizeof (SalThread));
  builder->costs = g_array_new (FALSE, TRUE, sizeof (SalCallCosts));
  builder->edges = g_array_new (FALSE, FALSE, sizeof (SalCallEdge));
  builder->is_finished = kind == SAL_PROFILE_CALLS;
  return builder;
}

void
sal_profile_builder_free (SalProfileBuilder *builder)
{
  if (builder == NULL)
    return;
  sal_texts_unref (builder->texts);
  sal_column_clear (&builder->functions);
  sal_index_clear (&builder->functions_index);
  g_hash_table_unref (builder->meta);
  g_ptr_array_unref (builder->warnings);
  sal_capture_feed_free (builder->feed);
  sal_column_clear (&builder->frames);
  sal_column_clear (&builder->stacks);
  sal_column_clear (&builder->waits);
  sal_samples_clear (&builder->samples);
  g_array_unref (builder->processes);
  g_array_unref (builder->threads);
  g_array_unref (builder->costs);
  g_array_unref (builder->edges);
  g_free (builder);
}

gboolean
sal_profile_builder_feed (SalProfileBuilder *builder,
                          const void *bytes,
                          gsize length,
                          GError **error)
{
  g_return_val_if_fail (builder->kind == SAL_PROFILE_SAMPLES, FALSE);
  if (builder->feed == NULL)
    builder->feed = sal_capture_feed_new ();
  return sal_capture_feed_push (builder->feed, builder, bytes, length, error);
}

void
sal_profile_builder_add_warning (SalProfileBuilder *builder, const char *sentence)
{
  if (builder->warnings->len < MAX_WARNINGS)
    g_ptr_array_add (builder->warnings, g_strdup (sentence));
}

void
sal_profile_builder_set_meta (SalProfileBuilder *builder, const char *key, const char *value)
{
  if (g_hash_table_size (builder->meta) < MAX_META || g_hash_table_contains (builder->meta, key))
    g_hash_table_replace (builder->meta, g_strdup (key), g_strdup (value));
}

/* Interned texts are equal when their pointers are. */
static gboolean
match_function_cb (guint32 id, gconstpointer key, gconstpointer user_data)
{
  const SalProfileBuilder *builder = user_data;
  const SalFunction *wanted = key;
  const SalFunction *function = sal_column_at (&builder->functions, id);

  return function->name == wanted->name && function->file == wanted->file &&
         function->library == wanted->library && function->first_line == wanted->first_line &&
         function->is_inlined == wanted->is_inlined;
}

guint32
sal_profile_builder_intern_function (SalProfileBuilder *builder, const SalFunction *function)
{
  guint32 hash = sal_index_hash_pair ((guint64)GPOINTER_TO_SIZE (function->name),
                                      (guint64)GPOINTER_TO_SIZE (function->file) ^
                                          (guint64)function->first_line << 40 ^
                                          (guint64)function->is_inlined << 63);
  guint32 id = sal_index_find (&builder->functions_index,
                               hash,
                               match_function_cb,
                               function,
                               builder);
  SalFunction *slot;

  if (id != SAL_NO_ID)
    return id;
  slot = sal_column_append (&builder->functions);
  if (slot == NULL)
    return SAL_NO_ID;
  *slot = *function;
  id = (guint32)builder->functions.length - 1;
  return sal_index_insert (&builder->functions_index, hash, id) ? id : SAL_NO_ID;
}

const char *
sal_profile_builder_intern_text (SalProfileBuilder *builder, const char *bytes, gsize length)
{
  return sal_texts_intern (builder->texts, bytes, length);
}

guint32
sal_profile_builder_add_function (SalProfileBuilder *builder,
                                  const char *name,
                                  const char *file,
                                  guint32 first_line,
                                  SalFunctionKind kind)
{
  SalFunction function = { .first_line = first_line, .kind = kind };

  g_return_val_if_fail (name != NULL, SAL_NO_ID);
  function.name = sal_texts_intern (builder->texts, name, strlen (name));
  function.file = file == NULL ? "" : file;
  function.file = sal_texts_intern (builder->texts, function.file, strlen (function.file));
  function.library = sal_texts_intern (builder->texts, "", 0);
  if (function.name == NULL || function.file == NULL || function.library == NULL)
    return SAL_NO_ID;
  return sal_profile_builder_intern_function (builder, &function);
}

static GArray *
copy_array (GArray *array, guint element_size)
{
  GArray *copy = g_array_sized_new (FALSE, TRUE, element_size, array->len);

  if (array->len > 0)
    g_array_append_vals (copy, array->data, array->len);
  g_array_unref (array);
  return copy;
}

/* Before a change: what profiles see stays as it is. */
static void
stop_sharing (SalProfileBuilder *builder)
{
  if (!builder->is_shared)
    return;
  builder->costs = copy_array (builder->costs, sizeof (SalCallCosts));
  builder->edges = copy_array (builder->edges, sizeof (SalCallEdge));
  builder->is_shared = FALSE;
}

static void
add_costs (SalCallCosts *sum, const SalCallCosts *costs)
{
  sum->pcalls = (gint64)((guint64)sum->pcalls + (guint64)costs->pcalls);
  sum->ncalls = (gint64)((guint64)sum->ncalls + (guint64)costs->ncalls);
  sum->tottime += costs->tottime;
  sum->cumtime += costs->cumtime;
}

void
sal_profile_builder_add_costs (SalProfileBuilder *builder,
                               guint32 function,
                               const SalCallCosts *costs)
{
  g_return_if_fail (function < builder->functions.length);
  stop_sharing (builder);
  if (function >= builder->costs->len)
    g_array_set_size (builder->costs, function + 1);
  add_costs (&g_array_index (builder->costs, SalCallCosts, function), costs);
}

void
sal_profile_builder_add_edge (SalProfileBuilder *builder, const SalCallEdge *edge)
{
  g_return_if_fail (edge->caller < builder->functions.length);
  g_return_if_fail (edge->callee < builder->functions.length);
  stop_sharing (builder);
  g_array_append_vals (builder->edges, edge, 1);
}

/* One pass of a stable counting sort, by caller or by callee. */
static void
sort_edges_by (const SalCallEdge *edges,
               SalCallEdge *sorted,
               guint32 n_edges,
               guint32 n_functions,
               gboolean by_caller)
{
  g_autofree guint32 *places = g_new0 (guint32, n_functions + 1);

  for (guint32 i = 0; i < n_edges; i++)
    places[(by_caller ? edges[i].caller : edges[i].callee) + 1]++;
  for (guint32 i = 1; i <= n_functions; i++)
    places[i] += places[i - 1];
  for (guint32 i = 0; i < n_edges; i++)
    sorted[places[by_caller ? edges[i].caller : edges[i].callee]++] = edges[i];
}

static void
merge_equal_edges (GArray *edges)
{
  SalCallEdge *at = &g_array_index (edges, SalCallEdge, 0);
  guint n_kept = 0;

  for (guint i = 0; i < edges->len; i++)
    if (n_kept > 0 && at[n_kept - 1].caller == at[i].caller &&
        at[n_kept - 1].callee == at[i].callee)
      {
        add_costs (&at[n_kept - 1].costs, &at[i].costs);
        at[n_kept - 1].has_times |= at[i].has_times;
      }
    else
      at[n_kept++] = at[i];
  g_array_set_size (edges, n_kept);
}

static void
sort_edges (SalProfileBuilder *builder)
{
  guint32 n_functions = (guint32)builder->functions.length;
  guint32 n_edges = builder->edges->len;
  SalCallEdge *edges = &g_array_index (builder->edges, SalCallEdge, 0);
  g_autofree SalCallEdge *other = g_new (SalCallEdge, MAX (n_edges, 1));

  if (n_edges == 0)
    return;
  sort_edges_by (edges, other, n_edges, n_functions, FALSE);
  sort_edges_by (other, edges, n_edges, n_functions, TRUE);
  merge_equal_edges (builder->edges);
}

static GHashTable *
copy_meta (GHashTable *meta)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, meta);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy, g_strdup (key), g_strdup (value));
  return copy;
}

/* (transfer full) (nullable): what keeping to the budget has cost a recording that is complete. */
static char *
describe_budget (SalProfileBuilder *builder)
{
  const SalProfileCounters *counters = &builder->counters;
  const char *budget = g_hash_table_lookup (builder->meta, "budget");
  g_autofree char *left_out = NULL;
  double share;

  if (counters->withheld == 0 || !builder->is_finished || budget == NULL)
    return NULL;
  share = (double)counters->withheld / ((double)counters->withheld + (double)counters->ticks);
  left_out = g_strdup_printf ("%.3g", 100 * share);
  /* Translators: two percentages */
  return g_strdup_printf (_ ("The rate was lowered to keep the recorder within %s %% of a "
                             "processor: %s %% of the looks asked for were left out."),
                          budget,
                          left_out);
}

static GStrv
copy_warnings (SalProfileBuilder *builder)
{
  GPtrArray *warnings = builder->warnings;
  GStrv copy = g_new0 (char *, warnings->len + 2);

  for (guint i = 0; i < warnings->len; i++)
    copy[i] = g_strdup (g_ptr_array_index (warnings, i));
  copy[warnings->len] = describe_budget (builder);
  return copy;
}

static GArray *
copy_rows (GArray *rows, guint size)
{
  GArray *copy = g_array_sized_new (FALSE, FALSE, size, rows->len);

  if (rows->len > 0)
    g_array_append_vals (copy, rows->data, rows->len);
  return copy;
}

static gint64
sum_tottime_ns (GArray *costs)
{
  double sum = 0;

  for (guint i = 0; i < costs->len; i++)
    {
      double tottime = g_array_index (costs, SalCallCosts, i).tottime;

      if (tottime > 0)
        sum += tottime;
    }
  return sal_profile_count_ns (sum);
}

static void
share_tables (SalProfileBuilder *builder, SalProfile *profile)
{
  profile->texts = sal_texts_ref (builder->texts);
  sal_column_share (&builder->functions, &profile->functions);
  sal_column_share (&builder->frames, &profile->frames);
  sal_column_share (&builder->stacks, &profile->stacks);
  sal_column_share (&builder->waits, &profile->waits);
  sal_samples_share (&builder->samples, &profile->samples);
  profile->costs = g_array_ref (builder->costs);
  profile->edges = g_array_ref (builder->edges);
  builder->is_shared = TRUE;
}

SalProfile *
sal_profile_builder_take (SalProfileBuilder *builder)
{
  SalProfile *profile = g_new0 (SalProfile, 1);

  g_atomic_ref_count_init (&profile->refs);
  profile->kind = builder->kind;
  if (!builder->is_shared && builder->kind == SAL_PROFILE_CALLS)
    {
      g_array_set_size (builder->costs, (guint)builder->functions.length);
      sort_edges (builder);
    }
  share_tables (builder, profile);
  profile->processes = copy_rows (builder->processes, sizeof (SalProcess));
  profile->threads = copy_rows (builder->threads, sizeof (SalThread));
  profile->meta = copy_meta (builder->meta);
  profile->warnings = copy_warnings (builder);
  profile->counters = builder->counters;
  profile->counters.samples = builder->samples.times.length;
  profile->duration_ns = builder->kind == SAL_PROFILE_CALLS ? sum_tottime_ns (builder->costs)
                                                            : MAX (builder->end_ns, 0);
  profile->is_finished = builder->is_finished;
  return profile;
}
