/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A form over SalLaunch: filled from the last time, checked when Start is pressed. */
#include "config.h"

#include "sal-launch-dialog.h"

#include <glib/gi18n.h>

#include "sal-interpreters.h"

#include "sal-environment-row.h"
#include "sal-file-dialog.h"
#include "sal-message-bar.h"
#include "sal-sampling-group.h"

struct _SalLaunchDialog
{
  AdwWindow parent_instance;

  /* Template children */
  GtkMenuButton *history_button;
  SalMessageBar *message_bar;
  AdwComboRow *kind_row;
  GtkWidget *subject_row;
  GtkWidget *subject_button;
  GtkWidget *arguments_row;
  AdwComboRow *interpreter_row;
  GtkWidget *custom_row;
  GtkWidget *directory_row;
  SalSamplingGroup *sampling_group;
  GtkListBox *environment_list;
  GtkWidget *start_button;

  /* Owned */
  GPtrArray *interpreters; /* of paths, in the order of the rows; "" = another one */
  GCancellable *cancellable;
  GPtrArray *history;
};

G_DEFINE_FINAL_TYPE (SalLaunchDialog, sal_launch_dialog, ADW_TYPE_WINDOW)

enum
{
  SIGNAL_LAUNCHED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const char *
get_text (GtkWidget *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static void
set_text (GtkWidget *row, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (row), text);
}

static const char *
get_interpreter (SalLaunchDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->interpreter_row);
  const char *path = "";

  if (selected < self->interpreters->len)
    path = g_ptr_array_index (self->interpreters, selected);
  return *path ? path : get_text (self->custom_row);
}

/* Chooses the row of @path, or the last one, "another", with @path in its entry. */
static void
set_interpreter (SalLaunchDialog *self, const char *path)
{
  guint row;

  for (row = 0; row < self->interpreters->len; row++)
    {
      if (strcmp (g_ptr_array_index (self->interpreters, row), path) == 0)
        break;
    }
  if (row >= self->interpreters->len)
    {
      set_text (self->custom_row, path);
      row = self->interpreters->len - 1;
    }
  adw_combo_row_set_selected (self->interpreter_row, row);
}

static void
update_kind_cb (SalLaunchDialog *self)
{
  static const char *const titles[] = { N_ ("_Command"), N_ ("_Script File"), N_ ("_Module Name") };
  guint kind = adw_combo_row_get_selected (self->kind_row);
  guint interpreter = adw_combo_row_get_selected (self->interpreter_row);
  gboolean python = kind != SAL_COMMAND_LINE;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->subject_row),
                                 _ (titles[MIN (kind, G_N_ELEMENTS (titles) - 1)]));
  gtk_widget_set_visible (self->subject_button, kind == SAL_COMMAND_LINE_SCRIPT);
  gtk_widget_set_visible (self->arguments_row, python);
  gtk_widget_set_visible (GTK_WIDGET (self->interpreter_row), python);
  gtk_widget_set_visible (self->custom_row,
                          python && self->interpreters &&
                              interpreter + 1 >= self->interpreters->len);
  sal_message_bar_clear (self->message_bar);
}

static void
changed_cb (SalLaunchDialog *self)
{
  sal_message_bar_clear (self->message_bar);
}

static void
add_variable (SalLaunchDialog *self, const char *assignment)
{
  GtkWidget *row = sal_environment_row_new (assignment);

  gtk_list_box_append (self->environment_list, row);
  gtk_widget_show (GTK_WIDGET (self->environment_list));
}

static void
fill (SalLaunchDialog *self, const SalLaunch *launch)
{
  GtkWidget *child;

  adw_combo_row_set_selected (self->kind_row, launch->kind);
  set_text (self->subject_row, launch->subject);
  set_text (self->arguments_row, launch->arguments);
  set_text (self->directory_row, launch->directory);
  if (*launch->interpreter)
    set_interpreter (self, launch->interpreter);
  sal_sampling_group_set (self->sampling_group, &launch->sampling);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->environment_list))))
    gtk_list_box_remove (self->environment_list, child);
  for (guint i = 0; launch->environment[i]; i++)
    add_variable (self, launch->environment[i]);
  gtk_widget_set_visible (GTK_WIDGET (self->environment_list), launch->environment[0] != NULL);
  update_kind_cb (self);
}

