/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the scan in a worker and brings the items up to date with what it found. */
#include "sal-process-list.h"

#include "sal-process-scan.h"
#include "sal-session-helper.h"

#define INTERVAL_MS 1500

struct _SalProcessList
{
  GObject parent_instance;

  /* Owned */
  GListStore *store;
  GHashTable *by_pid;   /* pid → SalProcessItem, borrowed from the store */
  SalProcessScan *scan; /* NULL while a worker has it */
  guint timer;
  gboolean is_watching;
  gboolean has_helper;
};

/* What a worker gets and brings back. */
typedef struct
{
  SalProcessScan *scan;
  gboolean has_helper;
} Look;

enum
{
  SIGNAL_REFRESHED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SalProcessList,
                               sal_process_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return SAL_TYPE_PROCESS_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (SAL_PROCESS_LIST (model)->store));
}

static gpointer
get_item (GListModel *model, guint position)
{
  return g_list_model_get_item (G_LIST_MODEL (SAL_PROCESS_LIST (model)->store), position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
items_changed_cb (SalProcessList *self, guint position, guint removed, guint added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
sal_process_list_dispose (GObject *object)
{
  SalProcessList *self = SAL_PROCESS_LIST (object);

  self->is_watching = FALSE;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (sal_process_list_parent_class)->dispose (object);
}

static void
sal_process_list_finalize (GObject *object)
{
  SalProcessList *self = SAL_PROCESS_LIST (object);

  g_hash_table_unref (self->by_pid);
  sal_process_scan_free (self->scan);
  G_OBJECT_CLASS (sal_process_list_parent_class)->finalize (object);
}

static void
sal_process_list_class_init (SalProcessListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sal_process_list_dispose;
  object_class->finalize = sal_process_list_finalize;

  signals[SIGNAL_REFRESHED] = g_signal_new ("refreshed",
                                            SAL_TYPE_PROCESS_LIST,
                                            G_SIGNAL_RUN_LAST,
                                            0,
                                            NULL,
                                            NULL,
                                            NULL,
                                            G_TYPE_NONE,
                                            0);
}

static void
sal_process_list_init (SalProcessList *self)
{
  self->store = g_list_store_new (SAL_TYPE_PROCESS_ITEM);
  self->by_pid = g_hash_table_new (NULL, NULL);
  self->scan = sal_process_scan_new ("/proc");
  g_signal_connect_object (self->store,
                           "items-changed",
                           G_CALLBACK (items_changed_cb),
                           self,
                           G_CONNECT_SWAPPED);
}

SalProcessList *
sal_process_list_new (void)
{
  return g_object_new (SAL_TYPE_PROCESS_LIST, NULL);
}

/* The item of the very process that @info is about, not of one that had its number before. */
static SalProcessItem *
find_item (SalProcessList *self, const SalProcessInfo *info)
{
  SalProcessItem *item = g_hash_table_lookup (self->by_pid, GINT_TO_POINTER (info->pid));

  if (item == NULL || sal_process_item_get_info (item)->start_ticks != info->start_ticks)
    return NULL;
  return item;
}

/* Takes what is gone out of the table, so that nothing new hangs on to it; the store keeps it. */
static void
forget_gone (SalProcessList *self, GPtrArray *infos)
{
  g_autoptr (GHashTable) staying = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer item;

  for (guint i = 0; i < infos->len; i++)
    {
      item = find_item (self, g_ptr_array_index (infos, i));
      if (item != NULL)
        g_hash_table_add (staying, item);
    }
  g_hash_table_iter_init (&iter, self->by_pid);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    {
      sal_process_item_set_parent (item, NULL);
      if (!g_hash_table_contains (staying, item))
        g_hash_table_iter_remove (&iter);
    }
}

/* New items: in the table, not yet in the store. */
static GPtrArray *
make_items (SalProcessList *self, GPtrArray *infos)
{
  GPtrArray *fresh = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < infos->len; i++)
    {
      const SalProcessInfo *info = g_ptr_array_index (infos, i);

      if (find_item (self, info) == NULL)
        {
          SalProcessItem *item = sal_process_item_new (info);

          g_ptr_array_add (fresh, item);
          g_hash_table_insert (self->by_pid, GINT_TO_POINTER (info->pid), item);
        }
    }
  return fresh;
}

static void
remove_gone (SalProcessList *self)
{
  for (guint i = get_n_items (G_LIST_MODEL (self)); i > 0; i--)
    {
      g_autoptr (SalProcessItem) item = get_item (G_LIST_MODEL (self), i - 1);
      int pid = sal_process_item_get_info (item)->pid;

      if (g_hash_table_lookup (self->by_pid, GINT_TO_POINTER (pid)) != item)
        g_list_store_remove (self->store, i - 1);
    }
}

void
sal_process_list_set (SalProcessList *self, GPtrArray *infos)
{
  g_autoptr (GPtrArray) fresh = NULL;

  g_return_if_fail (SAL_IS_PROCESS_LIST (self));
  g_return_if_fail (infos != NULL);

  /* The whole tree stands before anybody hears of a change: who sorts by it compares any two. */
  forget_gone (self, infos);
  fresh = make_items (self, infos);
  for (guint i = 0; i < infos->len; i++)
    {
      const SalProcessInfo *info = g_ptr_array_index (infos, i);

      sal_process_item_set_parent (find_item (self, info),
                                   g_hash_table_lookup (self->by_pid,
                                                        GINT_TO_POINTER (info->parent)));
    }
  remove_gone (self);
  for (guint i = 0; i < infos->len; i++)
    sal_process_item_update (find_item (self, infos->pdata[i]), infos->pdata[i]);
  g_list_store_splice (self->store,
                       get_n_items (G_LIST_MODEL (self)),
                       0,
                       fresh->pdata,
                       fresh->len);
  g_signal_emit (self, signals[SIGNAL_REFRESHED], 0);
}

/* Watching. */

static void
scan_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;

  look->has_helper = sal_session_helper_is_installed ();
  g_task_return_pointer (task,
                         sal_process_scan_run (look->scan, 0),
                         (GDestroyNotify)g_ptr_array_unref);
}

static gboolean look_cb (gpointer data);

static void
scanned_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SalProcessList) self = SAL_PROCESS_LIST (data);
  g_autoptr (GPtrArray) infos = g_task_propagate_pointer (G_TASK (result), NULL);
  Look *look = g_task_get_task_data (G_TASK (result));

  self->scan = look->scan;
  self->has_helper = look->has_helper;
  if (!self->is_watching)
    return;
  /* The pause begins when the work is done: a slow system is not kept busy with this. */
  self->timer = g_timeout_add (INTERVAL_MS, look_cb, self);
  if (infos != NULL)
    sal_process_list_set (self, infos);
}

