/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog in which a program to record is described. */
#pragma once

#include <adwaita.h>

#include "sal-launch.h"

G_BEGIN_DECLS

/* Signals: "launched" (SalSessionOptions as pointer, borrowed): the person pressed Start and the
 * form is good; the dialog closes itself. */
#define SAL_TYPE_LAUNCH_DIALOG (sal_launch_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SalLaunchDialog, sal_launch_dialog, SAL, LAUNCH_DIALOG, AdwWindow)

/** sal_launch_dialog_new: a modal dialog over @parent, filled in as it was last used. */
GtkWidget *sal_launch_dialog_new (GtkWindow *parent);

G_END_DECLS
