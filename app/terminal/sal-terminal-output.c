/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats by name and ending, and a look at the place where a file shall be. */
#include "config.h"

#include "sal-terminal-output.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "sal-terminal-print.h"

SalFormat
sal_terminal_output_find_format (const char *path, const char *name)
{
  SalFormat format;

  if (g_str_equal (path, "-"))
    {
      sal_terminal_usage_error (_ ("“-” is not the standard output here: name a file with -o."));
      return SAL_FORMAT_UNKNOWN;
    }
  if (name != NULL)
    {
      format = sal_format_from_name (name);
      if (format == SAL_FORMAT_UNKNOWN)
        sal_terminal_usage_error (_ ("“%s” is not a format that can be written; choose "
                                     "salamander, svg, folded or speedscope."),
                                  name);
      return format;
    }
  format = sal_format_from_path (path);
  if (format == SAL_FORMAT_PROF)
    format = SAL_FORMAT_UNKNOWN;
  if (format == SAL_FORMAT_UNKNOWN)
    sal_terminal_usage_error (_ ("The ending of “%s” names no format that can be written; use "
                                 ".salamander, .svg, .folded or .speedscope.json, or name one with "
                                 "--format."),
                              path);
  return format;
}

static gboolean
refuse (GError **error, const char *path, const char *why)
{
  g_autofree char *name = g_filename_display_name (path);

  /* Translators: the first %s is a file's name, the second the reason */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("Cannot write “%s”: %s."), name, why);
  return FALSE;
}

gboolean
sal_terminal_output_check (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *probe = g_build_filename (folder, ".salamander-XXXXXX", NULL);
  struct stat st;
  int fd;

  if (path[0] == '\0')
    return refuse (error, path, _ ("the name is empty"));
  if (stat (path, &st) == 0)
    {
      if (S_ISDIR (st.st_mode))
        return refuse (error, path, _ ("it is a folder"));
      if (!S_ISREG (st.st_mode))
        return refuse (error, path, _ ("it is not an ordinary file"));
      if (access (path, W_OK) != 0)
        return refuse (error, path, g_strerror (errno));
    }
  else if (errno != ENOENT)
    {
      return refuse (error, path, g_strerror (errno));
    }
  else if (g_str_has_suffix (path, "/"))
    {
      return refuse (error, path, _ ("it is the name of a folder"));
    }

  /* The file is replaced as a whole, by way of another one beside it. */
  fd = g_mkstemp (probe);
  if (fd == -1)
    return refuse (error, path, g_strerror (errno));
  close (fd);
  g_unlink (probe);
  return TRUE;
}
