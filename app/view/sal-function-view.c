/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call table: a column view over SalFunctionModel, a filter above it. */
#include "sal-function-view.h"

#include <glib/gi18n.h>
#include <string.h>

#include "sal-format.h"

#include "sal-column-sort.h"
#include "sal-function-cell.h"
#include "sal-function-model.h"

struct _SalFunctionView
{
  GtkWidget parent_instance;

  /* owned */
  SalViewState *state;
  SalFunctionModel *model;
  GtkSingleSelection *selection;

  /* children */
  GtkWidget *box;
  GtkWidget *filter_entry; /* borrowed, as all below */
  GtkWidget *library_button;
  GtkWidget *sort_button;
  GtkWidget *count_label;
  GtkWidget *view;

  GtkColumnViewColumn *columns[SAL_FUNCTION_N_COLUMNS]; /* borrowed */
  const SalFunctionColumn *shown_columns;               /* one of the arrays below; NULL = none */
  guint n_shown_columns;
  SalFunctionColumn column;
  gboolean descending;
  gboolean is_sorting; /* the arrow is being moved */
  gboolean is_syncing; /* the selection follows the state, or the other way round */
};

enum
{
  PROP_0,
  PROP_STATE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static const SalFunctionColumn recording_columns[] = {
  SAL_FUNCTION_COLUMN_SELF,
  SAL_FUNCTION_COLUMN_SELF_SHARE,
  SAL_FUNCTION_COLUMN_TOTAL,
  SAL_FUNCTION_COLUMN_TOTAL_SHARE,
  SAL_FUNCTION_COLUMN_SELF_SAMPLES,
  SAL_FUNCTION_COLUMN_TOTAL_SAMPLES,
  SAL_FUNCTION_COLUMN_NAME,
  SAL_FUNCTION_COLUMN_FILE,
  SAL_FUNCTION_COLUMN_LIBRARY,
};

/* A row is a library. */
static const SalFunctionColumn library_columns[] = {
  SAL_FUNCTION_COLUMN_SELF,
  SAL_FUNCTION_COLUMN_SELF_SHARE,
  SAL_FUNCTION_COLUMN_TOTAL,
  SAL_FUNCTION_COLUMN_TOTAL_SHARE,
  SAL_FUNCTION_COLUMN_SELF_SAMPLES,
  SAL_FUNCTION_COLUMN_TOTAL_SAMPLES,
  SAL_FUNCTION_COLUMN_NAME,
  SAL_FUNCTION_COLUMN_FILE,
};

static const SalFunctionColumn call_columns[] = {
  SAL_FUNCTION_COLUMN_NCALLS,
  SAL_FUNCTION_COLUMN_TOTTIME,
  SAL_FUNCTION_COLUMN_TOTTIME_PERCALL,
  SAL_FUNCTION_COLUMN_CUMTIME,
  SAL_FUNCTION_COLUMN_CUMTIME_PERCALL,
  SAL_FUNCTION_COLUMN_LOCATION,
};

G_DEFINE_FINAL_TYPE (SalFunctionView, sal_function_view, GTK_TYPE_WIDGET)

/* Whether a row is a library. */
static gboolean
is_by_library (SalFunctionView *self)
{
  return self->shown_columns == library_columns;
}

static const char *
get_title (SalFunctionView *self, SalFunctionColumn column)
{
  if (column == SAL_FUNCTION_COLUMN_NAME && is_by_library (self))
    return sal_function_column_get_title (SAL_FUNCTION_COLUMN_LIBRARY);
  return sal_function_column_get_title (column);
}

static void
sort_by (SalFunctionView *self, SalFunctionColumn column, gboolean descending)
{
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (self->view), self->columns[column],
                                  descending ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
}

static void
scroll_to (SalFunctionView *self, guint position)
{
  /* The floor has no gtk_column_view_scroll_to() (4.12), but the list inside has the action. */
  for (GtkWidget *child = gtk_widget_get_first_child (self->view); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_LIST_VIEW (child))
      gtk_widget_activate_action (child, "list.scroll-to-item", "u", position);
}

/* Shows the selected function as selected, wherever its row is now. */
static void
sync_selection (SalFunctionView *self, gboolean scroll)
{
  guint32 function = sal_view_state_get_selected_function (self->state);
  guint position = is_by_library (self) ? G_MAXUINT
                                        : sal_function_model_find (self->model, function);

  if (self->is_syncing)
    return;
  self->is_syncing = TRUE;
  gtk_single_selection_set_selected (self->selection, position);
  if (scroll && position != G_MAXUINT)
    scroll_to (self, position);
  self->is_syncing = FALSE;
}

static void
selected_cb (SalFunctionView *self)
{
  guint position = gtk_single_selection_get_selected (self->selection);
  guint32 function = sal_function_model_get_function (self->model, position);

  if (self->is_syncing || function == SAL_NO_ID || is_by_library (self))
    return;
  self->is_syncing = TRUE;
  sal_view_state_set_selected_function (self->state, function);
  self->is_syncing = FALSE;
}

static void
selected_function_cb (SalFunctionView *self)
{
  sync_selection (self, TRUE);
}

static void
update_count (SalFunctionView *self)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->model));
  g_autofree char *count = sal_format_count (n_items);
  g_autofree char *text = NULL;

  if (is_by_library (self))
    text = g_strdup_printf (ngettext ("%s library", "%s libraries", n_items), count);
  else
    text = g_strdup_printf (ngettext ("%s function", "%s functions", n_items), count);

  gtk_label_set_text (GTK_LABEL (self->count_label), text);
}

