/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page on which one profile is explored, growing while it is recorded. */
#pragma once

#include <adwaita.h>

#include "sal-document.h"

G_BEGIN_DECLS

#define SAL_TYPE_PROFILE_PAGE (sal_profile_page_get_type ())
G_DECLARE_FINAL_TYPE (SalProfilePage, sal_profile_page, SAL, PROFILE_PAGE, AdwBin)

/** sal_profile_page_new: the page of @document. */
GtkWidget *sal_profile_page_new (SalDocument *document);

/** sal_profile_page_get_actions: what the window makes known as "page": view (s), search, zoom-in,
 * zoom-out, zoom-reset, back, forward, root-at-bottom; for a recording inverted, on-cpu-only,
 * gil-only and show-sidebar; with a session show-output. Transfer none. */
GActionGroup *sal_profile_page_get_actions (SalProfilePage *self);

/** sal_profile_page_show_error: @sentence above the views, as something that went wrong. */
void sal_profile_page_show_error (SalProfilePage *self, const char *sentence);

G_END_DECLS
