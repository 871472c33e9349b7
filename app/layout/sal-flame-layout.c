/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A layout as such: its rows, pixel edges, hits and paths. */
#include "sal-flame-layout.h"

#include <math.h>

#include "sal-flame-layout-private.h"

static SalFlameViewport
clamp_viewport (const SalFlameViewport *viewport)
{
  SalFlameViewport clamped = *viewport;

  if (!(clamped.x1 > clamped.x0))
    {
      clamped.x0 = 0;
      clamped.x1 = 1;
    }
  clamped.width_px = MAX (clamped.width_px, 1);
  return clamped;
}

SalFlameLayout *
sal_flame_layout_new (const SalFlameSource *source, const SalFlameViewport *viewport)
{
  SalFlameLayout *layout;

  g_return_val_if_fail (source != NULL && viewport != NULL, NULL);

  layout = g_new0 (SalFlameLayout, 1);
  layout->viewport = clamp_viewport (viewport);
  layout->blocks = g_array_sized_new (FALSE, FALSE, sizeof (SalFlameBlock), 1024);
  layout->rows = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (source->tree != NULL)
    _sal_flame_layout_tree (layout, source->tree);
  else if (source->graph != NULL)
    {
      layout->viewport.first_row = 0;
      _sal_flame_layout_graph (layout, source->graph);
    }
  return layout;
}

void
sal_flame_layout_free (SalFlameLayout *layout)
{
  if (layout == NULL)
    return;
  g_array_unref (layout->blocks);
  g_array_unref (layout->rows);
  g_free (layout);
}

const SalFlameViewport *
sal_flame_layout_get_viewport (const SalFlameLayout *layout)
{
  return &layout->viewport;
}

const SalFlameBlock *
sal_flame_layout_get_blocks (const SalFlameLayout *layout, guint32 *n_blocks)
{
  if (n_blocks != NULL)
    *n_blocks = layout->blocks->len;
  return (const SalFlameBlock *)(void *)layout->blocks->data;
}

guint32
sal_flame_layout_get_n_rows (const SalFlameLayout *layout)
{
  return layout->rows->len == 0 ? 0 : layout->viewport.first_row + layout->rows->len;
}

guint32
sal_flame_layout_get_row (const SalFlameLayout *layout, guint32 row, guint32 *first)
{
  guint32 index, end;

  *first = 0;
  if (row < layout->viewport.first_row)
    return 0;
  index = row - layout->viewport.first_row;
  if (index >= layout->rows->len)
    return 0;
  *first = g_array_index (layout->rows, guint32, index);
  end = index + 1 < layout->rows->len ? g_array_index (layout->rows, guint32, index + 1)
                                      : layout->blocks->len;
  return end - *first;
}

static gint
get_pixel (const SalFlameViewport *viewport, double x)
{
  double px = floor ((x - viewport->x0) / (viewport->x1 - viewport->x0) * viewport->width_px + 0.5);

  return (gint)CLAMP (px, 0.0, (double)viewport->width_px);
}

void
sal_flame_layout_get_edges (const SalFlameLayout *layout,
                            const SalFlameBlock *block,
                            gint *left,
                            gint *right)
{
  *left = get_pixel (&layout->viewport, block->x0);
  *right = get_pixel (&layout->viewport, block->x1);
}

guint32
sal_flame_layout_hit (const SalFlameLayout *layout, guint32 row, gint x_px)
{
  guint32 first, low = 0, high;
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (layout, NULL);
  gint left, right;

  high = sal_flame_layout_get_row (layout, row, &first);
  /* The first block that begins behind the pixel. */
  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (get_pixel (&layout->viewport, blocks[first + middle].x0) <= x_px)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return SAL_NO_ID;
  sal_flame_layout_get_edges (layout, &blocks[first + low - 1], &left, &right);
  return x_px < right ? first + low - 1 : SAL_NO_ID;
}

guint64
sal_flame_layout_get_n_visited (const SalFlameLayout *layout)
{
  return layout->n_visited;
}

void
sal_flame_layout_get_path (const SalFlameLayout *layout,
                           const SalFlameSource *source,
                           guint32 block,
                           GArray *path)
{
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (layout, NULL);
  guint start = path->len;

  g_return_if_fail (block < layout->blocks->len);

  if (source->tree != NULL)
    {
      SalCallNode node = sal_call_tree_get_node (source->tree, blocks[block].node);

      g_array_append_val (path, blocks[block].function);
      while (node.parent != SAL_NO_ID && node.parent != 0)
        {
          node = sal_call_tree_get_node (source->tree, node.parent);
          g_array_append_val (path, node.function);
        }
    }
  else
    for (guint32 at = block; at != SAL_NO_ID; at = blocks[at].parent)
      g_array_append_val (path, blocks[at].function);

  for (guint i = start, j = path->len - 1; i < j; i++, j--)
    {
      guint32 swap = g_array_index (path, guint32, i);

      g_array_index (path, guint32, i) = g_array_index (path, guint32, j);
      g_array_index (path, guint32, j) = swap;
    }
}
