/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of processes that keeps itself up to date under the selection. */
#include "config.h"

#include "sal-attach-dialog.h"

#include <glib/gi18n.h>

#include "sal-process-list.h"
#include "sal-session-options.h"

#include "sal-attach-columns.h"
#include "sal-attach-filter.h"
#include "sal-sampling-group.h"

struct _SalAttachDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkSearchEntry *search_entry;
  GtkToggleButton *tree_button;
  GtkStack *stack;
  GtkColumnView *view;
  GtkLabel *hint_label;
  GtkMenuButton *sampling_button;
  SalSamplingGroup *sampling_group;

  /* Owned */
  SalProcessList *list;
  SalAttachFilter *filter;
  GtkSorter *sorter;
  GtkMultiSelection *selection; /* over the sorted, filtered list */
  SalAttachColumns *columns;

  /* State */
  gboolean has_looked; /* the list has been filled once */
  gboolean has_helper; /* as the rows show it */
};

G_DEFINE_FINAL_TYPE (SalAttachDialog, sal_attach_dialog, ADW_TYPE_WINDOW)

enum
{
  SIGNAL_CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static GListModel *
get_model (SalAttachDialog *self)
{
  return G_LIST_MODEL (self->selection);
}

/* The selected items (transfer full). */
static GPtrArray *
list_selected (SalAttachDialog *self)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) set = NULL;
  GtkBitsetIter iter;
  guint position;

  set = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  for (gboolean more = gtk_bitset_iter_init_first (&iter, set, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    {
      gpointer item = g_list_model_get_item (get_model (self), position);

      if (item)
        g_ptr_array_add (items, item);
    }
  return items;
}

static gboolean
can_record (SalAttachDialog *self, SalProcessItem *item)
{
  const SalProcessInfo *info = sal_process_item_get_info (item);

  return info->is_python &&
         sal_access_get_route (info->access, self->has_helper) != SAL_ROUTE_NONE;
}

/* What is recorded when Start is pressed (transfer full), each process once; a launcher stands for
 * what it started. */
static GPtrArray *
list_targets (SalAttachDialog *self)
{
  g_autoptr (GPtrArray) selected = list_selected (self);
  GPtrArray *targets = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < selected->len; i++)
    {
      g_autoptr (GPtrArray) started = NULL;

      started = sal_process_list_find_started (self->list, g_ptr_array_index (selected, i));
      for (guint j = 0; j < started->len; j++)
        {
          SalProcessItem *item = g_ptr_array_index (started, j);

          if (can_record (self, item) && !g_ptr_array_find (targets, item, NULL))
            g_ptr_array_add (targets, g_object_ref (item));
        }
    }
  return targets;
}

static char *
describe_selection (SalAttachDialog *self, GPtrArray *selected, GPtrArray *targets)
{
  if (selected->len == 0)
    return g_strdup (_ ("Choose the process to record. It runs on when the recording stops."));
  if (selected->len == 1)
    return sal_process_info_describe (
        sal_process_item_get_info (g_ptr_array_index (selected, 0)),
        self->has_helper);
  if (targets->len == 0)
    return g_strdup (_ ("None of the selected processes can be recorded."));
  return g_strdup_printf (ngettext ("%u process will be recorded, in a window of its own.",
                                    "%u processes will be recorded, each in a window of its own.",
                                    targets->len),
                          targets->len);
}

static void
selection_changed_cb (SalAttachDialog *self)
{
  g_autoptr (GPtrArray) selected = list_selected (self);
  g_autoptr (GPtrArray) targets = list_targets (self);
  g_autofree char *hint = describe_selection (self, selected, targets);

  if (g_strcmp0 (gtk_label_get_text (self->hint_label), hint) != 0)
    gtk_label_set_text (self->hint_label, hint);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "attach.start", targets->len > 0);
}

