/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares the line decoders with what Python says of every instruction of much of the library.
 *
 * SAL_TEST_ALL_POSITIONS in the environment: of the whole library, which takes some minutes. */
#include <string.h>

#include <gio/gio.h>

#include "interpreters.h"
#include "sal-python-lines-old.h"
#include "sal-python-lines.h"

static GPtrArray *interpreters;

static guint32
take (const char **at)
{
  guint32 value;

  memcpy (&value, *at, 4);
  *at += 4;
  return value;
}

static SalPythonPosition
find (const Interpreter *interpreter,
      const guint8 *table,
      guint32 length,
      guint32 first_line,
      guint32 instruction)
{
  int offset = (int)instruction * (interpreter->major == 2 ? 1 : 2);

  if (interpreter->major == 2)
    return sal_python_lines_find_old (SAL_PYTHON_LINES_UNSIGNED, table, length, first_line, offset);
  if (interpreter->minor < 10)
    return sal_python_lines_find_old (SAL_PYTHON_LINES_SIGNED, table, length, first_line, offset);
  if (interpreter->minor == 10)
    return sal_python_lines_find_old (SAL_PYTHON_LINES_RANGES, table, length, first_line, offset);
  return sal_python_lines_find (table, length, first_line, offset);
}

static guint
compare_code (const Interpreter *interpreter, const char **at)
{
  guint32 first_line = take (at);
  guint32 length = take (at);
  guint32 n = take (at);
  const guint8 *table = (const guint8 *)*at;

  *at += length;
  for (guint32 i = 0; i < n; i++)
    {
      SalPythonPosition found = find (interpreter, table, length, first_line, i);

      g_assert_cmpuint (found.line, ==, take (at));
      g_assert_cmpuint (found.end_line, ==, take (at));
      g_assert_cmpuint (found.column, ==, take (at));
      g_assert_cmpuint (found.end_column, ==, take (at));
    }
  return n;
}

static void
test_library (const void *data)
{
  const Interpreter *interpreter = data;
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "positions.py", NULL);
  const char *argv[] = { interpreter->path, script,
                         g_getenv ("SAL_TEST_ALL_POSITIONS") != NULL ? "all" : NULL, NULL };
  g_autoptr (GSubprocess) process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL);
  g_autoptr (GBytes) output = NULL;
  const char *at;
  const char *end;
  gsize length;
  guint n_codes = 0;
  guint n_instructions = 0;

  g_assert_nonnull (process);
  g_assert_true (g_subprocess_communicate (process, NULL, NULL, &output, NULL, NULL));
  g_assert_true (g_subprocess_get_successful (process));
  at = g_bytes_get_data (output, &length);
  end = at + length;
  for (; at < end; n_codes++)
    n_instructions += compare_code (interpreter, &at);
  g_test_message ("%u code objects, %u instructions", n_codes, n_instructions);
  g_assert_cmpuint (n_codes, >, 1000);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  interpreters = interpreters_list ();
  for (guint i = 0; i < interpreters->len; i++)
    {
      const Interpreter *interpreter = interpreters->pdata[i];
      g_autofree char *path = g_strdup_printf ("/python/positions/%s", interpreter->version);

      if (interpreters_is_supported (interpreter))
        g_test_add_data_func (path, interpreter, test_library);
    }
  result = g_test_run ();
  g_ptr_array_unref (interpreters);
  return result;
}
