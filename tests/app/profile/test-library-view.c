/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of libraries in the place of functions. */
#include "sal-library-view.h"

#include "sal-function-table.h"

#include "profile-maker.h"

#define JSON "%/usr/lib/python3.12/json/decoder.py"
#define YAML "%/srv/lib/python3.12/site-packages/yaml/loader.py"

static void
expect_row (SalFunctionTable *table, const char *name, guint64 self_ns, guint64 total_ns)
{
  SalProfile *profile = sal_function_table_get_profile (table);
  const SalFunctionRow *row = sal_function_table_find (table, profile_maker_find (profile, name));

  g_test_message ("%s", name);
  g_assert_nonnull (row);
  g_assert_cmpuint (row->self_ns, ==, self_ns);
  g_assert_cmpuint (row->total_ns, ==, total_ns);
}

/* A library that calls itself, at once or through another, counts once. */
static void
test_sums (void)
{
  g_autoptr (ProfileMaker) maker = profile_maker_new (1);
  g_autoptr (SalProfile) functions = NULL;
  g_autoptr (SalProfile) libraries = NULL;
  g_autoptr (SalFunctionTable) table = NULL;

  profile_maker_add (maker, 0, 1, 0, 1, "main;load" YAML ";scan" YAML ";deflate@/lib/libz.so.1");
  profile_maker_add (maker, 0, 3, 0, 2, "main;load" YAML ";hook;scan" YAML);
  profile_maker_add (maker, 0, 7, 0, 4, "main;loads" JSON ";inflate@/lib/libz.so.1>copy");
  profile_maker_add (maker, 0, 15, 0, 8, "main;<native frames missing>");
  profile_maker_add (maker, 0, 31, 0, 16, "");
  functions = profile_maker_take (maker);
  libraries = sal_library_view_new (functions);
  table = sal_function_table_new (libraries, NULL, NULL);
  g_assert_cmpuint (sal_function_table_get_n_rows (table), ==, 5);
  g_assert_cmpuint (sal_function_table_get_total_ns (table), ==, 15);
  expect_row (table, "Program", 0, 15);
  expect_row (table, "yaml", 2, 3);
  expect_row (table, "libz.so.1", 5, 5);
  expect_row (table, "Standard library", 0, 4);
  expect_row (table, "<native frames missing>", 8, 8);
}

/* The view and what was made of it live as long as they are used. */
static void
test_outlives_its_profile (void)
{
  SalProfile *functions = profile_maker_random (3, 200);
  SalProfile *libraries = sal_library_view_new (functions);
  g_autoptr (SalProfile) again = NULL;

  sal_profile_unref (functions);
  again = sal_library_view_new (libraries);
  sal_profile_unref (libraries);
  g_assert_cmpuint (sal_profile_get_n_functions (again), ==, 1);
  g_assert_cmpstr (sal_profile_get_function (again, 0).name, ==, "Program");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/library-view/sums", test_sums);
  g_test_add_func ("/profile/library-view/outlives-its-profile", test_outlives_its_profile);
  return g_test_run ();
}
