/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A name becomes a mask of 8 bits a pixel; drawing it is blending that mask in a colour. */
#include "sal-flame-label.h"

#include <glib/gi18n.h>
#include <string.h>

#include "sal-format.h"

/* No name is rendered longer, in multiples of the font's height. */
#define MAX_LENGTH_EM 40

/* Names that are kept before all are forgotten: some screens full. */
#define MAX_LABELS 8192

/* Names that every picture may render, however slow that is. */
#define MIN_NEW 4

/* How much of a cut name fades, in pixels. */
#define FADE_PX 16

typedef struct
{
  gint width;
  gint height;
  guint8 alpha[];
} Mask;

struct _SalFlameLabels
{
  PangoContext *context;
  PangoLayout *layout;
  GHashTable *masks; /* guint64 → Mask */
  gint64 spent_us;   /* on rendering in this picture */
  gint64 limit_us;
  guint n_new; /* rendered in this picture */
};

SalFlameLabels *
sal_flame_labels_new (PangoContext *context)
{
  SalFlameLabels *labels = g_new0 (SalFlameLabels, 1);

  labels->context = g_object_ref (context);
  labels->layout = pango_layout_new (context);
  pango_layout_set_single_paragraph_mode (labels->layout, TRUE);
  pango_layout_set_auto_dir (labels->layout, FALSE);
  labels->masks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return labels;
}

void
sal_flame_labels_free (SalFlameLabels *labels)
{
  if (labels == NULL)
    return;
  g_object_unref (labels->layout);
  g_object_unref (labels->context);
  g_hash_table_unref (labels->masks);
  g_free (labels);
}

void
sal_flame_labels_clear (SalFlameLabels *labels)
{
  g_hash_table_remove_all (labels->masks);
  pango_layout_context_changed (labels->layout);
}

void
sal_flame_labels_begin (SalFlameLabels *labels, gint64 limit_us)
{
  labels->limit_us = limit_us;
  labels->spent_us = 0;
  labels->n_new = 0;
  if (g_hash_table_size (labels->masks) > MAX_LABELS)
    g_hash_table_remove_all (labels->masks);
}

/* The text of a label. The name is isolated, so that one written from right to left moves nothing
 * around it. */
static char *
get_text (SalProfile *profile, SalFlameLabelKind kind, guint32 id)
{
  g_autofree char *name = NULL;

  if (kind == SAL_FLAME_LABEL_OTHERS)
    {
      g_autofree char *count = sal_format_count (id);

      /* Translators: in a flame graph: so many small neighbours drawn as one block. */
      return g_strdup_printf (ngettext ("%s more", "%s more", id), count);
    }
  if (id < sal_profile_get_n_functions (profile))
    {
      SalFunction function = sal_profile_get_function (profile, id);
      g_autofree char *isolated = g_strdup_printf ("\u2068%s\u2069", function.name);

      name = sal_format_function (isolated, function.file, function.first_line);
    }
  return g_strconcat (kind == SAL_FLAME_LABEL_RECURSIVE ? "\u21bb " : "", name, NULL);
}

static Mask *
render (SalFlameLabels *labels, const char *text, gint height)
{
  gint text_width, text_height, width, stride;
  cairo_surface_t *surface;
  cairo_t *cr;
  Mask *mask;
  const guint8 *rows;

  pango_layout_set_text (labels->layout, text, -1);
  pango_layout_get_pixel_size (labels->layout, &text_width, &text_height);
  width = CLAMP (text_width, 1, MAX_LENGTH_EM * MAX (height, 1));
  surface = cairo_image_surface_create (CAIRO_FORMAT_A8, width, height);
  cr = cairo_create (surface);
  cairo_set_source_rgba (cr, 0, 0, 0, 1);
  cairo_move_to (cr, 0, (height - text_height) / 2);
  pango_cairo_show_layout (cr, labels->layout);
  cairo_destroy (cr);
  cairo_surface_flush (surface);

  mask = g_malloc0 (sizeof (Mask) + (gsize)width * (gsize)height);
  mask->width = width;
  mask->height = height;
  rows = cairo_image_surface_get_data (surface);
  stride = cairo_image_surface_get_stride (surface);
  for (gint y = 0; y < height && rows != NULL; y++)
    memcpy (mask->alpha + y * width, rows + y * stride, (gsize)width);
  cairo_surface_destroy (surface);
  return mask;
}

static const Mask *
find_mask (
    SalFlameLabels *labels, SalProfile *profile, SalFlameLabelKind kind, guint32 id, gint height)
{
  gint64 key = (gint64)(((guint64)kind << 32) | id);
  Mask *mask = g_hash_table_lookup (labels->masks, &key);

  if (mask == NULL && (labels->n_new < MIN_NEW || labels->spent_us < labels->limit_us))
    {
      gint64 start_us = g_get_monotonic_time ();
      g_autofree char *text = get_text (profile, kind, id);

      mask = render (labels, text, height);
      labels->n_new++;
      labels->spent_us += g_get_monotonic_time () - start_us;
      g_hash_table_insert (labels->masks, g_memdup2 (&key, sizeof key), mask);
    }
  return mask;
}

static guint32
blend (guint32 below, guint32 colour, guint32 alpha)
{
  guint32 rest = 256 - alpha;
  guint32 red_blue = ((below & 0xff00ff) * rest + (colour & 0xff00ff) * alpha) >> 8;
  guint32 green = ((below & 0x00ff00) * rest + (colour & 0x00ff00) * alpha) >> 8;

  return 0xff000000u | (red_blue & 0xff00ff) | (green & 0x00ff00);
}

gboolean
sal_flame_labels_draw (SalFlameLabels *labels,
                       const SalFlameCanvas *canvas,
                       SalProfile *profile,
                       SalFlameLabelKind kind,
                       guint32 id,
                       const cairo_rectangle_int_t *area,
                       guint32 colour)
{
  const Mask *mask = find_mask (labels, profile, kind, id, area->height);
  gint width, fade_from, top = MAX (0, -area->y), bottom;

  if (mask == NULL)
    return FALSE;
  width = MIN (mask->width, MIN (area->width, canvas->width - area->x));
  bottom = MIN (MIN (mask->height, area->height), canvas->height - area->y);
  fade_from = mask->width > area->width ? MAX (0, width - FADE_PX) : width;
  for (gint y = top; y < bottom; y++)
    {
      const guint8 *alpha = mask->alpha + y * mask->width;
      guint32 *to = canvas->pixels + (area->y + y) * canvas->stride + area->x;

      for (gint x = 0; x < fade_from; x++)
        if (alpha[x] != 0)
          to[x] = blend (to[x], colour, alpha[x] + (alpha[x] >> 7));
      for (gint x = fade_from; x < width; x++)
        to[x] = blend (to[x], colour, (guint32)(alpha[x] * (width - x) / FADE_PX));
    }
  return TRUE;
}
