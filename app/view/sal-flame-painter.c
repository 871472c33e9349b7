/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paints bodies a scan line at a time, then patterns and names block by block.
 *
 * Measured on an image surface: filling rectangles through cairo takes 60 ms for a hundred
 * thousand, copying one scan line down a row takes 3 ms however many there are. So bodies are
 * written as pixels; cairo and Pango make the names (sal-flame-label.c). */
#include "sal-flame-painter.h"

#include <string.h>

#include "sal-flame-label.h"

/* Time for rendering names for the first time in one picture: of the 8 ms that a frame may take. */
#define NEW_LABELS_US 2500

/* Names drawn in one picture: those of the widest blocks. */
#define MAX_LABELS 1500

/* Space on both sides of a name, and the least width that gets one, in pixels of the interface. */
#define LABEL_PADDING 4
#define LABEL_MIN_WIDTH 30

#define HATCH_PX 8

/* How far blocks step back towards the background, of 256. */
#define ESTIMATED 60
#define DUST 110
#define NO_MATCH 190

#define OPAQUE 0xff000000u

typedef struct
{
  guint32 body;
  guint32 text;
  gboolean is_known;
} Colours;

struct _SalFlamePainter
{
  SalProfile *profile;
  PangoContext *context;
  SalFlameLabels *labels;
  GArray *colours; /* Colours, by function */
  gboolean dark;   /* what @colours are for */
  SalColouring colouring;
  gint label_height;
};

/* One picture being painted. */
typedef struct
{
  SalFlamePainter *painter;
  const SalFlameLayout *layout;
  const SalFlameStyle *style;
  SalFlameCanvas canvas;
  guint32 background;
  guint32 strong; /* outlines */
  gint min_label_px;
  gboolean is_whole; /* no name is missing */
} Picture;

static guint32
pack (SalRgb colour)
{
  return OPAQUE | ((guint32)(colour.red * 255 + 0.5) << 16) |
         ((guint32)(colour.green * 255 + 0.5) << 8) | (guint32)(colour.blue * 255 + 0.5);
}

/* @a with @share of 256 parts of @b. */
static guint32
mix (guint32 a, guint32 b, guint32 share)
{
  guint32 rest = 256 - share;

  return OPAQUE | ((((a & 0xff00ff) * rest + (b & 0xff00ff) * share) >> 8) & 0xff00ff) |
         ((((a & 0x00ff00) * rest + (b & 0x00ff00) * share) >> 8) & 0x00ff00);
}

SalFlamePainter *
sal_flame_painter_new (PangoContext *context)
{
  SalFlamePainter *painter = g_new0 (SalFlamePainter, 1);

  painter->context = g_object_ref (context);
  painter->labels = sal_flame_labels_new (context);
  painter->colours = g_array_new (FALSE, TRUE, sizeof (Colours));
  return painter;
}

void
sal_flame_painter_free (SalFlamePainter *painter)
{
  if (painter == NULL)
    return;
  g_clear_pointer (&painter->profile, sal_profile_unref);
  g_object_unref (painter->context);
  sal_flame_labels_free (painter->labels);
  g_array_unref (painter->colours);
  g_free (painter);
}

void
sal_flame_painter_set_profile (SalFlamePainter *painter, SalProfile *profile, gboolean is_growth)
{
  if (painter->profile == profile)
    return;
  g_clear_pointer (&painter->profile, sal_profile_unref);
  painter->profile = profile != NULL ? sal_profile_ref (profile) : NULL;
  if (is_growth)
    return;
  g_array_set_size (painter->colours, 0);
  sal_flame_labels_clear (painter->labels);
}

void
sal_flame_painter_set_context (SalFlamePainter *painter, PangoContext *context)
{
  g_set_object (&painter->context, context);
  sal_flame_labels_free (painter->labels);
  painter->labels = sal_flame_labels_new (context);
}

gint
sal_flame_painter_get_row_px (SalFlamePainter *painter, gint scale)
{
  PangoFontMetrics *metrics = pango_context_get_metrics (painter->context, NULL, NULL);
  gint height = PANGO_PIXELS_CEIL (pango_font_metrics_get_ascent (metrics) +
                                   pango_font_metrics_get_descent (metrics));

  pango_font_metrics_unref (metrics);
  return MAX (height, 8) + 4 * scale;
}