static void
update_sort_button (SalFunctionView *self)
{
  g_autofree char *text =
      /* Translators: the column that the table is sorted by. */
      g_strdup_printf (_ ("Sort: %s"), get_title (self, self->column));

  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->sort_button), text);
}

static void
sorter_changed_cb (SalFunctionView *self)
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
  self->is_syncing = FALSE;
  sync_selection (self, TRUE);
  update_sort_button (self);
}

static void
add_column (SalFunctionView *self, SalFunctionColumn id)
{
  GtkColumnViewColumn *column = gtk_column_view_column_new (get_title (self, id),
                                                            sal_function_cell_factory_new (id));

  sal_column_sort_prepare (column, id);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_column_set_expand (column, !sal_function_column_is_number (id));
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), column);
  self->columns[id] = column;
  g_object_unref (column);
}

static void
remove_columns (SalFunctionView *self)
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
fill_sort_menu (SalFunctionView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) section = g_menu_new ();

  for (guint i = 0; i < self->n_shown_columns; i++)
    {
      SalFunctionColumn column = self->shown_columns[i];
      g_autoptr (GMenuItem) item = g_menu_item_new (get_title (self, column), NULL);

      g_menu_item_set_action_and_target (item, "functions.sort", "u", column);
      g_menu_append_item (section, item);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  g_menu_append (menu, _ ("_Reverse Order"), "functions.reverse");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->sort_button), G_MENU_MODEL (menu));
}

/* Other columns, sorted by self time. */
static void
show_columns (SalFunctionView *self, const SalFunctionColumn *columns, guint n_columns)
{
  if (self->shown_columns == columns)
    return;
  remove_columns (self);
  self->shown_columns = columns;
  self->n_shown_columns = n_columns;
  for (guint i = 0; i < n_columns; i++)
    add_column (self, columns[i]);
  fill_sort_menu (self);
  sort_by (self,
           columns == call_columns ? SAL_FUNCTION_COLUMN_TOTTIME : SAL_FUNCTION_COLUMN_SELF,
           TRUE);
}

static void
table_cb (SalFunctionView *self)
{
  SalFunctionTable *table = sal_view_state_get_table (self->state);
  SalFunctionTable *libraries = sal_view_state_get_libraries (self->state);
  gboolean is_calls = table != NULL && sal_profile_get_kind (sal_function_table_get_profile (
                                           table)) == SAL_PROFILE_CALLS;

  if (is_calls)
    show_columns (self, call_columns, G_N_ELEMENTS (call_columns));
  else if (libraries != NULL)
    show_columns (self, library_columns, G_N_ELEMENTS (library_columns));
  else if (table != NULL)
    show_columns (self, recording_columns, G_N_ELEMENTS (recording_columns));
  gtk_widget_set_visible (self->library_button, !is_calls);
  self->is_syncing = TRUE;
  sal_function_model_set_table (self->model, libraries != NULL ? libraries : table);
  self->is_syncing = FALSE;
  sync_selection (self, FALSE);
  update_count (self);
}