static void
look (SalProcessList *self)
{
  g_autoptr (GTask) task = NULL;
  Look *data;

  /* A worker is still at it, and its end goes on from there. */
  if (self->scan == NULL)
    return;
  /* Not the task's source object: a worker may be the last to hold its task, and the list must end
   * in the main thread. */
  task = g_task_new (NULL, NULL, scanned_cb, g_object_ref (self));
  data = g_new0 (Look, 1);
  data->scan = g_steal_pointer (&self->scan);
  g_task_set_task_data (task, data, g_free);
  g_task_run_in_thread (task, scan_thread);
}

static gboolean
look_cb (gpointer data)
{
  SalProcessList *self = SAL_PROCESS_LIST (data);

  self->timer = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

void
sal_process_list_set_watching (SalProcessList *self, gboolean watching)
{
  g_return_if_fail (SAL_IS_PROCESS_LIST (self));

  if (self->is_watching == watching)
    return;
  self->is_watching = watching;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (watching)
    look (self);
}

gboolean
sal_process_list_has_helper (SalProcessList *self)
{
  g_return_val_if_fail (SAL_IS_PROCESS_LIST (self), FALSE);
  return self->has_helper;
}

static gboolean
is_started_by (SalProcessItem *item, SalProcessItem *starter)
{
  SalProcessItem *above = sal_process_item_get_parent (item);

  while (above != NULL && above != starter && !sal_process_item_get_info (above)->is_python)
    above = sal_process_item_get_parent (above);
  return above == starter;
}

GPtrArray *
sal_process_list_find_started (SalProcessList *self, SalProcessItem *item)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_val_if_fail (SAL_IS_PROCESS_LIST (self), found);
  g_return_val_if_fail (SAL_IS_PROCESS_ITEM (item), found);

  if (sal_process_item_get_info (item)->is_python)
    {
      g_ptr_array_add (found, g_object_ref (item));
      return found;
    }
  for (guint i = 0; i < get_n_items (G_LIST_MODEL (self)); i++)
    {
      g_autoptr (SalProcessItem) other = get_item (G_LIST_MODEL (self), i);

      if (sal_process_item_get_info (other)->is_python && is_started_by (other, item))
        g_ptr_array_add (found, g_steal_pointer (&other));
    }
  return found;
}
