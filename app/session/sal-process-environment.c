/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows the command line and one variable to a folder that says it is an environment. */
#include "sal-process-environment.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sal-proc.h"

#define MAX_ENVIRONMENT_BYTES (128 * 1024)

/* Whether @folder/@name exists, as the process itself sees it. */
static gboolean
has_file (int process, const char *folder, const char *name)
{
  g_autofree char *path = g_strdup_printf ("root%s/%s", folder, name);

  return faccessat (process, path, F_OK, 0) == 0;
}

/* "/home/me/shop/.venv" is "shop/.venv", since every project's is called so. */
static char *
dup_name (const char *folder)
{
  static const char *const usual[] = { ".venv", "venv", "env", ".env", NULL };
  g_autofree char *base = g_path_get_basename (folder);
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autofree char *above = g_path_get_basename (parent);
  g_autofree char *name = NULL;

  if (g_strv_contains (usual, base) && above[0] != '/')
    name = g_build_filename (above, base, NULL);
  else
    name = g_strdup (base);
  return g_utf8_make_valid (name, -1);
}

/* The environment that @program, a path in a bin folder, belongs to; NULL = none. */
static char *
find_around (int process, const char *program)
{
  g_autofree char *cwd = NULL;
  g_autofree char *path = NULL;
  g_autofree char *bin = NULL;
  g_autofree char *folder = NULL;

  if (strchr (program, '/') == NULL)
    return NULL;
  cwd = g_path_is_absolute (program) ? NULL : sal_proc_read_link (process, "cwd");
  path = g_canonicalize_filename (program, cwd != NULL ? cwd : "/");
  bin = g_path_get_dirname (path);
  folder = g_path_get_dirname (bin);
  if (has_file (process, folder, "pyvenv.cfg") || has_file (process, folder, "conda-meta"))
    return dup_name (folder);
  return NULL;
}

/* Whether @folder's bin/@program is the file that the process runs. */
static gboolean
is_run_from (int process, const char *folder, const char *program)
{
  g_autofree char *path = g_strdup_printf ("root%s/bin/%s", folder, program);
  struct stat there;
  struct stat runs;

  return fstatat (process, path, &there, 0) == 0 && fstatat (process, "exe", &runs, 0) == 0 &&
         there.st_dev == runs.st_dev && there.st_ino == runs.st_ino;
}

/* By the variables of an activated environment; only when the program was looked up in PATH. */
static char *
find_activated (int process, const char *program)
{
  gsize length = 0;
  g_autofree char *data = sal_proc_read (process, "environ", MAX_ENVIRONMENT_BYTES, &length);

  for (gsize at = 0; data != NULL && at < length; at += strlen (data + at) + 1)
    {
      const char *folder = NULL;

      if (g_str_has_prefix (data + at, "VIRTUAL_ENV=/"))
        folder = data + at + strlen ("VIRTUAL_ENV=");
      else if (g_str_has_prefix (data + at, "CONDA_PREFIX=/"))
        folder = data + at + strlen ("CONDA_PREFIX=");
      if (folder != NULL && strlen (folder) < 2048 && is_run_from (process, folder, program) &&
          (has_file (process, folder, "pyvenv.cfg") || has_file (process, folder, "conda-meta")))
        return dup_name (folder);
    }
  return NULL;
}

char *
sal_process_environment_find (int folder, const char *const *argv, const char *executable)
{
  char *name = NULL;

  if (argv[0] != NULL)
    name = find_around (folder, argv[0]);
  if (name == NULL && argv[0] != NULL && argv[0][0] != '\0' && strchr (argv[0], '/') == NULL)
    name = find_activated (folder, argv[0]);
  /* A program that has given itself a title, or a tool whose first line names the interpreter. */
  if (name == NULL && argv[0] != NULL && argv[1] != NULL && argv[1][0] != '-')
    name = find_around (folder, argv[1]);
  if (name == NULL)
    name = find_around (folder, executable);
  return name != NULL ? name : g_strdup ("");
}
