/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ways to make a function table share. */
#pragma once

#include "sal-function-table.h"

G_BEGIN_DECLS

/** _sal_function_table_new_for_rows: a table of @rows (transfer full), by rising function id. */
SalFunctionTable *
_sal_function_table_new_for_rows (SalProfile *profile,
                                  SalFunctionRow *rows,
                                  guint32 n_rows,
                                  guint64 total_ns,
                                  guint64 total_samples) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
