/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading with a sentence for what goes wrong. */
#include "config.h"

#include "sal-terminal-input.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "sal-formats.h"

#include "sal-terminal-print.h"

/* Why @path cannot be opened, NULL = it seems that it can. */
static const char *
find_obstacle (const char *path)
{
  struct stat st;

  if (stat (path, &st) != 0 || access (path, R_OK) != 0)
    return g_strerror (errno);
  return S_ISDIR (st.st_mode) ? _ ("it is a folder") : NULL;
}

SalProfile *
sal_terminal_input_load (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *name = g_filename_display_name (path);
  const char *obstacle = find_obstacle (path);
  g_autoptr (GError) error = NULL;
  SalProfile *profile = NULL;
  const char *const *warnings;

  if (obstacle != NULL)
    {
      /* Translators: the first %s is a file's name, the second the reason */
      sal_terminal_say (_ ("Cannot read “%s”: %s."), name, obstacle);
      return NULL;
    }
  profile = sal_formats_load (file, NULL, &error);
  if (profile == NULL)
    {
      /* Translators: a file's name and a sentence about it */
      sal_terminal_say (_ ("“%s”: %s"), name, error->message);
      return NULL;
    }
  warnings = sal_profile_get_warnings (profile);
  for (guint i = 0; warnings[i] != NULL; i++)
    sal_terminal_say (_ ("Warning about “%s”: %s"), name, warnings[i]);
  return profile;
}
