/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of functions, rendered once and then blended: text is what costs in a flame graph. */
#pragma once

#include <pango/pangocairo.h>

#include "sal-profile.h"

G_BEGIN_DECLS

/* Rendered names. Thread: main. */
typedef struct _SalFlameLabels SalFlameLabels;

/* Where pixels go: 32 bits each, no alpha. */
typedef struct
{
  guint32 *pixels;
  gint stride; /* in pixels */
  gint width;
  gint height;
} SalFlameCanvas;

/* What a label says. */
typedef enum
{
  SAL_FLAME_LABEL_FUNCTION,  /* id: the function */
  SAL_FLAME_LABEL_RECURSIVE, /* id: the function, marked as standing further up too */
  SAL_FLAME_LABEL_OTHERS,    /* id: how many */
} SalFlameLabelKind;

/** sal_flame_labels_new: no names yet; @context says the font. */
SalFlameLabels *sal_flame_labels_new (PangoContext *context) G_GNUC_WARN_UNUSED_RESULT;
void sal_flame_labels_free (SalFlameLabels *labels);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalFlameLabels, sal_flame_labels_free)

/** sal_flame_labels_clear: forgets every name. */
void sal_flame_labels_clear (SalFlameLabels *labels);

/** sal_flame_labels_begin: a picture begins: names may be rendered in it for @limit_us µs, and some
 * whatever it takes, so that every picture brings the next nearer to being whole. */
void sal_flame_labels_begin (SalFlameLabels *labels, gint64 limit_us);

/**
 * sal_flame_labels_draw: blends a name into the rectangle @x, @y, @width, @height of @canvas.
 *
 * @colour: 0xRRGGBB. @profile: whose function it is. Cut on the right with a soft edge when too
 * long. FALSE when it would have to be rendered and this picture's share is used up: nothing is
 * drawn.
 */
gboolean sal_flame_labels_draw (SalFlameLabels *labels,
                                const SalFlameCanvas *canvas,
                                SalProfile *profile,
                                SalFlameLabelKind kind,
                                guint32 id,
                                const cairo_rectangle_int_t *area,
                                guint32 colour);

G_END_DECLS
