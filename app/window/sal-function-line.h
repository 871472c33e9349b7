/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line about a function. */
#pragma once

#include "sal-function-table.h"

G_BEGIN_DECLS

/** sal_function_line_describe: (transfer full): name, kind and costs of @function of @profile; the
 * costs stand in @table (nullable), which may be of an earlier profile that grew. @place: (out):
 * where it stands. */
char *sal_function_line_describe (SalProfile *profile,
                                  SalFunctionTable *table,
                                  guint32 function,
                                  char **place);

G_END_DECLS
