/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A window: the start page, then one profile. */
#pragma once

#include <adwaita.h>

#include "sal-session-options.h"

G_BEGIN_DECLS

#define SAL_TYPE_WINDOW (sal_window_get_type ())
G_DECLARE_FINAL_TYPE (SalWindow, sal_window, SAL, WINDOW, AdwApplicationWindow)

/** sal_window_new: a window with the start page; not shown yet. */
SalWindow *sal_window_new (GtkApplication *application);

/** sal_window_find_empty: the window that a profile can be put into: @window (nullable: the active
 * one), or the one it is a dialog of, when that is empty; else a new one, not shown yet. */
SalWindow *sal_window_find_empty (GtkApplication *application, GtkWindow *window);

/** sal_window_open: loads @file in the background and shows it, or says why not. The window must be
 * empty. */
void sal_window_open (SalWindow *self, GFile *file);

/** sal_window_record: starts a program and shows its profile. The window must be empty. */
void sal_window_record (SalWindow *self, const SalSessionOptions *options);

/** sal_window_show_launch_dialog: asks what to record; it is recorded here when the window is empty
 * then, else in a new window. */
void sal_window_show_launch_dialog (SalWindow *self);

/** sal_window_show_attach_dialog: asks which running processes to record; the first one is recorded
 * here when the window is empty then, the others in new windows. */
void sal_window_show_attach_dialog (SalWindow *self);

G_END_DECLS
