/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "sal-view-state.h"

G_BEGIN_DECLS

/* The flame graph: a focusable widget that draws what fits, zooms and pans continuously, and
 * follows the view state's selection and search. It scrolls by itself: it needs no scrolled window.
 * Properties: "state" (SalViewState, construct-only), "root-at-bottom" (boolean), "colouring"
 * (SalColouring), "can-go-back", "can-go-forward" (boolean, read-only), "match-fraction" (double,
 * read-only: the share of the whole spent in functions that match the search, each moment counted
 * once; −1 = no search), "match-exact" (boolean, read-only: it is no estimate). Signal:
 * "zoom-changed".
 * Actions: "flame.copy-name", "flame.copy-stack", "flame.zoom", "flame.reset".
 */
#define SAL_TYPE_FLAME_VIEW (sal_flame_view_get_type ())
G_DECLARE_FINAL_TYPE (SalFlameView, sal_flame_view, SAL, FLAME_VIEW, GtkWidget)

/** sal_flame_view_new: a flame graph of @state, of which it takes a reference. */
GtkWidget *sal_flame_view_new (SalViewState *state);

/** sal_flame_view_go_to_function: selects @function, as a step of the history. */
void sal_flame_view_go_to_function (SalFlameView *self, guint32 function);

/** sal_flame_view_go_back, sal_flame_view_go_forward: one step through the history of zooms and of
 * functions gone to; nothing happens at its ends. */
void sal_flame_view_go_back (SalFlameView *self);
void sal_flame_view_go_forward (SalFlameView *self);

/** sal_flame_view_zoom_in, sal_flame_view_zoom_out: twice as close or as far, around the selection
 * or else the pointer. */
void sal_flame_view_zoom_in (SalFlameView *self);
void sal_flame_view_zoom_out (SalFlameView *self);

/** sal_flame_view_reset: shows the whole. */
void sal_flame_view_reset (SalFlameView *self);

G_END_DECLS
