/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of whose code a function is. */
#include "sal-origin.h"

#define VENV "/srv/venv/lib/python3.11/site-packages/"

static void
expect (const SalFunction *function, SalOrigin origin, gboolean is_library, const char *library)
{
  g_autofree char *name = sal_origin_dup_library (function);

  g_test_message ("%s in %s", function->name,
                  *function->library != '\0' ? function->library : function->file);
  g_assert_cmpint (sal_origin_find (function), ==, origin);
  g_assert_cmpint (sal_origin_is_library_code (function), ==, is_library);
  g_assert_cmpstr (name, ==, library);
}

static void
test_python (void)
{
  static const struct
  {
    const char *file;
    SalOrigin origin;
    const char *library;
  } cases[] = {
    { "/srv/app/main.py", SAL_ORIGIN_PROGRAM, "Program" },
    { "<stdin>", SAL_ORIGIN_PROGRAM, "Program" },
    { "", SAL_ORIGIN_PROGRAM, "Program" },
    { "/srv/python3.11/main.py", SAL_ORIGIN_PROGRAM, "Program" },
    { "/srv/lib/pythonic/main.py", SAL_ORIGIN_PROGRAM, "Program" },
    { "/srv/my-site-packages/main.py", SAL_ORIGIN_PROGRAM, "Program" },
    { "/usr/lib/python3.11/json/decoder.py", SAL_ORIGIN_STANDARD, "Standard library" },
    { "/usr/lib64/python3.9/re.py", SAL_ORIGIN_STANDARD, "Standard library" },
    { "/home/a/.pyenv/versions/2.7.18/lib/python2.7/re.py", SAL_ORIGIN_STANDARD,
      "Standard library" },
    { "/opt/lib/python3.13t/re/__init__.py", SAL_ORIGIN_STANDARD, "Standard library" },
    { "/usr/lib/python311.zip/re.py", SAL_ORIGIN_STANDARD, "Standard library" },
    { "C:\\Python311\\Lib\\re.py", SAL_ORIGIN_STANDARD, "Standard library" },
    { "<frozen importlib._bootstrap>", SAL_ORIGIN_STANDARD, "Standard library" },
    { VENV "numpy/core/fromnumeric.py", SAL_ORIGIN_PACKAGE, "numpy" },
    { "<__array_function__ internals>", SAL_ORIGIN_PACKAGE, "numpy" },
    { VENV "six.py", SAL_ORIGIN_PACKAGE, "six" },
    { "/usr/lib/python3/dist-packages/yaml/loader.py", SAL_ORIGIN_PACKAGE, "yaml" },
    { "C:\\Python311\\Lib\\site-packages\\yaml\\loader.py", SAL_ORIGIN_PACKAGE, "yaml" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SalFunction function = { .name = "main", .file = cases[i].file, .library = "" };

      expect (&function, cases[i].origin, cases[i].origin != SAL_ORIGIN_PROGRAM, cases[i].library);
    }
}

/* The machinery of Python is what lies in its own library; a program may use such names as well. */
static void
test_native (void)
{
  static const struct
  {
    const char *name;
    const char *path;
    SalOrigin origin;
    gboolean is_library;
    const char *library;
  } cases[] = {
    { "_PyEval_EvalFrameDefault", "/usr/lib/libpython3.11.so.1.0", SAL_ORIGIN_INTERPRETER, TRUE,
      "libpython3.11.so.1.0" },
    { "list_vectorcall", "/usr/bin/python3.11", SAL_ORIGIN_INTERPRETER, TRUE, "python3.11" },
    { "method_vectorcall_FASTCALL", "/usr/bin/python", SAL_ORIGIN_INTERPRETER, TRUE, "python" },
    { "python3.11+0x4a1b4f", "/usr/bin/python3.11", SAL_ORIGIN_INTERPRETER, TRUE, "python3.11" },
    { "main", "/usr/bin/python3.11", SAL_ORIGIN_INTERPRETER, TRUE, "python3.11" },
    { "list_sort", "/usr/bin/python3.11", SAL_ORIGIN_STANDARD, TRUE, "python3.11" },
    { "main", "/srv/embedder", SAL_ORIGIN_EXTENSION, FALSE, "embedder" },
    { "_start", "/srv/embedder", SAL_ORIGIN_INTERPRETER, TRUE, "embedder" },
    { "my_vectorcall", "/srv/my.so", SAL_ORIGIN_EXTENSION, FALSE, "my.so" },
    { "clone", "/srv/my.so", SAL_ORIGIN_EXTENSION, FALSE, "my.so" },
    { "my.so+0x10", "/srv/my.so", SAL_ORIGIN_EXTENSION, FALSE, "my.so" },
    { "f", "/srv/pythonic.so", SAL_ORIGIN_EXTENSION, FALSE, "pythonic.so" },
    { "f", "/usr/lib/my.cpython-311-x86_64-linux-gnu.so", SAL_ORIGIN_EXTENSION, FALSE,
      "my.cpython-311-x86_64-linux-gnu.so" },
    { "start_thread", "/usr/lib/libc.so.6", SAL_ORIGIN_INTERPRETER, TRUE, "libc.so.6" },
    { "__libc_start_call_main", "/lib/libc-2.31.so", SAL_ORIGIN_INTERPRETER, TRUE,
      "libc-2.31.so" },
    { "start_thread", "/lib/libpthread.so.0", SAL_ORIGIN_INTERPRETER, TRUE, "libpthread.so.0" },
    { "memcpy", "/usr/lib/libc.so.6", SAL_ORIGIN_LIBRARY, TRUE, "libc.so.6" },
    { "deflate", "/usr/lib/x86_64-linux-gnu/libz.so.1.2.13", SAL_ORIGIN_LIBRARY, TRUE,
      "libz.so.1.2.13" },
    { "scan", "/usr/lib/python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so",
      SAL_ORIGIN_STANDARD, TRUE, "_json.cpython-311-x86_64-linux-gnu.so" },
    { "dot", VENV "numpy/core/_multiarray.so", SAL_ORIGIN_EXTENSION, TRUE, "_multiarray.so" },
    { "dgemm", VENV "numpy.libs/libopenblas64.so", SAL_ORIGIN_LIBRARY, TRUE, "libopenblas64.so" },
    { "clock_gettime", "[vdso]", SAL_ORIGIN_KERNEL, TRUE, "[vdso]" },
    { "<anonymous code>", "", SAL_ORIGIN_LIBRARY, TRUE, "Native libraries" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SalFunction function = { .name = cases[i].name,
                               .file = "",
                               .library = cases[i].path,
                               .kind = SAL_FUNCTION_NATIVE };

      expect (&function, cases[i].origin, cases[i].is_library, cases[i].library);
    }
}

static void
test_others (void)
{
  const SalFunction builtin = { .name = "<built-in method time.sleep>",
                                .file = "",
                                .library = "",
                                .kind = SAL_FUNCTION_BUILTIN };
  const SalFunction mark = { .name = "<truncated>",
                             .file = "",
                             .library = "",
                             .kind = SAL_FUNCTION_MARK };

  const SalFunction task = { .name = "Task (f)",
                             .file = "",
                             .library = "",
                             .kind = SAL_FUNCTION_TASK };

  expect (&task, SAL_ORIGIN_TASK, FALSE, "");
  expect (&builtin, SAL_ORIGIN_STANDARD, TRUE, "Standard library");
  expect (&mark, SAL_ORIGIN_MARK, FALSE, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/origin/python", test_python);
  g_test_add_func ("/profile/origin/native", test_native);
  g_test_add_func ("/profile/origin/others", test_others);
  return g_test_run ();
}
