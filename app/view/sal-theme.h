/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the desktop's theme looks like. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** sal_theme_is_dark: whether @widget stands on a dark background; to be asked again when its style
 * changes. Thread: main. */
gboolean sal_theme_is_dark (GtkWidget *widget);

G_END_DECLS
