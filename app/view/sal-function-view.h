/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "sal-view-state.h"

G_BEGIN_DECLS

/* The call table: pstats' columns for a .prof file, self and total time and samples for a
 * recording; sortable by every column, filtered as one types, selection shared through the view
 * state.
 */
#define SAL_TYPE_FUNCTION_VIEW (sal_function_view_get_type ())
G_DECLARE_FINAL_TYPE (SalFunctionView, sal_function_view, SAL, FUNCTION_VIEW, GtkWidget)

/** sal_function_view_new: a table of @state's functions; it takes a reference to @state. */
GtkWidget *sal_function_view_new (SalViewState *state);

G_END_DECLS
