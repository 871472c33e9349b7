/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours are readable, stable and tell functions apart. */
#include "sal-palette.h"

#include <math.h>

#define N_NAMES 5000

static SalRgb
get_body (const char *name, const char *file, SalFunctionKind kind, gboolean dark)
{
  const SalFunction function = { .name = name, .file = file, .first_line = 1, .kind = kind };

  return sal_palette_get_body (&function, dark);
}

static double
get_distance (SalRgb a, SalRgb b)
{
  return fabs (a.red - b.red) + fabs (a.green - b.green) + fabs (a.blue - b.blue);
}

static void
test_text_is_readable (void)
{
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *name = g_strdup_printf ("function_%u", i);
      g_autofree char *file = g_strdup_printf ("/some/folder%u/module_%u.py", i % 31, i / 7);

      for (guint kind = 0; kind < 4; kind++)
        for (guint dark = 0; dark < 2; dark++)
          {
            SalRgb body = get_body (name, file, kind, dark != 0);
            SalRgb text = sal_palette_get_text (body);

            g_assert_cmpfloat (sal_palette_get_contrast (body, text), >=, 4.5);
            g_assert_cmpfloat (text.red, ==, dark ? 1 : 0);
            g_assert_cmpfloat (MIN (body.red, MIN (body.green, body.blue)), >=, 0);
            g_assert_cmpfloat (MAX (body.red, MAX (body.green, body.blue)), <=, 1);
          }
    }
}

static void
test_text_is_readable_on_every_colour (void)
{
  for (guint i = 0; i < 32 * 32 * 32; i++)
    {
      SalRgb body = { (i & 31) / 31.0, (i >> 5 & 31) / 31.0, (i >> 10) / 31.0 };

      g_assert_cmpfloat (sal_palette_get_contrast (body, sal_palette_get_text (body)), >=, 4.5);
    }
}

/* Figures from the WCAG's own definition: black on white 21, equal colours 1. */
static void
test_contrast (void)
{
  const SalRgb black = { 0, 0, 0 };
  const SalRgb white = { 1, 1, 1 };
  const SalRgb grey = { 0x77 / 255.0, 0x77 / 255.0, 0x77 / 255.0 };

  g_assert_cmpfloat_with_epsilon (sal_palette_get_contrast (black, white), 21, 1e-9);
  g_assert_cmpfloat_with_epsilon (sal_palette_get_contrast (grey, grey), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (sal_palette_get_contrast (grey, white), 4.478, 0.001);
}

/* The colours are part of what people remember of a program: this pins them. */
static void
test_stable (void)
{
  SalRgb light = get_body ("parse", "/a/json/decoder.py", SAL_FUNCTION_PYTHON, FALSE);
  SalRgb dark = get_body ("parse", "/a/json/decoder.py", SAL_FUNCTION_PYTHON, TRUE);
  g_autofree char *text =
      g_strdup_printf ("%02x%02x%02x %02x%02x%02x", (guint)(light.red * 255 + 0.5),
                       (guint)(light.green * 255 + 0.5), (guint)(light.blue * 255 + 0.5),
                       (guint)(dark.red * 255 + 0.5), (guint)(dark.green * 255 + 0.5),
                       (guint)(dark.blue * 255 + 0.5));

  g_assert_cmpstr (text, ==, "febaa5 864c39");
}

static void
test_file_keeps_its_colour_elsewhere (void)
{
  SalRgb here = get_body ("parse", "/usr/lib/python3/json/decoder.py", SAL_FUNCTION_PYTHON, FALSE);
  SalRgb there = get_body ("parse", "/opt/py/json/decoder.py", SAL_FUNCTION_PYTHON, FALSE);
  SalRgb other = get_body ("parse", "/opt/py/xml/decoder.py", SAL_FUNCTION_PYTHON, FALSE);

  g_assert_cmpfloat (get_distance (here, there), ==, 0);
  g_assert_cmpfloat (get_distance (here, other), >, 0.05);
}

static void
test_kinds_differ_in_colourfulness (void)
{
  SalRgb builtin = get_body ("<built-in method time.sleep>", "", SAL_FUNCTION_BUILTIN, FALSE);
  SalRgb mark = get_body ("<truncated>", "", SAL_FUNCTION_MARK, FALSE);

  g_assert_cmpfloat (fabs (builtin.red - builtin.blue), <, 0.12);
  g_assert_cmpfloat_with_epsilon (mark.red, mark.green, 1e-6);
  g_assert_cmpfloat_with_epsilon (mark.red, mark.blue, 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/palette/text-is-readable", test_text_is_readable);
  g_test_add_func ("/layout/palette/text-is-readable-on-every-colour",
                   test_text_is_readable_on_every_colour);
  g_test_add_func ("/layout/palette/contrast", test_contrast);
  g_test_add_func ("/layout/palette/stable", test_stable);
  g_test_add_func ("/layout/palette/file-keeps-its-colour-elsewhere",
                   test_file_keeps_its_colour_elsewhere);
  g_test_add_func ("/layout/palette/kinds-differ-in-colourfulness",
                   test_kinds_differ_in_colourfulness);
  return g_test_run ();
}
