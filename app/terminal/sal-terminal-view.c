/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that say which frames are shown. */
#include "config.h"

#include "sal-terminal-view.h"

#include <glib/gi18n.h>

#include "sal-terminal-print.h"

const char *const sal_terminal_view_texts[5] = {
  N_ ("Show native frames: on, off or leaf, the one that Python called (default: on)"),
  N_ ("VIEW"),
  N_ ("Show the interpreter's own native frames, too"),
  N_ ("Leave out the standard library, packages and native libraries; their time is their "
      "caller's"),
  N_ ("Show asyncio tasks: stacks begin with the one that runs and those that wait for it"),
};

void
sal_terminal_view_clear (SalTerminalView *view)
{
  g_free (view->native);
}

/* FALSE: there is no such view. */
static gboolean
find_view (const char *name, SalNativeView *view)
{
  g_autoptr (GEnumClass) views = g_type_class_ref (SAL_TYPE_NATIVE_VIEW);
  const GEnumValue *value = name != NULL ? g_enum_get_value_by_nick (views, name) : NULL;

  *view = value != NULL ? (SalNativeView)value->value : SAL_NATIVE_VIEW_ON;
  return name == NULL || value != NULL;
}

gboolean
sal_terminal_view_is_right (const SalTerminalView *view)
{
  SalNativeView native;

  if (find_view (view->native, &native))
    return TRUE;
  sal_terminal_usage_error (_ ("“%s” is not a view of native frames; use on, off or leaf."),
                            view->native);
  return FALSE;
}

SalProfile *
sal_terminal_view_apply (const SalTerminalView *view, SalProfile *profile)
{
  g_autoptr (SalProfile) whole = profile;
  SalFrameView frames = {
    .internals = view->internals,
    .no_library = view->no_library,
    .by_task = view->tasks,
  };

  if (frames.no_library && sal_profile_get_kind (whole) == SAL_PROFILE_CALLS)
    {
      sal_terminal_usage_error (_ ("A .prof file does not tell for whom library code has worked; "
                                   "--no-library-code is for recordings."));
      return NULL;
    }
  (void)find_view (view->native, &frames.native);
  return sal_frame_view_apply (whole, &frames);
}
