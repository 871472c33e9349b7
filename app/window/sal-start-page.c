/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Offers to record, to open, and the files of last time. */
#include "config.h"

#include "sal-start-page.h"

#include <glib/gi18n.h>

#include "sal-recent.h"

#define SHOWN_FILES 6

struct _SalStartPage
{
  AdwBin parent_instance;

  /* Template children */
  GtkWidget *recent_group;
  GtkListBox *recent_list;
};

G_DEFINE_FINAL_TYPE (SalStartPage, sal_start_page, ADW_TYPE_BIN)

static GtkWidget *
create_row (GtkRecentInfo *info)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");
  g_autofree char *folder = NULL;
  g_autofree char *name = g_markup_escape_text (gtk_recent_info_get_display_name (info), -1);
  g_autofree char *path = gtk_recent_info_get_uri_display (info);

  folder = path ? g_path_get_dirname (path) : g_strdup (gtk_recent_info_get_uri (info));
  g_free (path);
  path = g_markup_escape_text (folder, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), path);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), arrow);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "app.open-recent");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", gtk_recent_info_get_uri (info));
  return row;
}

static void
update_recent_cb (SalStartPage *self)
{
  g_autoptr (GPtrArray) files = sal_recent_list (SHOWN_FILES);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->recent_list))))
    gtk_list_box_remove (self->recent_list, child);
  for (guint i = 0; i < files->len; i++)
    gtk_list_box_append (self->recent_list, create_row (g_ptr_array_index (files, i)));
  gtk_widget_set_visible (self->recent_group, files->len > 0);
}

static void
sal_start_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SAL_TYPE_START_PAGE);
  G_OBJECT_CLASS (sal_start_page_parent_class)->dispose (object);
}

static void
sal_start_page_class_init (SalStartPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sal_start_page_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/org/salamander_profiler/Salamander/window/sal-start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SalStartPage, recent_group);
  gtk_widget_class_bind_template_child (widget_class, SalStartPage, recent_list);
}

static void
sal_start_page_init (SalStartPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (gtk_recent_manager_get_default (),
                           "changed",
                           G_CALLBACK (update_recent_cb),
                           self,
                           G_CONNECT_SWAPPED);
  update_recent_cb (self);
}
