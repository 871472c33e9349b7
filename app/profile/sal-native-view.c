/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which functions are native, and which of these are the interpreter's own. */
#include "sal-native-view.h"

#include <string.h>

gboolean
sal_native_view_is_native (SalProfile *profile)
{
  for (guint32 i = 0; i < sal_profile_get_n_functions (profile); i++)
    if (sal_profile_get_function (profile, i).kind == SAL_FUNCTION_NATIVE)
      return TRUE;
  return FALSE;
}

static gboolean
is_interpreter (const char *file)
{
  const char *slash = strrchr (file, '/');
  const char *name = slash != NULL ? slash + 1 : file;

  return g_str_has_prefix (name, "libpython") || g_str_has_prefix (name, "python");
}

/* Names without a symbol: "python3.11+0x4a1b4f". */
static gboolean
is_unnamed (const char *name)
{
  return strstr (name, "+0x") != NULL;
}

gboolean
sal_native_view_is_internal (const SalFunction *function)
{
  static const char *const starters[] = {
    "_start",
    "__libc_start_main",
    "__libc_start_call_main",
    "start_thread",
    "clone",
    "clone3",
    "__clone",
    "__clone3",
  };
  static const char *const machinery[] = {
    "main",
    "Py_BytesMain",
    "Py_Main",
    "Py_RunMain",
    "run_mod",
    "run_eval_code_obj",
    "pythread_wrapper",
    "thread_run",
    "bootstrap_entry",
    "gen_send_ex2",
  };
  static const char *const prefixes[] = {
    "_PyEval_",
    "PyEval_Eval",
    "pymain_",
    "PyRun_",
    "_PyRun_",
    "PyObject_Call",
    "_PyObject_Call",
    "pyrun_",
    "_PyObject_FastCall",
    "_PyObject_MakeTpCall",
    "PyVectorcall_",
    "_PyVectorcall_",
    "cfunction_",
    "method_call",
    "slot_tp_",
    "object_vacall",
    "_PyFunction_Vector",
    "_PyCFunction",
    "PyCFunction_Call",
    "_TAIL_CALL_",
  };

  if (function->kind != SAL_FUNCTION_NATIVE)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (starters); i++)
    if (g_str_equal (function->name, starters[i]))
      return TRUE;
  if (!is_interpreter (function->library))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (machinery); i++)
    if (g_str_equal (function->name, machinery[i]))
      return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (function->name, prefixes[i]))
      return TRUE;
  return strstr (function->name, "ectorcall") != NULL || is_unnamed (function->name);
}
