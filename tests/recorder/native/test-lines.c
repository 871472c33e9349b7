/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of source lines and inlined functions, from wherever the debugging information was put. */
#include "sal-native-symbols.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "binary.h"
#include "sal-native-name.h"

/* Line by line, so that the numbers below can be read off. */
static const char *const source[] = {
  "static inline __attribute__ ((always_inline)) int innermost (int n)", /* 1 */
  "{",
  "  volatile int twice = 2 * n;",
  "  return twice;",
  "}",
  "static inline __attribute__ ((always_inline)) int inner (int n)", /* 6 */
  "{",
  "  return innermost (n + 1);",
  "}",
  "__attribute__ ((noinline)) int outer (int n)", /* 10 */
  "{",
  "  volatile int sum = 0;",
  "  for (int i = 0; i < n; i++)",
  "    sum += inner (i);",
  "  return sum;",
  "}",
  "int main (int argc, char **argv) { return outer (argc); }",
  NULL,
};

typedef struct
{
  char *folder;
  char *whole; /* with everything in it */
  char *other; /* made of it by the test */
  char *debug;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strjoinv ("\n", (char **)source);
  g_autofree char *path = NULL;

  (void)data;
  fixture->folder = g_dir_make_tmp ("salamander-XXXXXX", NULL);
  fixture->whole = g_build_filename (fixture->folder, "whole", NULL);
  fixture->other = g_build_filename (fixture->folder, "other", NULL);
  fixture->debug = g_build_filename (fixture->folder, "whole.debug", NULL);
  path = g_build_filename (fixture->folder, "a.c", NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  BINARY_RUN ("cc", "-O2", "-g", "-Wl,--build-id", "-o", fixture->whole, path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  BINARY_RUN ("rm", "-r", fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->whole);
  g_free (fixture->other);
  g_free (fixture->debug);
}

/* *@fd is to be closed after the symbols. */
static SalNativeSymbols *
open_symbols (const Fixture *fixture, const char *path, int *fd)
{
  SalNativeSymbols *symbols;

  *fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  g_assert_cmpint (*fd, >=, 0);
  symbols = sal_native_symbols_new (*fd, path, fixture->folder, NULL);
  g_assert_nonnull (symbols);
  return symbols;
}

/* "outer:10:14 > inner:6:8", without folders; "" = nothing known. */
static char *
describe (const SalNativeSymbols *symbols, guint64 address)
{
  SalNativePlace places[SAL_NATIVE_MAX_PLACES];
  gsize n = sal_native_symbols_find_places (symbols, address, places);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *name = sal_native_name_dup_inlined (&places[i]);
      g_autofree char *file = sal_native_name_dup_file (&places[i]);

      g_assert_true (g_str_has_suffix (file, "/a.c"));
      g_string_append_printf (text,
                              "%s%s:%u:%u",
                              i == 0 ? "" : " > ",
                              name,
                              places[i].first_line,
                              places[i].line);
    }
  return g_string_free (text, FALSE);
}

/* All that is told of the instructions of outer(). */
static char *
describe_all (const Fixture *fixture, const char *path)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  int fd;
  SalNativeSymbols *symbols = open_symbols (fixture, path, &fd);
  guint64 address = binary_find (fixture->whole, "outer");
  g_autofree char *outside = describe (symbols, 8);
  g_autoptr (GList) texts = NULL;
  GString *all = g_string_new (NULL);

  g_assert_cmpstr (outside, ==, "");
  for (guint i = 0; i < 256; i++)
    {
      const char *name = sal_native_symbols_find (symbols, address + i);

      if (name != NULL && strcmp (name, "outer") == 0)
        g_hash_table_add (seen, describe (symbols, address + i));
    }
  texts = g_list_sort (g_hash_table_get_keys (seen), (GCompareFunc)strcmp);
  for (GList *at = texts; at != NULL; at = at->next)
    g_string_append_printf (all, "%s\n", (char *)at->data);
  sal_native_symbols_free (symbols);
  close (fd);
  return g_string_free (all, FALSE);
}

/* Where the compiler has put which instruction is its own affair, but not what they belong to. */
static void
expect_all (const Fixture *fixture, const char *path)
{
  g_autofree char *all = describe_all (fixture, path);

  g_test_message ("%s", all);
  g_assert_nonnull (strstr (all, "outer:10:14 > inner:6:8 > innermost:1:3\n"));
  g_assert_nonnull (strstr (all, "outer:10:14 > inner:6:8 > innermost:1:4\n"));
  g_assert_nonnull (strstr (all, "outer:10:15\n"));
}

static void
test_the_file_itself (Fixture *fixture, gconstpointer data)
{
  (void)data;
  expect_all (fixture, fixture->whole);
}