static void
update_page (SalAttachDialog *self)
{
  const char *page = "list";

  if (self->has_looked && g_list_model_get_n_items (G_LIST_MODEL (self->list)) == 0)
    page = "empty";
  else if (self->has_looked && g_list_model_get_n_items (get_model (self)) == 0)
    page = "nothing";
  gtk_stack_set_visible_child_name (self->stack, page);
}

/* How rows look has changed, not what they tell. */
static void
show_rows_again (SalAttachDialog *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      g_autoptr (SalProcessItem) item = g_list_model_get_item (G_LIST_MODEL (self->list), i);

      g_signal_emit_by_name (item, "changed");
    }
}

/* The first row that the text asks for and that can be recorded, else that is Python, since a
 * launcher above is not what is meant, else that the text asks for; where there is no such row, the
 * first of all. */
static guint
find_first_match (SalAttachDialog *self)
{
  guint n_items = g_list_model_get_n_items (get_model (self));
  guint found = 0;
  int best = 0;

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SalProcessItem) item = g_list_model_get_item (get_model (self), i);
      int rank;

      if (!sal_attach_filter_is_match (self->filter, item))
        continue;
      if (can_record (self, item))
        return i;
      rank = sal_process_item_get_info (item)->is_python ? 2 : 1;
      if (rank > best)
        {
          best = rank;
          found = i;
        }
    }
  return found;
}

static void
select_first_match (SalAttachDialog *self)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (self->selection);

  gtk_selection_model_unselect_all (model);
  gtk_selection_model_select_item (model, find_first_match (self), TRUE);
}

static void
refreshed_cb (SalAttachDialog *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
  g_autoptr (GtkBitset) set = NULL;

  /* The text may have been there before the list. */
  if (!self->has_looked && *text)
    select_first_match (self);
  self->has_looked = TRUE;
  if (self->has_helper != sal_process_list_has_helper (self->list))
    {
      self->has_helper = !self->has_helper;
      show_rows_again (self);
    }
  sal_attach_columns_update (self->columns);
  /* Who is busiest changes all the time, but nothing may move while somebody chooses. */
  set = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  if (gtk_bitset_is_empty (set))
    gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  /* What a process is, or who started it, may have changed. */
  selection_changed_cb (self);
  update_page (self);
}

static void
filter_by_text (SalAttachDialog *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  sal_attach_filter_set_text (self->filter, text);
  if (*text)
    select_first_match (self);
  update_page (self);
}

static void
search_changed_cb (SalAttachDialog *self)
{
  filter_by_text (self);
}

static void
stop_search_cb (SalAttachDialog *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) == '\0')
    gtk_window_close (GTK_WINDOW (self));
  else
    gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
}

static void
search_activated_cb (SalAttachDialog *self)
{
  /* The text may be newer than what the list was filtered by. */
  filter_by_text (self);
  gtk_widget_activate_action (GTK_WIDGET (self), "attach.start", NULL);
}

static void
tree_toggled_cb (SalAttachDialog *self)
{
  gboolean tree = gtk_toggle_button_get_active (self->tree_button);

  sal_attach_columns_set_tree (self->columns, tree);
  sal_attach_filter_set_tree (self->filter, tree);
  gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  show_rows_again (self);
  update_page (self);
}

static void
sampling_changed_cb (SalAttachDialog *self)
{
  g_autofree char *summary = sal_sampling_group_dup_summary (self->sampling_group);

  gtk_menu_button_set_label (self->sampling_button, summary);
}

static SalSessionOptions *
create_options (SalAttachDialog *self, SalProcessItem *item)
{
  const SalProcessInfo *info = sal_process_item_get_info (item);
  SalSessionOptions *options = sal_session_options_new ();
  SalSampling sampling = sal_sampling_group_get (self->sampling_group);

  options->pid = info->pid;
  options->name = g_strdup (info->name);
  sal_sampling_apply (&sampling, options);
  return options;
}

