/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows the start page, a file being loaded, or a profile, and asks before that is lost. */
#include "config.h"

#include "sal-window.h"

#include <glib/gi18n.h>

#include "sal-attach-dialog.h"
#include "sal-close-dialog.h"
#include "sal-details-window.h"
#include "sal-document.h"
#include "sal-file-dialog.h"
#include "sal-file-types.h"
#include "sal-launch-dialog.h"
#include "sal-message-bar.h"
#include "sal-profile-page.h"
#include "sal-recent.h"
#include "sal-save-dialog.h"
#include "sal-settings.h"
#include "sal-start-page.h"

struct _SalWindow
{
  AdwApplicationWindow parent_instance;

  /* Template children */
  AdwWindowTitle *title;
  GtkPopoverMenuBar *menu_bar;
  SalMessageBar *message_bar;
  GtkStack *stack; /* "start", "loading", "profile" */
  GtkWidget *start_page;
  AdwStatusPage *loading_page;
  AdwBin *profile_bin;
  AdwToastOverlay *toast_overlay;

  /* Borrowed from profile_bin */
  SalProfilePage *page;

  /* Owned */
  SalDocument *document; /* NULL on the start page */
  GCancellable *loading; /* NULL when nothing is being loaded */

  /* State */
  gboolean closing;    /* close once the recording has ended */
  gboolean discarding; /* nothing is to be asked any more */
  gboolean asking;     /* a question about closing is on the screen */
};

G_DEFINE_FINAL_TYPE (SalWindow, sal_window, ADW_TYPE_APPLICATION_WINDOW)

static void
show_error (SalWindow *self, const char *sentence)
{
  if (self->page)
    sal_profile_page_show_error (self->page, sentence);
  else
    sal_message_bar_show (self->message_bar, SAL_MESSAGE_ERROR, sentence);
}

static void
update_actions (SalWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  SalProfile *profile = self->document ? sal_document_get_profile (self->document) : NULL;
  SalSession *session = self->document ? sal_document_get_session (self->document) : NULL;
  gboolean recording = self->document && sal_document_is_recording (self->document);
  gboolean samples = profile && sal_profile_get_kind (profile) == SAL_PROFILE_SAMPLES;

  gtk_widget_action_set_enabled (widget,
                                 "win.save",
                                 self->document && sal_document_is_modified (self->document));
  gtk_widget_action_set_enabled (widget, "win.save-as", samples && !recording);
  gtk_widget_action_set_enabled (widget, "win.export", profile && !recording);
  gtk_widget_action_set_enabled (widget, "win.stop", recording);
  gtk_widget_action_set_enabled (widget, "win.record-again", session && !recording);
  gtk_widget_action_set_enabled (widget, "win.details", profile != NULL);
  gtk_widget_action_set_enabled (widget, "win.cancel-loading", self->loading != NULL);
}

/* Back to the start page, which says why. */
static void
leave_document (SalWindow *self)
{
  g_autoptr (SalDocument) document = g_steal_pointer (&self->document);

  g_signal_handlers_disconnect_by_data (document, self);
  g_signal_handlers_disconnect_by_data (sal_document_get_state (document), self);
  self->page = NULL;
  gtk_widget_insert_action_group (GTK_WIDGET (self), "page", NULL);
  adw_bin_set_child (self->profile_bin, NULL);
  adw_window_title_set_title (self->title, g_get_application_name ());
  adw_window_title_set_subtitle (self->title, "");
  gtk_window_set_title (GTK_WINDOW (self), g_get_application_name ());
  gtk_stack_set_visible_child_name (self->stack, "start");
  show_error (self, sal_document_get_problem (document));
  update_actions (self);
}

static void
document_changed_cb (SalWindow *self)
{
  const char *title = sal_document_get_title (self->document);
  g_autofree char *marked = NULL;

  if (sal_document_is_modified (self->document))
    /* Translators: the title of a window with a recording that is not saved */
    marked = g_strdup_printf (_ ("%s (not saved)"), title);
  adw_window_title_set_title (self->title, marked ? marked : title);
  adw_window_title_set_subtitle (self->title, sal_document_get_subtitle (self->document));
  gtk_window_set_title (GTK_WINDOW (self), marked ? marked : title);
  update_actions (self);
  if (self->closing && !sal_document_is_recording (self->document))
    {
      self->closing = FALSE;
      gtk_window_close (GTK_WINDOW (self));
    }
  else if (sal_document_is_refused (self->document))
    leave_document (self);
}

