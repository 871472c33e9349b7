/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and endings of the formats. */
#include "config.h"

#include "sal-file-types.h"

#include <glib/gi18n.h>

static const struct
{
  SalFormat format;
  const char *name;
  const char *ending;
} types[] = {
  { SAL_FORMAT_SVG, N_ ("Flame Graph Picture (SVG)"), ".svg" },
  { SAL_FORMAT_FOLDED, N_ ("Folded Stacks"), ".folded" },
  { SAL_FORMAT_SPEEDSCOPE, N_ ("Speedscope (JSON)"), ".speedscope.json" },
  { SAL_FORMAT_SALAMANDER, N_ ("Salamander Recording"), ".salamander" },
};

static guint
find_type (SalFormat format)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if (types[i].format == format)
        return i;
    }
  g_return_val_if_reached (0);
}

GtkFileFilter *
sal_file_types_create_filter (SalFormat format)
{
  GtkFileFilter *filter = gtk_file_filter_new ();
  guint type = find_type (format);

  gtk_file_filter_set_name (filter, _ (types[type].name));
  gtk_file_filter_add_suffix (filter, types[type].ending + 1);
  return filter;
}

GtkFileFilter *
sal_file_types_create_open_filter (void)
{
  static const char *const endings[] = {
    "salamander", "prof", "pstats", "pstat", "cprof", "profile"
  };
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Recordings and cProfile Files"));
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    gtk_file_filter_add_suffix (filter, endings[i]);
  return filter;
}

GPtrArray *
sal_file_types_list_filters (SalProfileKind kind)
{
  GPtrArray *filters = g_ptr_array_new_null_terminated (4, g_object_unref, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if (types[i].format != SAL_FORMAT_SALAMANDER && sal_format_can_write (types[i].format, kind))
        g_ptr_array_add (filters, sal_file_types_create_filter (types[i].format));
    }
  return filters;
}

SalFormat
sal_file_types_choose (GFile *file, GtkFileFilter *filter)
{
  g_autofree char *name = g_file_get_basename (file);
  SalFormat format = sal_format_from_path (name);
  const char *chosen = filter ? gtk_file_filter_get_name (filter) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if (types[i].format == format)
        return format;
    }
  for (guint i = 0; chosen && i < G_N_ELEMENTS (types); i++)
    {
      if (strcmp (_ (types[i].name), chosen) == 0)
        return types[i].format;
    }
  return SAL_FORMAT_SVG;
}

GFile *
sal_file_types_add_ending (GFile *file, SalFormat format)
{
  const char *ending = types[find_type (format)].ending;
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *ended = NULL;
  g_autoptr (GFile) folder = g_file_get_parent (file);

  if (g_str_has_suffix (name, ending) || !folder)
    return g_object_ref (file);
  ended = g_strconcat (name, ending, NULL);
  return g_file_get_child (folder, ended);
}

char *
sal_file_types_dup_name (GFile *file)
{
  g_autofree char *base = g_file_get_basename (file);

  return g_filename_display_name (base);
}
