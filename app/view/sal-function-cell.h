/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What shows one cell of the call table. */
#pragma once

#include <gtk/gtk.h>

#include "sal-function-model.h"

G_BEGIN_DECLS

/** sal_function_cell_factory_new: (transfer full): makes the cells of @column for the items of a
 * SalFunctionModel. */
GtkListItemFactory *
sal_function_cell_factory_new (SalFunctionColumn column) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
