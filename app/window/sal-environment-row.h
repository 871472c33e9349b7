/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One environment variable of the launch dialog: two entries and a button that removes it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SAL_TYPE_ENVIRONMENT_ROW (sal_environment_row_get_type ())
G_DECLARE_FINAL_TYPE (SalEnvironmentRow, sal_environment_row, SAL, ENVIRONMENT_ROW, GtkListBoxRow)

/** sal_environment_row_new: @assignment: "NAME=value", or "" for empty entries. */
GtkWidget *sal_environment_row_new (const char *assignment);

/** sal_environment_row_get_assignment: (transfer full) (nullable): "NAME=value"; NULL when both
 * entries are empty. */
char *sal_environment_row_get_assignment (SalEnvironmentRow *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
