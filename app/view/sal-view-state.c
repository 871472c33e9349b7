/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the profile, the filter and the selection; makes trees and tables on a worker. */
#include "sal-view-state.h"

#include <string.h>

#include "sal-text-match.h"

struct _SalViewState
{
  GObject parent_instance;

  /* owned */
  SalProfile *profile;
  SalCallTree *tree;
  SalFunctionTable *table;
  SalCallGraph *graph;
  char *search;
  char *folded_search;       /* for comparing: case folded */
  GCancellable *cancellable; /* of the worker; NULL when none is at work */
  GByteArray *matches;       /* one byte a function: 0 not asked yet, 1 no, 2 yes */

  /* state */
  GByteArray *threads; /* one byte a thread, 0 = left out; threads past the end are shown */
  SalFilter filter;    /* borrows from threads */
  SalProfile *matched; /* (owned) whose functions @matches is about */
  guint32 selected_function;
  guint64 serial;    /* of the newest request */
  guint start_id;    /* a worker is about to start */
  gboolean is_stale; /* the profile grew while the worker was at work */
  gboolean inverted;
  gboolean native_frames;
  gboolean by_task;
  gboolean live;
};

enum
{
  PROP_0,
  PROP_PROFILE,
  PROP_TREE,
  PROP_TABLE,
  PROP_GRAPH,
  PROP_SELECTED_FUNCTION,
  PROP_SEARCH,
  PROP_INVERTED,
  PROP_ON_CPU_ONLY,
  PROP_GIL_ONLY,
  PROP_NATIVE_FRAMES,
  PROP_BY_TASK,
  PROP_BUSY,
  PROP_LIVE,
  N_PROPS,
};

enum
{
  SIGNAL_THREADS_CHANGED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SalViewState, sal_view_state, G_TYPE_OBJECT)

/* What a worker gets and what it makes. */
typedef struct
{
  SalProfile *profile;
  SalFilter filter; /* threads owned */
  gboolean inverted;
  SalFrameView view;
  SalCallTreeOrder order;
  guint64 serial;
  SalCallTree *tree;
  SalFunctionTable *table;
  SalCallGraph *graph;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  sal_profile_unref (work->profile);
  g_free ((gpointer)work->filter.threads);
  g_clear_pointer (&work->tree, sal_call_tree_unref);
  g_clear_pointer (&work->table, sal_function_table_unref);
  g_clear_pointer (&work->graph, sal_call_graph_unref);
  g_free (work);
}

static void
work_thread_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  g_autoptr (SalProfile) shown = sal_frame_view_apply (work->profile, &work->view);

  if (sal_profile_get_kind (shown) == SAL_PROFILE_CALLS)
    work->graph = sal_call_graph_new (shown);
  else
    work->tree = sal_call_tree_new (shown, &work->filter, work->inverted, work->order,
                                    cancellable);
  if (!g_cancellable_is_cancelled (cancellable))
    work->table = sal_function_table_new (shown, &work->filter, cancellable);
  g_task_return_boolean (task, work->table != NULL);
}

static void start_work (SalViewState *self);

/* Swaps in what the worker made. */
static void
publish (SalViewState *self, Work *work)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (self->tree != NULL || work->tree != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TREE]);
  if (self->graph != NULL || work->graph != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRAPH]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TABLE]);
  g_clear_pointer (&self->tree, sal_call_tree_unref);
  g_clear_pointer (&self->graph, sal_call_graph_unref);
  g_clear_pointer (&self->table, sal_function_table_unref);
  self->tree = g_steal_pointer (&work->tree);
  self->graph = g_steal_pointer (&work->graph);
  self->table = g_steal_pointer (&work->table);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
work_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  SalViewState *self = SAL_VIEW_STATE (source);
  Work *work = g_task_get_task_data (G_TASK (result));
  gboolean is_whole = g_task_propagate_boolean (G_TASK (result), NULL);

  if (work->serial != self->serial)
    return;
  g_clear_object (&self->cancellable);
  g_object_freeze_notify (G_OBJECT (self));
  if (is_whole && self->profile != NULL)
    publish (self, work);
  if (self->is_stale)
    start_work (self);
  else
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
start_work (SalViewState *self)
{
  g_autoptr (GTask) task = NULL;
  Work *work = g_new0 (Work, 1);

  self->is_stale = FALSE;
  self->cancellable = g_cancellable_new ();
  work->profile = sal_profile_ref (self->profile);
  work->filter = self->filter;
  work->filter.threads = g_memdup2 (self->threads->data, self->threads->len);
  work->filter.n_threads = self->threads->len;
  work->inverted = self->inverted;
  work->view = sal_view_state_get_frame_view (self);
  work->order = self->live ? SAL_CALL_TREE_BY_NAME : SAL_CALL_TREE_BY_TOTAL;
  work->serial = ++self->serial;

  task = g_task_new (self, self->cancellable, work_done_cb, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, work_thread_cb);
}

