/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the settings schema: where GLib looks, else beside an uninstalled program. */
#include "config.h"

#include "sal-settings.h"

/* In the build folder the program is in app/window/ and the compiled schema in data/. */
static GSettingsSchema *
find_uninstalled (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *programs = program ? g_path_get_dirname (program) : NULL;
  g_autofree char *data = programs ? g_build_filename (programs, "..", "..", "data", NULL) : NULL;
  g_autoptr (GSettingsSchemaSource) source = NULL;

  if (!data)
    return NULL;
  source = g_settings_schema_source_new_from_directory (data,
                                                        g_settings_schema_source_get_default (),
                                                        FALSE,
                                                        NULL);
  return source ? g_settings_schema_source_lookup (source, SAL_APPLICATION_ID, TRUE) : NULL;
}

static GSettingsSchema *
find_schema (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  GSettingsSchema *schema = NULL;

  if (source)
    schema = g_settings_schema_source_lookup (source, SAL_APPLICATION_ID, TRUE);
  return schema ? schema : find_uninstalled ();
}

gboolean
sal_settings_are_installed (void)
{
  g_autoptr (GSettingsSchema) schema = find_schema ();

  return schema != NULL;
}

GSettings *
sal_settings_get (void)
{
  static GSettings *settings;

  if (!settings)
    {
      g_autoptr (GSettingsSchema) schema = find_schema ();

      g_assert (schema);
      settings = g_settings_new_full (schema, NULL, NULL);
    }
  return settings;
}
