/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog in which running processes to record are chosen. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "chosen" (SalSessionOptions as pointer, borrowed): once for each process that the person
 * chose, when Start was pressed; the dialog has closed itself by then. */
#define SAL_TYPE_ATTACH_DIALOG (sal_attach_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SalAttachDialog, sal_attach_dialog, SAL, ATTACH_DIALOG, AdwWindow)

/** sal_attach_dialog_new: a modal dialog over @parent; it looks for processes while it is shown. */
GtkWidget *sal_attach_dialog_new (GtkWindow *parent);

G_END_DECLS
