/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours are readable, stable and tell functions apart. */
#include "sal-palette.h"

#include <math.h>

#define N_NAMES 5000

static SalRgb
get_body (const char *name, const char *file, SalFunctionKind kind, gboolean dark)
{
  const SalFunction function = {
    .name = name, .file = file, .library = "", .first_line = 1, .kind = kind
  };

  return sal_palette_get_body (&function, SAL_COLOURING_FUNCTION, dark);
}

static double
get_distance (SalRgb a, SalRgb b)
{
  return fabs (a.red - b.red) + fabs (a.green - b.green) + fabs (a.blue - b.blue);
}

static double
get_linear (double value)
{
  return value <= 0.04045 ? value / 12.92 : pow ((value + 0.055) / 1.055, 2.4);
}

/* How different two colours look. Source: Björn Ottosson, "A perceptual color space for image
 * processing" (the matrices). */
static double
get_difference (SalRgb first, SalRgb second)
{
  const SalRgb colours[2] = { first, second };
  double lab[2][3];

  for (guint i = 0; i < 2; i++)
    {
      double red = get_linear (colours[i].red);
      double green = get_linear (colours[i].green);
      double blue = get_linear (colours[i].blue);
      double l = cbrt (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
      double m = cbrt (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
      double s = cbrt (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);

      lab[i][0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
      lab[i][1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
      lab[i][2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
    }
  return hypot (hypot (lab[0][0] - lab[1][0], lab[0][1] - lab[1][1]), lab[0][2] - lab[1][2]);
}

static void
test_text_is_readable (void)
{
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *name = g_strdup_printf ("function_%u", i);
      g_autofree char *file = g_strdup_printf ("/some/folder%u/module_%u.py", i % 31, i / 7);

      for (guint kind = 0; kind <= SAL_FUNCTION_TASK; kind++)
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

/* The colour of a function called @name of @origin. */
static SalRgb
get_by_kind (const char *name, SalOrigin origin, gboolean dark)
{
  static const struct
  {
    const char *file;
    const char *library;
    SalFunctionKind kind;
  } places[SAL_N_ORIGINS] = {
    [SAL_ORIGIN_PROGRAM] = { "/srv/a.py", "", SAL_FUNCTION_PYTHON },
    [SAL_ORIGIN_PACKAGE] = { "/lib/python3/dist-packages/a.py", "", SAL_FUNCTION_PYTHON },
    [SAL_ORIGIN_STANDARD] = { "/lib/python3.11/re.py", "", SAL_FUNCTION_PYTHON },
    [SAL_ORIGIN_EXTENSION] = { "/srv/a.so", "/srv/a.so", SAL_FUNCTION_NATIVE },
    [SAL_ORIGIN_LIBRARY] = { "/lib/libz.so", "/lib/libz.so", SAL_FUNCTION_NATIVE },
    [SAL_ORIGIN_KERNEL] = { "[kernel]", "[kernel]", SAL_FUNCTION_NATIVE },
    [SAL_ORIGIN_INTERPRETER] = { "", "/lib/libpython3.11.so", SAL_FUNCTION_NATIVE },
    [SAL_ORIGIN_TASK] = { "", "", SAL_FUNCTION_TASK },
    [SAL_ORIGIN_MARK] = { "", "", SAL_FUNCTION_MARK },
  };
  g_autofree char *full = g_strconcat ("_PyEval_", name, NULL);
  const SalFunction function = {
    .name = origin == SAL_ORIGIN_INTERPRETER ? full : name,
    .file = places[origin].file,
    .library = places[origin].library,
    .kind = places[origin].kind,
  };

  g_assert_cmpint (sal_origin_find (&function), ==, origin);
  return sal_palette_get_body (&function, SAL_COLOURING_KIND, dark);
}

/* Text on every shade, and every shade nearer to its own kind's colour than to any other's. */
static void
test_kinds_are_readable_and_differ (void)
{
  for (guint i = 0; i < 500; i++)
    for (SalOrigin origin = 0; origin < SAL_N_ORIGINS; origin++)
      for (guint dark = 0; dark < 2; dark++)
        {
          g_autofree char *name = g_strdup_printf ("function_%u", i);
          SalRgb body = get_by_kind (name, origin, dark != 0);
          SalRgb text = sal_palette_get_text (body);
          double own = get_difference (body, sal_palette_get_kind (origin, dark != 0));

          g_assert_cmpfloat (sal_palette_get_contrast (body, text), >=, 4.5);
          g_assert_cmpfloat (text.red, ==, dark ? 1 : 0);
          for (SalOrigin other = 0; other < SAL_N_ORIGINS; other++)
            if (other != origin)
              g_assert_cmpfloat (own, <,
                                 get_difference (body, sal_palette_get_kind (other, dark != 0)));
        }
}

static void
test_kinds_are_stable (void)
{
  static const char *const expected = "fcb37f 854e21 f3e583 6f6626 9fe4b0 32613f 8dc3f4 1f5078 "
                                      "c7abe4 54396d ec8292 732535 a0b1c1 516374 b5f0f1 0c5455 "
                                      "dedede 4a4a4a ";
  g_autoptr (GString) text = g_string_new (NULL);

  for (SalOrigin origin = 0; origin < SAL_N_ORIGINS; origin++)
    for (guint dark = 0; dark < 2; dark++)
      {
        SalRgb rgb = get_by_kind ("parse", origin, dark != 0);

        g_string_append_printf (text, "%02x%02x%02x ", (guint)(rgb.red * 255 + 0.5),
                                (guint)(rgb.green * 255 + 0.5), (guint)(rgb.blue * 255 + 0.5));
      }
  g_assert_cmpstr (text->str, ==, expected);
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
  g_test_add_func ("/layout/palette/kinds-are-readable-and-differ",
                   test_kinds_are_readable_and_differ);
  g_test_add_func ("/layout/palette/kinds-are-stable", test_kinds_are_stable);
  g_test_add_func ("/layout/palette/stable", test_stable);
  g_test_add_func ("/layout/palette/file-keeps-its-colour-elsewhere",
                   test_file_keeps_its_colour_elsewhere);
  g_test_add_func ("/layout/palette/kinds-differ-in-colourfulness",
                   test_kinds_differ_in_colourfulness);
  return g_test_run ();
}
