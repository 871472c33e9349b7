/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call table: all functions, or libraries, in columns, a filter above them. */
#include "sal-function-view.h"

#include <glib/gi18n.h>

#include "sal-format.h"

#include "sal-function-grid.h"

struct _SalFunctionView
{
  GtkWidget parent_instance;

  /* owned */
  SalViewState *state;

  /* children */
  GtkWidget *box;
  GtkWidget *filter_entry; /* borrowed, as all below */
  GtkWidget *library_button;
  GtkWidget *sort_button;
  GtkWidget *count_label;
  SalFunctionGrid *grid;

  const SalFunctionColumn *shown_columns; /* one of the arrays below; NULL = none */
  guint n_shown_columns;
  gboolean is_syncing; /* the state follows the selection */
};

enum
{
  PROP_0,
  PROP_STATE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

/* Whom a row is about comes first: the last columns of a small window have to be scrolled to. */
static const SalFunctionColumn recording_columns[] = {
  SAL_FUNCTION_COLUMN_NAME,
  SAL_FUNCTION_COLUMN_SELF,
  SAL_FUNCTION_COLUMN_SELF_SHARE,
  SAL_FUNCTION_COLUMN_TOTAL,
  SAL_FUNCTION_COLUMN_TOTAL_SHARE,
  SAL_FUNCTION_COLUMN_SELF_SAMPLES,
  SAL_FUNCTION_COLUMN_TOTAL_SAMPLES,
  SAL_FUNCTION_COLUMN_FILE,
  SAL_FUNCTION_COLUMN_LIBRARY,
};

/* A row is a library. */
static const SalFunctionColumn library_columns[] = {
  SAL_FUNCTION_COLUMN_NAME,
  SAL_FUNCTION_COLUMN_SELF,
  SAL_FUNCTION_COLUMN_SELF_SHARE,
  SAL_FUNCTION_COLUMN_TOTAL,
  SAL_FUNCTION_COLUMN_TOTAL_SHARE,
  SAL_FUNCTION_COLUMN_SELF_SAMPLES,
  SAL_FUNCTION_COLUMN_TOTAL_SAMPLES,
  SAL_FUNCTION_COLUMN_FILE,
};

/* In pstats' order. */
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

/* A library is not what other views can select. */
static void
selected_cb (SalFunctionView *self)
{
  if (is_by_library (self))
    return;
  self->is_syncing = TRUE;
  sal_view_state_set_selected_function (self->state, sal_function_grid_get_selected (self->grid));
  self->is_syncing = FALSE;
}

static void
selected_function_cb (SalFunctionView *self)
{
  if (!self->is_syncing && !is_by_library (self))
    sal_function_grid_select (self->grid, sal_view_state_get_selected_function (self->state), TRUE);
}

static void
update_count (SalFunctionView *self)
{
  guint n_items = sal_function_grid_get_n_rows (self->grid);
  g_autofree char *count = sal_format_count (n_items);
  g_autofree char *text = NULL;

  if (is_by_library (self))
    text = g_strdup_printf (ngettext ("%s library", "%s libraries", n_items), count);
  else
    text = g_strdup_printf (ngettext ("%s function", "%s functions", n_items), count);

  gtk_label_set_text (GTK_LABEL (self->count_label), text);
}

static void
sorted_cb (SalFunctionView *self)
{
  SalFunctionColumn column = sal_function_grid_get_sort_column (self->grid);
  g_autofree char *text =
      /* Translators: the column that the table is sorted by. */
      g_strdup_printf (_ ("Sort: %s"), sal_function_grid_get_title (self->grid, column));

  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->sort_button), text);
}

static void
fill_sort_menu (SalFunctionView *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) section = g_menu_new ();

  for (guint i = 0; i < self->n_shown_columns; i++)
    {
      SalFunctionColumn column = self->shown_columns[i];
      g_autoptr (GMenuItem) item = g_menu_item_new (
          sal_function_grid_get_title (self->grid, column), NULL);

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
  self->shown_columns = columns;
  self->n_shown_columns = n_columns;
  sal_function_grid_show_columns (self->grid, columns, n_columns,
                                  columns == call_columns ? SAL_FUNCTION_COLUMN_TOTTIME
                                                          : SAL_FUNCTION_COLUMN_SELF);
  if (is_by_library (self))
    sal_function_grid_set_title (self->grid, SAL_FUNCTION_COLUMN_NAME,
                                 sal_function_column_get_title (SAL_FUNCTION_COLUMN_LIBRARY));
  fill_sort_menu (self);
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
  sal_function_grid_select (self->grid,
                            is_by_library (self)
                                ? SAL_NO_ID
                                : sal_view_state_get_selected_function (self->state),
                            FALSE);
  sal_function_grid_set_table (self->grid, libraries != NULL ? libraries : table);
  update_count (self);
}

static void
filter_cb (SalFunctionView *self)
{
  sal_function_grid_set_filter (self->grid,
                                gtk_editable_get_text (GTK_EDITABLE (self->filter_entry)));
  update_count (self);
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

static void
make_children (SalFunctionView *self)
{
  self->grid = SAL_FUNCTION_GRID (sal_function_grid_new (_ ("Functions")));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), make_bar (self));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->grid));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "functions",
                                  sal_function_grid_get_actions (self->grid));
  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->filter_entry),
                                           sal_function_grid_get_view (self->grid));
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
  make_children (self);
  g_signal_connect_object (self->filter_entry, "search-changed", G_CALLBACK (filter_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->grid, "selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->grid, "sorted", G_CALLBACK (sorted_cb), self, G_CONNECT_SWAPPED);
}

GtkWidget *
sal_function_view_new (SalViewState *state)
{
  g_return_val_if_fail (SAL_IS_VIEW_STATE (state), NULL);

  return g_object_new (SAL_TYPE_FUNCTION_VIEW, "state", state, NULL);
}
