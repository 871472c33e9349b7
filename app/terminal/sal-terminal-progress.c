/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time, samples and missed samples, four times a second. */
#include "config.h"

#include "sal-terminal-progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "sal-format.h"

/* Back to the first column, and take away what is right of it. Source: ECMA-48, CR and EL. */
#define CLEAR_LINE "\r\033[K"

static gboolean is_shown;

/* (transfer full): the line's text, narrower than @columns (0 = any). */
static char *
format_line (const SalSessionStatus *status, guint columns)
{
  gint64 seconds = status->elapsed_ns / G_GINT64_CONSTANT (1000000000);
  g_autofree char *samples = sal_format_count (status->samples);
  g_autofree char *missed = sal_format_count (status->missed);
  g_autofree char *left = sal_format_count (status->left);
  g_autofree char *line = NULL;

  if (status->left > 0)
    /* Translators: a number */
    line = g_strdup_printf (_ ("Looking up names  %s records left"), left);
  else
    /* Translators: a time as minutes and seconds, then two numbers */
    line = g_strdup_printf (_ ("Recording %d:%02d  %s samples  %s missed"),
                            (int)(seconds / 60),
                            (int)(seconds % 60),
                            samples,
                            missed);
  /* The last column stays free, or the line would wrap. */
  if (columns > 0 && (guint)g_utf8_strlen (line, -1) >= columns)
    return g_utf8_substring (line, 0, columns - 1);
  return g_steal_pointer (&line);
}

void
sal_terminal_progress_show (const SalSessionStatus *status)
{
  struct winsize size = { 0 };
  g_autofree char *line = NULL;

  if (!isatty (STDERR_FILENO))
    return;
  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) != 0)
    size.ws_col = 0;
  line = format_line (status, size.ws_col);
  fprintf (stderr, CLEAR_LINE "%s", line);
  fflush (stderr);
  is_shown = TRUE;
}

void
sal_terminal_progress_clear (void)
{
  if (!is_shown)
    return;
  fputs (CLEAR_LINE, stderr);
  fflush (stderr);
  is_shown = FALSE;
}