static void
show_document (SalWindow *self, SalDocument *document)
{
  static const char *const of_document[] = { "notify::title",
                                             "notify::subtitle",
                                             "notify::recording",
                                             "notify::modified" };

  g_set_object (&self->document, document);
  for (guint i = 0; i < G_N_ELEMENTS (of_document); i++)
    g_signal_connect_object (document,
                             of_document[i],
                             G_CALLBACK (document_changed_cb),
                             self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (sal_document_get_state (document),
                           "notify::profile",
                           G_CALLBACK (update_actions),
                           self,
                           G_CONNECT_SWAPPED);
  self->page = SAL_PROFILE_PAGE (sal_profile_page_new (document));
  adw_bin_set_child (self->profile_bin, GTK_WIDGET (self->page));
  gtk_widget_insert_action_group (GTK_WIDGET (self),
                                  "page",
                                  sal_profile_page_get_actions (self->page));
  sal_message_bar_clear (self->message_bar);
  gtk_stack_set_visible_child_name (self->stack, "profile");
  document_changed_cb (self);
}

/* Loading a file. */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SalWindow) self = SAL_WINDOW (data);
  g_autoptr (GFile) file = g_object_steal_data (G_OBJECT (self->loading), "file");
  g_autoptr (GError) error = NULL;
  g_autoptr (SalProfile) profile = sal_formats_load_finish (result, &error);
  g_autoptr (SalDocument) document = NULL;
  gboolean cancelled = g_cancellable_is_cancelled (self->loading);

  g_clear_object (&self->loading);
  update_actions (self);
  if (profile && !cancelled)
    {
      document = sal_document_new_for_file (file, profile);
      show_document (self, document);
      sal_recent_add (file);
      return;
    }
  gtk_stack_set_visible_child_name (self->stack, "start");
  if (!cancelled && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *name = sal_file_types_dup_name (file);
      g_autofree char *sentence = sal_formats_describe_error (name, error);

      show_error (self, sentence);
    }
}

/* Whether it shows the start page, so that a profile can be put there. */
static gboolean
is_empty (SalWindow *self)
{
  return !self->document && !self->loading;
}

void
sal_window_open (SalWindow *self, GFile *file)
{
  g_autofree char *name = NULL;
  g_autofree char *title = NULL;

  g_return_if_fail (SAL_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (is_empty (self));

  name = sal_file_types_dup_name (file);
  title = g_strdup_printf (_ ("Opening %s"), name);
  adw_status_page_set_title (self->loading_page, title);
  sal_message_bar_clear (self->message_bar);
  gtk_stack_set_visible_child_name (self->stack, "loading");
  self->loading = g_cancellable_new ();
  g_object_set_data_full (G_OBJECT (self->loading), "file", g_object_ref (file), g_object_unref);
  update_actions (self);
  sal_formats_load_async (file, self->loading, loaded_cb, g_object_ref (self));
}

static void
cancel_loading_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_cancellable_cancel (SAL_WINDOW (widget)->loading);
}

static SalWindow *
find_place (SalWindow *self)
{
  return sal_window_find_empty (gtk_window_get_application (GTK_WINDOW (self)), GTK_WINDOW (self));
}

static void
open_somewhere (SalWindow *self, GFile *file)
{
  SalWindow *place = find_place (self);

  sal_window_open (place, file);
  gtk_window_present (GTK_WINDOW (place));
}

static void
open_chosen_cb (GFile *file, GtkFileFilter *filter, gpointer data)
{
  open_somewhere (SAL_WINDOW (data), file);
}

static void
open_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SalWindow *self = SAL_WINDOW (widget);
  GFile *file = self->document ? sal_document_get_file (self->document) : NULL;
  g_autoptr (GFile) folder = file ? g_file_get_parent (file) : NULL;
  g_autoptr (GtkFileFilter) ours = sal_file_types_create_open_filter ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();
  GtkFileFilter *filters[] = { ours, all, NULL };

  gtk_file_filter_set_name (all, _ ("All Files"));
  gtk_file_filter_add_pattern (all, "*");
  sal_file_dialog_open (GTK_WINDOW (self), _ ("Open"), filters, folder, open_chosen_cb, self);
}

static gboolean
drop_cb (SalWindow *self, const GValue *value)
{
  GdkFileList *list = g_value_get_boxed (value);
  g_autoptr (GSList) files = list ? gdk_file_list_get_files (list) : NULL;

  for (GSList *l = files; l; l = l->next)
    open_somewhere (self, G_FILE (l->data));
  return files != NULL;
}

/* Saving. */

static void
saved_cb (GFile *file, SalFormat format, const GError *error, gpointer object)
{
  SalWindow *self = SAL_WINDOW (object);
  g_autofree char *name = sal_file_types_dup_name (file);
  g_autofree char *plain = NULL;
  g_autofree char *text = NULL;

  if (error)
    {
      show_error (self, error->message);
      return;
    }
  /* Translators: a file's name */
  plain = g_strdup_printf (_ ("%s was written"), name);
  text = g_markup_escape_text (plain, -1);
  if (format == SAL_FORMAT_SALAMANDER)
    sal_recent_add (file);
  adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (text));
}