static char **
list_environment (SalLaunchDialog *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->environment_list));

  for (; row; row = gtk_widget_get_next_sibling (row))
    {
      g_autofree char *assignment = sal_environment_row_get_assignment (SAL_ENVIRONMENT_ROW (row));

      if (assignment)
        g_strv_builder_add (builder, assignment);
    }
  return g_strv_builder_end (builder);
}

static void
replace (char **place, char *value)
{
  g_free (*place);
  *place = value;
}

static SalLaunch *
read_form (SalLaunchDialog *self)
{
  SalLaunch *launch = sal_launch_new ();

  launch->kind = (SalCommandLineKind)adw_combo_row_get_selected (self->kind_row);
  replace (&launch->subject, g_strstrip (g_strdup (get_text (self->subject_row))));
  replace (&launch->interpreter, g_strstrip (g_strdup (get_interpreter (self))));
  /* A command line has its arguments in it. */
  if (launch->kind != SAL_COMMAND_LINE)
    replace (&launch->arguments, g_strstrip (g_strdup (get_text (self->arguments_row))));
  replace (&launch->directory, g_strstrip (g_strdup (get_text (self->directory_row))));
  g_strfreev (launch->environment);
  launch->environment = list_environment (self);
  launch->sampling = sal_sampling_group_get (self->sampling_group);
  return launch;
}

static void
focus_field (SalLaunchDialog *self, SalLaunchField field)
{
  GtkWidget *widgets[] = {
    [SAL_LAUNCH_FIELD_SUBJECT] = self->subject_row,
    [SAL_LAUNCH_FIELD_INTERPRETER] = gtk_widget_get_visible (self->custom_row)
                                         ? self->custom_row
                                         : GTK_WIDGET (self->interpreter_row),
    [SAL_LAUNCH_FIELD_ARGUMENTS] = self->arguments_row,
    [SAL_LAUNCH_FIELD_DIRECTORY] = self->directory_row,
    [SAL_LAUNCH_FIELD_ENVIRONMENT] = GTK_WIDGET (self->environment_list),
  };

  if (field == SAL_LAUNCH_FIELD_ENVIRONMENT)
    gtk_widget_child_focus (widgets[field], GTK_DIR_TAB_FORWARD);
  else
    gtk_widget_grab_focus (widgets[field]);
}

static void
start_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SalLaunchDialog *self = SAL_LAUNCH_DIALOG (widget);
  g_autoptr (SalLaunch) launch = NULL;
  g_autoptr (SalSessionOptions) options = NULL;
  g_autofree char *sentence = NULL;
  SalLaunchField field;

  launch = read_form (self);
  sentence = sal_launch_check (launch, &field);
  if (sentence)
    {
      sal_message_bar_show (self->message_bar, SAL_MESSAGE_ERROR, sentence);
      focus_field (self, field);
      return;
    }
  sal_launch_history_add (launch);
  sal_sampling_group_save (self->sampling_group);
  options = sal_launch_create_options (launch);
  g_object_ref (self);
  gtk_window_close (GTK_WINDOW (self));
  g_signal_emit (self, signals[SIGNAL_LAUNCHED], 0, options);
  g_object_unref (self);
}

/* The folder that a chooser begins in. */
static GFile *
get_folder (SalLaunchDialog *self)
{
  const char *directory = get_text (self->directory_row);

  return g_file_test (directory, G_FILE_TEST_IS_DIR) ? g_file_new_for_path (directory) : NULL;
}

static void
script_chosen_cb (GFile *file, GtkFileFilter *filter, gpointer data)
{
  SalLaunchDialog *self = SAL_LAUNCH_DIALOG (data);

  set_text (self->subject_row, g_file_peek_path (file));
  if (*get_text (self->directory_row) == '\0')
    {
      g_autofree char *folder = g_path_get_dirname (g_file_peek_path (file));

      set_text (self->directory_row, folder);
    }
}

