/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A column view over SalFunctionModel: columns, the arrow in their headings, selection, copying. */
#include "sal-function-grid.h"

#include <string.h>

#include "sal-column-sort.h"
#include "sal-function-cell.h"

struct _SalFunctionGrid
{
  GtkWidget parent_instance;

  /* owned */
  SalFunctionModel *model;
  GtkSingleSelection *selection;
  GSimpleActionGroup *actions;

  /* children */
  GtkWidget *window;
  GtkWidget *view; /* borrowed, as all below */
  GtkColumnViewColumn *columns[SAL_FUNCTION_N_COLUMNS];

  /* state */
  guint32 selected; /* function, also while no row shows it */
  SalFunctionColumn column;
  gboolean descending;
  gboolean is_sorting; /* the arrow is being moved */
  gboolean is_syncing; /* it is not a person who selects */
  guint size_source;   /* waits until the list has a size; 0 = none */
};

enum
{
  SIGNAL_SELECTED,
  SIGNAL_ACTIVATED,
  SIGNAL_SORTED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SalFunctionGrid, sal_function_grid, GTK_TYPE_WIDGET)

static void
sort_by (SalFunctionGrid *self, SalFunctionColumn column, gboolean descending)
{
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (self->view), self->columns[column],
                                  descending ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
}

static void
scroll_to (SalFunctionGrid *self, guint position)
{
  /* The floor has no gtk_column_view_scroll_to() (4.12), but the list inside has the action. */
  for (GtkWidget *child = gtk_widget_get_first_child (self->view); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_LIST_VIEW (child))
      gtk_widget_activate_action (child, "list.scroll-to-item", "u", position);
}

/* Shows the selected function as selected, wherever its row is now. */
static void
sync_selection (SalFunctionGrid *self, gboolean scroll)
{
  guint position = sal_function_model_find (self->model, self->selected);

  self->is_syncing = TRUE;
  gtk_single_selection_set_selected (self->selection, position);
  /* A list that nobody sees has no size yet, and would stay empty when it is scrolled. */
  if (scroll && position != G_MAXUINT && gtk_widget_get_mapped (GTK_WIDGET (self)))
    scroll_to (self, position);
  self->is_syncing = FALSE;
}

static void
selected_cb (SalFunctionGrid *self)
{
  guint position = gtk_single_selection_get_selected (self->selection);

  if (self->is_syncing || position == GTK_INVALID_LIST_POSITION)
    return;
  self->selected = sal_function_model_get_function (self->model, position);
  g_signal_emit (self, signals[SIGNAL_SELECTED], 0);
}

static void
activate_cb (SalFunctionGrid *self, guint position)
{
  gtk_single_selection_set_selected (self->selection, position);
  if (self->selected != SAL_NO_ID)
    g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0);
}

static void
sorter_changed_cb (SalFunctionGrid *self)
{
  guint column;
  gboolean descending;

  if (self->is_sorting ||
      !sal_column_sort_find (GTK_COLUMN_VIEW (self->view), &column, &descending))
    return;
  if (column != self->column)
    {
      self->is_sorting = TRUE;
      if (self->column < SAL_FUNCTION_N_COLUMNS && self->columns[self->column] != NULL)
        sal_column_sort_forget (self->columns[self->column]);
      /* Numbers are looked at from the largest down, so that is what the first click on them does.
       */
      descending = descending || sal_function_column_is_number (column);
      sort_by (self, column, descending);
      self->is_sorting = FALSE;
    }
  self->column = column;
  self->descending = descending;
  self->is_syncing = TRUE;
  sal_function_model_set_sort (self->model, column, descending);
  sync_selection (self, TRUE);
  g_signal_emit (self, signals[SIGNAL_SORTED], 0);
}

static void
add_column (SalFunctionGrid *self, SalFunctionColumn id)
{
  GtkColumnViewColumn *column = gtk_column_view_column_new (sal_function_column_get_title (id),
                                                            sal_function_cell_factory_new (id));

  sal_column_sort_prepare (column, id);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_column_set_expand (column, !sal_function_column_is_number (id));
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), column);
  self->columns[id] = column;
  g_object_unref (column);
}

static void
remove_columns (SalFunctionGrid *self)
{
  GListModel *columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (self->view));

  while (g_list_model_get_n_items (columns) > 0)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, 0);

      gtk_column_view_remove_column (GTK_COLUMN_VIEW (self->view), column);
    }
  memset (self->columns, 0, sizeof self->columns);
}