static void
saved_and_close_cb (GFile *file, SalFormat format, const GError *error, gpointer object)
{
  saved_cb (file, format, error, object);
  if (!error)
    gtk_window_close (GTK_WINDOW (object));
}

static void
save_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  sal_save_dialog_save (GTK_WINDOW (widget), SAL_WINDOW (widget)->document, saved_cb, widget);
}

static void
save_as_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  sal_save_dialog_save_as (GTK_WINDOW (widget), SAL_WINDOW (widget)->document, saved_cb, widget);
}

static void
export_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  sal_save_dialog_export (GTK_WINDOW (widget), SAL_WINDOW (widget)->document, saved_cb, widget);
}

/* Recording. */

void
sal_window_record (SalWindow *self, const SalSessionOptions *options)
{
  g_autoptr (SalSessionOptions) mine = NULL;
  g_autoptr (SalSession) session = NULL;
  g_autoptr (SalDocument) document = NULL;

  g_return_if_fail (SAL_IS_WINDOW (self));
  g_return_if_fail (options);
  g_return_if_fail (is_empty (self));

  mine = sal_session_options_copy (options);
  mine->debuginfod = g_settings_get_boolean (sal_settings_get (), "debuginfod");
  session = sal_session_new (mine);
  document = sal_document_new_for_session (session);
  show_document (self, document);
  sal_session_start (session);
}

static void
launched_cb (SalWindow *self, SalSessionOptions *options)
{
  SalWindow *place = find_place (self);

  sal_window_record (place, options);
  gtk_window_present (GTK_WINDOW (place));
}

