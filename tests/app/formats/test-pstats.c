/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The .prof files of every Python here, number by number as its own pstats reads them. */
#include "sal-formats.h"

#include <string.h>

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

static guint32
find_function (SalProfile *profile, GHashTable *ids, JsonObject *row)
{
  g_autofree char *key = g_strdup_printf ("%s\n%s\n%" G_GINT64_FORMAT,
                                          json_object_get_string_member (row, "name"),
                                          json_object_get_string_member (row, "file"),
                                          json_object_get_int_member (row, "line"));
  gpointer id;

  if (!g_hash_table_lookup_extended (ids, key, NULL, &id))
    g_error ("not in the profile: %s", key);
  return GPOINTER_TO_UINT (id);
}

static GHashTable *
index_functions (SalProfile *profile)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint32 i = 0; i < sal_profile_get_n_functions (profile); i++)
    {
      SalFunction function = sal_profile_get_function (profile, i);

      g_hash_table_insert (
          ids, g_strdup_printf ("%s\n%s\n%u", function.name, function.file, function.first_line),
          GUINT_TO_POINTER (i));
    }
  return ids;
}

static const SalCallEdge *
find_edge (SalProfile *profile, guint32 caller, guint32 callee)
{
  const SalCallEdge *edges = sal_profile_get_edges (profile);

  for (guint32 i = 0; i < sal_profile_get_n_edges (profile); i++)
    if (edges[i].caller == caller && edges[i].callee == callee)
      return &edges[i];
  g_error ("no edge from %u to %u", caller, callee);
}

static void
compare_edge (SalProfile *profile, guint32 caller, guint32 callee, JsonObject *row)
{
  const SalCallEdge *edge = find_edge (profile, caller, callee);

  g_assert_cmpint (edge->costs.ncalls, ==, json_object_get_int_member (row, "ncalls"));
  g_assert_cmpint (edge->has_times, ==, json_object_has_member (row, "tottime"));
  if (!edge->has_times)
    return;
  g_assert_cmpint (edge->costs.pcalls, ==, json_object_get_int_member (row, "pcalls"));
  g_assert_cmpfloat (edge->costs.tottime, ==, json_object_get_double_member (row, "tottime"));
  g_assert_cmpfloat (edge->costs.cumtime, ==, json_object_get_double_member (row, "cumtime"));
}

/* Returns the number of edges. */
static guint
compare_function (SalProfile *profile, GHashTable *ids, JsonObject *row)
{
  JsonArray *callers = json_object_get_array_member (row, "callers");
  guint32 function = find_function (profile, ids, row);
  SalCallCosts costs = sal_profile_get_costs (profile, function);

  g_assert_cmpint (costs.pcalls, ==, json_object_get_int_member (row, "pcalls"));
  g_assert_cmpint (costs.ncalls, ==, json_object_get_int_member (row, "ncalls"));
  g_assert_cmpfloat (costs.tottime, ==, json_object_get_double_member (row, "tottime"));
  g_assert_cmpfloat (costs.cumtime, ==, json_object_get_double_member (row, "cumtime"));
  for (guint i = 0; i < json_array_get_length (callers); i++)
    {
      JsonObject *caller = json_array_get_object_element (callers, i);

      compare_edge (profile, find_function (profile, ids, caller), function, caller);
    }
  return json_array_get_length (callers);
}

static void
compare (const char *folder, const char *name)
{
  g_autofree char *prof = g_strdup_printf ("%s/%s.prof", folder, name);
  g_autofree char *json = g_strdup_printf ("%s/%s.json", folder, name);
  g_autoptr (GFile) file = g_file_new_for_path (prof);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GHashTable) ids = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SalProfile) profile = sal_formats_load (file, NULL, &error);
  JsonArray *rows;
  guint n_edges = 0;

  g_assert_no_error (error);
  g_assert_true (json_parser_load_from_file (parser, json, &error));
  rows = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                       "functions");
  ids = index_functions (profile);
  g_assert_cmpuint (json_array_get_length (rows), >, 30);
  g_assert_cmpuint (sal_profile_get_n_functions (profile), ==, json_array_get_length (rows));
  for (guint i = 0; i < json_array_get_length (rows); i++)
    n_edges += compare_function (profile, ids, json_array_get_object_element (rows, i));
  g_assert_cmpuint (sal_profile_get_n_edges (profile), ==, n_edges);
  g_assert_null (sal_profile_get_warnings (profile)[0]);
  g_unlink (prof);
  g_unlink (json);
}

static void
test_python (gconstpointer data)
{
  const char *python = data;
  g_autofree char *folder = g_dir_make_tmp ("salamander-pstats-XXXXXX", NULL);
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "make-prof.py", NULL);
  const char *argv[] = { python, script, folder, NULL };
  g_autofree char *output = NULL;
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_assert_nonnull (folder);
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  names = g_strsplit (g_strchomp (output), "\n", -1);
  g_assert_cmpuint (g_strv_length (names), ==, 4);
  for (guint i = 0; names[i] != NULL; i++)
    compare (folder, names[i]);
  g_rmdir (folder);
}

static gboolean
is_python_3 (const char *python)
{
  const char *argv[] = { python, "-c", "import sys; sys.exit(sys.version_info < (3, 4))", NULL };
  int status = 1;

  return g_spawn_sync (NULL, (char **)argv, NULL,
                       G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                       NULL, &status, NULL) &&
         status == 0;
}

/* The system's Python and those of pyenv. */
static GPtrArray *
find_pythons (void)
{
  GPtrArray *pythons = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_build_filename (g_get_home_dir (), ".pyenv", "versions", NULL);
  g_autoptr (GDir) versions = g_dir_open (folder, 0, NULL);
  const char *name;

  g_ptr_array_add (pythons, g_strdup ("/usr/bin/python3"));
  while (versions != NULL && (name = g_dir_read_name (versions)) != NULL)
    g_ptr_array_add (pythons, g_build_filename (folder, name, "bin", "python3", NULL));
  return pythons;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) pythons = NULL;

  g_test_init (&argc, &argv, NULL);
  pythons = find_pythons ();
  for (guint i = 0; i < pythons->len; i++)
    {
      const char *python = g_ptr_array_index (pythons, i);
      g_autofree char *path = g_strdup_printf ("/formats/pstats%s", python);

      if (is_python_3 (python))
        g_test_add_data_func (path, python, test_python);
      else
        g_test_message ("%s is no Python 3", python);
    }
  return g_test_run ();
}
