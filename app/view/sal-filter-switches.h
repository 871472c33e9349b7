/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "sal-view-state.h"

G_BEGIN_DECLS

/* The switches that leave samples out, such as idle ones, and those that leave frames out.
 * Insensitive for a call profile, which has neither. */
#define SAL_TYPE_FILTER_SWITCHES (sal_filter_switches_get_type ())
G_DECLARE_FINAL_TYPE (SalFilterSwitches, sal_filter_switches, SAL, FILTER_SWITCHES, GtkWidget)

/** sal_filter_switches_new: switches for @state, of which it takes a reference. */
GtkWidget *sal_filter_switches_new (SalViewState *state);

G_END_DECLS
