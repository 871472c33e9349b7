/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading with a sentence for what goes wrong. */
#include "config.h"

#include "sal-terminal-input.h"

#include <glib/gi18n.h>

#include "sal-formats.h"

#include "sal-terminal-print.h"

SalProfile *
sal_terminal_input_load (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GError) error = NULL;
  SalProfile *profile = NULL;
  const char *const *warnings;

  profile = sal_formats_load (file, NULL, &error);
  if (profile == NULL)
    {
      g_autofree char *sentence = sal_formats_describe_error (name, error);

      sal_terminal_say ("%s", sentence);
      return NULL;
    }
  warnings = sal_profile_get_warnings (profile);
  for (guint i = 0; warnings[i] != NULL; i++)
    sal_terminal_say (_ ("Warning about “%s”: %s"), name, warnings[i]);
  return profile;
}