static void
filter_cb (SalFunctionView *self)
{
  self->is_syncing = TRUE;
  sal_function_model_set_filter (self->model,
                                 gtk_editable_get_text (GTK_EDITABLE (self->filter_entry)));
  self->is_syncing = FALSE;
  sync_selection (self, TRUE);
  update_count (self);
}

static void
append_row (SalFunctionView *self, GString *text, guint position)
{
  g_autoptr (SalFunctionItem) item = g_list_model_get_item (G_LIST_MODEL (self->model), position);
  const char *separator = "";

  for (guint i = 0; i < SAL_FUNCTION_N_COLUMNS; i++)
    if (self->columns[i] != NULL)
      {
        g_autofree char *cell = item != NULL ? sal_function_item_dup_text (item, i)
                                             : g_strdup (get_title (self, i));
        g_auto (GStrv) isolates = g_strsplit_set (cell, "\t\n", -1);
        g_autofree char *plain = g_strjoinv (" ", isolates);
        g_autoptr (GString) clean = g_string_new (plain);

        /* The marks around names are for the screen. */
        g_string_replace (clean, "\u2068", "", 0);
        g_string_replace (clean, "\u2069", "", 0);
        g_string_append_printf (text, "%s%s", separator, clean->str);
        separator = "\t";
      }
  g_string_append_c (text, '\n');
}

/* The selected row, or all of them, with the headings above. */
static void
copy_rows (SalFunctionView *self, gboolean all)
{
  guint selected = gtk_single_selection_get_selected (self->selection);
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->model));
  g_autoptr (GString) text = g_string_new (NULL);

  if (!all && selected >= n_items)
    return;
  append_row (self, text, G_MAXUINT);
  if (all)
    for (guint i = 0; i < n_items; i++)
      append_row (self, text, i);
  else
    append_row (self, text, selected);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text->str);
}

static void
copy_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  copy_rows (SAL_FUNCTION_VIEW (data), g_variant_get_boolean (parameter));
}

static void
sort_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SalFunctionView *self = SAL_FUNCTION_VIEW (data);
  SalFunctionColumn column = g_variant_get_uint32 (parameter);

  if (column < SAL_FUNCTION_N_COLUMNS && self->columns[column] != NULL)
    sort_by (self, column, sal_function_column_is_number (column));
}

static void
reverse_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SalFunctionView *self = SAL_FUNCTION_VIEW (data);

  if (self->columns[self->column] != NULL)
    sort_by (self, self->column, !self->descending);
}

static void
init_actions (SalFunctionView *self)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();
  const GActionEntry entries[] = {
    { .name = "sort", .activate = sort_action_cb, .parameter_type = "u" },
    { .name = "reverse", .activate = reverse_action_cb },
    { .name = "copy", .activate = copy_action_cb, .parameter_type = "b" },
  };
  const guint modifiers[] = { GDK_CONTROL_MASK, GDK_CONTROL_MASK | GDK_SHIFT_MASK };

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "functions", G_ACTION_GROUP (group));
  for (guint i = 0; i < G_N_ELEMENTS (modifiers); i++)
    {
      GtkShortcut *shortcut = gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_c, modifiers[i]),
                                                gtk_named_action_new ("functions.copy"));

      gtk_shortcut_set_arguments (shortcut, g_variant_new_boolean (i == 1));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys), shortcut);
    }
  gtk_widget_add_controller (self->view, keys);
}

