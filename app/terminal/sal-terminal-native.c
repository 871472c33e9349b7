/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that say how much of native frames is shown. */
#include "config.h"

#include "sal-terminal-native.h"

#include <glib/gi18n.h>

#include "sal-terminal-print.h"

const char *const sal_terminal_native_texts[3] = {
  N_ ("Show native frames: on, off or leaf, the one that Python called (default: on)"),
  N_ ("VIEW"),
  N_ ("Show the interpreter's own native frames, too"),
};

void
sal_terminal_native_clear (SalTerminalNative *native)
{
  g_free (native->view);
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
sal_terminal_native_is_right (const SalTerminalNative *native)
{
  SalNativeView view;

  if (find_view (native->view, &view))
    return TRUE;
  sal_terminal_usage_error (_ ("“%s” is not a view of native frames; use on, off or leaf."),
                            native->view);
  return FALSE;
}

SalProfile *
sal_terminal_native_apply (const SalTerminalNative *native, SalProfile *profile)
{
  SalNativeView view;
  SalProfile *shown;

  (void)find_view (native->view, &view);
  shown = sal_native_view_apply (profile, view, native->internals);
  sal_profile_unref (profile);
  return shown;
}
