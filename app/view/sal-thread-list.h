/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "sal-view-state.h"

G_BEGIN_DECLS

/* The threads of a recording, grouped by process, main thread first, with a switch each. */
#define SAL_TYPE_THREAD_LIST (sal_thread_list_get_type ())
G_DECLARE_FINAL_TYPE (SalThreadList, sal_thread_list, SAL, THREAD_LIST, GtkWidget)

/** sal_thread_list_new: a list of @state's threads; it takes a reference to @state. */
GtkWidget *sal_thread_list_new (SalViewState *state);

G_END_DECLS
