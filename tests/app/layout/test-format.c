/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and functions are written as the header says. */
#include "sal-format.h"

#include <locale.h>
#include <math.h>

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_duration_unit_fits (void)
{
  assert_text (sal_format_duration_ns (0), "0 s");
  assert_text (sal_format_duration_ns (1), "1 ns");
  assert_text (sal_format_duration_ns (999), "999 ns");
  assert_text (sal_format_duration_ns (3200), "3.2 µs");
  assert_text (sal_format_duration_ns (45100000), "45.1 ms");
  assert_text (sal_format_duration_ns (1234000000), "1.23 s");
  assert_text (sal_format_duration_ns (-1234000000), "−1.23 s");
}

static void
test_duration_rounds_into_next_unit (void)
{
  assert_text (sal_format_duration_ns (999499), "999 µs");
  assert_text (sal_format_duration_ns (999500), "1 ms");
  assert_text (sal_format_duration_ns (9994000), "9.99 ms");
  assert_text (sal_format_duration_ns (9996000), "10 ms");
  assert_text (sal_format_duration_ns (59940000000), "59.9 s");
  assert_text (sal_format_duration_ns (59960000000), "1:00 min");
}

static void
test_duration_long (void)
{
  assert_text (sal_format_duration_ns (125 * G_GINT64_CONSTANT (1000000000)), "2:05 min");
  assert_text (sal_format_duration_ns (3725 * G_GINT64_CONSTANT (1000000000)), "1:02:05 h");
  assert_text (sal_format_duration_ns (G_MAXINT64), "2562047:47:17 h");
  assert_text (sal_format_duration_ns (G_MININT64), "−2562047:47:17 h");
}

static void
test_percent_says_whole_only_of_the_whole (void)
{
  assert_text (sal_format_percent (7, 7), "100 %");
  assert_text (sal_format_percent (99999, 100000), ">99 %");
  assert_text (sal_format_percent (99, 100), "99 %");
  assert_text (sal_format_percent (12.4, 100), "12 %");
  assert_text (sal_format_percent (9.96, 100), "10 %");
  assert_text (sal_format_percent (3.44, 100), "3.4 %");
  assert_text (sal_format_percent (0.996, 100), "1.0 %");
  assert_text (sal_format_percent (0.123, 100), "0.12 %");
  assert_text (sal_format_percent (0.009, 100), "<0.01 %");
  assert_text (sal_format_percent (0, 100), "0 %");
  assert_text (sal_format_percent (3, 2), "150 %");
}

static void
test_percent_of_nothing (void)
{
  assert_text (sal_format_percent (0, 0), "–");
  assert_text (sal_format_percent (1, 0), "–");
  assert_text (sal_format_percent (NAN, 1), "–");
}

static void
test_locale_is_followed (void)
{
  if (setlocale (LC_ALL, "de_DE.UTF-8") == NULL)
    {
      g_test_skip ("the locale de_DE.UTF-8 is not installed here");
      return;
    }
  assert_text (sal_format_count (1234567), "1.234.567");
  assert_text (sal_format_duration_ns (1234000000), "1,23 s");
  setlocale (LC_ALL, "");
}

static void
test_count (void)
{
  assert_text (sal_format_count (0), "0");
  assert_text (sal_format_count (999), "999");
}

static void
test_function (void)
{
  assert_text (sal_format_function ("parse", "/a/b/tokenizer.py", 34), "parse (tokenizer.py:34)");
  assert_text (sal_format_function ("parse", "tokenizer.py", 0), "parse (tokenizer.py)");
  assert_text (sal_format_function ("<built-in method time.sleep>", "", 0),
               "<built-in method time.sleep>");
  assert_text (sal_format_function ("f", NULL, 3), "f");
  assert_text (sal_format_function ("libfoo.so+0x12", "/usr/lib/libfoo.so", 0), "libfoo.so+0x12");
  assert_text (sal_format_function ("\u2068libfoo.so+0x12\u2069", "libfoo.so", 0),
               "\u2068libfoo.so+0x12\u2069");
  assert_text (sal_format_function ("libfoo.so", "/usr/lib/libfoo.so", 0), "libfoo.so (libfoo.so)");
  assert_text (sal_format_function ("f", "folder/", 3), "f (folder/:3)");
}

static void
test_function_is_one_line (void)
{
  assert_text (sal_format_function ("a\nb\x01", "c\x7f.py", 1), "a\\nb\\x01 (c\\x7f.py:1)");
}

static void
test_pstats_function (void)
{
  g_autofree char *python = sal_format_pstats_function ("parse", "/a/b.py", 34);
  g_autofree char *builtin = sal_format_pstats_function ("<built-in method time.sleep>", "", 0);
  g_autofree char *bare = sal_format_pstats_function ("append", "", 0);

  g_assert_cmpstr (python, ==, "/a/b.py:34(parse)");
  g_assert_cmpstr (builtin, ==, "{built-in method time.sleep}");
  g_assert_cmpstr (bare, ==, "append");
}

static void
expect_place (const char *file,
              guint32 line,
              const char *library,
              guint64 address,
              const char *expected)
{
  const SalFunction function = { .name = "f",
                                 .file = file,
                                 .first_line = line,
                                 .library = library,
                                 .address = address };
  g_autofree char *text = sal_format_place (&function);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_place (void)
{
  expect_place ("", 0, "", 0, "");
  expect_place ("<stdin>", 1, "", 0, "<stdin>:1");
  expect_place ("/a/b.py", 12, "", 0, "/a/b.py:12");
  expect_place ("/lib/libz.so.1", 0, "/lib/libz.so.1", 0, "/lib/libz.so.1");
  expect_place ("/lib/libz.so.1", 0, "/lib/libz.so.1", 0x5d80, "/lib/libz.so.1+0x5d80");
  expect_place ("inflate.c", 622, "/lib/libz.so.1", 0x5d80,
                "inflate.c:622 · /lib/libz.so.1+0x5d80");
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/format/duration-unit-fits", test_duration_unit_fits);
  g_test_add_func ("/layout/format/duration-rounds-into-next-unit",
                   test_duration_rounds_into_next_unit);
  g_test_add_func ("/layout/format/duration-long", test_duration_long);
  g_test_add_func ("/layout/format/percent-says-whole-only-of-the-whole",
                   test_percent_says_whole_only_of_the_whole);
  g_test_add_func ("/layout/format/percent-of-nothing", test_percent_of_nothing);
  g_test_add_func ("/layout/format/locale-is-followed", test_locale_is_followed);
  g_test_add_func ("/layout/format/count", test_count);
  g_test_add_func ("/layout/format/function", test_function);
  g_test_add_func ("/layout/format/function-is-one-line", test_function_is_one_line);
  g_test_add_func ("/layout/format/pstats-function", test_pstats_function);
  g_test_add_func ("/layout/format/place", test_place);
  return g_test_run ();
}
