/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paints a flame layout into an image surface: for the screen, for pictures and for measuring. */
#pragma once

#include <pango/pangocairo.h>

#include "sal-flame-layout.h"
#include "sal-palette.h"

G_BEGIN_DECLS

/* Remembers what painting needs again: colours and rendered names of functions. Thread: main. */
typedef struct _SalFlamePainter SalFlamePainter;

/* What one picture looks like: a value, borrowed. Lengths are device pixels. */
typedef struct
{
  gint row_px;      /* height of a row, its gap included */
  gint origin_px;   /* where row 0 begins: its top, or its bottom when it grows upwards */
  gint scale;       /* device pixels of one of the interface's */
  gboolean upwards; /* root at the bottom */
  gboolean dark;
  gboolean high_contrast;
  SalColouring colouring;
  const guint8 *matches; /* (nullable): one byte a function; those with 0 fade, others stand out */
  guint32 n_matches;
} SalFlameStyle;

/** sal_flame_painter_new: @context says the font; its resolution is the device's. */
SalFlamePainter *sal_flame_painter_new (PangoContext *context) G_GNUC_WARN_UNUSED_RESULT;
void sal_flame_painter_free (SalFlamePainter *painter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalFlamePainter, sal_flame_painter_free)

/** sal_flame_painter_set_profile: whose functions the layouts name. @is_growth: the functions so
 * far are the same ones, so what is remembered about them stays. */
void sal_flame_painter_set_profile (SalFlamePainter *painter,
                                    SalProfile *profile,
                                    gboolean is_growth);

/** sal_flame_painter_set_context: another font, or another scale: names are rendered anew. */
void sal_flame_painter_set_context (SalFlamePainter *painter, PangoContext *context);

/** sal_flame_painter_get_row_px: the height of a row that the font asks for, in device pixels. */
gint sal_flame_painter_get_row_px (SalFlamePainter *painter, gint scale);

/**
 * sal_flame_painter_paint: paints @layout over all of @cr's surface.
 *
 * @cr: on an image surface of format ARGB32, as wide as the layout's viewport. Whole device pixels
 * are written, all opaque; the transformation is not looked at. Rendering a name for the first time
 * is what costs, so a picture renders only some: FALSE means that names are missing and another
 * call will add more of them.
 */
gboolean sal_flame_painter_paint (SalFlamePainter *painter,
                                  cairo_t *cr,
                                  const SalFlameLayout *layout,
                                  const SalFlameStyle *style);

/** sal_flame_painter_get_background: what @style leaves empty. */
SalRgb sal_flame_painter_get_background (const SalFlameStyle *style);

G_END_DECLS
