/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "sal-view-state.h"

G_BEGIN_DECLS

/* The callers and callees of the selected function, side by side: what it cost when each of them
 * called it, or was called by it, with its share of all that the function cost. Made on a worker,
 * under the present filter, and only while somebody can see it.
 * Signal "activated" (uint: function): a person wants to go to that function. Thread: main.
 */
#define SAL_TYPE_RELATED_VIEW (sal_related_view_get_type ())
G_DECLARE_FINAL_TYPE (SalRelatedView, sal_related_view, SAL, RELATED_VIEW, GtkWidget)

/** sal_related_view_new: of what is selected in @state; it takes a reference to @state. */
GtkWidget *sal_related_view_new (SalViewState *state);

G_END_DECLS
