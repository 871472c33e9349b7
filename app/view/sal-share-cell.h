/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A percentage with a bar behind it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SAL_TYPE_SHARE_CELL (sal_share_cell_get_type ())
G_DECLARE_FINAL_TYPE (SalShareCell, sal_share_cell, SAL, SHARE_CELL, GtkWidget)

/** sal_share_cell_new: an empty cell. */
GtkWidget *sal_share_cell_new (void);
/** sal_share_cell_set: @text is shown over a bar @share (0..1) of the cell wide; below 0: no bar.
 */
void sal_share_cell_set (SalShareCell *self, const char *text, double share);

G_END_DECLS