static void
start_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (SalAttachDialog) self = g_object_ref (SAL_ATTACH_DIALOG (widget));
  g_autoptr (GPtrArray) targets = list_targets (self);
  g_autoptr (GPtrArray) chosen = NULL;

  chosen = g_ptr_array_new_with_free_func ((GDestroyNotify)sal_session_options_free);
  for (guint i = 0; i < targets->len; i++)
    g_ptr_array_add (chosen, create_options (self, g_ptr_array_index (targets, i)));
  if (chosen->len == 0)
    return;
  sal_sampling_group_save (self->sampling_group);
  gtk_window_close (GTK_WINDOW (self));
  for (guint i = 0; i < chosen->len; i++)
    g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, g_ptr_array_index (chosen, i));
}

static void
row_activated_cb (SalAttachDialog *self, guint position)
{
  GtkSelectionModel *model = GTK_SELECTION_MODEL (self->selection);

  if (!gtk_selection_model_is_selected (model, position))
    gtk_selection_model_select_item (model, position, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (self), "attach.start", NULL);
}

/* The focus goes to the selected row, which the list would not find by itself. */
static void
focus_row (SalAttachDialog *self, guint position)
{
  GtkWidget *list = gtk_widget_get_first_child (GTK_WIDGET (self->view));

  while (list && !GTK_IS_LIST_VIEW (list))
    list = gtk_widget_get_next_sibling (list);
  if (!list)
    return;
  /* The floor has no gtk_column_view_scroll_to() (4.12), but the list inside has the action. */
  gtk_widget_activate_action (list, "list.scroll-to-item", "u", position);
  for (GtkWidget *row = gtk_widget_get_first_child (list); row;
       row = gtk_widget_get_next_sibling (row))
    {
      if (gtk_widget_get_state_flags (row) & GTK_STATE_FLAG_SELECTED &&
          gtk_widget_grab_focus (row))
        return;
    }
  gtk_widget_grab_focus (list);
}

static void
focus_list_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SalAttachDialog *self = SAL_ATTACH_DIALOG (widget);
  g_autoptr (GtkBitset) set = NULL;
  guint position = 0;

  if (g_list_model_get_n_items (get_model (self)) == 0)
    return;
  set = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  if (!gtk_bitset_is_empty (set))
    position = gtk_bitset_get_minimum (set);
  else
    {
      position = find_first_match (self);
      gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), position, TRUE);
    }
  focus_row (self, position);
}

static void
search_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SalAttachDialog *self = SAL_ATTACH_DIALOG (widget);

  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
  gtk_editable_select_region (GTK_EDITABLE (self->search_entry), 0, -1);
}

static void
launch_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (widget));

  gtk_window_close (GTK_WINDOW (widget));
  gtk_widget_activate_action (GTK_WIDGET (parent), "app.launch", NULL);
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
  SalAttachDialog *self = data;

  return sal_attach_filter_compare ((SalProcessItem *)a,
                                    (SalProcessItem *)b,
                                    gtk_column_view_get_sorter (self->view),
                                    gtk_toggle_button_get_active (self->tree_button));
}

static void
column_sorter_cb (SalAttachDialog *self)
{
  gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

static void
sal_attach_dialog_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sal_attach_dialog_parent_class)->map (widget);
  sal_process_list_set_watching (SAL_ATTACH_DIALOG (widget)->list, TRUE);
}

static void
sal_attach_dialog_unmap (GtkWidget *widget)
{
  sal_process_list_set_watching (SAL_ATTACH_DIALOG (widget)->list, FALSE);
  GTK_WIDGET_CLASS (sal_attach_dialog_parent_class)->unmap (widget);
}

