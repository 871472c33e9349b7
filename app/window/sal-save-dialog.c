/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks for a file and writes a document to it. */
#include "config.h"

#include "sal-save-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "sal-file-dialog.h"
#include "sal-file-types.h"

/* One wish to write. It is an object so that each stage can hold it. */
#define SAL_TYPE_SAVING (sal_saving_get_type ())
G_DECLARE_FINAL_TYPE (SalSaving, sal_saving, SAL, SAVING, GObject)

struct _SalSaving
{
  GObject parent_instance;

  /* Owned */
  GtkWindow *parent;
  SalDocument *document;
  GFile *file;
  SalFormat format;
  GWeakRef object;

  /* Borrowed */
  SalSaved saved;
};

G_DEFINE_FINAL_TYPE (SalSaving, sal_saving, G_TYPE_OBJECT)

static void
sal_saving_finalize (GObject *object)
{
  SalSaving *self = SAL_SAVING (object);

  g_clear_object (&self->parent);
  g_clear_object (&self->document);
  g_clear_object (&self->file);
  g_weak_ref_clear (&self->object);
  G_OBJECT_CLASS (sal_saving_parent_class)->finalize (object);
}

static void
sal_saving_class_init (SalSavingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sal_saving_finalize;
}

static void
sal_saving_init (SalSaving *self)
{
  g_weak_ref_init (&self->object, NULL);
}

static SalSaving *
saving_new (GtkWindow *parent, SalDocument *document, SalSaved saved, gpointer object)
{
  SalSaving *self = g_object_new (SAL_TYPE_SAVING, NULL);

  self->parent = g_object_ref (parent);
  self->document = g_object_ref (document);
  self->saved = saved;
  self->format = SAL_FORMAT_SALAMANDER;
  g_weak_ref_set (&self->object, object);
  return self;
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SalSaving) self = SAL_SAVING (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) object = g_weak_ref_get (&self->object);

  sal_document_write_finish (SAL_DOCUMENT (source), result, &error);
  if (object)
    self->saved (self->file, self->format, error, object);
}

static void
write_now (SalSaving *self)
{
  sal_document_write_async (self->document,
                            self->format,
                            self->file,
                            NULL,
                            written_cb,
                            g_object_ref (self));
}

static void
replace_response_cb (SalSaving *self, const char *response)
{
  if (strcmp (response, "replace") == 0)
    write_now (self);
}

static void
release_cb (gpointer data, GClosure *closure)
{
  g_object_unref (data);
}

/* The chooser asked about the name that was typed; we ask when we have changed it. */
static void
ask_replace (SalSaving *self)
{
  g_autofree char *name = sal_file_types_dup_name (self->file);
  g_autofree char *heading = g_strdup_printf (_ ("Replace %s?"), name);
  GtkWidget *dialog = adw_message_dialog_new (self->parent,
                                              heading,
                                              _ ("A file of this name is there already."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog),
                                    "cancel",
                                    _ ("_Cancel"),
                                    "replace",
                                    _ ("_Replace"),
                                    NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog),
                                              "replace",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog,
                         "response",
                         G_CALLBACK (replace_response_cb),
                         g_object_ref (self),
                         release_cb,
                         G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
chosen_cb (GFile *chosen, GtkFileFilter *filter, gpointer data)
{
  SalSaving *self = SAL_SAVING (data);

  if (self->format == SAL_FORMAT_UNKNOWN)
    self->format = sal_file_types_choose (chosen, filter);
  self->file = sal_file_types_add_ending (chosen, self->format);
  if (!g_file_equal (self->file, chosen) && g_file_query_exists (self->file, NULL))
    ask_replace (self);
  else
    write_now (self);
}

/* "mandelbrot" of "mandelbrot.py" and of "mandelbrot.salamander". */
static char *
get_stem (SalDocument *document)
{
  char *stem = g_strdup (sal_document_get_title (document));
  char *dot = strrchr (stem, '.');

  if (dot && dot != stem)
    *dot = '\0';
  return stem;
}

/* @ending: of the proposed name. Takes @self. */
static void
choose (SalSaving *self, const char *title, GtkFileFilter *const *filters, const char *ending)
{
  GFile *file = sal_document_get_file (self->document);
  g_autoptr (GFile) folder = file ? g_file_get_parent (file) : NULL;
  g_autofree char *stem = get_stem (self->document);
  g_autofree char *name = g_strconcat (stem, ending, NULL);

  sal_file_dialog_save (self->parent, title, filters, folder, name, chosen_cb, self);
  g_object_unref (self);
}

void
sal_save_dialog_save_as (GtkWindow *parent, SalDocument *document, SalSaved saved, gpointer object)
{
  SalSaving *self = saving_new (parent, document, saved, object);
  g_autoptr (GtkFileFilter) filter = sal_file_types_create_filter (SAL_FORMAT_SALAMANDER);
  GtkFileFilter *filters[] = { filter, NULL };

  choose (self, _ ("Save the Recording"), filters, ".salamander");
}

void
sal_save_dialog_save (GtkWindow *parent, SalDocument *document, SalSaved saved, gpointer object)
{
  g_autoptr (SalSaving) self = NULL;

  if (!sal_document_get_file (document))
    {
      sal_save_dialog_save_as (parent, document, saved, object);
      return;
    }
  self = saving_new (parent, document, saved, object);
  self->file = g_object_ref (sal_document_get_file (document));
  write_now (self);
}

void
sal_save_dialog_export (GtkWindow *parent, SalDocument *document, SalSaved saved, gpointer object)
{
  SalSaving *self = saving_new (parent, document, saved, object);
  SalProfile *profile = sal_document_get_profile (document);
  g_autoptr (GPtrArray) filters = sal_file_types_list_filters (sal_profile_get_kind (profile));

  self->format = SAL_FORMAT_UNKNOWN;
  choose (self, _ ("Export"), (GtkFileFilter *const *)filters->pdata, ".svg");
}
