/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the native frames of a recording is shown. */
#include "sal-native-view.h"

#include <string.h>

#include "sal-profile-private.h"

/* The recorder's mark of a place where native frames are not known. */
#define SEAM "<native frames missing>"

/* What a function is to a view. */
enum
{
  ROLE_SHOWN,
  ROLE_NATIVE,
  ROLE_HIDDEN,
};

/* Where each stack has gone. */
typedef struct
{
  guint32 *shown; /* what a sample of it counts for, or SAL_NO_ID */
  guint32 *inner; /* what a Python frame inside of it is put on, or SAL_NO_ID */
} Places;

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

static guint8 *
get_roles (SalProfile *profile, SalNativeView view, gboolean internals, gboolean *is_any)
{
  guint32 n_functions = sal_profile_get_n_functions (profile);
  guint8 *roles = g_new0 (guint8, MAX (n_functions, 1));

  *is_any = FALSE;
  for (guint32 i = 0; i < n_functions; i++)
    {
      SalFunction function = sal_profile_get_function (profile, i);
      gboolean is_seam = function.kind == SAL_FUNCTION_MARK && g_str_equal (function.name, SEAM);

      if (function.kind == SAL_FUNCTION_NATIVE)
        {
          gboolean is_hidden = view == SAL_NATIVE_VIEW_OFF ||
                               (!internals && sal_native_view_is_internal (&function));

          roles[i] = is_hidden ? ROLE_HIDDEN : ROLE_NATIVE;
        }
      else if (is_seam && view != SAL_NATIVE_VIEW_ON)
        roles[i] = ROLE_HIDDEN;
      *is_any = *is_any || roles[i] == ROLE_HIDDEN ||
                (roles[i] == ROLE_NATIVE && view == SAL_NATIVE_VIEW_LEAF);
    }
  return roles;
}

static guint32
get_place (const guint32 *places, guint32 stack)
{
  return stack == SAL_NO_ID ? SAL_NO_ID : places[stack];
}

/* The new stack number @id. FALSE without memory. */
static gboolean
place_stack (SalColumn *stacks,
             Places *places,
             guint32 id,
             const SalStack *stack,
             guint8 role,
             SalNativeView view)
{
  SalStack *slot = sal_column_append (stacks);
  guint32 shown = get_place (places->shown, stack->parent);
  guint32 inner = get_place (places->inner, stack->parent);

  if (slot == NULL)
    return FALSE;
  /* In a view of leaves only the outermost native frame behind a Python frame is one. */
  if (role == ROLE_NATIVE && view == SAL_NATIVE_VIEW_LEAF && shown != inner)
    role = ROLE_HIDDEN;
  *slot = (SalStack){ role == ROLE_HIDDEN ? SAL_NO_ID : inner, stack->frame };
  places->shown[id] = role == ROLE_HIDDEN ? shown : id;
  places->inner[id] = role == ROLE_SHOWN || (role == ROLE_NATIVE && view != SAL_NATIVE_VIEW_LEAF)
                          ? id
                          : inner;
  return TRUE;
}

static gboolean
place_stacks (SalProfile *profile,
              const guint8 *roles,
              SalNativeView view,
              SalColumn *stacks,
              Places *places)
{
  guint32 n_stacks = sal_profile_get_n_stacks (profile);

  for (guint32 i = 0; i < n_stacks; i++)
    {
      SalStack stack = sal_profile_get_stack (profile, i);

      if (!place_stack (stacks,
                        places,
                        i,
                        &stack,
                        roles[sal_profile_get_stack_function (profile, i)],
                        view))
        return FALSE;
    }
  return TRUE;
}

static gboolean
place_samples (SalProfile *profile, const Places *places, SalColumn *column)
{
  guint64 n_samples = sal_profile_get_n_samples (profile);

  for (guint64 i = 0; i < n_samples; i++)
    {
      guint32 *slot = sal_column_append (column);

      if (slot == NULL)
        return FALSE;
      *slot = get_place (places->shown,
                         SAL_COLUMN_GET (&profile->samples.stacks, guint32, i));
    }
  return TRUE;
}

SalProfile *
sal_native_view_apply (SalProfile *profile, SalNativeView view, gboolean internals)
{
  gboolean is_any;
  g_autofree guint8 *roles = get_roles (profile, view, internals, &is_any);
  guint32 n_stacks = MAX (sal_profile_get_n_stacks (profile), 1);
  g_autofree guint32 *shown = NULL;
  g_autofree guint32 *inner = NULL;
  Places places;
  SalColumn stacks;
  SalColumn samples;
  SalProfile *copy;

  if (!is_any)
    return sal_profile_ref (profile);
  shown = g_new (guint32, n_stacks);
  inner = g_new (guint32, n_stacks);
  places = (Places){ shown, inner };
  sal_column_init (&stacks, sizeof (SalStack));
  sal_column_init (&samples, sizeof (guint32));
  /* Without memory for another view there is the one that is there. */
  if (!place_stacks (profile, roles, view, &stacks, &places) ||
      !place_samples (profile, &places, &samples))
    {
      sal_column_clear (&stacks);
      sal_column_clear (&samples);
      return sal_profile_ref (profile);
    }
  copy = _sal_profile_copy (profile);
  sal_column_clear (&copy->stacks);
  copy->stacks = stacks;
  sal_column_clear (&copy->samples.stacks);
  copy->samples.stacks = samples;
  return copy;
}