static void
append_cell (SalFunctionGrid *self, GString *text, SalFunctionColumn column, guint position)
{
  g_autoptr (SalFunctionItem) item = g_list_model_get_item (G_LIST_MODEL (self->model), position);
  g_autofree char *cell = item != NULL ? sal_function_item_dup_text (item, column)
                                       : g_strdup (sal_function_grid_get_title (self, column));
  g_auto (GStrv) words = g_strsplit_set (cell, "\t\n", -1);
  g_autofree char *plain = g_strjoinv (" ", words);
  g_autoptr (GString) clean = g_string_new (plain);

  /* The marks around names are for the screen. */
  g_string_replace (clean, "\u2068", "", 0);
  g_string_replace (clean, "\u2069", "", 0);
  g_string_append (text, clean->str);
}

/* @position: behind the end: the headings. */
static void
append_row (SalFunctionGrid *self, GString *text, guint position)
{
  const char *separator = "";

  for (guint i = 0; i < SAL_FUNCTION_N_COLUMNS; i++)
    if (self->columns[i] != NULL)
      {
        g_string_append (text, separator);
        append_cell (self, text, i, position);
        separator = "\t";
      }
  g_string_append_c (text, '\n');
}

/* The selected row, or all of them, with the headings above. */
static void
copy_rows (SalFunctionGrid *self, gboolean all)
{
  guint selected = gtk_single_selection_get_selected (self->selection);
  guint n_rows = sal_function_grid_get_n_rows (self);
  g_autoptr (GString) text = g_string_new (NULL);

  if (!all && selected >= n_rows)
    return;
  append_row (self, text, G_MAXUINT);
  if (all)
    for (guint i = 0; i < n_rows; i++)
      append_row (self, text, i);
  else
    append_row (self, text, selected);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text->str);
}

static void
copy_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  copy_rows (SAL_FUNCTION_GRID (data), g_variant_get_boolean (parameter));
}

static void
sort_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SalFunctionGrid *self = SAL_FUNCTION_GRID (data);
  SalFunctionColumn column = g_variant_get_uint32 (parameter);

  if (column < SAL_FUNCTION_N_COLUMNS && self->columns[column] != NULL)
    sort_by (self, column, sal_function_column_is_number (column));
}

static void
reverse_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SalFunctionGrid *self = SAL_FUNCTION_GRID (data);

  if (self->column < SAL_FUNCTION_N_COLUMNS && self->columns[self->column] != NULL)
    sort_by (self, self->column, !self->descending);
}

static void
add_keys (SalFunctionGrid *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();
  const guint modifiers[] = { GDK_CONTROL_MASK, GDK_CONTROL_MASK | GDK_SHIFT_MASK };

  for (guint i = 0; i < G_N_ELEMENTS (modifiers); i++)
    {
      GtkShortcut *shortcut = gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_c, modifiers[i]),
                                                gtk_named_action_new ("functions.copy"));

      gtk_shortcut_set_arguments (shortcut, g_variant_new_boolean (i == 1));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys), shortcut);
    }
  gtk_widget_add_controller (self->view, keys);
}

static void
init_actions (SalFunctionGrid *self)
{
  const GActionEntry entries[] = {
    { .name = "sort", .activate = sort_action_cb, .parameter_type = "u" },
    { .name = "reverse", .activate = reverse_action_cb },
    { .name = "copy", .activate = copy_action_cb, .parameter_type = "b" },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "functions", G_ACTION_GROUP (self->actions));
}

static gboolean
has_size_cb (gpointer data)
{
  SalFunctionGrid *self = SAL_FUNCTION_GRID (data);

  self->size_source = 0;
  sync_selection (self, TRUE);
  return G_SOURCE_REMOVE;
}

/* Rows are made when somebody first looks: they are the dearest part of showing a profile. The list
 * has a size once the frame is drawn, which comes before what is idle. */
static void
map_cb (SalFunctionGrid *self)
{
  if (gtk_column_view_get_model (GTK_COLUMN_VIEW (self->view)) == NULL)
    gtk_column_view_set_model (GTK_COLUMN_VIEW (self->view),
                               GTK_SELECTION_MODEL (self->selection));
  if (self->size_source == 0)
    self->size_source = g_idle_add_full (G_PRIORITY_LOW, has_size_cb, self, NULL);
}

static void
sal_function_grid_dispose (GObject *object)
{
  SalFunctionGrid *self = SAL_FUNCTION_GRID (object);

  g_clear_handle_id (&self->size_source, g_source_remove);
  g_clear_pointer (&self->window, gtk_widget_unparent);
  G_OBJECT_CLASS (sal_function_grid_parent_class)->dispose (object);
}

static void
sal_function_grid_finalize (GObject *object)
{
  SalFunctionGrid *self = SAL_FUNCTION_GRID (object);

  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (sal_function_grid_parent_class)->finalize (object);
}