static void
choose_script_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GFile) folder = get_folder (SAL_LAUNCH_DIALOG (widget));
  g_autoptr (GtkFileFilter) python = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();
  GtkFileFilter *filters[] = { python, all, NULL };

  gtk_file_filter_set_name (python, _ ("Python Programs"));
  gtk_file_filter_add_pattern (python, "*.py");
  gtk_file_filter_add_pattern (python, "*.pyw");
  gtk_file_filter_set_name (all, _ ("All Files"));
  gtk_file_filter_add_pattern (all, "*");
  sal_file_dialog_open (GTK_WINDOW (widget),
                        _ ("Choose a Script"),
                        filters,
                        folder,
                        script_chosen_cb,
                        widget);
}

static void
interpreter_chosen_cb (GFile *file, GtkFileFilter *filter, gpointer data)
{
  set_text (SAL_LAUNCH_DIALOG (data)->custom_row, g_file_peek_path (file));
}

static void
choose_interpreter_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  sal_file_dialog_open (GTK_WINDOW (widget),
                        _ ("Choose an Interpreter"),
                        NULL,
                        NULL,
                        interpreter_chosen_cb,
                        widget);
}

static void
folder_chosen_cb (GFile *file, GtkFileFilter *filter, gpointer data)
{
  set_text (SAL_LAUNCH_DIALOG (data)->directory_row, g_file_peek_path (file));
}

static void
choose_folder_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GFile) folder = get_folder (SAL_LAUNCH_DIALOG (widget));

  sal_file_dialog_select_folder (GTK_WINDOW (widget),
                                 _ ("Choose the Working Folder"),
                                 folder,
                                 folder_chosen_cb,
                                 widget);
}

static void
add_variable_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SalLaunchDialog *self = SAL_LAUNCH_DIALOG (widget);

  add_variable (self, "");
  gtk_widget_child_focus (gtk_widget_get_last_child (GTK_WIDGET (self->environment_list)),
                          GTK_DIR_TAB_FORWARD);
}

static void
use_history_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SalLaunchDialog *self = SAL_LAUNCH_DIALOG (widget);
  guint index = g_variant_get_uint32 (parameter);

  if (index < self->history->len)
    fill (self, g_ptr_array_index (self->history, index));
}

static void
fill_history (SalLaunchDialog *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();

  for (guint i = 0; i < self->history->len; i++)
    {
      g_autofree char *title = sal_launch_get_title (g_ptr_array_index (self->history, i));
      g_auto (GStrv) parts = g_strsplit (title, "_", -1);
      g_autofree char *label = g_strjoinv ("__", parts);
      g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

      g_menu_item_set_action_and_target (item, "launch.use-history", "u", i);
      g_menu_append_item (menu, item);
    }
  gtk_menu_button_set_menu_model (self->history_button, G_MENU_MODEL (menu));
  gtk_widget_set_visible (GTK_WIDGET (self->history_button), self->history->len > 0);
}

/* Makes the rows; @found may be NULL: then there is python3 and another one. */
static void
set_interpreters (SalLaunchDialog *self, GPtrArray *found)
{
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);
  g_autofree char *chosen = self->interpreters ? g_strdup (get_interpreter (self)) : NULL;
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; found && i < found->len; i++)
    {
      const SalInterpreter *interpreter = g_ptr_array_index (found, i);

      gtk_string_list_append (labels, interpreter->label);
      g_ptr_array_add (paths, g_strdup (interpreter->path));
    }
  if (paths->len == 0)
    {
      gtk_string_list_append (labels, "python3");
      g_ptr_array_add (paths, g_strdup ("python3"));
    }
  gtk_string_list_append (labels, _ ("Other…"));
  g_ptr_array_add (paths, g_strdup (""));

  g_clear_pointer (&self->interpreters, g_ptr_array_unref);
  self->interpreters = paths;
  adw_combo_row_set_model (self->interpreter_row, G_LIST_MODEL (labels));
  /* What stood there before the search was only a stand-in unless a person had chosen it. */
  if (chosen && *chosen && strcmp (chosen, "python3") != 0)
    set_interpreter (self, chosen);
  else
    adw_combo_row_set_selected (self->interpreter_row, 0);
  update_kind_cb (self);
}

