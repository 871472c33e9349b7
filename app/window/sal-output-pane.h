/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a recorded program prints, to be read while it runs and copied. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SAL_TYPE_OUTPUT_PANE (sal_output_pane_get_type ())
G_DECLARE_FINAL_TYPE (SalOutputPane, sal_output_pane, SAL, OUTPUT_PANE, GtkWidget)

/** sal_output_pane_append: adds what the program printed; the oldest lines go when there are too
 * many. The view follows the end unless somebody scrolled up. */
void sal_output_pane_append (SalOutputPane *self, GBytes *bytes);

G_END_DECLS
