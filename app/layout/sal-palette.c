/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours of functions: OKLCH, so that equal lightness looks equally light in every hue.
 *
 * Source: Björn Ottosson, "A perceptual color space for image processing" (the matrices); WCAG
 * 2.1, relative luminance and contrast ratio.
 */
#include "sal-palette.h"

#include <math.h>

G_DEFINE_ENUM_TYPE (SalColouring,
                    sal_colouring,
                    G_DEFINE_ENUM_VALUE (SAL_COLOURING_KIND, "kind"),
                    G_DEFINE_ENUM_VALUE (SAL_COLOURING_FUNCTION, "function"))

typedef struct
{
  double lightness; /* of the darkest shade */
  double spread;    /* how much lighter the lightest is */
  double chroma;
  double hue; /* degrees; by function the file's own is taken */
} Tone;

/* Hues lie 40 degrees and more apart, and lightness differs where eyes take hues for the same. */
static const Tone kinds[2][SAL_N_ORIGINS] = {
  {
      [SAL_ORIGIN_PROGRAM] = { 0.77, 0.09, 0.125, 55 },
      [SAL_ORIGIN_PACKAGE] = { 0.87, 0.07, 0.120, 100 },
      [SAL_ORIGIN_STANDARD] = { 0.81, 0.08, 0.100, 150 },
      [SAL_ORIGIN_EXTENSION] = { 0.75, 0.08, 0.090, 245 },
      [SAL_ORIGIN_LIBRARY] = { 0.73, 0.09, 0.085, 305 },
      [SAL_ORIGIN_KERNEL] = { 0.69, 0.06, 0.130, 10 },
      [SAL_ORIGIN_INTERPRETER] = { 0.72, 0.06, 0.030, 250 },
      [SAL_ORIGIN_TASK] = { 0.88, 0.06, 0.060, 195 },
      [SAL_ORIGIN_MARK] = { 0.90, 0.0, 0.0, 0 },
  },
  {
      [SAL_ORIGIN_PROGRAM] = { 0.43, 0.08, 0.095, 55 },
      [SAL_ORIGIN_PACKAGE] = { 0.47, 0.06, 0.085, 100 },
      [SAL_ORIGIN_STANDARD] = { 0.40, 0.08, 0.075, 150 },
      [SAL_ORIGIN_EXTENSION] = { 0.37, 0.08, 0.085, 245 },
      [SAL_ORIGIN_LIBRARY] = { 0.35, 0.08, 0.090, 305 },
      [SAL_ORIGIN_KERNEL] = { 0.35, 0.06, 0.110, 10 },
      [SAL_ORIGIN_INTERPRETER] = { 0.47, 0.04, 0.035, 250 },
      [SAL_ORIGIN_TASK] = { 0.37, 0.06, 0.065, 195 },
      [SAL_ORIGIN_MARK] = { 0.41, 0.0, 0.0, 0 },
  },
};

static const Tone tones[2][5] = {
  {
      [SAL_FUNCTION_PYTHON] = { 0.78, 0.11, 0.105 },
      [SAL_FUNCTION_BUILTIN] = { 0.80, 0.08, 0.022 },
      [SAL_FUNCTION_NATIVE] = { 0.74, 0.10, 0.045 },
      [SAL_FUNCTION_MARK] = { 0.86, 0.0, 0.0 },
      [SAL_FUNCTION_TASK] = { 0.88, 0.06, 0.050 },
  },
  {
      [SAL_FUNCTION_PYTHON] = { 0.42, 0.10, 0.085 },
      [SAL_FUNCTION_BUILTIN] = { 0.40, 0.07, 0.018 },
      [SAL_FUNCTION_NATIVE] = { 0.36, 0.09, 0.040 },
      [SAL_FUNCTION_MARK] = { 0.38, 0.0, 0.0 },
      [SAL_FUNCTION_TASK] = { 0.31, 0.06, 0.050 },
  },
};

/* FNV-1a with a mixing step at the end, so that short texts spread over all bits. Written out here
 * because the colours of a function must never change with a library's version. */
static guint32
hash_text (const char *text)
{
  guint32 hash = 2166136261u;

  for (const guchar *c = (const guchar *)text; *c != 0; c++)
    hash = (hash ^ *c) * 16777619u;
  hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
  return hash ^ (hash >> 16);
}