static void
interpreters_found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = sal_interpreters_find_finish (result, &error);

  /* The dialog is gone when the search was cancelled. */
  if (found)
    set_interpreters (SAL_LAUNCH_DIALOG (data), found);
}

static void
sal_launch_dialog_dispose (GObject *object)
{
  SalLaunchDialog *self = SAL_LAUNCH_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), SAL_TYPE_LAUNCH_DIALOG);
  G_OBJECT_CLASS (sal_launch_dialog_parent_class)->dispose (object);
}

static void
sal_launch_dialog_finalize (GObject *object)
{
  SalLaunchDialog *self = SAL_LAUNCH_DIALOG (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->interpreters, g_ptr_array_unref);
  g_clear_pointer (&self->history, g_ptr_array_unref);
  G_OBJECT_CLASS (sal_launch_dialog_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/org/salamander_profiler/Salamander/window/sal-launch-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, history_button);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, message_bar);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, kind_row);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, subject_row);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, subject_button);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, arguments_row);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, interpreter_row);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, custom_row);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, directory_row);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, sampling_group);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, environment_list);
  gtk_widget_class_bind_template_child (widget_class, SalLaunchDialog, start_button);
  gtk_widget_class_bind_template_callback (widget_class, update_kind_cb);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
}

static void
sal_launch_dialog_class_init (SalLaunchDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sal_launch_dialog_dispose;
  object_class->finalize = sal_launch_dialog_finalize;

  g_type_ensure (SAL_TYPE_MESSAGE_BAR);
  g_type_ensure (SAL_TYPE_SAMPLING_GROUP);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "launch.start", NULL, start_cb);
  gtk_widget_class_install_action (widget_class, "launch.choose-script", NULL, choose_script_cb);
  gtk_widget_class_install_action (widget_class,
                                   "launch.choose-interpreter",
                                   NULL,
                                   choose_interpreter_cb);
  gtk_widget_class_install_action (widget_class, "launch.choose-folder", NULL, choose_folder_cb);
  gtk_widget_class_install_action (widget_class, "launch.add-variable", NULL, add_variable_cb);
  gtk_widget_class_install_action (widget_class, "launch.use-history", "u", use_history_cb);

  signals[SIGNAL_LAUNCHED] = g_signal_new ("launched",
                                           G_TYPE_FROM_CLASS (klass),
                                           G_SIGNAL_RUN_LAST,
                                           0,
                                           NULL,
                                           NULL,
                                           NULL,
                                           G_TYPE_NONE,
                                           1,
                                           G_TYPE_POINTER);
}

static void
sal_launch_dialog_init (SalLaunchDialog *self)
{
  g_autofree char *directory = g_get_current_dir ();
  const char *folder = directory;

  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  self->history = sal_launch_history_list ();
  fill_history (self);
  set_interpreters (self, NULL);
  if (self->history->len > 0)
    {
      const SalLaunch *last = g_ptr_array_index (self->history, 0);

      fill (self, last);
      folder = last->directory;
    }
  else
    {
      g_autoptr (SalLaunch) fresh = sal_launch_new ();

      fresh->sampling = sal_sampling_get_last ();
      fill (self, fresh);
    }
  sal_interpreters_find_async (*folder ? folder : NULL,
                               self->cancellable,
                               interpreters_found_cb,
                               self);
  gtk_widget_grab_focus (self->subject_row);
}

GtkWidget *
sal_launch_dialog_new (GtkWindow *parent)
{
  return g_object_new (SAL_TYPE_LAUNCH_DIALOG, "transient-for", parent, NULL);
}