static void
sal_attach_dialog_dispose (GObject *object)
{
  SalAttachDialog *self = SAL_ATTACH_DIALOG (object);

  if (self->list)
    sal_process_list_set_watching (self->list, FALSE);
  if (self->view)
    gtk_column_view_set_model (self->view, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), SAL_TYPE_ATTACH_DIALOG);
  g_clear_object (&self->selection);
  g_clear_object (&self->sorter);
  g_clear_object (&self->filter);
  g_clear_object (&self->list);
  G_OBJECT_CLASS (sal_attach_dialog_parent_class)->dispose (object);
}

static void
sal_attach_dialog_finalize (GObject *object)
{
  sal_attach_columns_free (SAL_ATTACH_DIALOG (object)->columns);
  G_OBJECT_CLASS (sal_attach_dialog_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/org/salamander_profiler/Salamander/window/sal-attach-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SalAttachDialog, search_entry);
  gtk_widget_class_bind_template_child (widget_class, SalAttachDialog, tree_button);
  gtk_widget_class_bind_template_child (widget_class, SalAttachDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, SalAttachDialog, view);
  gtk_widget_class_bind_template_child (widget_class, SalAttachDialog, hint_label);
  gtk_widget_class_bind_template_child (widget_class, SalAttachDialog, sampling_button);
  gtk_widget_class_bind_template_child (widget_class, SalAttachDialog, sampling_group);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, tree_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, sampling_changed_cb);
}

static void
sal_attach_dialog_class_init (SalAttachDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sal_attach_dialog_dispose;
  object_class->finalize = sal_attach_dialog_finalize;
  widget_class->map = sal_attach_dialog_map;
  widget_class->unmap = sal_attach_dialog_unmap;

  g_type_ensure (SAL_TYPE_SAMPLING_GROUP);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "attach.start", NULL, start_cb);
  gtk_widget_class_install_action (widget_class, "attach.focus-list", NULL, focus_list_cb);
  gtk_widget_class_install_action (widget_class, "attach.search", NULL, search_cb);
  gtk_widget_class_install_action (widget_class, "attach.launch", NULL, launch_cb);

  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen",
                                         G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         1,
                                         G_TYPE_POINTER);
}

static void
follow (SalAttachDialog *self, gpointer object, const char *signal, GCallback callback)
{
  g_signal_connect_object (object, signal, callback, self, G_CONNECT_SWAPPED);
}

static void
create_models (SalAttachDialog *self)
{
  GtkFilterListModel *filtered;
  GtkSortListModel *sorted;

  self->list = sal_process_list_new ();
  self->filter = sal_attach_filter_new (self->list);
  self->sorter = GTK_SORTER (gtk_custom_sorter_new (compare_cb, self, NULL));
  filtered = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->list)),
                                        g_object_ref (GTK_FILTER (self->filter)));
  sorted = gtk_sort_list_model_new (G_LIST_MODEL (filtered), g_object_ref (self->sorter));
  self->selection = gtk_multi_selection_new (G_LIST_MODEL (sorted));
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
}

static void
sal_attach_dialog_init (SalAttachDialog *self)
{
  SalSampling sampling = sal_sampling_get_last ();

  gtk_widget_init_template (GTK_WIDGET (self));
  create_models (self);
  self->columns = sal_attach_columns_new (self->view, self->list);
  sal_attach_columns_set_tree (self->columns, TRUE);
  follow (self, self->list, "refreshed", G_CALLBACK (refreshed_cb));
  follow (self, self->selection, "selection-changed", G_CALLBACK (selection_changed_cb));
  follow (self, gtk_column_view_get_sorter (self->view), "changed", G_CALLBACK (column_sorter_cb));
  gtk_search_entry_set_key_capture_widget (self->search_entry, GTK_WIDGET (self->view));
  sal_sampling_group_set (self->sampling_group, &sampling);
  sampling_changed_cb (self);
  selection_changed_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

GtkWidget *
sal_attach_dialog_new (GtkWindow *parent)
{
  return g_object_new (SAL_TYPE_ATTACH_DIALOG, "transient-for", parent, NULL);
}
