/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the profile, the filter and the selection; makes trees and tables on a worker. */
#include "sal-view-state.h"

#include <string.h>

#include "sal-function-search.h"
#include "sal-view-work.h"

struct _SalViewState
{
  GObject parent_instance;

  /* owned */
  SalProfile *profile;
  SalCallTree *tree;
  SalFunctionTable *table;
  SalFunctionTable *libraries;
  SalCallGraph *graph;
  SalFunctionSearch *search;
  GCancellable *cancellable; /* of the worker; NULL when none is at work */

  /* state */
  GByteArray *threads; /* one byte a thread, 0 = left out; threads past the end are shown */
  SalFilter filter;    /* borrows from threads */
  guint32 selected_function;
  guint origins;       /* of the table's functions */
  guint64 serial;      /* of the newest request */
  guint start_id;      /* a worker is about to start */
  gboolean is_stale;   /* the profile grew while the worker was at work */
  SalFrameView frames; /* but for no_library */
  gboolean library_code;
  gboolean by_library;
  gboolean inverted;
  gboolean live;
};

enum
{
  PROP_0,
  PROP_PROFILE,
  PROP_TREE,
  PROP_TABLE,
  PROP_LIBRARIES,
  PROP_GRAPH,
  PROP_SELECTED_FUNCTION,
  PROP_SEARCH,
  PROP_INVERTED,
  PROP_ON_CPU_ONLY,
  PROP_GIL_ONLY,
  PROP_NATIVE_FRAMES,
  PROP_INTERNALS,
  PROP_LIBRARY_CODE,
  PROP_BY_TASK,
  PROP_BY_LIBRARY,
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

static void
work_thread_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_boolean (task, sal_view_work_run (data, cancellable));
}

static void start_work (SalViewState *self);

/* Swaps in what the worker made. */
static void
publish (SalViewState *self, SalViewWork *work)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (self->tree != NULL || work->tree != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TREE]);
  if (self->graph != NULL || work->graph != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRAPH]);
  if (self->libraries != NULL || work->libraries != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIBRARIES]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TABLE]);
  g_clear_pointer (&self->tree, sal_call_tree_unref);
  g_clear_pointer (&self->graph, sal_call_graph_unref);
  g_clear_pointer (&self->table, sal_function_table_unref);
  g_clear_pointer (&self->libraries, sal_function_table_unref);
  self->tree = g_steal_pointer (&work->tree);
  self->graph = g_steal_pointer (&work->graph);
  self->table = g_steal_pointer (&work->table);
  self->libraries = g_steal_pointer (&work->libraries);
  self->origins = work->origins;
  g_object_thaw_notify (G_OBJECT (self));
}

static void
work_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  SalViewState *self = SAL_VIEW_STATE (source);
  SalViewWork *work = g_task_get_task_data (G_TASK (result));
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
  SalViewWork *work = g_new0 (SalViewWork, 1);

  self->is_stale = FALSE;
  self->cancellable = g_cancellable_new ();
  work->profile = sal_profile_ref (self->profile);
  work->filter = sal_filter_copy (sal_view_state_get_filter (self));
  work->inverted = self->inverted;
  work->frames = sal_view_state_get_frame_view (self);
  work->by_library = self->by_library;
  work->order = self->live ? SAL_CALL_TREE_BY_NAME : SAL_CALL_TREE_BY_TOTAL;
  work->serial = ++self->serial;

  task = g_task_new (self, self->cancellable, work_done_cb, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, work, sal_view_work_free);
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
  g_clear_pointer (&self->libraries, sal_function_table_unref);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TREE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRAPH]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIBRARIES]);
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

