/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells that follow their process. Their widths are in characters, so that nothing moves when
 * another row comes into sight. */
#include "config.h"

#include "sal-attach-columns.h"

#include <glib/gi18n.h>

#define INDENT_PX 20
#define STEP_CHARS 2 /* about as wide */
#define MOST_STEPS 7

typedef enum
{
  COLUMN_NAME,
  COLUMN_ACCESS,
  COLUMN_PID,
  COLUMN_USER,
  COLUMN_PYTHON,
  COLUMN_CPU,
  COLUMN_START,
  COLUMN_ENVIRONMENT,
  COLUMN_CONTAINER,
  COLUMN_COMMAND,
  N_COLUMNS,
} Column;

static const struct
{
  const char *title;
  int chars;
  gboolean is_number;
} kinds[N_COLUMNS] = {
  [COLUMN_NAME] = { N_ ("Program"), 20, FALSE },
  [COLUMN_ACCESS] = { N_ ("Access"), 17, FALSE },
  /* Translators: the number of a process */
  [COLUMN_PID] = { N_ ("PID"), 7, FALSE },
  [COLUMN_USER] = { N_ ("User"), 9, FALSE },
  [COLUMN_PYTHON] = { N_ ("Python"), 7, FALSE },
  [COLUMN_CPU] = { N_ ("CPU"), 5, TRUE },
  [COLUMN_START] = { N_ ("Started"), 9, FALSE },
  [COLUMN_ENVIRONMENT] = { N_ ("Environment"), 12, FALSE },
  [COLUMN_CONTAINER] = { N_ ("Container"), 16, FALSE },
  [COLUMN_COMMAND] = { N_ ("Command Line"), 20, FALSE },
};

/* What a column's factory needs to know. */
typedef struct
{
  SalAttachColumns *columns;
  Column id;
} Kind;

struct _SalAttachColumns
{
  GtkColumnViewColumn *columns[N_COLUMNS]; /* owned */
  Kind kinds[N_COLUMNS];
  SalProcessList *list; /* owned */
  gboolean tree;
};

static char *
dup_text (const SalProcessInfo *info, Column column)
{
  switch (column)
    {
    case COLUMN_ACCESS:
      return g_strdup (sal_process_info_get_label (info));
    case COLUMN_PID:
      return g_strdup_printf ("%d", info->pid);
    case COLUMN_USER:
      return g_strdup (info->user);
    case COLUMN_PYTHON:
      return g_strdup (info->python);
    case COLUMN_CPU:
      return g_strdup_printf ("%.0f %%", 100 * info->cpu);
    case COLUMN_START:
      return sal_process_info_format_start (info);
    case COLUMN_ENVIRONMENT:
      return g_strdup (info->environment);
    case COLUMN_CONTAINER:
      return g_strdup (info->container);
    case COLUMN_COMMAND:
      return g_strdup (info->command);
    case COLUMN_NAME:
    case N_COLUMNS:
    default:
      return g_strdup (info->name);
    }
}

static SalRoute
get_route (SalAttachColumns *columns, const SalProcessInfo *info)
{
  if (!info->is_python)
    return SAL_ROUTE_DIRECT;
  return sal_access_get_route (info->access, sal_process_list_has_helper (columns->list));
}

/* The sign before the access: a lock, or that there is no way. */
static void
show_icon (GtkImage *icon, const SalProcessInfo *info, SalRoute route)
{
  const char *name = NULL;

  if (route == SAL_ROUTE_PASSWORD)
    name = "system-lock-screen-symbolic";
  else if (route == SAL_ROUTE_NONE)
    name = "action-unavailable-symbolic";
  if (name)
    gtk_image_set_from_icon_name (icon, name);
  gtk_widget_set_visible (GTK_WIDGET (icon), name != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  route == SAL_ROUTE_PASSWORD ? _ ("Needs a password")
                                                              : _ ("Cannot be recorded"),
                                  -1);
}

/* Asks for less width the farther a name is to the right, so that a deep tree does not push the
 * other columns out of sight. */
static void
indent (GtkLabel *label, guint depth)
{
  int steps = (int)MIN (depth, MOST_STEPS);
  int chars = kinds[COLUMN_NAME].chars - steps * STEP_CHARS;

  gtk_widget_set_margin_start (GTK_WIDGET (label), steps * INDENT_PX);
  gtk_label_set_width_chars (label, chars);
  gtk_label_set_max_width_chars (label, chars);
}

