/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells by names and paths whose code a function is. */
#include "sal-origin.h"

#include <string.h>

#include <glib/gi18n.h>

/* Which libraries a rule is about. */
typedef enum
{
  IN_ANY,
  IN_PYTHON, /* libpython, or the python executable where that holds it */
  IN_LIBC,
} Place;

/* The machinery: what stands between two functions of a program in each of its native stacks.
 * A pattern is a whole name, or its beginning ("PyEval_*"), or a part of it ("*vectorcall*").
 * Source: CPython 2.7 and 3.6 – 3.15, Python/ceval.c, Python/pythonrun.c, Modules/main.c,
 * Objects/call.c, Objects/descrobject.c, Objects/methodobject.c, Objects/typeobject.c,
 * Modules/_threadmodule.c; glibc 2.36, csu/libc-start.c, nptl/pthread_create.c. */
static const struct
{
  Place place;
  const char *pattern;
} machinery[] = {
  /* the evaluation loop */
  { IN_PYTHON, "_PyEval_*" },
  { IN_PYTHON, "PyEval_Eval*" },
  { IN_PYTHON, "_TAIL_CALL_*" },
  { IN_PYTHON, "gen_send_ex*" },
  { IN_PYTHON, "run_mod" },
  { IN_PYTHON, "run_eval_code_obj" },
  /* from there to a function */
  { IN_PYTHON, "*ectorcall*" },
  { IN_PYTHON, "PyObject_Call*" },
  { IN_PYTHON, "_PyObject_Call*" },
  { IN_PYTHON, "_PyObject_FastCall*" },
  { IN_PYTHON, "_PyObject_MakeTpCall" },
  { IN_PYTHON, "_PyFunction_*" },
  { IN_PYTHON, "_PyCFunction*" },
  { IN_PYTHON, "_PyMethodDef_RawFastCall*" },
  { IN_PYTHON, "PyCFunction_Call*" },
  { IN_PYTHON, "cfunction_*" },
  { IN_PYTHON, "method_call" },
  { IN_PYTHON, "type_call" },
  { IN_PYTHON, "methoddescr_call" },
  { IN_PYTHON, "classmethoddescr_call" },
  { IN_PYTHON, "wrapper_call" },
  { IN_PYTHON, "wrapperdescr_*" },
  { IN_PYTHON, "wrap_*" },
  { IN_PYTHON, "slot_*" },
  { IN_PYTHON, "object_vacall" },
  { IN_PYTHON, "call_function" },
  { IN_PYTHON, "call_method" },
  { IN_PYTHON, "call_unbound*" },
  { IN_PYTHON, "do_call_core" },
  { IN_PYTHON, "fast_function" },
  { IN_PYTHON, "function_call" },
  { IN_PYTHON, "function_code_fastcall" },
  { IN_PYTHON, "instancemethod_call" },
  /* how programs and threads start */
  { IN_PYTHON, "main" },
  { IN_PYTHON, "Py_BytesMain" },
  { IN_PYTHON, "Py_Main" },
  { IN_PYTHON, "Py_RunMain" },
  { IN_PYTHON, "pymain_*" },
  { IN_PYTHON, "PyRun_*" },
  { IN_PYTHON, "_PyRun_*" },
  { IN_PYTHON, "pyrun_*" },
  { IN_PYTHON, "pythread_wrapper" },
  { IN_PYTHON, "thread_run" },
  { IN_PYTHON, "bootstrap_entry" },
  { IN_PYTHON, "t_bootstrap" },
  { IN_LIBC, "__libc_start*" },
  { IN_LIBC, "start_thread" },
  { IN_LIBC, "clone" },
  { IN_LIBC, "clone3" },
  { IN_LIBC, "__clone" },
  { IN_LIBC, "__clone3" },
  { IN_ANY, "_start" },
  /* functions without a symbol, "python3.11+0x4a1b4f": of a stripped interpreter nothing is left to
   * tell them apart by */
  { IN_PYTHON, "*+0x*" },
};

