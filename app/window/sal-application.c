/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns command lines, D-Bus calls and application actions into windows. */
#include "config.h"

#include "sal-application.h"

#include <sysexits.h>

#include <glib/gi18n.h>

#include "sal-arguments.h"
#include "sal-menu-names.h"
#include "sal-recent.h"
#include "sal-sampling.h"
#include "sal-window.h"

struct _SalApplication
{
  AdwApplication parent_instance;

  /* Borrowed: the open menu's section that lists recent files */
  GMenu *recent_menu;
};

G_DEFINE_FINAL_TYPE (SalApplication, sal_application, ADW_TYPE_APPLICATION)

static void
open_file (SalApplication *self, GFile *file)
{
  SalWindow *place = sal_window_find_empty (GTK_APPLICATION (self), NULL);

  sal_window_open (place, file);
  gtk_window_present (GTK_WINDOW (place));
}

/* The window that a dialog belongs to, shown. */
static SalWindow *
present_window (SalApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  while (window && !SAL_IS_WINDOW (window))
    window = gtk_window_get_transient_for (window);
  if (!window)
    window = GTK_WINDOW (sal_window_new (GTK_APPLICATION (self)));
  gtk_window_present (window);
  return SAL_WINDOW (window);
}

static void
launch_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sal_window_show_launch_dialog (present_window (SAL_APPLICATION (data)));
}

static void
attach_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  sal_window_show_attach_dialog (present_window (SAL_APPLICATION (data)));
}

static void
open_recent_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));

  open_file (SAL_APPLICATION (data), file);
}

/* Each window asks about what is not saved; the program ends with the last of them. */
static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (data)));

  for (GList *l = windows; l; l = l->next)
    {
      if (SAL_IS_WINDOW (l->data))
        gtk_window_close (GTK_WINDOW (l->data));
    }
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_show_about_window (gtk_application_get_active_window (GTK_APPLICATION (data)),
                         "application-name",
                         "Salamander",
                         "application-icon",
                         SAL_APPLICATION_ID,
                         "version",
                         SAL_VERSION,
                         "comments",
                         _ ("See where a Python program spends its time"),
                         "developer-name",
                         _ ("The Salamander authors"),
                         "license-type",
                         GTK_LICENSE_GPL_3_0,
                         /* Translators: your names, one a line */
                         "translator-credits",
                         _ ("translator-credits"),
                         NULL);
}

/* Made each time: assistive technologies meet windows that are kept hidden, too, and GTK up to 4.18
 * dies of telling where such a one is (gtk/a11y/gtkatspiroot.c, GetChildAtIndex). */
static void
shortcuts_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  static const char resource[] = "/org/salamander_profiler/Salamander/window/shortcuts.ui";
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource (resource);
  GtkWindow *shortcuts = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (shortcuts, gtk_application_get_active_window (data));
  gtk_window_present (shortcuts);
}

static const GActionEntry actions[] = {
  { .name = "launch", .activate = launch_cb },
  { .name = "attach", .activate = attach_cb },
  { .name = "open-recent", .activate = open_recent_cb, .parameter_type = "s" },
  { .name = "quit", .activate = quit_cb },
  { .name = "shortcuts", .activate = shortcuts_cb },
  { .name = "about", .activate = about_cb },
};

static const struct
{
  const char *action;
  const char *keys[4];
} keys[] = {
  { "app.launch", { "<Control>l" } },
  { "app.attach", { "<Control><Shift>l" } },
  { "app.quit", { "<Control>q" } },
  { "win.open", { "<Control>o" } },
  { "win.new", { "<Control>n" } },
  { "win.save", { "<Control>s" } },
  { "win.save-as", { "<Control><Shift>s" } },
  { "win.export", { "<Control>e" } },
  { "window.close", { "<Control>w" } },
  { "win.stop", { "<Control>period" } },
  { "win.record-again", { "<Control>r", "F5" } },
  { "win.details", { "<Alt>Return" } },
  { "app.shortcuts", { "<Control>question", "<Control>slash" } },
  { "page.view::flame", { "<Alt>1" } },
  { "page.view::table", { "<Alt>2" } },
  { "page.show-sidebar", { "F9" } },
  { "page.show-callers", { "F7" } },
  { "page.show-output", { "<Control>F9" } },
  { "page.search", { "<Control>f" } },
  { "page.inverted", { "<Control>i" } },
  { "page.zoom-in", { "<Control>plus", "<Control>equal", "<Control>KP_Add" } },
  { "page.zoom-out", { "<Control>minus", "<Control>KP_Subtract" } },
  { "page.zoom-reset", { "<Control>0", "<Control>KP_0" } },
  { "page.back", { "<Alt>Left", "Back" } },
  { "page.forward", { "<Alt>Right", "Forward" } },
};

