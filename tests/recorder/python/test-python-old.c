/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts that only versions up to 3.10 need and that need no target: line tables, byte strings,
 * layouts. */
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "sal-python-decode.h"
#include "sal-python-layout.h"
#include "sal-python-lines-old.h"

static guint32
find (SalPythonLinesForm form, const char *table, gsize length, gint32 offset)
{
  SalPythonPosition found =
      sal_python_lines_find_old (form, (const guint8 *)table, length, 10, offset);

  g_assert_cmpuint (found.end_line, ==, found.line);
  g_assert_cmpuint (found.column, ==, 0);
  return found.line;
}

static void
test_signed (void)
{
  static const char table[] = { 4, 2, 6, -3, 0, 100, 2, 1 };

  g_assert_cmpuint (find (SAL_PYTHON_LINES_SIGNED, table, 8, 0), ==, 10);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_SIGNED, table, 8, 2), ==, 10);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_SIGNED, table, 8, 4), ==, 12);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_SIGNED, table, 8, 10), ==, 109);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_SIGNED, table, 8, 1000), ==, 110);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_SIGNED, table, 0, 4), ==, 10);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_SIGNED, table, 8, -2), ==, 0);
}

static void
test_unsigned (void)
{
  static const char table[] = { 3, 1, 3, (char)200 };

  g_assert_cmpuint (find (SAL_PYTHON_LINES_UNSIGNED, table, 4, 2), ==, 10);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_UNSIGNED, table, 4, 3), ==, 11);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_UNSIGNED, table, 4, 6), ==, 211);
}

/* The line that a range has is counted from the one before, also over ranges without a line. */
static void
test_ranges (void)
{
  static const char table[] = { 4, 1, 2, -128, 0, 5, 6, -2 };

  g_assert_cmpuint (find (SAL_PYTHON_LINES_RANGES, table, 8, 0), ==, 11);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_RANGES, table, 8, 4), ==, 0);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_RANGES, table, 8, 6), ==, 14);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_RANGES, table, 8, 10), ==, 14);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_RANGES, table, 8, 12), ==, 0);
  g_assert_cmpuint (find (SAL_PYTHON_LINES_RANGES, table, 7, 6), ==, 0);
}

static void
assert_text (const char *bytes, gsize length, const char *expected)
{
  char *found = sal_python_text_from_bytes ((const guint8 *)bytes, length);

  g_assert_cmpstr (found, ==, expected);
  g_assert_true (g_utf8_validate (found, -1, NULL));
  free (found);
}

static void
test_bytes (void)
{
  assert_text ("plain.py", 8, "plain.py");
  assert_text ("gr\xc3\xb6\xc3\x9f"
               "e",
               7, "größe");
  assert_text ("gr\xf6\xdf"
               "e",
               5, "gr\\xf6\\xdfe");
  assert_text ("a\0b", 3, "a\\x00b");
  assert_text ("\xe2\x82", 2, "\\xe2\\x82");
  assert_text ("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");
  assert_text ("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");
  assert_text ("\xf0\x9f\x90\x8d", 4, "🐍");
  assert_text ("", 0, "");
}

static void
test_layouts (void)
{
  const SalPythonLayout *early = sal_python_layout_find_old (0x030703);
  const SalPythonLayout *late = sal_python_layout_find_old (0x030704);

  g_assert_null (sal_python_layout_find_old (0x020612));
  g_assert_null (sal_python_layout_find_old (0x030500));
  g_assert_null (sal_python_layout_find_old (0x030b00));
  g_assert_cmpuint (sal_python_layout_find_old (0x020712)->version, ==, 0x020700);
  g_assert_cmpuint (sal_python_layout_find_old (0x030a0d)->version, ==, 0x030a00);
  g_assert_cmpuint (early->version, ==, late->version);
  g_assert_cmpuint (early->runtime_gil, !=, late->runtime_gil);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/python/old/lines/signed", test_signed);
  g_test_add_func ("/python/old/lines/unsigned", test_unsigned);
  g_test_add_func ("/python/old/lines/ranges", test_ranges);
  g_test_add_func ("/python/old/bytes", test_bytes);
  g_test_add_func ("/python/old/layouts", test_layouts);
  return g_test_run ();
}