static const char *
get_base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* "python3.11", "libpython3.11.so.1.0". */
static gboolean
is_python (const char *base_name)
{
  if (g_str_has_prefix (base_name, "lib"))
    base_name += 3;
  return g_str_has_prefix (base_name, "python") &&
         (base_name[6] == '\0' || g_ascii_isdigit (base_name[6]));
}

static gboolean
is_libc (const char *base_name)
{
  static const char *const names[] = { "libc.so", "libc-", "libpthread", "libc.musl", "ld-musl" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (base_name, names[i]))
      return TRUE;
  return FALSE;
}

static gboolean
fits_pattern (const char *name, const char *pattern)
{
  gsize length = strlen (pattern);

  if (pattern[length - 1] != '*')
    return strcmp (name, pattern) == 0;
  if (pattern[0] == '*')
    return memmem (name, strlen (name), pattern + 1, length - 2) != NULL;
  return strncmp (name, pattern, length - 1) == 0;
}

static gboolean
is_machinery (const char *name, const char *library)
{
  const char *base_name = get_base_name (library);
  gboolean in_python = is_python (base_name);
  gboolean in_libc = is_libc (base_name);

  for (guint i = 0; i < G_N_ELEMENTS (machinery); i++)
    if ((machinery[i].place == IN_ANY || (machinery[i].place == IN_PYTHON && in_python) ||
         (machinery[i].place == IN_LIBC && in_libc)) &&
        fits_pattern (name, machinery[i].pattern))
      return TRUE;
  return FALSE;
}

/* What follows the last folder of installed packages in @path: "numpy/core/fromnumeric.py", or
 * NULL. Files of Windows have other strokes. */
static const char *
find_in_packages (const char *path)
{
  static const char *const folders[] = { "site-packages", "dist-packages" };
  const char *found = NULL;

  /* The file name of functions that numpy 1.17 – 1.24 compiles at run time: numpy/core/overrides.py
   */
  if (g_str_equal (path, "<__array_function__ internals>"))
    return "numpy";
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    for (const char *at = strstr (path, folders[i]); at != NULL; at = strstr (at, folders[i]))
      {
        gboolean is_start = at == path || at[-1] == '/' || at[-1] == '\\';

        at += strlen (folders[i]);
        if (is_start && (*at == '/' || *at == '\\') && (found == NULL || at > found))
          found = at + 1;
      }
  return found;
}

static gboolean
is_stroke (char c)
{
  return c == '/' || c == '\\';
}

/* The length of "python3.11", "Python311", "python3" or "python3.13t" at the start of @text when it
 * is a whole folder's name; else 0. */
static gsize
measure_version (const char *text)
{
  gsize length = 6;

  if (g_ascii_strncasecmp (text, "python", 6) != 0 || !g_ascii_isdigit (text[length]))
    return 0;
  while (g_ascii_isdigit (text[length]) || text[length] == '.')
    length++;
  length += text[length] == 't' || text[length] == 'd' ? 1 : 0;
  return is_stroke (text[length]) ? length : 0;
}

/* Where Python's own library lies: "/usr/lib/python3.11/json/decoder.py",
 * "C:\Python311\Lib\json\decoder.py", "/usr/lib/python311.zip/json/decoder.py". */