static void
update_recent_cb (SalApplication *self)
{
  g_menu_remove_all (self->recent_menu);
  sal_recent_fill_menu (self->recent_menu, "app.open-recent");
}

static void
sal_application_startup (GApplication *application)
{
  SalApplication *self = SAL_APPLICATION (application);

  G_APPLICATION_CLASS (sal_application_parent_class)->startup (application);

  sal_menu_names_watch ();
  gtk_window_set_default_icon_name (SAL_APPLICATION_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action, keys[i].keys);

  self->recent_menu = gtk_application_get_menu_by_id (GTK_APPLICATION (self), "recent");
  g_signal_connect_object (gtk_recent_manager_get_default (),
                           "changed",
                           G_CALLBACK (update_recent_cb),
                           self,
                           G_CONNECT_SWAPPED);
  update_recent_cb (self);
}

static void
sal_application_activate (GApplication *application)
{
  SalApplication *self = SAL_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (!window)
    window = GTK_WINDOW (sal_window_new (GTK_APPLICATION (self)));
  gtk_window_present (window);
}

static void
sal_application_open_files (GApplication *application, GFile **files, int n_files, const char *hint)
{
  for (int i = 0; i < n_files; i++)
    open_file (SAL_APPLICATION (application), files[i]);
}

/* The variables that are different where the command was typed. Those unset there stay as ours. */
static char **
list_environment_changes (GApplicationCommandLine *command_line)
{
  const char *const *theirs = g_application_command_line_get_environ (command_line);
  g_auto (GStrv) ours = g_get_environ ();
  g_autoptr (GStrvBuilder) changes = g_strv_builder_new ();

  for (guint i = 0; theirs && theirs[i]; i++)
    {
      if (!g_strv_contains ((const char *const *)ours, theirs[i]))
        g_strv_builder_add (changes, theirs[i]);
    }
  return g_strv_builder_end (changes);
}

static void
record_arguments (SalApplication *self,
                  SalArguments *arguments,
                  GApplicationCommandLine *command_line)
{
  g_autoptr (SalSessionOptions) options = sal_session_options_new ();
  SalSampling sampling = sal_sampling_get_last ();
  SalWindow *place;

  options->argv = g_strdupv (arguments->command);
  options->directory = g_strdup (g_application_command_line_get_cwd (command_line));
  options->environment = list_environment_changes (command_line);
  sampling.duration_s = arguments->duration_s;
  sampling.subprocesses = arguments->subprocesses;
  sampling.native = arguments->native;
  sampling.blocking = arguments->blocking;
  sal_sampling_apply (&sampling, options);
  if (arguments->rate_hz >= 0)
    options->rate_hz = arguments->rate_hz;
  options->capture_output = TRUE;
  place = sal_window_find_empty (GTK_APPLICATION (self), NULL);
  sal_window_record (place, options);
  gtk_window_present (GTK_WINDOW (place));
}

static int
sal_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  SalApplication *self = SAL_APPLICATION (application);
  g_autoptr (GError) error = NULL;
  g_autoptr (SalArguments) arguments = NULL;
  const char *directory = g_application_command_line_get_cwd (command_line);
  g_auto (GStrv) argv = NULL;
  int argc;

  argv = g_application_command_line_get_arguments (command_line, &argc);
  arguments = sal_arguments_parse (argc, argv, directory, &error);
  if (!arguments)
    {
      g_application_command_line_printerr (command_line, "salamander: %s\n", error->message);
      return EX_USAGE;
    }
  switch (arguments->kind)
    {
    case SAL_ARGUMENTS_RECORD:
      record_arguments (self, arguments, command_line);
      break;
    case SAL_ARGUMENTS_OPEN:
      for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (arguments->files)); i++)
        {
          g_autoptr (GFile) file = g_list_model_get_item (G_LIST_MODEL (arguments->files), i);

          open_file (self, file);
        }
      break;
    case SAL_ARGUMENTS_ACTIVATE:
    case SAL_ARGUMENTS_VERSION:
    case SAL_ARGUMENTS_HELP:
    case SAL_ARGUMENTS_SERVICE:
    default:
      g_application_activate (application);
      break;
    }
  return 0;
}

static void
sal_application_class_init (SalApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = sal_application_startup;
  application_class->activate = sal_application_activate;
  application_class->open = sal_application_open_files;
  application_class->command_line = sal_application_command_line;
}

static void
sal_application_init (SalApplication *self)
{
}

SalApplication *
sal_application_new (void)
{
  return g_object_new (SAL_TYPE_APPLICATION,
                       "application-id",
                       SAL_APPLICATION_ID,
                       "resource-base-path",
                       "/org/salamander_profiler/Salamander",
                       "flags",
                       G_APPLICATION_HANDLES_OPEN | G_APPLICATION_HANDLES_COMMAND_LINE |
                           G_APPLICATION_SEND_ENVIRONMENT,
                       NULL);
}
