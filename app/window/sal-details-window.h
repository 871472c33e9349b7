/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The honest numbers of a profile: how it was made and how good it is. */
#pragma once

#include <adwaita.h>

#include "sal-document.h"

G_BEGIN_DECLS

#define SAL_TYPE_DETAILS_WINDOW (sal_details_window_get_type ())
G_DECLARE_FINAL_TYPE (SalDetailsWindow, sal_details_window, SAL, DETAILS_WINDOW, AdwWindow)

/** sal_details_window_new: a dialog over @parent with what is known of @document now; it is
 * brought up to date while the document grows. */
GtkWidget *sal_details_window_new (GtkWindow *parent, SalDocument *document);

G_END_DECLS