SalRgb
sal_flame_painter_get_background (const SalFlameStyle *style)
{
  if (style->high_contrast)
    return style->dark ? (SalRgb){ 0, 0, 0 } : (SalRgb){ 1, 1, 1 };
  return style->dark ? (SalRgb){ 0.118, 0.118, 0.118 } : (SalRgb){ 1, 1, 1 };
}

static Colours
get_colours (Picture *picture, guint32 function)
{
  SalFlamePainter *painter = picture->painter;
  Colours *colours;

  if (painter->profile == NULL || function >= sal_profile_get_n_functions (painter->profile))
    return (Colours){ .body = OPAQUE | 0x808080, .text = OPAQUE };
  if (function >= painter->colours->len)
    g_array_set_size (painter->colours, sal_profile_get_n_functions (painter->profile));
  colours = &g_array_index (painter->colours, Colours, function);
  if (!colours->is_known)
    {
      SalFunction description = sal_profile_get_function (painter->profile, function);
      SalRgb body = sal_palette_get_body (&description,
                                          picture->style->colouring,
                                          picture->style->dark);

      *colours = (Colours){ pack (body), pack (sal_palette_get_text (body)), TRUE };
    }
  return *colours;
}

static gboolean
is_match (const Picture *picture, const SalFlameBlock *block)
{
  const SalFlameStyle *style = picture->style;

  return style->matches != NULL && block->function < style->n_matches &&
         style->matches[block->function] != 0 && !(block->flags & SAL_FLAME_DUST);
}

/* A block's colours as it stands: paler when its time is estimated or when it does not match, since
 * both step back. Black or white on it is chosen anew then. */
static Colours
get_block_colours (Picture *picture, const SalFlameBlock *block)
{
  Colours colours = get_colours (picture, block->function);
  guint32 faded = 0;

  if (block->flags & SAL_FLAME_DUST)
    faded = DUST;
  else if (block->flags & SAL_FLAME_ESTIMATED)
    faded = ESTIMATED;
  if (picture->style->matches != NULL && !is_match (picture, block))
    faded = NO_MATCH;
  if (faded != 0)
    {
      colours.body = mix (colours.body, picture->background, faded);
      colours.text = picture->strong;
    }
  if (faded == NO_MATCH && !picture->style->high_contrast)
    colours.text = mix (colours.text, picture->background, 80);
  return colours;
}

static gint
get_row_top (const Picture *picture, guint32 row)
{
  const SalFlameStyle *style = picture->style;
  gint64 distance = (gint64)row * style->row_px;
  gint64 top = style->upwards ? style->origin_px - distance - style->row_px
                              : style->origin_px + distance;

  return (gint)CLAMP (top, -G_MAXINT / 2, G_MAXINT / 2);
}

static void
fill (guint32 *pixels, gint from, gint to, guint32 colour)
{
  for (gint x = from; x < to; x++)
    pixels[x] = colour;
}

/* The first scan line of a row: every body, with a gap to the next one where there is room. */
static void
paint_bodies (Picture *picture, guint32 *line, guint32 first, guint32 end)
{
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (picture->layout, NULL);
  guint32 gap = picture->style->high_contrast ? picture->strong : picture->background;

  fill (line, 0, picture->canvas.width, picture->background);
  for (guint32 i = first; i < end; i++)
    {
      gint left, right;

      sal_flame_layout_get_edges (picture->layout, &blocks[i], &left, &right);
      right = MIN (right, picture->canvas.width);
      if (right <= left)
        continue;
      fill (line, left, right, get_block_colours (picture, &blocks[i]).body);
      if (right - left > 2 &&
          right < (gint)sal_flame_layout_get_viewport (picture->layout)->width_px)
        line[right - 1] = gap;
    }
}

static void
copy_line_down (Picture *picture, gint top, const guint32 *line)
{
  gint height = picture->style->row_px - picture->style->scale;

  for (gint y = MAX (0, top); y < MIN (top + picture->style->row_px, picture->canvas.height); y++)
    {
      guint32 *to = picture->canvas.pixels + y * picture->canvas.stride;

      if (y < top + height)
        memcpy (to, line, (gsize)picture->canvas.width * sizeof (guint32));
      else
        fill (to, 0, picture->canvas.width, picture->background);
    }
}

