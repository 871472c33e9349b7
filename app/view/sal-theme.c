/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds out about the theme by the colour of writing. */
#include "sal-theme.h"

/* Black or white writing tells. */
gboolean
sal_theme_is_dark (GtkWidget *widget)
{
  GdkRGBA ink;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  return 0.2126 * ink.red + 0.7152 * ink.green + 0.0722 * ink.blue > 0.5;
}