/* Forgets what is being made. */
static void
cancel_work (SalViewState *self)
{
  self->serial++;
  self->is_stale = FALSE;
  g_clear_handle_id (&self->start_id, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static gboolean
is_busy (SalViewState *self)
{
  return self->cancellable != NULL || self->start_id != 0;
}

static gboolean
start_cb (gpointer data)
{
  SalViewState *self = SAL_VIEW_STATE (data);

  self->start_id = 0;
  start_work (self);
  return G_SOURCE_REMOVE;
}

/* The question changed: what is being made answers the old one. Starts when control is back in the
 * main loop, so that a hundred switches at once ask one question. */
static void
restart_work (SalViewState *self)
{
  gboolean was_busy = is_busy (self);

  cancel_work (self);
  if (self->profile != NULL)
    self->start_id = g_idle_add_full (G_PRIORITY_DEFAULT, start_cb, self, NULL);
  if (was_busy != is_busy (self))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static void
clear_results (SalViewState *self)
{
  g_clear_pointer (&self->tree, sal_call_tree_unref);
  g_clear_pointer (&self->graph, sal_call_graph_unref);
  g_clear_pointer (&self->table, sal_function_table_unref);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TREE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRAPH]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TABLE]);
}

static void
set_flag (SalViewState *self, gboolean *flag, gboolean value, GParamSpec *pspec)
{
  if (*flag == value)
    return;
  *flag = value;
  restart_work (self);
  g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

/* A switch whose change asks another question; NULL: the property is none. */
static gboolean *
get_flag (SalViewState *self, guint id)
{
  switch (id)
    {
    case PROP_INVERTED:
      return &self->inverted;
    case PROP_ON_CPU_ONLY:
      return &self->filter.on_cpu_only;
    case PROP_GIL_ONLY:
      return &self->filter.gil_only;
    case PROP_NATIVE_FRAMES:
      return &self->native_frames;
    case PROP_BY_TASK:
      return &self->by_task;
    case PROP_LIVE:
      return &self->live;
    default:
      return NULL;
    }
}

static void
sal_view_state_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SalViewState *self = SAL_VIEW_STATE (object);
  const gboolean *flag = get_flag (self, id);

  switch (id)
    {
    case PROP_PROFILE:
      g_value_set_boxed (value, self->profile);
      break;
    case PROP_TREE:
      g_value_set_boxed (value, self->tree);
      break;
    case PROP_TABLE:
      g_value_set_boxed (value, self->table);
      break;
    case PROP_GRAPH:
      g_value_set_boxed (value, self->graph);
      break;
    case PROP_SELECTED_FUNCTION:
      g_value_set_uint (value, self->selected_function);
      break;
    case PROP_SEARCH:
      g_value_set_string (value, self->search);
      break;
    case PROP_BUSY:
      g_value_set_boolean (value, is_busy (self));
      break;
    default:
      if (flag != NULL)
        g_value_set_boolean (value, *flag);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
sal_view_state_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  SalViewState *self = SAL_VIEW_STATE (object);
  gboolean *flag = get_flag (self, id);

  switch (id)
    {
    case PROP_PROFILE:
      sal_view_state_set_profile (self, g_value_get_boxed (value));
      break;
    case PROP_SELECTED_FUNCTION:
      sal_view_state_set_selected_function (self, g_value_get_uint (value));
      break;
    case PROP_SEARCH:
      sal_view_state_set_search (self, g_value_get_string (value));
      break;
    default:
      if (flag != NULL)
        set_flag (self, flag, g_value_get_boolean (value), pspec);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
sal_view_state_dispose (GObject *object)
{
  SalViewState *self = SAL_VIEW_STATE (object);

  cancel_work (self);
  G_OBJECT_CLASS (sal_view_state_parent_class)->dispose (object);
}

static void
sal_view_state_finalize (GObject *object)
{
  SalViewState *self = SAL_VIEW_STATE (object);

  g_clear_pointer (&self->profile, sal_profile_unref);
  g_clear_pointer (&self->matched, sal_profile_unref);
  g_clear_pointer (&self->tree, sal_call_tree_unref);
  g_clear_pointer (&self->table, sal_function_table_unref);
  g_clear_pointer (&self->graph, sal_call_graph_unref);
  g_clear_pointer (&self->search, g_free);
  g_clear_pointer (&self->folded_search, g_free);
  g_clear_pointer (&self->matches, g_byte_array_unref);
  g_clear_pointer (&self->threads, g_byte_array_unref);
  G_OBJECT_CLASS (sal_view_state_parent_class)->finalize (object);
}

static void
sal_view_state_class_init (SalViewStateClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags writable = readable | G_PARAM_WRITABLE;

  object_class->get_property = sal_view_state_get_property;
  object_class->set_property = sal_view_state_set_property;
  object_class->dispose = sal_view_state_dispose;
  object_class->finalize = sal_view_state_finalize;

  properties[PROP_PROFILE] = g_param_spec_boxed ("profile", NULL, NULL, SAL_TYPE_PROFILE, writable);
  properties[PROP_TREE] = g_param_spec_boxed ("tree", NULL, NULL, sal_call_tree_get_type (),
                                              readable);
  properties[PROP_TABLE] = g_param_spec_boxed ("table", NULL, NULL, sal_function_table_get_type (),
                                               readable);
  properties[PROP_GRAPH] = g_param_spec_boxed ("graph", NULL, NULL, sal_call_graph_get_type (),
                                               readable);
  properties[PROP_SELECTED_FUNCTION] = g_param_spec_uint ("selected-function", NULL, NULL, 0,
                                                          SAL_NO_ID, SAL_NO_ID, writable);
  properties[PROP_SEARCH] = g_param_spec_string ("search", NULL, NULL, "", writable);
  properties[PROP_INVERTED] = g_param_spec_boolean ("inverted", NULL, NULL, FALSE, writable);
  properties[PROP_ON_CPU_ONLY] = g_param_spec_boolean ("on-cpu-only", NULL, NULL, FALSE, writable);
  properties[PROP_GIL_ONLY] = g_param_spec_boolean ("gil-only", NULL, NULL, FALSE, writable);
  properties[PROP_NATIVE_FRAMES] = g_param_spec_boolean ("native-frames", NULL, NULL, TRUE,
                                                         writable);
  properties[PROP_BY_TASK] = g_param_spec_boolean ("by-task", NULL, NULL, FALSE, writable);
  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, readable);
  properties[PROP_LIVE] = g_param_spec_boolean ("live", NULL, NULL, FALSE, writable);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[SIGNAL_THREADS_CHANGED] = g_signal_new ("threads-changed", G_TYPE_FROM_CLASS (class),
                                                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                  G_TYPE_NONE, 0);
}

static void
sal_view_state_init (SalViewState *self)
{
  self->threads = g_byte_array_new ();
  self->matches = g_byte_array_new ();
  self->search = g_strdup ("");
  self->folded_search = g_strdup ("");
  self->selected_function = SAL_NO_ID;
  self->native_frames = TRUE;
}

SalViewState *
sal_view_state_new (void)
{
  return g_object_new (SAL_TYPE_VIEW_STATE, NULL);
}

void
sal_view_state_set_profile (SalViewState *self, SalProfile *profile)
{
  g_autoptr (SalProfile) old = NULL;

  g_return_if_fail (SAL_IS_VIEW_STATE (self));

  if (self->profile == profile)
    return;
  g_object_freeze_notify (G_OBJECT (self));
  old = g_steal_pointer (&self->profile);
  self->profile = profile != NULL ? sal_profile_ref (profile) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROFILE]);

  if (old == NULL || profile == NULL ||
      sal_profile_get_kind (old) != sal_profile_get_kind (profile) ||
      (self->selected_function != SAL_NO_ID &&
       self->selected_function >= sal_profile_get_n_functions (profile)))
    sal_view_state_set_selected_function (self, SAL_NO_ID);
  if (old != NULL &&
      (profile == NULL || sal_profile_get_kind (old) != sal_profile_get_kind (profile)))
    clear_results (self);
  /* A profile that grows faster than its tree is made must not starve the tree. */
  if (self->live && profile != NULL && self->cancellable != NULL)
    self->is_stale = TRUE;
  else
    restart_work (self);
  g_object_thaw_notify (G_OBJECT (self));
}