static gboolean
is_standard (const char *path)
{
  if (g_str_has_prefix (path, "<frozen "))
    return TRUE;
  for (const char *at = path; *at != '\0'; at++)
    {
      gsize length;

      if (at != path && !is_stroke (at[-1]))
        continue;
      length = measure_version (at);
      if (length > 0 && g_ascii_strncasecmp (at + length + 1, "lib\\", 4) == 0)
        return TRUE;
      if (length > 0 && at - path >= 4 &&
          (g_ascii_strncasecmp (at - 4, "lib/", 4) == 0 ||
           (at - path >= 6 && memcmp (at - 6, "lib64/", 6) == 0)))
        return TRUE;
      if (strncmp (at, "python", 6) == 0 && g_ascii_isdigit (at[6]) &&
          strncmp (at + strcspn (at, "./\\"), ".zip/", 5) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Whether a shared object is an extension module rather than a library: by what Python calls such
 * files, else since libraries are called "lib…" or lie where the system keeps them. */
static gboolean
is_extension (const char *path)
{
  const char *base_name = get_base_name (path);

  if (strstr (base_name, ".cpython-") != NULL || strstr (base_name, ".abi3.") != NULL)
    return TRUE;
  if (*path == '\0' || g_str_has_prefix (base_name, "lib") || g_str_has_prefix (base_name, "ld-"))
    return FALSE;
  return find_in_packages (path) != NULL ||
         !(g_str_has_prefix (path, "/usr/lib") || g_str_has_prefix (path, "/lib"));
}

static SalOrigin
find_native (const SalFunction *function)
{
  const char *library = function->library;

  if (is_machinery (function->name, library))
    return SAL_ORIGIN_INTERPRETER;
  if (library[0] == '[')
    return SAL_ORIGIN_KERNEL;
  if (is_python (get_base_name (library)) ||
      (find_in_packages (library) == NULL && is_standard (library)))
    return SAL_ORIGIN_STANDARD;
  return is_extension (library) ? SAL_ORIGIN_EXTENSION : SAL_ORIGIN_LIBRARY;
}

SalOrigin
sal_origin_find (const SalFunction *function)
{
  switch (function->kind)
    {
    case SAL_FUNCTION_NATIVE:
      return find_native (function);
    case SAL_FUNCTION_MARK:
      return SAL_ORIGIN_MARK;
    case SAL_FUNCTION_TASK:
      return SAL_ORIGIN_TASK;
    case SAL_FUNCTION_BUILTIN:
      return SAL_ORIGIN_STANDARD;
    case SAL_FUNCTION_PYTHON:
    default:
      if (find_in_packages (function->file) != NULL)
        return SAL_ORIGIN_PACKAGE;
      return is_standard (function->file) ? SAL_ORIGIN_STANDARD : SAL_ORIGIN_PROGRAM;
    }
}

const char *
sal_origin_get_title (SalOrigin origin)
{
  static const char *const titles[SAL_N_ORIGINS] = {
    [SAL_ORIGIN_PROGRAM] = N_ ("Program"),
    [SAL_ORIGIN_PACKAGE] = N_ ("Python packages"),
    [SAL_ORIGIN_STANDARD] = N_ ("Standard library"),
    [SAL_ORIGIN_EXTENSION] = N_ ("Extension modules"),
    [SAL_ORIGIN_LIBRARY] = N_ ("Native libraries"),
    [SAL_ORIGIN_KERNEL] = N_ ("Kernel"),
    [SAL_ORIGIN_INTERPRETER] = N_ ("Interpreter"),
    [SAL_ORIGIN_TASK] = N_ ("Tasks"),
    [SAL_ORIGIN_MARK] = N_ ("Not a function"),
  };

  g_return_val_if_fail (origin < SAL_N_ORIGINS, NULL);
  return _ (titles[origin]);
}

gboolean
sal_origin_is_library_code (const SalFunction *function)
{
  SalOrigin origin = sal_origin_find (function);

  if (origin == SAL_ORIGIN_EXTENSION)
    return find_in_packages (function->library) != NULL;
  return origin != SAL_ORIGIN_PROGRAM && origin != SAL_ORIGIN_TASK && origin != SAL_ORIGIN_MARK;
}

/* The package that a path behind its folder begins with: "numpy", "six". */
static char *
dup_package (const char *path)
{
  gsize length = strcspn (path, "/\\");

  if (length > 3 && strcmp (path + length - 3, ".py") == 0)
    length -= 3;
  return g_strndup (path, length);
}

char *
sal_origin_dup_library (const SalFunction *function)
{
  SalOrigin origin = sal_origin_find (function);
  const char *library = function->library;

  if (origin == SAL_ORIGIN_MARK || origin == SAL_ORIGIN_TASK)
    return g_strdup ("");
  if (origin == SAL_ORIGIN_PACKAGE)
    return dup_package (find_in_packages (function->file));
  if (function->kind == SAL_FUNCTION_NATIVE && *library != '\0')
    return g_strdup (get_base_name (library));
  return g_strdup (sal_origin_get_title (origin));
}
