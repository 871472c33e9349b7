/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a function table as a list: sorted and filtered as an array, objects only for what
 * shows. */
#pragma once

#include <gio/gio.h>

#include "sal-function-table.h"

G_BEGIN_DECLS

/* What a column shows and sorts by. */
typedef enum
{
  SAL_FUNCTION_COLUMN_SELF,
  SAL_FUNCTION_COLUMN_SELF_SHARE,
  SAL_FUNCTION_COLUMN_TOTAL,
  SAL_FUNCTION_COLUMN_TOTAL_SHARE,
  SAL_FUNCTION_COLUMN_SELF_SAMPLES,
  SAL_FUNCTION_COLUMN_TOTAL_SAMPLES,
  SAL_FUNCTION_COLUMN_NAME,
  SAL_FUNCTION_COLUMN_FILE,
  SAL_FUNCTION_COLUMN_LIBRARY,
  /* call profiles, named as pstats does */
  SAL_FUNCTION_COLUMN_NCALLS,
  SAL_FUNCTION_COLUMN_TOTTIME,
  SAL_FUNCTION_COLUMN_TOTTIME_PERCALL,
  SAL_FUNCTION_COLUMN_CUMTIME,
  SAL_FUNCTION_COLUMN_CUMTIME_PERCALL,
  SAL_FUNCTION_COLUMN_LOCATION,
  SAL_FUNCTION_N_COLUMNS,
} SalFunctionColumn;

/* One row. Signal "changed": it shows another function or other numbers now. */
#define SAL_TYPE_FUNCTION_ITEM (sal_function_item_get_type ())
G_DECLARE_FINAL_TYPE (SalFunctionItem, sal_function_item, SAL, FUNCTION_ITEM, GObject)

/** sal_function_item_get_function: whose row it is now. */
guint32 sal_function_item_get_function (SalFunctionItem *self);
/** sal_function_item_dup_text: what stands in @column (transfer full). */
char *sal_function_item_dup_text (SalFunctionItem *self, SalFunctionColumn column);
/** sal_function_item_get_share: of the whole, 0..1, for the two share columns; −1 for others. */
double sal_function_item_get_share (SalFunctionItem *self, SalFunctionColumn column);

/* A GListModel of SalFunctionItem. Thread: main. */
#define SAL_TYPE_FUNCTION_MODEL (sal_function_model_get_type ())
G_DECLARE_FINAL_TYPE (SalFunctionModel, sal_function_model, SAL, FUNCTION_MODEL, GObject)

/** sal_function_model_new: an empty list, sorted by self time from the largest down. */
SalFunctionModel *sal_function_model_new (void);

/** sal_function_model_set_table: other numbers (nullable). Rows that show change in place, so that
 * a list keeps where it is scrolled to while a recording grows. */
void sal_function_model_set_table (SalFunctionModel *self, SalFunctionTable *table);
/** sal_function_model_set_sort: equal rows keep the table's order. */
void sal_function_model_set_sort (SalFunctionModel *self,
                                  SalFunctionColumn column,
                                  gboolean descending);
/** sal_function_model_set_filter: only functions whose name, file or library contains @text,
 * ignoring case. */
void sal_function_model_set_filter (SalFunctionModel *self, const char *text);
/** sal_function_model_find: the position of @function, or G_MAXUINT when it is not shown. */
guint sal_function_model_find (SalFunctionModel *self, guint32 function);
/** sal_function_model_get_function: of the row at @position; SAL_NO_ID behind the end, and for the
 * row of a table of callers that stands for nobody. */
guint32 sal_function_model_get_function (SalFunctionModel *self, guint position);

/** sal_function_column_get_title: the heading, translated; static. */
const char *sal_function_column_get_title (SalFunctionColumn column);
/** sal_function_column_is_number: whether it is aligned right and first sorted from the largest
 * down. */
gboolean sal_function_column_is_number (SalFunctionColumn column);

G_END_DECLS
