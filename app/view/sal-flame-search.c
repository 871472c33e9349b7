/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search in the flame graph: which functions match, and how much of the whole they stand for.
 */
#include "sal-flame-view.h"

#include "sal-flame-view-private.h"

typedef struct
{
  SalCallTree *tree;
  SalCallGraph *graph;
  GByteArray *matches;
  guint64 serial;
  double fraction;
  gboolean exact;
} Match;

static void
match_free (gpointer data)
{
  Match *match = data;

  g_clear_pointer (&match->tree, sal_call_tree_unref);
  g_clear_pointer (&match->graph, sal_call_graph_unref);
  g_byte_array_unref (match->matches);
  g_free (match);
}

static void
match_thread_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Match *match = data;

  match->fraction = sal_flame_match (&(SalFlameSource){ match->tree, match->graph },
                                     match->matches->data, match->matches->len, &match->exact,
                                     cancellable);
  g_task_return_boolean (task, TRUE);
}

static void
set_fraction (SalFlameView *self, double fraction, gboolean exact)
{
  if (self->match_fraction != fraction)
    {
      self->match_fraction = fraction;
      _sal_flame_view_notify (self, SAL_FLAME_VIEW_PROP_MATCH_FRACTION);
    }
  if (self->match_exact != exact)
    {
      self->match_exact = exact;
      _sal_flame_view_notify (self, SAL_FLAME_VIEW_PROP_MATCH_EXACT);
    }
}

static void
match_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  SalFlameView *self = SAL_FLAME_VIEW (source);
  const Match *match = g_task_get_task_data (G_TASK (result));

  if (match->serial == self->match_serial && match->fraction >= 0)
    set_fraction (self, match->fraction, match->exact);
}

void
_sal_flame_view_update_search (SalFlameView *self)
{
  SalProfile *profile = _sal_flame_view_get_profile (self);
  guint32 n_functions = profile != NULL ? sal_profile_get_n_functions (profile) : 0;
  g_autoptr (GTask) task = NULL;
  Match *match;

  self->match_serial++;
  g_cancellable_cancel (self->match_cancellable);
  g_clear_object (&self->match_cancellable);
  g_clear_pointer (&self->matches, g_byte_array_unref);
  _sal_flame_view_repaint (self);
  if (*sal_view_state_get_search (self->state) == '\0' || profile == NULL)
    {
      set_fraction (self, -1, TRUE);
      return;
    }

  self->matches = g_byte_array_sized_new (n_functions);
  g_byte_array_set_size (self->matches, n_functions);
  for (guint32 i = 0; i < n_functions; i++)
    self->matches->data[i] = sal_view_state_matches (self->state, i) ? 1 : 0;

  self->match_cancellable = g_cancellable_new ();
  match = g_new0 (Match, 1);
  match->tree = self->tree != NULL ? sal_call_tree_ref (self->tree) : NULL;
  match->graph = self->graph != NULL ? sal_call_graph_ref (self->graph) : NULL;
  match->matches = g_byte_array_ref (self->matches);
  match->serial = self->match_serial;
  task = g_task_new (self, self->match_cancellable, match_done_cb, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, match, match_free);
  g_task_run_in_thread (task, match_thread_cb);
}
