/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Python extensions that the tests build for themselves. */
#include "extension.h"

#include "binary.h"
#include "recording.h"

#define DEBIAN "/usr/bin/python3"

char *
extension_ask (const char *python, const char *code)
{
  const char *argv[] = { python, "-c", code, NULL };
  char *out = NULL;

  g_assert_true (
      g_spawn_sync (NULL, (char **)argv, NULL, 0, NULL, NULL, &out, NULL, NULL, NULL));
  return g_strstrip (out);
}

/* "steps" of "/srv/steps.c". */
static char *
dup_module (const char *source)
{
  char *name = g_path_get_basename (source);

  *strrchr (name, '.') = '\0';
  return name;
}

char *
extension_build (const char *python, const char *source, const char *const *options)
{
  g_autofree char *include =
      extension_ask (python, "import sysconfig; print (sysconfig.get_paths ()['include'])");
  g_autofree char *header = g_build_filename (include, "Python.h", NULL);
  g_autofree char *include_option = g_strconcat ("-I", include, NULL);
  g_autofree char *path = g_path_is_absolute (source) ? g_strdup (source) : target_path (source);
  g_autofree char *folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  g_autofree char *module = dup_module (source);
  g_autofree char *object = g_strdup_printf ("%s/%s.so", folder, module);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  if (!g_file_test (header, G_FILE_TEST_EXISTS))
    {
      g_autofree char *reason = g_strdup_printf ("no %s here", header);

      extension_remove (folder);
      g_test_skip (reason);
      return NULL;
    }
  g_ptr_array_add (argv, (char *)(g_str_has_suffix (source, ".cc") ? "g++" : "cc"));
  for (gsize i = 0; options[i] != NULL; i++)
    g_ptr_array_add (argv, (char *)options[i]);
  g_ptr_array_add (argv, (char *)"-shared");
  g_ptr_array_add (argv, (char *)"-fPIC");
  g_ptr_array_add (argv, include_option);
  g_ptr_array_add (argv, (char *)"-o");
  g_ptr_array_add (argv, object);
  g_ptr_array_add (argv, path);
  g_ptr_array_add (argv, NULL);
  g_assert_true (binary_run ((const char *const *)argv->pdata));
  return g_steal_pointer (&folder);
}

void
extension_remove (const char *folder)
{
  g_assert_true (binary_run (WORDS ("rm", "-r", folder)));
}

char *
extension_find_debian (const char *module)
{
  g_autofree char *code = g_strconcat ("import ", module, NULL);
  g_autofree char *reason = g_strdup_printf ("no " DEBIAN " with %s here", module);

  if (g_file_test (DEBIAN, G_FILE_TEST_IS_EXECUTABLE) && binary_run (WORDS (DEBIAN, "-c", code)))
    return g_strdup (DEBIAN);
  g_test_skip (reason);
  return NULL;
}
