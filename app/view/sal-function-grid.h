/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions in columns. */
#pragma once

#include <gtk/gtk.h>

#include "sal-function-model.h"

G_BEGIN_DECLS

/* A scrolled column view over a SalFunctionModel: sorted by every column's heading, numbers from
 * the largest down first; Ctrl+C copies the selected row, Ctrl+Shift+C all of them.
 * Actions, in the group "functions": "sort" (u: a SalFunctionColumn), "reverse", "copy" (b: all).
 * Signals, without arguments: "selected": a person selected another row; "activated": a row was
 * double-clicked or Return was pressed on it, and it is the selected one; "sorted": by another
 * column or the other way round.
 * Thread: main.
 */
#define SAL_TYPE_FUNCTION_GRID (sal_function_grid_get_type ())
G_DECLARE_FINAL_TYPE (SalFunctionGrid, sal_function_grid, SAL, FUNCTION_GRID, GtkWidget)

/** sal_function_grid_new: without rows or columns; @label: its accessible name. */
GtkWidget *sal_function_grid_new (const char *label);

/** sal_function_grid_show_columns: just these @columns, sorted by @sorted from the largest down. */
void sal_function_grid_show_columns (SalFunctionGrid *self,
                                     const SalFunctionColumn *columns,
                                     guint n_columns,
                                     SalFunctionColumn sorted);

/** sal_function_grid_set_title: another heading for @column than its own, while it is shown. */
void sal_function_grid_set_title (SalFunctionGrid *self,
                                  SalFunctionColumn column,
                                  const char *title);
/** sal_function_grid_get_title: the heading of @column; borrowed; NULL when it is not shown. */
const char *sal_function_grid_get_title (SalFunctionGrid *self, SalFunctionColumn column);

/** sal_function_grid_get_sort_column: what the rows are sorted by. */
SalFunctionColumn sal_function_grid_get_sort_column (SalFunctionGrid *self);

/** Other rows (nullable), or those that @text finds; the selection stays on its function. */
void sal_function_grid_set_table (SalFunctionGrid *self, SalFunctionTable *table);
void sal_function_grid_set_filter (SalFunctionGrid *self, const char *text);
/** sal_function_grid_get_n_rows: how many rows there are. */
guint sal_function_grid_get_n_rows (SalFunctionGrid *self);

/** sal_function_grid_get_selected: whose row is selected; SAL_NO_ID = none, or nobody's. */
guint32 sal_function_grid_get_selected (SalFunctionGrid *self);
/** sal_function_grid_select: selects the row of @function, if there is one, and scrolls there if
 * @scroll; emits nothing. */
void sal_function_grid_select (SalFunctionGrid *self, guint32 function, gboolean scroll);

/** sal_function_grid_get_view: the column view inside, for who gives it keys; borrowed. */
GtkWidget *sal_function_grid_get_view (SalFunctionGrid *self);
/** sal_function_grid_get_actions: the group "functions", for widgets outside; borrowed. */
GActionGroup *sal_function_grid_get_actions (SalFunctionGrid *self);

G_END_DECLS