static void
set_native_frames (SalViewState *self, SalNativeView view, GParamSpec *pspec)
{
  if (self->frames.native == view)
    return;
  self->frames.native = view;
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
    case PROP_INTERNALS:
      return &self->frames.internals;
    case PROP_LIBRARY_CODE:
      return &self->library_code;
    case PROP_BY_TASK:
      return &self->frames.by_task;
    case PROP_BY_LIBRARY:
      return &self->by_library;
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
    case PROP_LIBRARIES:
      g_value_set_boxed (value, self->libraries);
      break;
    case PROP_GRAPH:
      g_value_set_boxed (value, self->graph);
      break;
    case PROP_SELECTED_FUNCTION:
      g_value_set_uint (value, self->selected_function);
      break;
    case PROP_SEARCH:
      g_value_set_string (value, sal_function_search_get_text (self->search));
      break;
    case PROP_NATIVE_FRAMES:
      g_value_set_enum (value, self->frames.native);
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
    case PROP_NATIVE_FRAMES:
      set_native_frames (self, (SalNativeView)g_value_get_enum (value), pspec);
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
  g_clear_pointer (&self->tree, sal_call_tree_unref);
  g_clear_pointer (&self->table, sal_function_table_unref);
  g_clear_pointer (&self->libraries, sal_function_table_unref);
  g_clear_pointer (&self->graph, sal_call_graph_unref);
  g_clear_pointer (&self->search, sal_function_search_free);
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
  properties[PROP_LIBRARIES] = g_param_spec_boxed ("libraries", NULL, NULL,
                                                   sal_function_table_get_type (), readable);
  properties[PROP_GRAPH] = g_param_spec_boxed ("graph", NULL, NULL, sal_call_graph_get_type (),
                                               readable);
  properties[PROP_SELECTED_FUNCTION] = g_param_spec_uint ("selected-function", NULL, NULL, 0,
                                                          SAL_NO_ID, SAL_NO_ID, writable);
  properties[PROP_SEARCH] = g_param_spec_string ("search", NULL, NULL, "", writable);
  properties[PROP_INVERTED] = g_param_spec_boolean ("inverted", NULL, NULL, FALSE, writable);
  properties[PROP_ON_CPU_ONLY] = g_param_spec_boolean ("on-cpu-only", NULL, NULL, FALSE, writable);
  properties[PROP_GIL_ONLY] = g_param_spec_boolean ("gil-only", NULL, NULL, FALSE, writable);
  properties[PROP_NATIVE_FRAMES] = g_param_spec_enum ("native-frames", NULL, NULL,
                                                      SAL_TYPE_NATIVE_VIEW, SAL_NATIVE_VIEW_ON,
                                                      writable);
  properties[PROP_INTERNALS] = g_param_spec_boolean ("internals", NULL, NULL, FALSE, writable);
  properties[PROP_LIBRARY_CODE] = g_param_spec_boolean ("library-code", NULL, NULL, TRUE, writable);
  properties[PROP_BY_LIBRARY] = g_param_spec_boolean ("by-library", NULL, NULL, FALSE, writable);
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
  self->search = sal_function_search_new ();
  self->selected_function = SAL_NO_ID;
  self->library_code = TRUE;
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

SalFunctionTable *
sal_view_state_get_libraries (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), NULL);

  return self->libraries;
}

SalCallGraph *
sal_view_state_get_graph (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), NULL);

  return self->graph;
}

guint
sal_view_state_get_origins (SalViewState *self)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), 0);

  return self->origins;
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
  SalFrameView view = { 0 };

  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), view);

  view = self->frames;
  view.no_library = !self->library_code;
  return view;
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

  return sal_function_search_get_text (self->search);
}

void
sal_view_state_set_search (SalViewState *self, const char *search)
{
  g_return_if_fail (SAL_IS_VIEW_STATE (self));

  if (sal_function_search_set_text (self->search, search))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCH]);
}

gboolean
sal_view_state_matches (SalViewState *self, guint32 function)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (self), FALSE);

  /* While a recording grows ids stay what they are; another profile has other functions. */
  return self->profile != NULL &&
         sal_function_search_matches (self->search, self->profile, function, self->live);
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
