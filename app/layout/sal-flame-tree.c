/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lays out a call tree: each row from the blocks above it, the first row by hops through its level.
 *
 * Siblings tile their parent's span from its start on, and a level is sorted by start. So from a
 * sibling below one pixel the next one that can be wide is the one that reaches a pixel further: a
 * search finds it, and what was jumped over is dust. */
#include "sal-flame-layout.h"

#include "sal-flame-layout-private.h"

/* Members of a stretch of dust that are looked at for the heaviest. */
#define DUST_LOOKS 16

typedef struct
{
  SalFlameLayout *layout;
  SalCallTree *tree;
  double whole; /* the root's total */
  double from;  /* the viewport in ns */
  double to;
  double pixel; /* ns */
} TreeWalk;

/* Dust being gathered. */
typedef struct
{
  double start;
  double end;
  guint64 heaviest;
  guint32 function;
  guint32 node;
  guint32 count;
} Dust;

static SalCallNode
visit (TreeWalk *walk, guint32 node)
{
  walk->layout->n_visited++;
  return sal_call_tree_get_node (walk->tree, node);
}

static double
get_end (const SalCallNode *node)
{
  return (double)node->start + (double)node->total;
}

/* The first of the nodes first … end − 1 that reaches @position, or @end. Gallops, so that a near
 * answer is found at once. */
static guint32
seek (TreeWalk *walk, guint32 first, guint32 end, double position)
{
  guint32 low = first, step = 1;

  while (low < end)
    {
      guint32 probe = end - low > step ? low + step - 1 : end - 1;
      SalCallNode node = visit (walk, probe);

      if (get_end (&node) >= position)
        {
          end = probe;
          break;
        }
      low = probe + 1;
      step = step > G_MAXUINT32 / 2 ? step : step * 2;
    }
  while (low < end)
    {
      guint32 middle = low + (end - low) / 2;
      SalCallNode node = visit (walk, middle);

      if (get_end (&node) >= position)
        end = middle;
      else
        low = middle + 1;
    }
  return low;
}

static void
add_block (TreeWalk *walk, const SalCallNode *node, guint32 id, guint32 parent)
{
  SalFlameBlock block = {
    .x0 = (double)node->start / walk->whole,
    .x1 = get_end (node) / walk->whole,
    .total_ns = (double)node->total,
    .self_ns = (double)node->self,
    .total_samples = node->total_samples,
    .self_samples = node->self_samples,
    .function = node->function,
    .parent = parent,
    .node = id,
    .count = 1,
  };

  g_array_append_val (walk->layout->blocks, block);
}

static void
flush_dust (TreeWalk *walk, Dust *dust, guint32 parent)
{
  if (dust->end > dust->start)
    {
      SalFlameBlock block = {
        .x0 = dust->start / walk->whole,
        .x1 = dust->end / walk->whole,
        .total_ns = dust->end - dust->start,
        .function = dust->function,
        .parent = parent,
        .node = dust->node,
        .count = dust->count,
        .flags = SAL_FLAME_DUST,
      };

      g_array_append_val (walk->layout->blocks, block);
    }
  *dust = (Dust){ 0 };
}

/* Adds the nodes first … end − 1, each below a pixel, to @dust. */
static void
add_dust (TreeWalk *walk, Dust *dust, guint32 first, guint32 end)
{
  guint32 step = MAX (1, (end - first) / DUST_LOOKS);
  SalCallNode node = visit (walk, end - 1);

  dust->end = get_end (&node);
  for (guint32 i = first; i < end && i >= first; i += step)
    {
      node = visit (walk, i);
      if (dust->count == 0 && i == first)
        {
          dust->start = (double)node.start;
          dust->node = i;
          dust->heaviest = node.total;
          dust->function = node.function;
        }
      else if (node.total > dust->heaviest)
        {
          dust->heaviest = node.total;
          dust->function = node.function;
        }
    }
  dust->count += end - first;
}

/* The children of a block that the viewport shows. */
static void
lay_out_children (TreeWalk *walk, const SalCallNode *parent, guint32 parent_block)
{
  guint32 end = parent->first_child + parent->n_children;
  guint32 at = parent->first_child;
  Dust dust = { 0 };

  if ((double)parent->start < walk->from)
    at = seek (walk, at, end, walk->from);
  while (at < end)
    {
      SalCallNode node = visit (walk, at);

      if ((double)node.start >= walk->to)
        break;
      if ((double)node.total >= walk->pixel)
        {
          flush_dust (walk, &dust, parent_block);
          if (get_end (&node) > walk->from)
            add_block (walk, &node, at, parent_block);
          at++;
        }
      else
        {
          guint32 next = seek (walk, at + 1, end, (double)node.start + walk->pixel);

          add_dust (walk, &dust, at, next);
          at = next;
        }
    }
  flush_dust (walk, &dust, parent_block);
}

/* The first row: its parents are the wide nodes of the level above it, which are not drawn. */
static void
lay_out_first_row (TreeWalk *walk, guint32 parent_level)
{
  guint32 at, end, n_nodes;

  n_nodes = sal_call_tree_get_level (walk->tree, parent_level, &at);
  end = at + n_nodes;
  at = seek (walk, at, end, walk->from);
  while (at < end)
    {
      SalCallNode node = visit (walk, at);

      if ((double)node.start >= walk->to)
        break;
      if ((double)node.total >= walk->pixel)
        {
          if (get_end (&node) > walk->from && node.n_children > 0)
            lay_out_children (walk, &node, SAL_NO_ID);
          at++;
        }
      else
        at = seek (walk, at + 1, end, (double)node.start + walk->pixel);
    }
}

static void
lay_out_next_row (TreeWalk *walk, guint32 first, guint32 end)
{
  for (guint32 i = first; i < end; i++)
    {
      /* Copied: the array moves while it grows. */
      SalFlameBlock block = g_array_index (walk->layout->blocks, SalFlameBlock, i);
      SalCallNode node;

      if (block.flags & SAL_FLAME_DUST)
        continue;
      node = visit (walk, block.node);
      if (node.n_children > 0)
        lay_out_children (walk, &node, i);
    }
}

void
_sal_flame_layout_tree (SalFlameLayout *layout, SalCallTree *tree)
{
  const SalFlameViewport *viewport = &layout->viewport;
  SalCallNode root = sal_call_tree_get_node (tree, 0);
  guint32 n_levels = sal_call_tree_get_n_levels (tree);
  guint32 first = 0;
  TreeWalk walk = {
    .layout = layout,
    .tree = tree,
    .whole = (double)root.total,
    .from = viewport->x0 * (double)root.total,
    .to = viewport->x1 * (double)root.total,
    .pixel = (viewport->x1 - viewport->x0) * (double)root.total / viewport->width_px,
  };

  if (root.total == 0 || n_levels < 2 || viewport->first_row > n_levels - 2)
    return;
  for (guint32 row = 0; row < viewport->n_rows && viewport->first_row + row + 1 < n_levels; row++)
    {
      guint32 begin = layout->blocks->len;

      if (row == 0)
        lay_out_first_row (&walk, viewport->first_row);
      else
        lay_out_next_row (&walk, first, begin);
      if (layout->blocks->len == begin)
        break;
      g_array_append_val (layout->rows, begin);
      first = begin;
    }
}
