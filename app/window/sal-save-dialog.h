/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saving and exporting a document: which file, whether to replace it, and writing it. */
#pragma once

#include <gtk/gtk.h>

#include "sal-document.h"

G_BEGIN_DECLS

/* Called when @file was written, or with an error (nullable) when it could not be; not called when
 * the person cancelled or @object is gone. */
typedef void (*SalSaved) (GFile *file, SalFormat format, const GError *error, gpointer object);

/**
 * sal_save_dialog_save: writes the recording where it belongs, or asks where that is.
 *
 * @parent: for dialogs. @object: a GObject, handed to @saved and watched.
 */
void sal_save_dialog_save (GtkWindow *parent,
                           SalDocument *document,
                           SalSaved saved,
                           gpointer object);

/** sal_save_dialog_save_as: asks where to write the recording; then the document belongs there. */
void sal_save_dialog_save_as (GtkWindow *parent,
                              SalDocument *document,
                              SalSaved saved,
                              gpointer object);

/** sal_save_dialog_export: asks for a file in another format; what is shown is written there. */
void sal_save_dialog_export (GtkWindow *parent,
                             SalDocument *document,
                             SalSaved saved,
                             gpointer object);

G_END_DECLS