static GtkWidget *
make_bar (SalFunctionView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->filter_entry = gtk_search_entry_new ();
  g_object_set (self->filter_entry, "placeholder-text", _ ("Filter by name or file"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->filter_entry),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Filter functions by name or file"), -1);
  gtk_widget_set_hexpand (self->filter_entry, TRUE);
  self->count_label = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->count_label, "dim-label");
  gtk_widget_add_css_class (self->count_label, "numeric");
  self->library_button = gtk_toggle_button_new_with_mnemonic (_ ("By Li_brary"));
  gtk_widget_set_tooltip_text (self->library_button, _ ("A row for each library"));
  self->sort_button = gtk_menu_button_new ();
  gtk_menu_button_set_always_show_arrow (GTK_MENU_BUTTON (self->sort_button), TRUE);
  gtk_box_append (GTK_BOX (bar), self->filter_entry);
  gtk_box_append (GTK_BOX (bar), self->count_label);
  gtk_box_append (GTK_BOX (bar), self->library_button);
  gtk_box_append (GTK_BOX (bar), self->sort_button);
  gtk_widget_set_margin_top (bar, 6);
  gtk_widget_set_margin_bottom (bar, 6);
  gtk_widget_set_margin_start (bar, 6);
  gtk_widget_set_margin_end (bar, 6);
  return bar;
}

/* Rows are made when somebody first looks: they are the dearest part of showing a profile. */
static void
map_cb (SalFunctionView *self)
{
  if (gtk_column_view_get_model (GTK_COLUMN_VIEW (self->view)) != NULL)
    return;
  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->view),
                             GTK_SELECTION_MODEL (self->selection));
  sync_selection (self, TRUE);
}

static void
make_children (SalFunctionView *self)
{
  GtkWidget *window = gtk_scrolled_window_new ();

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), make_bar (self));
  self->view = gtk_column_view_new (NULL);
  gtk_column_view_set_reorderable (GTK_COLUMN_VIEW (self->view), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Functions"), -1);
  gtk_widget_add_css_class (self->view, "data-table");
  g_signal_connect_object (self->view, "map", G_CALLBACK (map_cb), self, G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (window), self->view);
  gtk_widget_set_vexpand (window, TRUE);
  gtk_box_append (GTK_BOX (self->box), window);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->filter_entry), self->view);
}

static void
sal_function_view_constructed (GObject *object)
{
  SalFunctionView *self = SAL_FUNCTION_VIEW (object);

  G_OBJECT_CLASS (sal_function_view_parent_class)->constructed (object);
  g_return_if_fail (self->state != NULL);

  g_object_bind_property (self->state, "by-library", self->library_button, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_signal_connect_object (self->state, "notify::table", G_CALLBACK (table_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->state, "notify::selected-function",
                           G_CALLBACK (selected_function_cb), self, G_CONNECT_SWAPPED);
  table_cb (self);
}

static void
sal_function_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_STATE)
    g_value_set_object (value, SAL_FUNCTION_VIEW (object)->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
sal_function_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_STATE)
    SAL_FUNCTION_VIEW (object)->state = g_value_dup_object (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
sal_function_view_dispose (GObject *object)
{
  SalFunctionView *self = SAL_FUNCTION_VIEW (object);

  if (self->box != NULL)
    gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->filter_entry), NULL);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (sal_function_view_parent_class)->dispose (object);
}

static void
sal_function_view_finalize (GObject *object)
{
  SalFunctionView *self = SAL_FUNCTION_VIEW (object);

  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->state);
  G_OBJECT_CLASS (sal_function_view_parent_class)->finalize (object);
}

static void
sal_function_view_class_init (SalFunctionViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->constructed = sal_function_view_constructed;
  object_class->get_property = sal_function_view_get_property;
  object_class->set_property = sal_function_view_set_property;
  object_class->dispose = sal_function_view_dispose;
  object_class->finalize = sal_function_view_finalize;

  properties[PROP_STATE] = g_param_spec_object ("state", NULL, NULL, SAL_TYPE_VIEW_STATE,
                                                G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                    G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
}

static void
sal_function_view_init (SalFunctionView *self)
{
  self->descending = TRUE;
  self->column = SAL_FUNCTION_N_COLUMNS;
  self->model = sal_function_model_new ();
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->model));
  make_children (self);
  init_actions (self);
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->filter_entry, "search-changed", G_CALLBACK (filter_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->view)), "changed",
                           G_CALLBACK (sorter_changed_cb), self, G_CONNECT_SWAPPED);
}

GtkWidget *
sal_function_view_new (SalViewState *state)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (state), NULL);

  return g_object_new (SAL_TYPE_FUNCTION_VIEW, "state", state, NULL);
}
