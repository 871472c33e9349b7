/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Splits a recording into the call trees of its threads. */
#include "config.h"

#include "sal-thread-forest.h"

#include <glib/gi18n.h>

#include "sal-profile-error.h"

static void
clear_tree (gpointer data)
{
  SalForestTree *entry = data;

  g_clear_pointer (&entry->tree, sal_call_tree_unref);
}

static gboolean
add_tree (GArray *forest,
          SalProfile *profile,
          const SalFilter *filter,
          SalForestTree entry,
          SalCallTreeOrder order,
          GCancellable *cancellable,
          GError **error)
{
  entry.tree = sal_call_tree_new (profile, filter, FALSE, order, cancellable);
  if (entry.tree == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Cancelled."));
      return FALSE;
    }
  if (sal_call_tree_get_node (entry.tree, 0).total_samples == 0)
    sal_call_tree_unref (entry.tree);
  else
    g_array_append_val (forest, entry);
  return TRUE;
}

static gboolean
has_thread (const SalFilter *filter, guint32 thread)
{
  return filter->threads == NULL || thread >= filter->n_threads || filter->threads[thread] != 0;
}

/* The trees of the threads of @process. */
static gboolean
add_process (GArray *forest,
             SalProfile *profile,
             const SalFilter *filter,
             guint32 process,
             SalCallTreeOrder order,
             GCancellable *cancellable,
             GError **error)
{
  guint32 n_threads = sal_profile_get_n_threads (profile);
  g_autofree guint8 *mask = g_malloc0 (n_threads);
  SalFilter only = *filter;

  only.threads = mask;
  only.n_threads = n_threads;
  for (guint32 i = 0; i < n_threads; i++)
    {
      SalThread thread = sal_profile_get_thread (profile, i);
      const SalForestTree entry = { .process = process, .thread = i };
      gboolean added;

      if (thread.process != process || thread.n_samples == 0 || !has_thread (filter, i))
        continue;
      mask[i] = 1;
      added = add_tree (forest, profile, &only, entry, order, cancellable, error);
      mask[i] = 0;
      if (!added)
        return FALSE;
    }
  return TRUE;
}

GArray *
sal_thread_forest_new (SalProfile *profile,
                       const SalFilter *filter,
                       gboolean split,
                       SalCallTreeOrder order,
                       GCancellable *cancellable,
                       GError **error)
{
  const SalForestTree all = { .process = SAL_NO_ID, .thread = SAL_NO_ID };
  g_autoptr (GArray) forest = g_array_new (FALSE, FALSE, sizeof (SalForestTree));

  g_array_set_clear_func (forest, clear_tree);
  if (!split && !add_tree (forest, profile, filter, all, order, cancellable, error))
    return NULL;
  for (guint32 i = 0; split && i < sal_profile_get_n_processes (profile); i++)
    if (!add_process (forest, profile, filter, i, order, cancellable, error))
      return NULL;
  if (forest->len == 0)
    {
      g_set_error_literal (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_EMPTY,
                           _ ("There is no sample to write."));
      return NULL;
    }
  return g_steal_pointer (&forest);
}

char *
sal_thread_forest_name_process (SalProfile *profile, guint32 process)
{
  SalProcess value = sal_profile_get_process (profile, process);

  if (*value.command == '\0')
    return g_strdup_printf ("process %u", value.pid);
  return g_strdup_printf ("process %u (%s)", value.pid, value.command);
}

char *
sal_thread_forest_name_thread (SalProfile *profile, guint32 thread)
{
  SalThread value = sal_profile_get_thread (profile, thread);

  if (*value.name == '\0')
    return g_strdup_printf ("thread %" G_GUINT64_FORMAT, value.tid);
  return g_strdup_printf ("thread %" G_GUINT64_FORMAT " (%s)", value.tid, value.name);
}
