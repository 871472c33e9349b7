/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two lists of functions beside each other, asked for again whenever what is shown changes. */
#include "sal-related-view.h"

#include <glib/gi18n.h>

#include "sal-function-grid.h"

/* A question and its answer, all owned. */
typedef struct
{
  SalProfile *profile;
  SalFilter *filter;
  guint32 function;
  SalFunctionTable *callers; /* NULL when it was cancelled */
  SalFunctionTable *callees;
} Related;

/* One of the two. */
typedef struct
{
  GtkWidget *title; /* borrowed, as all here */
  GtkWidget *stack; /* of "list" and "empty" */
  GtkWidget *empty_label;
  SalFunctionGrid *grid;
} Side;

struct _SalRelatedView
{
  GtkWidget parent_instance;

  /* owned */
  SalViewState *state;
  GCancellable *cancellable; /* of the worker; NULL when none is at work */

  /* children */
  GtkWidget *box;
  Side callers;
  Side callees;

  /* state */
  SalProfileKind kind; /* whose columns are shown */
  gboolean has_columns;
  gboolean is_stale; /* what is shown changed while the worker was at work */
};

enum
{
  SIGNAL_ACTIVATED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* Whom it is about comes early: the lists are narrow. */
static const SalFunctionColumn recording_columns[] = {
  SAL_FUNCTION_COLUMN_TOTAL_SHARE,
  SAL_FUNCTION_COLUMN_NAME,
  SAL_FUNCTION_COLUMN_TOTAL,
  SAL_FUNCTION_COLUMN_TOTAL_SAMPLES,
  SAL_FUNCTION_COLUMN_FILE,
};

static const SalFunctionColumn call_columns[] = {
  SAL_FUNCTION_COLUMN_TOTAL_SHARE,
  SAL_FUNCTION_COLUMN_LOCATION,
  SAL_FUNCTION_COLUMN_NCALLS,
  SAL_FUNCTION_COLUMN_TOTTIME,
  SAL_FUNCTION_COLUMN_CUMTIME,
};

G_DEFINE_FINAL_TYPE (SalRelatedView, sal_related_view, GTK_TYPE_WIDGET)

static void
related_free (gpointer data)
{
  Related *related = data;

  sal_profile_unref (related->profile);
  sal_filter_free (related->filter);
  g_clear_pointer (&related->callers, sal_function_table_unref);
  g_clear_pointer (&related->callees, sal_function_table_unref);
  g_free (related);
}

static void
work_thread_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Related *related = data;

  g_task_return_boolean (task, sal_function_table_find_related (related->profile, related->filter,
                                                                related->function, cancellable,
                                                                &related->callers,
                                                                &related->callees));
}

static void
show_side_columns (Side *side, SalProfileKind kind)
{
  if (kind == SAL_PROFILE_CALLS)
    sal_function_grid_show_columns (side->grid, call_columns, G_N_ELEMENTS (call_columns),
                                    SAL_FUNCTION_COLUMN_TOTAL_SHARE);
  else
    {
      sal_function_grid_show_columns (side->grid, recording_columns,
                                      G_N_ELEMENTS (recording_columns),
                                      SAL_FUNCTION_COLUMN_TOTAL_SHARE);
      sal_function_grid_set_title (side->grid, SAL_FUNCTION_COLUMN_TOTAL, _ ("Time"));
      sal_function_grid_set_title (side->grid, SAL_FUNCTION_COLUMN_TOTAL_SAMPLES, _ ("Samples"));
    }
  /* Translators: of the selected function's time */
  sal_function_grid_set_title (side->grid, SAL_FUNCTION_COLUMN_TOTAL_SHARE, _ ("Share"));
}

static void
show_columns (SalRelatedView *self, SalProfileKind kind)
{
  if (self->has_columns && self->kind == kind)
    return;
  self->has_columns = TRUE;
  self->kind = kind;
  show_side_columns (&self->callers, kind);
  show_side_columns (&self->callees, kind);
}

static void
show_side (Side *side, SalFunctionTable *table, const char *title, const char *empty)
{
  sal_function_grid_set_table (side->grid, table);
  gtk_label_set_text (GTK_LABEL (side->title), title);
  gtk_label_set_text (GTK_LABEL (side->empty_label), empty);
  gtk_stack_set_visible_child_name (
      GTK_STACK (side->stack),
      table != NULL && sal_function_table_get_n_rows (table) > 0 ? "list" : "empty");
}

static void
show_nothing (SalRelatedView *self)
{
  show_side (&self->callers, NULL, _ ("Callers"), _ ("Select a function to see who calls it."));
  show_side (&self->callees, NULL, _ ("Callees"), _ ("Select a function to see whom it calls."));
}