static void
test_packed_sections (Fixture *fixture, gconstpointer data)
{
  (void)data;
  BINARY_RUN ("objcopy", "--compress-debug-sections=zlib", fixture->whole, fixture->other);
  expect_all (fixture, fixture->other);
}

static void
test_a_file_of_its_own (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = g_strconcat ("--add-gnu-debuglink=", fixture->debug, NULL);
  g_autofree char *nothing = NULL;

  (void)data;
  BINARY_RUN ("objcopy", "--only-keep-debug", fixture->whole, fixture->debug);
  BINARY_RUN ("objcopy", "--strip-debug", fixture->whole, fixture->other);
  nothing = describe_all (fixture, fixture->other);
  g_assert_cmpstr (nothing, ==, "\n");
  BINARY_RUN ("objcopy", "--strip-debug", link, fixture->whole, fixture->other);
  expect_all (fixture, fixture->other);
  BINARY_RUN ("objcopy", "--strip-all", link, fixture->whole, fixture->other);
  expect_all (fixture, fixture->other);
}

/* As distributions do: what two files have in common is in a third. */
static void
test_a_shared_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dwz = g_find_program_in_path ("dwz");
  g_autofree char *folder = g_build_filename (fixture->folder, ".dwz", NULL);
  g_autofree char *common = g_build_filename (folder, "common", NULL);
  g_autofree char *text = NULL;

  (void)data;
  if (dwz == NULL)
    {
      g_test_skip ("no dwz here");
      return;
    }
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  BINARY_RUN ("cp", fixture->whole, fixture->other);
  BINARY_RUN ("cp", fixture->whole, fixture->debug);
  BINARY_RUN (dwz, "-m", common, fixture->other, fixture->debug);
  g_assert_true (g_file_test (common, G_FILE_TEST_EXISTS));
  expect_all (fixture, fixture->other);

  /* Of another file nothing is believed. */
  BINARY_RUN ("cp", fixture->whole, common);
  text = describe_all (fixture, fixture->other);
  g_assert_cmpstr (text, ==, "\n");
}

/* What Fedora leaves in a stripped file: its symbols, packed. */
static void
test_packed_symbols (Fixture *fixture, gconstpointer data)
{
  g_autofree char *section = g_strconcat (".gnu_debugdata=", fixture->debug, ".xz", NULL);
  guint64 address = binary_find (fixture->whole, "outer");
  SalNativeSymbols *symbols;
  int fd;

  (void)data;
  BINARY_RUN ("objcopy", "--only-keep-debug", fixture->whole, fixture->debug);
  BINARY_RUN ("objcopy", "--strip-debug", fixture->debug);
  BINARY_RUN ("xz", fixture->debug);
  BINARY_RUN ("objcopy", "--strip-all", "--add-section", section, fixture->whole, fixture->other);
  symbols = open_symbols (fixture, fixture->other, &fd);
  g_assert_cmpstr (sal_native_symbols_find (symbols, address + 1), ==, "outer");
  sal_native_symbols_free (symbols);
  close (fd);
}

/* A file whose bytes are wrong somewhere, anywhere. */
static void
test_damage_is_harmless (Fixture *fixture, gconstpointer data)
{
  guint64 address = binary_find (fixture->whole, "outer");
  g_autofree char *bytes = NULL;
  gsize length;

  (void)data;
  g_assert_true (g_file_get_contents (fixture->whole, &bytes, &length, NULL));
  for (gsize at = 0; at < length; at += 61)
    {
      int fd = memfd_create ("damaged", MFD_CLOEXEC);
      SalNativeSymbols *symbols;
      SalNativePlace places[SAL_NATIVE_MAX_PLACES];

      bytes[at] = (char)~bytes[at];
      g_assert_cmpint (write (fd, bytes, length), ==, (gssize)length);
      bytes[at] = (char)~bytes[at];
      symbols = sal_native_symbols_new (fd, fixture->whole, fixture->folder, NULL);
      for (guint i = 0; symbols != NULL && i < 64; i++)
        {
          sal_native_symbols_find (symbols, address + i);
          sal_native_symbols_find_places (symbols, address + i, places);
        }
      sal_native_symbols_free (symbols);
      close (fd);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/native/lines/the-file-itself", test_the_file_itself },
    { "/native/lines/packed-sections", test_packed_sections },
    { "/native/lines/a-file-of-its-own", test_a_file_of_its_own },
    { "/native/lines/a-shared-file", test_a_shared_file },
    { "/native/lines/packed-symbols", test_packed_symbols },
    { "/native/lines/damage-is-harmless", test_damage_is_harmless },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