static guint
add_signal (SalFunctionGridClass *class, const char *name)
{
  return g_signal_new (name, G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
}

static void
sal_function_grid_class_init (SalFunctionGridClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sal_function_grid_dispose;
  G_OBJECT_CLASS (class)->finalize = sal_function_grid_finalize;
  signals[SIGNAL_SELECTED] = add_signal (class, "selected");
  signals[SIGNAL_ACTIVATED] = add_signal (class, "activated");
  signals[SIGNAL_SORTED] = add_signal (class, "sorted");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
}

static void
make_children (SalFunctionGrid *self)
{
  self->view = gtk_column_view_new (NULL);
  gtk_column_view_set_reorderable (GTK_COLUMN_VIEW (self->view), TRUE);
  gtk_widget_add_css_class (self->view, "data-table");
  self->window = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->window), self->view);
  gtk_widget_set_parent (self->window, GTK_WIDGET (self));
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
}

static void
sal_function_grid_init (SalFunctionGrid *self)
{
  self->selected = SAL_NO_ID;
  self->descending = TRUE;
  self->column = SAL_FUNCTION_N_COLUMNS;
  self->model = sal_function_model_new ();
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->model));
  make_children (self);
  init_actions (self);
  add_keys (self);
  g_signal_connect_object (self->view, "map", G_CALLBACK (map_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->view)), "changed",
                           G_CALLBACK (sorter_changed_cb), self, G_CONNECT_SWAPPED);
}

GtkWidget *
sal_function_grid_new (const char *label)
{
  SalFunctionGrid *self = g_object_new (SAL_TYPE_FUNCTION_GRID, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  return GTK_WIDGET (self);
}

void
sal_function_grid_show_columns (SalFunctionGrid *self,
                                const SalFunctionColumn *columns,
                                guint n_columns,
                                SalFunctionColumn sorted)
{
  g_return_if_fail (SAL_IS_FUNCTION_GRID (self));

  remove_columns (self);
  for (guint i = 0; i < n_columns; i++)
    add_column (self, columns[i]);
  sort_by (self, sorted, TRUE);
}

void
sal_function_grid_set_title (SalFunctionGrid *self, SalFunctionColumn column, const char *title)
{
  g_return_if_fail (SAL_IS_FUNCTION_GRID (self));
  g_return_if_fail (self->columns[column] != NULL);

  gtk_column_view_column_set_title (self->columns[column], title);
}

const char *
sal_function_grid_get_title (SalFunctionGrid *self, SalFunctionColumn column)
{
  g_return_val_if_fail (SAL_IS_FUNCTION_GRID (self), NULL);

  if (column >= SAL_FUNCTION_N_COLUMNS || self->columns[column] == NULL)
    return NULL;
  return gtk_column_view_column_get_title (self->columns[column]);
}

SalFunctionColumn
sal_function_grid_get_sort_column (SalFunctionGrid *self)
{
  g_return_val_if_fail (SAL_IS_FUNCTION_GRID (self), SAL_FUNCTION_N_COLUMNS);

  return self->column;
}

void
sal_function_grid_set_table (SalFunctionGrid *self, SalFunctionTable *table)
{
  g_return_if_fail (SAL_IS_FUNCTION_GRID (self));

  self->is_syncing = TRUE;
  sal_function_model_set_table (self->model, table);
  sync_selection (self, FALSE);
}

void
sal_function_grid_set_filter (SalFunctionGrid *self, const char *text)
{
  g_return_if_fail (SAL_IS_FUNCTION_GRID (self));

  self->is_syncing = TRUE;
  sal_function_model_set_filter (self->model, text);
  sync_selection (self, TRUE);
}

guint
sal_function_grid_get_n_rows (SalFunctionGrid *self)
{
  g_return_val_if_fail (SAL_IS_FUNCTION_GRID (self), 0);

  return g_list_model_get_n_items (G_LIST_MODEL (self->model));
}

guint32
sal_function_grid_get_selected (SalFunctionGrid *self)
{
  g_return_val_if_fail (SAL_IS_FUNCTION_GRID (self), SAL_NO_ID);

  return self->selected;
}

void
sal_function_grid_select (SalFunctionGrid *self, guint32 function, gboolean scroll)
{
  g_return_if_fail (SAL_IS_FUNCTION_GRID (self));

  self->selected = function;
  sync_selection (self, scroll);
}

GtkWidget *
sal_function_grid_get_view (SalFunctionGrid *self)
{
  g_return_val_if_fail (SAL_IS_FUNCTION_GRID (self), NULL);

  return self->view;
}

GActionGroup *
sal_function_grid_get_actions (SalFunctionGrid *self)
{
  g_return_val_if_fail (SAL_IS_FUNCTION_GRID (self), NULL);

  return G_ACTION_GROUP (self->actions);
}
