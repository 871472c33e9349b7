/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-origin.h"
#include "sal-profile.h"

G_BEGIN_DECLS

/* Colours of functions, the same in every view, picture, run and file. Thread: any. */
typedef struct
{
  double red, green, blue; /* sRGB, 0..1 */
} SalRgb;

/* What colours tell functions apart by. Values are called "kind" and "function". */
typedef enum
{
  SAL_COLOURING_KIND = 0, /* whose code it is: sal_origin_find() */
  SAL_COLOURING_FUNCTION, /* file and name */
} SalColouring;

#define SAL_TYPE_COLOURING (sal_colouring_get_type ())
GType sal_colouring_get_type (void);

/** sal_palette_get_kind: the colour that stands for all functions of @origin. @dark: for a dark
 * background. */
SalRgb sal_palette_get_kind (SalOrigin origin, gboolean dark);

/**
 * sal_palette_get_body: the fill of @function's blocks.
 *
 * By kind: a shade of sal_palette_get_kind(). By function: the hue comes from a stable hash of the
 * file (its last folder and base name, so that a file keeps its colour in another checkout or
 * another Python), lightness and a little hue from the name, so that neighbours differ; functions
 * written in C are greyish, marks grey. @dark: for a dark background.
 */
SalRgb sal_palette_get_body (const SalFunction *function, SalColouring colouring, gboolean dark);

/** sal_palette_get_text: black or white, whichever contrasts more with @body: at least 4.5 : 1. */
SalRgb sal_palette_get_text (SalRgb body);

/** sal_palette_get_contrast: WCAG 2.1 contrast ratio of two colours, 1..21. */
double sal_palette_get_contrast (SalRgb a, SalRgb b);

G_END_DECLS
