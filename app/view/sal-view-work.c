/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes trees and tables on a worker's thread. */
#include "sal-view-work.h"

#include "sal-library-view.h"

void
sal_view_work_free (gpointer data)
{
  SalViewWork *work = data;

  sal_profile_unref (work->profile);
  g_free ((gpointer)work->filter.threads);
  g_clear_pointer (&work->tree, sal_call_tree_unref);
  g_clear_pointer (&work->graph, sal_call_graph_unref);
  g_clear_pointer (&work->table, sal_function_table_unref);
  g_clear_pointer (&work->libraries, sal_function_table_unref);
  g_free (work);
}

gboolean
sal_view_work_run (SalViewWork *work, GCancellable *cancellable)
{
  g_autoptr (SalProfile) shown = sal_frame_view_apply (work->profile, &work->frames);
  gboolean is_recording = sal_profile_get_kind (shown) == SAL_PROFILE_SAMPLES;

  if (is_recording)
    work->tree = sal_call_tree_new (shown, &work->filter, work->inverted, work->order,
                                    cancellable);
  else
    work->graph = sal_call_graph_new (shown);
  if (is_recording && work->by_library && !g_cancellable_is_cancelled (cancellable))
    {
      g_autoptr (SalProfile) libraries = sal_library_view_new (shown);

      work->libraries = sal_function_table_new (libraries, &work->filter, cancellable);
    }
  if (!g_cancellable_is_cancelled (cancellable))
    work->table = sal_function_table_new (shown, &work->filter, cancellable);
  return work->table != NULL;
}
