/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes trees and tables on a worker's thread. */
#include "sal-view-work.h"

#include "sal-library-view.h"
#include "sal-origin.h"

void
sal_view_work_free (gpointer data)
{
  SalViewWork *work = data;

  sal_profile_unref (work->profile);
  sal_filter_free (work->filter);
  g_clear_pointer (&work->tree, sal_call_tree_unref);
  g_clear_pointer (&work->graph, sal_call_graph_unref);
  g_clear_pointer (&work->table, sal_function_table_unref);
  g_clear_pointer (&work->libraries, sal_function_table_unref);
  g_free (work);
}

static guint
find_origins (SalFunctionTable *table)
{
  const SalFunctionRow *rows = sal_function_table_get_rows (table);
  SalProfile *profile = sal_function_table_get_profile (table);
  guint origins = 0;

  for (guint32 i = 0; i < sal_function_table_get_n_rows (table); i++)
    {
      SalFunction function = sal_profile_get_function (profile, rows[i].function);

      origins |= 1u << sal_origin_find (&function);
    }
  return origins;
}

gboolean
sal_view_work_run (SalViewWork *work, GCancellable *cancellable)
{
  g_autoptr (SalProfile) shown = sal_frame_view_apply (work->profile, &work->frames);
  gboolean is_recording = sal_profile_get_kind (shown) == SAL_PROFILE_SAMPLES;

  if (is_recording)
    work->tree = sal_call_tree_new (shown, work->filter, work->inverted, work->order,
                                    cancellable);
  else
    work->graph = sal_call_graph_new (shown);
  if (is_recording && work->by_library && !g_cancellable_is_cancelled (cancellable))
    {
      g_autoptr (SalProfile) libraries = sal_library_view_new (shown);

      work->libraries = sal_function_table_new (libraries, work->filter, cancellable);
    }
  if (!g_cancellable_is_cancelled (cancellable))
    work->table = sal_function_table_new (shown, work->filter, cancellable);
  if (work->table != NULL)
    work->origins = find_origins (work->table);
  return work->table != NULL;
}
