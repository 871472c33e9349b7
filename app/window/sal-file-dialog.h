/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choosing files, in the one place that knows which chooser the toolkit has. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Called when a file was chosen; not called when the person cancelled. */
typedef void (*SalFileChosen) (GFile *file, GtkFileFilter *filter, gpointer data);

/**
 * sal_file_dialog_open: asks for an existing file.
 *
 * @filters: (nullable): NULL-terminated, the first is active. @folder: (nullable): to begin in.
 * @object: a GObject, handed to @chosen and held until then.
 */
void sal_file_dialog_open (GtkWindow *parent,
                           const char *title,
                           GtkFileFilter *const *filters,
                           GFile *folder,
                           SalFileChosen chosen,
                           gpointer object);

/** sal_file_dialog_select_folder: likewise for a folder. */
void sal_file_dialog_select_folder (GtkWindow *parent,
                                    const char *title,
                                    GFile *folder,
                                    SalFileChosen chosen,
                                    gpointer object);

/** sal_file_dialog_save: likewise for a file to write. @name: what to propose. */
void sal_file_dialog_save (GtkWindow *parent,
                           const char *title,
                           GtkFileFilter *const *filters,
                           GFile *folder,
                           const char *name,
                           SalFileChosen chosen,
                           gpointer object);

G_END_DECLS
