/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of functions in a report. */
#pragma once

#include "sal-function-table.h"

G_BEGIN_DECLS

typedef enum
{
  SAL_TERMINAL_SORT_SELF, /* or tottime; heaviest first, as all numbers */
  SAL_TERMINAL_SORT_TOTAL,
  SAL_TERMINAL_SORT_SAMPLES,
  SAL_TERMINAL_SORT_NCALLS,
  SAL_TERMINAL_SORT_PCALLS,
  SAL_TERMINAL_SORT_NAME, /* alphabetical */
  SAL_TERMINAL_SORT_FILE,
  SAL_TERMINAL_SORT_LINE, /* smallest first */
} SalTerminalSort;

/** sal_terminal_sort_from_name: the order called @name; FALSE when there is none of this name. */
gboolean sal_terminal_sort_from_name (const char *name, SalTerminalSort *sort);

/** sal_terminal_sort_fits: whether profiles of @kind have what @sort needs. */
gboolean sal_terminal_sort_fits (SalTerminalSort sort, SalProfileKind kind);

/** sal_terminal_sort_rows: (transfer full) (element-type SalFunctionRow): pointers to the rows of
 * @table in this order; equals by name, file and line. Valid as long as @table. */
GPtrArray *sal_terminal_sort_rows (SalFunctionTable *table,
                                   SalTerminalSort sort) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