/* Estimated: slanted lines and a dotted left edge. Dust: upright lines. */
static void
paint_pattern (Picture *picture, const SalFlameBlock *block, const cairo_rectangle_int_t *area)
{
  Colours colours = get_block_colours (picture, block);
  guint32 ink = mix (colours.body, colours.text, 36);
  gint scale = picture->style->scale, step = HATCH_PX * scale;
  gboolean is_dust = (block->flags & SAL_FLAME_DUST) != 0;

  for (gint y = MAX (0, area->y); y < MIN (area->y + area->height, picture->canvas.height); y++)
    {
      guint32 *to = picture->canvas.pixels + y * picture->canvas.stride + area->x;
      gint offset = y - area->y;

      if (is_dust)
        for (gint x = 2 * scale; x < area->width; x += 3 * scale)
          to[x] = ink;
      else
        for (gint x = (step * 16 - offset) % step; x < area->width; x += step)
          to[x] = ink;
      if (!is_dust && (offset / (2 * scale)) % 2 == 0 && area->width > 3)
        fill (to, 0, scale, mix (colours.body, colours.text, 150));
    }
}

/* A match is outlined; one too narrow for that has a bar along its top. */
static void
paint_outline (Picture *picture, const cairo_rectangle_int_t *area)
{
  gint thick = 2 * picture->style->scale;
  gboolean has_sides = area->width > 3 * thick;

  for (gint y = MAX (0, area->y); y < MIN (area->y + area->height, picture->canvas.height); y++)
    {
      guint32 *to = picture->canvas.pixels + y * picture->canvas.stride + area->x;

      if (y < area->y + thick || (has_sides && y >= area->y + area->height - thick))
        fill (to, 0, area->width, picture->strong);
      else if (has_sides)
        {
          fill (to, 0, thick, picture->strong);
          fill (to, area->width - thick, area->width, picture->strong);
        }
    }
}

static void
paint_label (Picture *picture, const SalFlameBlock *block, cairo_rectangle_int_t area)
{
  SalFlamePainter *painter = picture->painter;
  gint padding = LABEL_PADDING * picture->style->scale;
  SalFlameLabelKind kind = SAL_FLAME_LABEL_FUNCTION;
  guint32 id = block->function;

  if (block->flags & SAL_FLAME_DUST)
    {
      kind = SAL_FLAME_LABEL_OTHERS;
      id = block->count;
    }
  else if (block->flags & SAL_FLAME_RECURSIVE)
    kind = SAL_FLAME_LABEL_RECURSIVE;
  area.x += padding;
  area.width -= 2 * padding;
  if (!sal_flame_labels_draw (painter->labels, &picture->canvas, painter->profile, kind, id, &area,
                              get_block_colours (picture, block).text))
    picture->is_whole = FALSE;
}

static void
paint_details (Picture *picture, gint top, guint32 first, guint32 end)
{
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (picture->layout, NULL);
  gint height = picture->style->row_px - picture->style->scale;

  for (guint32 i = first; i < end; i++)
    {
      gint left, right;
      cairo_rectangle_int_t area;

      sal_flame_layout_get_edges (picture->layout, &blocks[i], &left, &right);
      right = MIN (right, picture->canvas.width);
      if (right - left > 2)
        right--;
      if (right <= left)
        continue;
      area = (cairo_rectangle_int_t){ left, top, right - left, height };
      if (blocks[i].flags & (SAL_FLAME_ESTIMATED | SAL_FLAME_DUST))
        paint_pattern (picture, &blocks[i], &area);
      if (is_match (picture, &blocks[i]))
        paint_outline (picture, &area);
      if (area.width >= picture->min_label_px && picture->painter->profile != NULL)
        paint_label (picture, &blocks[i], area);
    }
}

/* The rows that the canvas shows: first … end − 1. */
static void
find_rows (const Picture *picture, guint32 *first, guint32 *end)
{
  const SalFlameStyle *style = picture->style;
  gint64 from = style->upwards ? (gint64)style->origin_px - picture->canvas.height
                               : -(gint64)style->origin_px;
  gint64 to = from + picture->canvas.height;

  *first = (guint32)MAX (0, from / style->row_px);
  *end = (guint32)CLAMP ((to + style->row_px - 1) / style->row_px, *first, G_MAXUINT32);
  *end = MIN (*end, sal_flame_layout_get_n_rows (picture->layout));
}

