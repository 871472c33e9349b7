/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "sal-view-state.h"

G_BEGIN_DECLS

/* What the colours of kinds stand for: those kinds that the view state shows functions of. Empty
 * while functions are not coloured by kind. Property: "colouring" (SalColouring). */
#define SAL_TYPE_LEGEND (sal_legend_get_type ())
G_DECLARE_FINAL_TYPE (SalLegend, sal_legend, SAL, LEGEND, GtkWidget)

/** sal_legend_new: a legend for @state, of which it takes a reference. */
GtkWidget *sal_legend_new (SalViewState *state);

G_END_DECLS