/* The last folder and the base name: "json/decoder.py". */
static const char *
find_short_path (const char *file)
{
  const char *last = strrchr (file, '/');

  if (last == NULL)
    return file;
  for (const char *c = last; c > file; c--)
    if (c[-1] == '/')
      return c;
  return file;
}

/* One file in two is warm (red to yellow), the other cool (green to violet): 24 families of hues,
 * with the muddy ones between left out. */
static double
get_file_hue (const char *file)
{
  guint32 family = hash_text (file) % 24;

  return family < 11 ? 20 + 8.5 * family : 150 + 13.5 * (family - 11);
}

static double
encode_srgb (double linear)
{
  if (linear <= 0.0031308)
    return 12.92 * linear;
  return 1.055 * pow (linear, 1 / 2.4) - 0.055;
}

static double
decode_srgb (double value)
{
  if (value <= 0.04045)
    return value / 12.92;
  return pow ((value + 0.055) / 1.055, 2.4);
}

static gboolean
convert_oklch (double lightness, double chroma, double hue, SalRgb *rgb)
{
  double a = chroma * cos (hue);
  double b = chroma * sin (hue);
  double l = lightness + 0.3963377774 * a + 0.2158037573 * b;
  double m = lightness - 0.1055613458 * a - 0.0638541728 * b;
  double s = lightness - 0.0894841775 * a - 1.2914855480 * b;
  double red, green, blue;

  l = l * l * l;
  m = m * m * m;
  s = s * s * s;
  red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  blue = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
  rgb->red = encode_srgb (CLAMP (red, 0, 1));
  rgb->green = encode_srgb (CLAMP (green, 0, 1));
  rgb->blue = encode_srgb (CLAMP (blue, 0, 1));
  return MIN (red, MIN (green, blue)) >= 0 && MAX (red, MAX (green, blue)) <= 1;
}

/* The colour, as colourful as a screen can show it. */
static SalRgb
get_colour (double lightness, double chroma, double degrees)
{
  SalRgb rgb;

  while (!convert_oklch (lightness, chroma, degrees * G_PI / 180, &rgb) && chroma > 0.001)
    chroma *= 0.93;
  return rgb;
}

SalRgb
sal_palette_get_kind (SalOrigin origin, gboolean dark)
{
  const Tone *tone = &kinds[dark ? 1 : 0][MIN (origin, SAL_ORIGIN_MARK)];

  return get_colour (tone->lightness + tone->spread / 2, tone->chroma, tone->hue);
}

SalRgb
sal_palette_get_body (const SalFunction *function, SalColouring colouring, gboolean dark)
{
  const Tone *tone = &tones[dark ? 1 : 0][MIN (function->kind, SAL_FUNCTION_TASK)];
  const char *file = *function->file != '\0' ? find_short_path (function->file) : function->name;
  guint32 by_name = hash_text (function->name);
  double degrees = get_file_hue (file);

  if (colouring == SAL_COLOURING_KIND)
    {
      tone = &kinds[dark ? 1 : 0][sal_origin_find (function)];
      degrees = tone->hue;
    }
  return get_colour (tone->lightness + tone->spread * (by_name & 0xff) / 255,
                     tone->chroma,
                     degrees + ((by_name >> 8) & 0xff) / 255.0 * 8 - 4);
}

static double
get_luminance (SalRgb colour)
{
  return 0.2126 * decode_srgb (colour.red) + 0.7152 * decode_srgb (colour.green) +
         0.0722 * decode_srgb (colour.blue);
}

double
sal_palette_get_contrast (SalRgb a, SalRgb b)
{
  double first = get_luminance (a);
  double second = get_luminance (b);

  return (MAX (first, second) + 0.05) / (MIN (first, second) + 0.05);
}

SalRgb
sal_palette_get_text (SalRgb body)
{
  const SalRgb black = { 0, 0, 0 };
  const SalRgb white = { 1, 1, 1 };

  /* One of the two always reaches √21 = 4.58. */
  if (sal_palette_get_contrast (body, black) >= sal_palette_get_contrast (body, white))
    return black;
  return white;
}
