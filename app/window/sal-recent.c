/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps and lists recent files in GtkRecentManager. */
#include "config.h"

#include "sal-recent.h"

#include <glib/gi18n.h>

#define MENU_ITEMS 10

void
sal_recent_add (GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);
  g_autofree char *exec = g_strdup_printf ("%s %%u", g_get_prgname ());
  GtkRecentData data = {
    .mime_type = g_str_has_suffix (uri, ".salamander") ? (char *)"application/x-salamander"
                                                       : (char *)"application/x-python-profile",
    .app_name = (char *)g_get_application_name (),
    .app_exec = exec,
  };

  gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &data);
}

static int
compare_latest_first (gconstpointer a, gconstpointer b)
{
  GtkRecentInfo *const *left = a;
  GtkRecentInfo *const *right = b;

  return g_date_time_compare (gtk_recent_info_get_modified (*right),
                              gtk_recent_info_get_modified (*left));
}

GPtrArray *
sal_recent_list (guint most)
{
  GList *items = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());
  GPtrArray *ours = g_ptr_array_new_with_free_func ((GDestroyNotify)gtk_recent_info_unref);

  for (GList *l = items; l; l = l->next)
    {
      if (gtk_recent_info_has_application (l->data, g_get_application_name ()) &&
          gtk_recent_info_exists (l->data))
        g_ptr_array_add (ours, gtk_recent_info_ref (l->data));
    }
  g_list_free_full (items, (GDestroyNotify)gtk_recent_info_unref);
  g_ptr_array_sort (ours, compare_latest_first);
  if (ours->len > most)
    g_ptr_array_set_size (ours, (int)most);
  return ours;
}

void
sal_recent_fill_menu (GMenu *menu, const char *action)
{
  g_autoptr (GPtrArray) files = sal_recent_list (MENU_ITEMS);
  g_autoptr (GMenu) submenu = g_menu_new ();

  for (guint i = 0; i < files->len; i++)
    {
      GtkRecentInfo *info = g_ptr_array_index (files, i);
      g_autoptr (GMenuItem) item = NULL;
      g_auto (GStrv) parts = g_strsplit (gtk_recent_info_get_display_name (info), "_", -1);
      g_autofree char *label = g_strjoinv ("__", parts); /* no mnemonics in file names */

      item = g_menu_item_new (label, NULL);
      g_menu_item_set_action_and_target (item, action, "s", gtk_recent_info_get_uri (info));
      g_menu_append_item (submenu, item);
    }
  if (files->len > 0)
    g_menu_append_submenu (menu, _ ("Open _Recent"), G_MENU_MODEL (submenu));
}
