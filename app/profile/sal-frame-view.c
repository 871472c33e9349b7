/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which frames of a recording are shown. */
#include "sal-frame-view.h"

#include "sal-origin.h"
#include "sal-profile-private.h"

/* The recorder's mark of a place where native frames are not known. */
#define SEAM "<native frames missing>"

G_DEFINE_ENUM_TYPE (SalNativeView,
                    sal_native_view,
                    G_DEFINE_ENUM_VALUE (SAL_NATIVE_VIEW_ON, "on"),
                    G_DEFINE_ENUM_VALUE (SAL_NATIVE_VIEW_OFF, "off"),
                    G_DEFINE_ENUM_VALUE (SAL_NATIVE_VIEW_LEAF, "leaf"))

/* What a function is to a view. */
typedef enum
{
  ROLE_SHOWN,
  ROLE_NATIVE,
  ROLE_INLINED, /* native, and part of the function before it, as which it is shown or not */
  ROLE_LIBRARY, /* left out, but where a thread begins */
  ROLE_TASK,
  ROLE_HIDDEN,
} Role;

/* Where each stack has gone. */
typedef struct
{
  guint32 *shown; /* what a sample of it counts for, or SAL_NO_ID */
  guint32 *inner; /* what a Python frame inside of it is put on, or SAL_NO_ID */
  guint8 *roots;  /* whether it has a task that is shown */
} Places;

static gboolean
has_kind (SalProfile *profile, SalFunctionKind kind)
{
  for (guint32 i = 0; i < sal_profile_get_n_functions (profile); i++)
    if (sal_profile_get_function (profile, i).kind == kind)
      return TRUE;
  return FALSE;
}

gboolean
sal_frame_view_has_native (SalProfile *profile)
{
  return has_kind (profile, SAL_FUNCTION_NATIVE);
}

gboolean
sal_frame_view_has_tasks (SalProfile *profile)
{
  return has_kind (profile, SAL_FUNCTION_TASK);
}

static Role
find_native_role (const SalFunction *function, const SalFrameView *view)
{
  if (view->native == SAL_NATIVE_VIEW_OFF ||
      (!view->internals && sal_origin_find (function) == SAL_ORIGIN_INTERPRETER) ||
      (view->no_library && sal_origin_is_library_code (function)))
    return ROLE_HIDDEN;
  return function->is_inlined ? ROLE_INLINED : ROLE_NATIVE;
}

static Role
find_role (const SalFunction *function, const SalFrameView *view)
{
  switch (function->kind)
    {
    case SAL_FUNCTION_NATIVE:
      return find_native_role (function, view);
    case SAL_FUNCTION_TASK:
      return view->by_task ? ROLE_TASK : ROLE_HIDDEN;
    case SAL_FUNCTION_MARK:
      return view->native != SAL_NATIVE_VIEW_ON && g_str_equal (function->name, SEAM)
                 ? ROLE_HIDDEN
                 : ROLE_SHOWN;
    case SAL_FUNCTION_PYTHON:
    case SAL_FUNCTION_BUILTIN:
    default:
      return view->no_library && sal_origin_is_library_code (function) ? ROLE_LIBRARY : ROLE_SHOWN;
    }
}

/* (transfer full): a Role for each function. */
static guint8 *
get_roles (SalProfile *profile, const SalFrameView *view, gboolean *is_any)
{
  guint32 n_functions = sal_profile_get_n_functions (profile);
  guint8 *roles = g_new0 (guint8, MAX (n_functions, 1));

  *is_any = FALSE;
  for (guint32 i = 0; i < n_functions; i++)
    {
      SalFunction function = sal_profile_get_function (profile, i);

      roles[i] = (guint8)find_role (&function, view);
      *is_any = *is_any || (roles[i] != ROLE_SHOWN && function.kind != SAL_FUNCTION_NATIVE) ||
                roles[i] == ROLE_HIDDEN ||
                (view->native == SAL_NATIVE_VIEW_LEAF && function.kind == SAL_FUNCTION_NATIVE);
    }
  return roles;
}

/* Functions of libraries that are outermost of what is shown in any stack are shown in all. */
static void
keep_outermost (SalProfile *profile, guint8 *roles)
{
  guint32 n_stacks = sal_profile_get_n_stacks (profile);
  g_autofree guint8 *is_bare = g_malloc (MAX (n_stacks, 1)); /* nothing of the stack is shown */

  for (guint32 i = 0; i < n_stacks; i++)
    {
      guint32 parent = sal_profile_get_stack (profile, i).parent;
      guint8 *role = &roles[sal_profile_get_stack_function (profile, i)];

      is_bare[i] = parent == SAL_NO_ID || is_bare[parent];
      if (is_bare[i] && *role == ROLE_LIBRARY)
        *role = ROLE_SHOWN;
      is_bare[i] = is_bare[i] && *role == ROLE_HIDDEN;
    }
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
             Role role,
             SalNativeView view)
{
  SalStack *slot = sal_column_append (stacks);
  guint32 shown = get_place (places->shown, stack->parent);
  guint32 inner = get_place (places->inner, stack->parent);
  gboolean has_task = stack->parent != SAL_NO_ID && places->roots[stack->parent];
  gboolean is_left_out;

  if (slot == NULL)
    return FALSE;
  /* The outermost task takes the place of all that runs it. */
  if (role == ROLE_TASK && !has_task)
    shown = inner = SAL_NO_ID;
  places->roots[id] = has_task || role == ROLE_TASK;
  if (role == ROLE_INLINED)
    role = stack->parent == SAL_NO_ID || shown == stack->parent ? ROLE_NATIVE : ROLE_HIDDEN;
  /* In a view of leaves only the outermost native frame behind a Python frame is one. */
  if (role == ROLE_NATIVE && view == SAL_NATIVE_VIEW_LEAF && shown != inner)
    role = ROLE_HIDDEN;
  is_left_out = role == ROLE_HIDDEN || role == ROLE_LIBRARY;
  *slot = (SalStack){ is_left_out ? SAL_NO_ID : inner, stack->frame };
  places->shown[id] = is_left_out ? shown : id;
  places->inner[id] =
      is_left_out || (role == ROLE_NATIVE && view == SAL_NATIVE_VIEW_LEAF) ? inner : id;
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
sal_frame_view_apply (SalProfile *profile, const SalFrameView *view)
{
  gboolean is_any;
  g_autofree guint8 *roles = get_roles (profile, view, &is_any);
  guint32 n_stacks = MAX (sal_profile_get_n_stacks (profile), 1);
  g_autofree guint32 *shown = NULL;
  g_autofree guint32 *inner = NULL;
  g_autofree guint8 *roots = NULL;
  Places places;
  SalColumn stacks;
  SalColumn samples;
  SalProfile *copy;

  if (!is_any || profile->kind == SAL_PROFILE_CALLS)
    return sal_profile_ref (profile);
  if (view->no_library)
    keep_outermost (profile, roles);
  shown = g_new (guint32, n_stacks);
  inner = g_new (guint32, n_stacks);
  roots = g_new (guint8, n_stacks);
  places = (Places){ shown, inner, roots };
  sal_column_init (&stacks, sizeof (SalStack));
  sal_column_init (&samples, sizeof (guint32));
  /* Without memory for another view there is the one that is there. */
  if (!place_stacks (profile, roles, view->native, &stacks, &places) ||
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
