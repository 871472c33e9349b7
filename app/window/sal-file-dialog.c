/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GtkFileChooserNative, which GTK deprecates from 4.10 on; its successor is not in GTK 4.8. */
#include "config.h"

#include "sal-file-dialog.h"

#include <glib/gi18n.h>

typedef struct
{
  SalFileChosen chosen;
  GObject *object; /* owned */
} Request;

static void
request_free (gpointer data, GClosure *closure)
{
  Request *request = data;

  g_object_unref (request->object);
  g_free (request);
}

G_GNUC_BEGIN_IGNORE_DEPRECATIONS

static void
response_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  Request *request = data;
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file)
    request->chosen (file,
                     gtk_file_chooser_get_filter (GTK_FILE_CHOOSER (dialog)),
                     request->object);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
show (GtkWindow *parent,
      const char *title,
      GtkFileChooserAction action,
      const char *accept,
      GtkFileFilter *const *filters,
      GFile *folder,
      const char *name,
      SalFileChosen chosen,
      gpointer object)
{
  GtkFileChooserNative *native = gtk_file_chooser_native_new (title, parent, action, accept, NULL);
  GtkFileChooser *chooser = GTK_FILE_CHOOSER (native);
  Request *request = g_new0 (Request, 1);

  request->chosen = chosen;
  request->object = g_object_ref (object);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (native), TRUE);
  for (guint i = 0; filters && filters[i]; i++)
    gtk_file_chooser_add_filter (chooser, filters[i]);
  if (filters && filters[0])
    gtk_file_chooser_set_filter (chooser, filters[0]);
  if (folder)
    gtk_file_chooser_set_current_folder (chooser, folder, NULL);
  if (name)
    gtk_file_chooser_set_current_name (chooser, name);
  g_signal_connect_data (native, "response", G_CALLBACK (response_cb), request, request_free, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (native));
}

G_GNUC_END_IGNORE_DEPRECATIONS

void
sal_file_dialog_open (GtkWindow *parent,
                      const char *title,
                      GtkFileFilter *const *filters,
                      GFile *folder,
                      SalFileChosen chosen,
                      gpointer object)
{
  show (parent,
        title,
        GTK_FILE_CHOOSER_ACTION_OPEN,
        _ ("_Open"),
        filters,
        folder,
        NULL,
        chosen,
        object);
}

void
sal_file_dialog_select_folder (GtkWindow *parent,
                               const char *title,
                               GFile *folder,
                               SalFileChosen chosen,
                               gpointer object)
{
  show (parent,
        title,
        GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
        _ ("_Select"),
        NULL,
        folder,
        NULL,
        chosen,
        object);
}

void
sal_file_dialog_save (GtkWindow *parent,
                      const char *title,
                      GtkFileFilter *const *filters,
                      GFile *folder,
                      const char *name,
                      SalFileChosen chosen,
                      gpointer object)
{
  show (parent,
        title,
        GTK_FILE_CHOOSER_ACTION_SAVE,
        _ ("_Save"),
        filters,
        folder,
        name,
        chosen,
        object);
}