static void
show (GtkListItem *list_item, Kind *kind)
{
  SalProcessItem *item = gtk_list_item_get_item (list_item);
  const SalProcessInfo *info = sal_process_item_get_info (item);
  GtkWidget *cell = gtk_list_item_get_child (list_item);
  GtkWidget *label = gtk_widget_get_last_child (cell);
  SalRoute route = get_route (kind->columns, info);
  g_autofree char *text = dup_text (info, kind->id);
  g_autofree char *sentence = NULL;
  const char *tip = text;
  gboolean has_helper;

  if (kind->id == COLUMN_NAME)
    indent (GTK_LABEL (label), kind->columns->tree ? sal_process_item_get_depth (item) : 0);
  if (kind->id == COLUMN_ACCESS)
    {
      show_icon (GTK_IMAGE (gtk_widget_get_first_child (cell)), info, route);
      has_helper = sal_process_list_has_helper (kind->columns->list);
      sentence = sal_process_info_describe (info, has_helper);
      tip = sentence;
    }
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text) != 0)
    gtk_label_set_text (GTK_LABEL (label), text);
  if (!kinds[kind->id].is_number)
    gtk_widget_set_tooltip_text (cell, *tip ? tip : NULL);
  if (route == SAL_ROUTE_NONE || !info->is_python)
    gtk_widget_add_css_class (cell, "dim-label");
  else
    gtk_widget_remove_css_class (cell, "dim-label");
}

static void
item_changed_cb (SalProcessItem *item, GtkListItem *list_item)
{
  show (list_item, g_object_get_data (G_OBJECT (list_item), "sal-kind"));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, Kind *kind)
{
  GtkWidget *cell = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (NULL);

  if (kind->id == COLUMN_ACCESS)
    gtk_box_append (GTK_BOX (cell), gtk_image_new ());
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), kinds[kind->id].is_number ? 1 : 0);
  gtk_label_set_width_chars (GTK_LABEL (label), kinds[kind->id].chars);
  gtk_label_set_max_width_chars (GTK_LABEL (label), kinds[kind->id].chars);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  if (kind->id == COLUMN_PID || kind->id == COLUMN_CPU || kind->id == COLUMN_START)
    gtk_widget_add_css_class (label, "numeric");
  gtk_box_append (GTK_BOX (cell), label);
  g_object_set_data (G_OBJECT (list_item), "sal-kind", kind);
  gtk_list_item_set_child (list_item, cell);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, Kind *kind)
{
  show (list_item, kind);
  g_signal_connect (gtk_list_item_get_item (list_item),
                    "changed",
                    G_CALLBACK (item_changed_cb),
                    list_item);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, Kind *kind)
{
  g_signal_handlers_disconnect_by_data (gtk_list_item_get_item (list_item), list_item);
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
  const Kind *kind = data;
  const SalProcessInfo *first = sal_process_item_get_info ((SalProcessItem *)a);
  const SalProcessInfo *second = sal_process_item_get_info ((SalProcessItem *)b);
  g_autofree char *text = NULL;
  g_autofree char *other = NULL;

  /* Numbers are looked at from the largest down, so that is what the first click does. */
  if (kind->id == COLUMN_CPU)
    return first->cpu > second->cpu ? -1 : first->cpu < second->cpu;
  if (kind->id == COLUMN_START)
    return first->start_ticks > second->start_ticks ? -1
                                                    : first->start_ticks < second->start_ticks;
  if (kind->id == COLUMN_PID)
    return first->pid < second->pid ? -1 : first->pid > second->pid;
  text = dup_text (first, kind->id);
  other = dup_text (second, kind->id);
  return g_utf8_collate (text, other);
}

static GtkColumnViewColumn *
make_column (Kind *kind)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *column;
  g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare_cb, kind, NULL));

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), kind);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), kind);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), kind);
  column = gtk_column_view_column_new (_ (kinds[kind->id].title), factory);
  gtk_column_view_column_set_sorter (column, sorter);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_column_set_expand (column,
                                     kind->id == COLUMN_NAME || kind->id == COLUMN_COMMAND);
  return column;
}

SalAttachColumns *
sal_attach_columns_new (GtkColumnView *view, SalProcessList *list)
{
  SalAttachColumns *columns = g_new0 (SalAttachColumns, 1);

  columns->list = g_object_ref (list);
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      columns->kinds[i] = (Kind){ columns, (Column)i };
      columns->columns[i] = make_column (&columns->kinds[i]);
      gtk_column_view_append_column (view, columns->columns[i]);
    }
  return columns;
}

void
sal_attach_columns_free (SalAttachColumns *columns)
{
  if (!columns)
    return;
  for (guint i = 0; i < N_COLUMNS; i++)
    g_object_unref (columns->columns[i]);
  g_object_unref (columns->list);
  g_free (columns);
}

void
sal_attach_columns_set_tree (SalAttachColumns *columns, gboolean tree)
{
  columns->tree = tree;
}

void
sal_attach_columns_update (SalAttachColumns *columns)
{
  GListModel *list = G_LIST_MODEL (columns->list);
  gboolean has_environment = FALSE;
  gboolean has_container = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (SalProcessItem) item = g_list_model_get_item (list, i);
      const SalProcessInfo *info = sal_process_item_get_info (item);

      has_environment = has_environment || *info->environment;
      has_container = has_container || *info->container;
    }
  gtk_column_view_column_set_visible (columns->columns[COLUMN_ENVIRONMENT], has_environment);
  gtk_column_view_column_set_visible (columns->columns[COLUMN_CONTAINER], has_container);
}