/* The width from which on blocks get a name, so that not too many do. */
static gint
choose_min_label (const Picture *picture, guint32 first_row, guint32 end_row)
{
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (picture->layout, NULL);
  gint least = LABEL_MIN_WIDTH * picture->style->scale;
  guint counts[256] = { 0 }, n = 0;
  gint bucket;

  for (guint32 row = first_row; row < end_row; row++)
    {
      guint32 first, n_blocks = sal_flame_layout_get_row (picture->layout, row, &first);

      for (guint32 i = first; i < first + n_blocks; i++)
        {
          gint left, right;

          sal_flame_layout_get_edges (picture->layout, &blocks[i], &left, &right);
          counts[CLAMP (right - left, 0, 255)]++;
        }
    }
  for (bucket = 255; bucket > least && n + counts[bucket] <= MAX_LABELS; bucket--)
    n += counts[bucket];
  return MAX (bucket, least);
}

static void
paint_row (Picture *picture, guint32 row, guint32 *line)
{
  gint top = get_row_top (picture, row);
  guint32 first, n_blocks = sal_flame_layout_get_row (picture->layout, row, &first);

  paint_bodies (picture, line, first, first + n_blocks);
  copy_line_down (picture, top, line);
  paint_details (picture, top, first, first + n_blocks);
}

/* What no row covers. */
static void
paint_background (Picture *picture, gint from, gint to)
{
  for (gint y = MAX (0, from); y < MIN (to, picture->canvas.height); y++)
    fill (picture->canvas.pixels + y * picture->canvas.stride, 0, picture->canvas.width,
          picture->background);
}

static void
paint_picture (Picture *picture)
{
  g_autofree guint32 *line = g_new (guint32, picture->canvas.width);
  guint32 first, end;
  gint top, bottom;

  find_rows (picture, &first, &end);
  picture->min_label_px = choose_min_label (picture, first, end);
  for (guint32 row = first; row < end; row++)
    paint_row (picture, row, line);
  if (first >= end)
    {
      paint_background (picture, 0, picture->canvas.height);
      return;
    }
  top = get_row_top (picture, picture->style->upwards ? end - 1 : first);
  bottom = get_row_top (picture, picture->style->upwards ? first : end - 1) +
           picture->style->row_px;
  paint_background (picture, 0, top);
  paint_background (picture, bottom, picture->canvas.height);
}

gboolean
sal_flame_painter_paint (SalFlamePainter *painter,
                         cairo_t *cr,
                         const SalFlameLayout *layout,
                         const SalFlameStyle *style)
{
  cairo_surface_t *surface = cairo_get_target (cr);
  Picture picture = { .painter = painter, .layout = layout, .style = style, .is_whole = TRUE };

  g_return_val_if_fail (cairo_surface_get_type (surface) == CAIRO_SURFACE_TYPE_IMAGE, TRUE);
  g_return_val_if_fail (cairo_image_surface_get_format (surface) == CAIRO_FORMAT_ARGB32, TRUE);
  g_return_val_if_fail (style->row_px > style->scale, TRUE);

  cairo_surface_flush (surface);
  picture.canvas = (SalFlameCanvas){
    .pixels = (guint32 *)(void *)cairo_image_surface_get_data (surface),
    .stride = cairo_image_surface_get_stride (surface) / 4,
    .width = cairo_image_surface_get_width (surface),
    .height = cairo_image_surface_get_height (surface),
  };
  if (picture.canvas.pixels == NULL)
    return TRUE;
  if (painter->dark != style->dark || painter->colouring != style->colouring)
    g_array_set_size (painter->colours, 0);
  painter->dark = style->dark;
  painter->colouring = style->colouring;
  if (painter->label_height != style->row_px - style->scale)
    sal_flame_labels_clear (painter->labels);
  painter->label_height = style->row_px - style->scale;
  picture.background = pack (sal_flame_painter_get_background (style));
  picture.strong = style->dark ? 0xffffffff : OPAQUE;
  sal_flame_labels_begin (painter->labels, NEW_LABELS_US);
  paint_picture (&picture);
  cairo_surface_mark_dirty (surface);
  return picture.is_whole;
}
