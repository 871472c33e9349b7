/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that say how much of native frames and of tasks is shown. */
#include "config.h"

#include "sal-terminal-view.h"

#include <glib/gi18n.h>

#include "sal-terminal-print.h"

const char *const sal_terminal_view_texts[4] = {
  N_ ("Show native frames: on, off or leaf, the one that Python called (default: on)"),
  N_ ("VIEW"),
  N_ ("Show the interpreter's own native frames, too"),
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
  static const char *const names[] = {
    [SAL_NATIVE_VIEW_ON] = "on",
    [SAL_NATIVE_VIEW_OFF] = "off",
    [SAL_NATIVE_VIEW_LEAF] = "leaf",
  };

  *view = SAL_NATIVE_VIEW_ON;
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      {
        *view = (SalNativeView)i;
        return TRUE;
      }
  return name == NULL;
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
  SalFrameView frames = { .internals = view->internals, .by_task = view->tasks };
  SalProfile *shown;

  (void)find_view (view->native, &frames.native);
  shown = sal_frame_view_apply (profile, &frames);
  sal_profile_unref (profile);
  return shown;
}