SalProfile *
sal_view_state_get_profile (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), NULL);

  return self->profile;
}

SalCallTree *
sal_view_state_get_tree (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), NULL);

  return self->tree;
}

SalFunctionTable *
sal_view_state_get_table (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), NULL);

  return self->table;
}

SalCallGraph *
sal_view_state_get_graph (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), NULL);

  return self->graph;
}

const SalFilter *
sal_view_state_get_filter (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), NULL);

  self->filter.threads = self->threads->data;
  self->filter.n_threads = self->threads->len;
  return &self->filter;
}

SalFrameView
sal_view_state_get_frame_view (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), (SalFrameView){ 0 });

  return (SalFrameView){ .native = self->native_frames ? SAL_NATIVE_VIEW_ON : SAL_NATIVE_VIEW_OFF,
                         .by_task = self->by_task };
}

void
sal_view_state_set_live (SalViewState *self, gboolean live)
{
  g_return_if_fail (SAL_IS_VIEW_STATE (self));

  set_flag (self, &self->live, live, properties[PROP_LIVE]);
}

guint32
sal_view_state_get_selected_function (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), SAL_NO_ID);

  return self->selected_function;
}

void
sal_view_state_set_selected_function (SalViewState *self, guint32 function)
{
  g_return_if_fail (SAL_IS_VIEW_STATE (self));

  if (self->selected_function == function)
    return;
  self->selected_function = function;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED_FUNCTION]);
}

