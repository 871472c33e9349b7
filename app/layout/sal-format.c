/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes numbers and functions as people read them. */
#include "config.h"

#include "sal-format.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#define NS_PER_SECOND 1000000000.0

/* Three significant digits without trailing zeros, with the locale's decimal point. */
static char *
format_three_digits (double value)
{
  int decimals = 2;
  gint64 scale = 100;
  gint64 digits;

  if (value >= 99.95)
    {
      decimals = 0;
      scale = 1;
    }
  else if (value >= 9.995)
    {
      decimals = 1;
      scale = 10;
    }
  digits = (gint64)floor (value * (double)scale + 0.5);
  for (; decimals > 0 && digits % 10 == 0; decimals--)
    {
      digits /= 10;
      scale /= 10;
    }
  return g_strdup_printf ("%.*f", decimals, (double)digits / (double)scale);
}

static char *
format_clock (guint64 seconds)
{
  guint hours = (guint)(seconds / 3600);
  guint minutes = (guint)(seconds / 60 % 60);
  guint rest = (guint)(seconds % 60);

  if (hours == 0)
    /* Translators: minutes and seconds, "2:05 min" */
    return g_strdup_printf (_ ("%u:%02u min"), minutes, rest);
  /* Translators: hours, minutes and seconds, "1:02:05 h" */
  return g_strdup_printf (_ ("%u:%02u:%02u h"), hours, minutes, rest);
}

static char *
format_magnitude (double ns)
{
  g_autofree char *number = NULL;

  if (ns >= 59.95 * NS_PER_SECOND)
    return format_clock ((guint64)(ns / NS_PER_SECOND + 0.5));
  if (ns >= 999.5e6 || ns < 0.5)
    {
      number = format_three_digits (ns / NS_PER_SECOND);
      /* Translators: a number of seconds */
      return g_strdup_printf (_ ("%s s"), number);
    }
  if (ns >= 999.5e3)
    {
      number = format_three_digits (ns / 1e6);
      /* Translators: a number of milliseconds */
      return g_strdup_printf (_ ("%s ms"), number);
    }
  if (ns >= 999.5)
    {
      number = format_three_digits (ns / 1e3);
      /* Translators: a number of microseconds */
      return g_strdup_printf (_ ("%s µs"), number);
    }
  number = format_three_digits (ns);
  /* Translators: a number of nanoseconds */
  return g_strdup_printf (_ ("%s ns"), number);
}

char *
sal_format_duration_ns (gint64 ns)
{
  g_autofree char *magnitude = format_magnitude (fabs ((double)ns));

  if (ns < 0)
    return g_strconcat ("−", magnitude, NULL);
  return g_steal_pointer (&magnitude);
}

char *
sal_format_percent (double part, double whole)
{
  double percent = part / whole * 100;
  int decimals = 2;

  if (!isfinite (percent))
    return g_strdup ("–");
  if (percent <= 0)
    /* Translators: a share of nothing at all */
    return g_strdup (_ ("0 %"));
  if (percent < 0.01)
    return g_strdup (_ ("<0.01 %"));
  if (percent > 99 && percent < 100 - 1e-9)
    return g_strdup (_ (">99 %"));
  if (percent >= 9.95)
    decimals = 0;
  else if (percent >= 0.995)
    decimals = 1;
  /* Translators: a share with the given number of decimals: "3.4 %" */
  return g_strdup_printf (_ ("%.*f %%"), decimals, percent);
}

/* The flag that groups digits is POSIX, which -Wpedantic does not know. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat"
char *
sal_format_count (guint64 count)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}
#pragma GCC diagnostic pop

static void
append_one_line (GString *out, const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (*c == '\n')
      g_string_append (out, "\\n");
    else if ((guchar)*c < 0x20 || *c == 0x7f)
      g_string_append_printf (out, "\\x%02x", (guint)(guchar)*c);
    else
      g_string_append_c (out, *c);
}

/* Whether a function without a symbol is called after its file already: "libfoo.so+0x12", which may
 * be isolated from the text around it. */
static gboolean
is_called_after (const char *name, const char *file)
{
  const char *start = g_str_has_prefix (name, "\u2068") ? g_utf8_next_char (name) : name;
  gsize length = strlen (file);

  return strncmp (start, file, length) == 0 && g_str_has_prefix (start + length, "+0x");
}

char *
sal_format_function (const char *name, const char *file, guint32 line)
{
  GString *out = g_string_new (NULL);

  append_one_line (out, name);
  if (file != NULL && *file != '\0')
    {
      const char *slash = strrchr (file, '/');
      const char *short_file = slash != NULL && slash[1] != '\0' ? slash + 1 : file;

      if (is_called_after (name, short_file))
        return g_string_free (out, FALSE);
      g_string_append (out, " (");
      append_one_line (out, short_file);
      if (line > 0)
        g_string_append_printf (out, ":%" G_GUINT32_FORMAT, line);
      g_string_append_c (out, ')');
    }
  return g_string_free (out, FALSE);
}

char *
sal_format_pstats_function (const char *name, const char *file, guint32 line)
{
  gsize length = strlen (name);

  if (*file != '\0')
    return g_strdup_printf ("%s:%u(%s)", file, line, name);
  if (length >= 2 && name[0] == '<' && name[length - 1] == '>')
    return g_strdup_printf ("{%.*s}", (int)(length - 2), name + 1);
  return g_strdup (name);
}

char *
sal_format_place (const SalFunction *function)
{
  GString *place = g_string_new (NULL);

  if (!g_str_equal (function->file, function->library))
    g_string_append (place, function->file);
  if (place->len > 0 && function->first_line > 0)
    g_string_append_printf (place, ":%" G_GUINT32_FORMAT, function->first_line);
  if (*function->library != '\0')
    g_string_append_printf (place, "%s%s", place->len > 0 ? " · " : "", function->library);
  if (*function->library != '\0' && function->address != 0)
    g_string_append_printf (place, "+0x%" G_GINT64_MODIFIER "x", function->address);
  return g_string_free (place, FALSE);
}