void
sal_window_show_launch_dialog (SalWindow *self)
{
  GtkWidget *dialog;

  g_return_if_fail (SAL_IS_WINDOW (self));

  dialog = sal_launch_dialog_new (GTK_WINDOW (self));
  g_signal_connect_object (dialog,
                           "launched",
                           G_CALLBACK (launched_cb),
                           self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
sal_window_show_attach_dialog (SalWindow *self)
{
  GtkWidget *dialog;

  g_return_if_fail (SAL_IS_WINDOW (self));

  dialog = sal_attach_dialog_new (GTK_WINDOW (self));
  g_signal_connect_object (dialog, "chosen", G_CALLBACK (launched_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
stop_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  sal_session_stop (sal_document_get_session (SAL_WINDOW (widget)->document));
}

static void
record_again_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SalWindow *self = SAL_WINDOW (widget);
  SalSession *session = sal_document_get_session (self->document);

  launched_cb (self, (SalSessionOptions *)sal_session_get_options (session));
}

static void
details_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SalWindow *self = SAL_WINDOW (widget);

  gtk_window_present (
      GTK_WINDOW (sal_details_window_new (GTK_WINDOW (self), self->document)));
}

static void
new_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SalWindow *window = sal_window_new (gtk_window_get_application (GTK_WINDOW (widget)));

  gtk_window_present (GTK_WINDOW (window));
}

/* Closing. */

static void
stop_answered_cb (SalCloseAnswer answer, gpointer object)
{
  SalWindow *self = SAL_WINDOW (object);
  SalSession *session = sal_document_get_session (self->document);

  self->asking = FALSE;
  if (answer == SAL_CLOSE_CANCEL)
    return;
  if (answer == SAL_CLOSE_KILL)
    sal_session_kill (session);
  else
    sal_session_stop (session);
  /* The rest happens when the document says that it is not recording any more. */
  self->closing = TRUE;
  document_changed_cb (self);
}

static void
save_answered_cb (SalCloseAnswer answer, gpointer object)
{
  SalWindow *self = SAL_WINDOW (object);

  self->asking = FALSE;
  if (answer == SAL_CLOSE_SAVE)
    sal_save_dialog_save (GTK_WINDOW (self), self->document, saved_and_close_cb, self);
  else if (answer == SAL_CLOSE_DISCARD)
    {
      self->discarding = TRUE;
      gtk_window_close (GTK_WINDOW (self));
    }
}

/* Whether nothing would be lost; if something would, the person is asked. */
static gboolean
may_close (SalWindow *self)
{
  SalSession *session = self->document ? sal_document_get_session (self->document) : NULL;

  if (!self->document || self->discarding)
    return TRUE;
  if (self->asking)
    return FALSE;
  if (sal_document_is_recording (self->document))
    {
      self->asking = TRUE;
      sal_close_dialog_ask_stop (GTK_WINDOW (self),
                                 sal_session_get_options (session)->argv != NULL,
                                 stop_answered_cb,
                                 self);
      return FALSE;
    }
  if (sal_document_is_modified (self->document))
    {
      self->asking = TRUE;
      sal_close_dialog_ask_save (GTK_WINDOW (self), save_answered_cb, self);
      return FALSE;
    }
  return TRUE;
}

static void
kept_exited_cb (SalSession *session, int status, gpointer data)
{
  g_application_release (G_APPLICATION (data));
  g_object_unref (session);
}

/* A program that was started here and still runs would be hurt by a pipe that nobody reads: its
 * session stays until it ends, though no window shows it any more. */
static void
keep_program (SalWindow *self)
{
  GApplication *application = G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
  SalSession *session = self->document ? sal_document_get_session (self->document) : NULL;

  if (!session || sal_session_get_options (session)->argv == NULL ||
      sal_session_get_pid (session) <= 0 || sal_session_get_exit_status (session) >= 0 ||
      sal_session_get_state (session) != SAL_SESSION_DONE)
    return;
  g_application_hold (application);
  g_signal_connect (g_object_ref (session), "exited", G_CALLBACK (kept_exited_cb), application);
}

static gboolean
sal_window_close_request (GtkWindow *window)
{
  SalWindow *self = SAL_WINDOW (window);
  GSettings *settings = sal_settings_get ();
  int width;
  int height;

  if (!may_close (self))
    return GDK_EVENT_STOP;

  keep_program (self);
  gtk_window_get_default_size (window, &width, &height);
  g_settings_set_int (settings, "window-width", CLAMP (width, 360, 16384));
  g_settings_set_int (settings, "window-height", CLAMP (height, 300, 16384));
  g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
  return GTK_WINDOW_CLASS (sal_window_parent_class)->close_request (window);
}

static void
sal_window_dispose (GObject *object)
{
  SalWindow *self = SAL_WINDOW (object);

  if (self->loading)
    g_cancellable_cancel (self->loading);
  gtk_widget_dispose_template (GTK_WIDGET (self), SAL_TYPE_WINDOW);
  self->page = NULL;
  g_clear_object (&self->document);
  G_OBJECT_CLASS (sal_window_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  g_type_ensure (SAL_TYPE_MESSAGE_BAR);
  g_type_ensure (SAL_TYPE_START_PAGE);
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/org/salamander_profiler/Salamander/window/sal-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SalWindow, title);
  gtk_widget_class_bind_template_child (widget_class, SalWindow, menu_bar);
  gtk_widget_class_bind_template_child (widget_class, SalWindow, message_bar);
  gtk_widget_class_bind_template_child (widget_class, SalWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, SalWindow, start_page);
  gtk_widget_class_bind_template_child (widget_class, SalWindow, loading_page);
  gtk_widget_class_bind_template_child (widget_class, SalWindow, profile_bin);
  gtk_widget_class_bind_template_child (widget_class, SalWindow, toast_overlay);
}

static void
sal_window_class_init (SalWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sal_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = sal_window_close_request;

  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "win.open", NULL, open_cb);
  gtk_widget_class_install_action (widget_class, "win.save", NULL, save_cb);
  gtk_widget_class_install_action (widget_class, "win.save-as", NULL, save_as_cb);
  gtk_widget_class_install_action (widget_class, "win.export", NULL, export_cb);
  gtk_widget_class_install_action (widget_class, "win.new", NULL, new_cb);
  gtk_widget_class_install_action (widget_class, "win.stop", NULL, stop_cb);
  gtk_widget_class_install_action (widget_class, "win.record-again", NULL, record_again_cb);
  gtk_widget_class_install_action (widget_class, "win.details", NULL, details_cb);
  gtk_widget_class_install_action (widget_class, "win.cancel-loading", NULL, cancel_loading_cb);
}

static void
sal_window_init (SalWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  GSettings *settings = sal_settings_get ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
  gtk_window_set_default_size (GTK_WINDOW (self),
                               g_settings_get_int (settings, "window-width"),
                               g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  update_actions (self);
}

SalWindow *
sal_window_find_empty (GtkApplication *application, GtkWindow *window)
{
  g_return_val_if_fail (GTK_IS_APPLICATION (application), NULL);

  if (!window)
    window = gtk_application_get_active_window (application);
  while (window && !SAL_IS_WINDOW (window))
    window = gtk_window_get_transient_for (window);
  if (window && is_empty (SAL_WINDOW (window)))
    return SAL_WINDOW (window);
  return sal_window_new (application);
}

SalWindow *
sal_window_new (GtkApplication *application)
{
  SalWindow *self = g_object_new (SAL_TYPE_WINDOW, "application", application, NULL);
  GMenu *menu = gtk_application_get_menu_by_id (application, "window-menu");

  gtk_popover_menu_bar_set_menu_model (self->menu_bar, G_MENU_MODEL (menu));
  return self;
}