const char *
sal_view_state_get_search (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), "");

  return self->search;
}

void
sal_view_state_set_search (SalViewState *self, const char *search)
{
  g_return_if_fail (SAL_IS_VIEW_STATE (self));

  if (search == NULL)
    search = "";
  if (strcmp (search, self->search) == 0)
    return;
  g_free (self->search);
  g_free (self->folded_search);
  self->search = g_strdup (search);
  self->folded_search = g_utf8_casefold (search, -1);
  g_byte_array_set_size (self->matches, 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCH]);
}

gboolean
sal_view_state_matches (SalViewState *self, guint32 function)
{
  SalProfile *profile;
  guint old_length;

  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), FALSE);

  profile = self->profile;
  if (*self->search == '\0' || profile == NULL || function >= sal_profile_get_n_functions (profile))
    return FALSE;
  /* While a recording grows ids stay what they are; another profile has other functions. */
  if (profile != self->matched)
    {
      if (!self->live)
        g_byte_array_set_size (self->matches, 0);
      g_clear_pointer (&self->matched, sal_profile_unref);
      self->matched = sal_profile_ref (profile);
    }
  old_length = self->matches->len;
  if (function >= old_length)
    {
      g_byte_array_set_size (self->matches, sal_profile_get_n_functions (profile));
      memset (self->matches->data + old_length, 0, self->matches->len - old_length);
    }
  if (self->matches->data[function] == 0)
    {
      SalFunction description = sal_profile_get_function (profile, function);

      self->matches->data[function] = sal_text_match (description.name, self->folded_search) ||
                                              sal_text_match (description.file, self->folded_search)
                                          ? 2
                                          : 1;
    }
  return self->matches->data[function] == 2;
}

gboolean
sal_view_state_get_thread_shown (SalViewState *self, guint32 thread)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), TRUE);

  return thread >= self->threads->len || self->threads->data[thread] != 0;
}

void
sal_view_state_set_thread_shown (SalViewState *self, guint32 thread, gboolean shown)
{
  guint old_length;

  g_return_if_fail (SAL_IS_VIEW_STATE (self));
  g_return_if_fail (thread < SAL_NO_ID);

  if (sal_view_state_get_thread_shown (self, thread) == shown)
    return;
  old_length = self->threads->len;
  if (thread >= old_length)
    {
      g_byte_array_set_size (self->threads, thread + 1);
      memset (self->threads->data + old_length, 1, self->threads->len - old_length);
    }
  self->threads->data[thread] = shown ? 1 : 0;
  g_signal_emit (self, signals[SIGNAL_THREADS_CHANGED], 0);
  restart_work (self);
}