static void
show_related (SalRelatedView *self, const Related *related)
{
  SalFunction function = sal_profile_get_function (related->profile, related->function);
  SalProfileKind kind = sal_profile_get_kind (related->profile);
  g_autofree char *callers = NULL;
  g_autofree char *callees = NULL;
  const char *no_callers = _ ("The file tells of nobody who called it.");
  const char *no_callees = _ ("It called no function that the file tells of.");

  if (kind == SAL_PROFILE_SAMPLES)
    {
      gboolean is_shown = sal_function_table_get_total_samples (related->callers) > 0;

      no_callers = _ ("None of the samples that are shown has it.");
      no_callees = is_shown ? _ ("In the samples that are shown it called nothing.") : no_callers;
    }
  /* Translators: a function's name */
  callers = g_strdup_printf (_ ("Callers of %s"), function.name);
  /* Translators: a function's name */
  callees = g_strdup_printf (_ ("Callees of %s"), function.name);
  show_columns (self, kind);
  show_side (&self->callers, related->callers, callers, no_callers);
  show_side (&self->callees, related->callees, callees, no_callees);
}

static void update (SalRelatedView *self);

static void
work_done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  SalRelatedView *self = SAL_RELATED_VIEW (source);
  Related *related = g_task_get_task_data (G_TASK (result));
  gboolean is_whole = g_task_propagate_boolean (G_TASK (result), NULL);

  if (self->state == NULL)
    return;
  g_clear_object (&self->cancellable);
  if (is_whole && related->function == sal_view_state_get_selected_function (self->state))
    show_related (self, related);
  if (self->is_stale)
    update (self);
}

/* The table's profile is the one whose frames are shown. */
static void
start_work (SalRelatedView *self, SalProfile *profile, guint32 function)
{
  g_autoptr (GTask) task = NULL;
  Related *related = g_new0 (Related, 1);

  related->profile = sal_profile_ref (profile);
  related->filter = sal_filter_copy (sal_view_state_get_filter (self->state));
  related->function = function;
  self->cancellable = g_cancellable_new ();
  task = g_task_new (self, self->cancellable, work_done_cb, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, related, related_free);
  g_task_run_in_thread (task, work_thread_cb);
}

static void
update (SalRelatedView *self)
{
  SalFunctionTable *table = sal_view_state_get_table (self->state);
  SalProfile *profile = table != NULL ? sal_function_table_get_profile (table) : NULL;
  guint32 function = sal_view_state_get_selected_function (self->state);

  self->is_stale = self->cancellable != NULL;
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (profile == NULL || function >= sal_profile_get_n_functions (profile))
    show_nothing (self);
  else if (self->cancellable == NULL)
    start_work (self, profile, function);
}

static void
activated_cb (SalRelatedView *self, SalFunctionGrid *grid)
{
  g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0, sal_function_grid_get_selected (grid));
}

static void
set_margins (GtkWidget *widget, int pixels)
{
  gtk_widget_set_margin_top (widget, pixels);
  gtk_widget_set_margin_bottom (widget, pixels);
  gtk_widget_set_margin_start (widget, 12);
  gtk_widget_set_margin_end (widget, 12);
}

static GtkWidget *
make_side (SalRelatedView *self, Side *side, const char *name)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  side->title = gtk_label_new (name);
  gtk_label_set_xalign (GTK_LABEL (side->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (side->title), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (side->title, "heading");
  set_margins (side->title, 6);
  side->empty_label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (side->empty_label), TRUE);
  gtk_label_set_justify (GTK_LABEL (side->empty_label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (side->empty_label, "dim-label");
  set_margins (side->empty_label, 12);
  side->grid = SAL_FUNCTION_GRID (sal_function_grid_new (name));
  side->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (side->stack), side->empty_label, "empty");
  gtk_stack_add_named (GTK_STACK (side->stack), GTK_WIDGET (side->grid), "list");
  gtk_box_append (GTK_BOX (box), side->title);
  gtk_box_append (GTK_BOX (box), side->stack);
  g_signal_connect_object (side->grid, "activated", G_CALLBACK (activated_cb), self,
                           G_CONNECT_SWAPPED);
  return box;
}

static void
sal_related_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sal_related_view_parent_class)->map (widget);
  update (SAL_RELATED_VIEW (widget));
}

static void
sal_related_view_dispose (GObject *object)
{
  SalRelatedView *self = SAL_RELATED_VIEW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->state);
  G_OBJECT_CLASS (sal_related_view_parent_class)->dispose (object);
}

static void
sal_related_view_class_init (SalRelatedViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sal_related_view_dispose;
  GTK_WIDGET_CLASS (class)->map = sal_related_view_map;
  signals[SIGNAL_ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (class),
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                            G_TYPE_UINT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GTK_TYPE_BIN_LAYOUT);
}

static void
sal_related_view_init (SalRelatedView *self)
{
  GtkWidget *callers = make_side (self, &self->callers, _ ("Callers"));
  GtkWidget *callees = make_side (self, &self->callees, _ ("Callees"));

  self->box = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  gtk_paned_set_start_child (GTK_PANED (self->box), callers);
  gtk_paned_set_end_child (GTK_PANED (self->box), callees);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
sal_related_view_new (SalViewState *state)
{
  static const char *const changes[] = { "notify::table", "notify::selected-function" };
  SalRelatedView *self;

  g_return_val_if_fail (SAL_IS_VIEW_STATE (state), NULL);

  self = g_object_new (SAL_TYPE_RELATED_VIEW, NULL);
  self->state = g_object_ref (state);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    g_signal_connect_object (state, changes[i], G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  show_nothing (self);
  return GTK_WIDGET (self);
}
