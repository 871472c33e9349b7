/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of widgets need: a window, waiting with a deadline, keys, clicks and pictures. */
#pragma once

#include <gtk/gtk.h>

#include "sal-view-state.h"

/** view_test_wait: turns the main loop until @expression holds; fails after ten seconds. */
#define view_test_wait(expression)                                        \
  G_STMT_START                                                            \
  {                                                                       \
    gint64 view_test_end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC; \
    while (!(expression) && g_get_monotonic_time () < view_test_end)      \
      if (!g_main_context_iteration (NULL, FALSE))                        \
        g_usleep (1000);                                                  \
    g_assert_true (expression);                                           \
  }                                                                       \
  G_STMT_END

/** view_test_new_state: a state that shows @profile, its results made. */
SalViewState *view_test_new_state (SalProfile *profile);

/** view_test_settle: waits until no worker of @state is at work. */
void view_test_settle (SalViewState *state);

/** view_test_present: @widget in a window of its own, drawn once (transfer full). */
GtkWindow *view_test_present (GtkWidget *widget);

/** view_test_press: the key controllers of @widget see @key. */
void view_test_press (GtkWidget *widget, guint key, GdkModifierType modifiers);

/** view_test_click: the click gestures of @widget see @n_clicks in a row. */
void view_test_click (GtkWidget *widget, double x, double y, gint n_clicks);

/** view_test_save: a picture of @widget's window as @name.png in the working directory, to be
 * looked at. */
void view_test_save (GtkWidget *widget, const char *name);

/** view_test_finalize: the caller's reference to @object is the last one, at the latest when its
 * workers have ended. Drops it. */
void view_test_finalize (gpointer object);

/** view_test_close: destroys @window; @widget must be gone then. */
void view_test_close (GtkWindow *window, GtkWidget *widget);
