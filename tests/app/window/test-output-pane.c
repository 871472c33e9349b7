/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pane of a program's output stays at the end until a person scrolls away from it. */
#include "sal-output-pane.h"

#include <gtk/gtk.h>

static void
wait_until (gboolean (*is_true) (GtkAdjustment *adjustment, double limit),
            GtkAdjustment *adjustment,
            double limit)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (!is_true (adjustment, limit) && g_get_monotonic_time () < deadline)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_true (is_true (adjustment, limit));
}

static gboolean
is_longer_and_at_end (GtkAdjustment *adjustment, double limit)
{
  double upper = gtk_adjustment_get_upper (adjustment);

  return upper > limit && gtk_adjustment_get_value (adjustment) +
                                  gtk_adjustment_get_page_size (adjustment) >=
                              upper - 20;
}

static GtkAdjustment *
find_adjustment (GtkWidget *widget)
{
  GtkAdjustment *found = NULL;

  if (GTK_IS_SCROLLED_WINDOW (widget))
    return gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_adjustment (child);
  return found;
}

static void
append_lines (SalOutputPane *pane, int first, int n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;

  for (int i = first; i < first + n; i++)
    g_string_append_printf (text, "line %d: %d\n", i, i * i);
  bytes = g_bytes_new (text->str, text->len);
  sal_output_pane_append (pane, bytes);
}

static void
test_follows_the_end (void)
{
  GtkWindow *window = GTK_WINDOW (gtk_window_new ());
  SalOutputPane *pane = g_object_new (SAL_TYPE_OUTPUT_PANE, NULL);
  GtkAdjustment *adjustment = find_adjustment (GTK_WIDGET (pane));

  gtk_window_set_default_size (window, 400, 220);
  gtk_window_set_child (window, GTK_WIDGET (pane));
  gtk_window_present (window);
  for (int i = 0; i < 400; i++)
    {
      append_lines (pane, i * 3, 3);
      g_main_context_iteration (NULL, FALSE);
    }
  wait_until (is_longer_and_at_end, adjustment, 5000);
  append_lines (pane, 1200, 2000);
  wait_until (is_longer_and_at_end, adjustment, 20000);

  gtk_window_destroy (window);
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/window/output-pane/follows-the-end", test_follows_the_end);
  return g_test_run ();
}
