/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lays out the blocks of a flame graph in a file: the layouts of its threads side by side. */
#include "config.h"

#include "sal-svg-blocks.h"

#include <glib/gi18n.h>

#include "sal-call-graph.h"
#include "sal-flame-layout.h"
#include "sal-profile-error.h"

#include "sal-thread-forest.h"

#define MAX_BLOCKS 200000
#define NS_PER_SECOND 1e9
/* What is narrower than this part of a pixel would not even show after zooming far in. */
#define LEAST_REST 0.1

typedef struct
{
  GArray *blocks;
  double pixel;    /* fraction of the whole */
  double total_ns; /* the whole */
} Picture;

static void
add_block (Picture *picture, SalSvgBlock block, double start_ns, double time_ns)
{
  block.x = start_ns / picture->total_ns;
  block.width = time_ns / picture->total_ns;
  block.time_ns = time_ns;
  g_array_append_val (picture->blocks, block);
}

/* Where each block's children begin: they are neighbours in the row below. */
static guint32 *
find_children (const SalFlameBlock *blocks, guint32 n_blocks)
{
  guint32 *firsts = g_new (guint32, (gsize)n_blocks + 1);

  for (guint32 i = 0; i < n_blocks; i++)
    firsts[i] = n_blocks;
  for (guint32 i = n_blocks; i > 0; i--)
    if (blocks[i - 1].parent != SAL_NO_ID)
      firsts[blocks[i - 1].parent] = i - 1;
  return firsts;
}

typedef struct
{
  guint32 block;
  guint32 depth;
} Step;

static void
push_siblings (GArray *steps,
               const SalFlameBlock *blocks,
               guint32 n_blocks,
               guint32 first,
               guint32 depth)
{
  guint32 end = first;

  while (end < n_blocks && blocks[end].parent == blocks[first].parent)
    end++;
  for (guint32 i = end; i > first; i--)
    {
      const Step step = { i - 1, depth };

      g_array_append_val (steps, step);
    }
}

static void
add_flame_block (Picture *picture,
                 const SalFlameBlock *flame,
                 guint32 depth,
                 double start_ns,
                 double scale_ns)
{
  SalSvgBlock block = {
    .kind = flame->flags & SAL_FLAME_DUST ? SAL_SVG_REST : SAL_SVG_FUNCTION,
    .id = flame->function,
    .depth = depth,
    .count = flame->count,
    .estimated = (flame->flags & SAL_FLAME_ESTIMATED) != 0,
    .samples = flame->total_samples,
  };
  double width_ns = (flame->x1 - flame->x0) * scale_ns;

  if (block.kind == SAL_SVG_REST && width_ns < LEAST_REST * picture->pixel * picture->total_ns)
    return;
  add_block (picture, block, start_ns + flame->x0 * scale_ns, width_ns);
}

/* All of @source, which fills [start_ns, start_ns + scale_ns) and has its first row at @depth. */
static void
add_source (Picture *picture,
            const SalFlameSource *source,
            guint32 depth,
            double start_ns,
            double scale_ns)
{
  double n_pixels = scale_ns / picture->total_ns / picture->pixel;
  const SalFlameViewport viewport = {
    .x1 = 1,
    .width_px = (guint32)MAX (1, n_pixels),
    .n_rows = G_MAXUINT32,
  };
  g_autoptr (SalFlameLayout) layout = sal_flame_layout_new (source, &viewport);
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_autofree guint32 *firsts = NULL;
  guint32 n_blocks;
  const SalFlameBlock *blocks = sal_flame_layout_get_blocks (layout, &n_blocks);

  if (n_blocks > MAX_BLOCKS)
    {
      g_array_set_size (picture->blocks, MAX_BLOCKS + 1);
      return;
    }
  firsts = find_children (blocks, n_blocks);
  if (n_blocks > 0)
    push_siblings (steps, blocks, n_blocks, 0, depth);
  while (steps->len > 0)
    {
      Step step = g_array_index (steps, Step, steps->len - 1);

      g_array_set_size (steps, steps->len - 1);
      add_flame_block (picture, &blocks[step.block], step.depth, start_ns, scale_ns);
      if (firsts[step.block] < n_blocks)
        push_siblings (steps, blocks, n_blocks, firsts[step.block], step.depth + 1);
    }
}

static double
get_total (const SalForestTree *entry)
{
  return (double)sal_call_tree_get_node (entry->tree, 0).total;
}

static void
add_tree (Picture *picture, const SalForestTree *entry, guint32 depth, double start_ns)
{
  const SalFlameSource source = { .tree = entry->tree };

  add_source (picture, &source, depth, start_ns, get_total (entry));
}

static void
add_thread (Picture *picture, const SalForestTree *entry, double start_ns)
{
  SalSvgBlock block = { .kind = SAL_SVG_THREAD, .id = entry->thread, .depth = 2 };

  block.samples = sal_call_tree_get_node (entry->tree, 0).total_samples;
  add_block (picture, block, start_ns, get_total (entry));
  add_tree (picture, entry, 3, start_ns);
}

/* The threads of one process, which stand together. Returns how many. */
static guint
add_process (Picture *picture, GArray *forest, guint first, double *start_ns)
{
  SalSvgBlock block = { .kind = SAL_SVG_PROCESS, .depth = 1 };
  double time_ns = 0;
  guint end = first;

  block.id = g_array_index (forest, SalForestTree, first).process;
  for (; end < forest->len; end++)
    {
      const SalForestTree *entry = &g_array_index (forest, SalForestTree, end);

      if (entry->process != block.id)
        break;
      time_ns += get_total (entry);
      block.samples += sal_call_tree_get_node (entry->tree, 0).total_samples;
    }
  add_block (picture, block, *start_ns, time_ns);
  for (guint i = first; i < end; i++)
    {
      const SalForestTree *entry = &g_array_index (forest, SalForestTree, i);

      add_thread (picture, entry, *start_ns);
      *start_ns += get_total (entry);
    }
  return end - first;
}

static void
add_forest (Picture *picture, GArray *forest)
{
  SalSvgBlock all = { .kind = SAL_SVG_ALL };
  double start_ns = 0;

  for (guint i = 0; i < forest->len; i++)
    {
      const SalForestTree *entry = &g_array_index (forest, SalForestTree, i);

      picture->total_ns += get_total (entry);
      all.samples += sal_call_tree_get_node (entry->tree, 0).total_samples;
    }
  if (!(picture->total_ns > 0))
    return;
  add_block (picture, all, 0, picture->total_ns);
  if (g_array_index (forest, SalForestTree, 0).thread == SAL_NO_ID)
    add_tree (picture, &g_array_index (forest, SalForestTree, 0), 1, 0);
  else
    for (guint i = 0; i < forest->len && picture->blocks->len <= MAX_BLOCKS;)
      i += add_process (picture, forest, i, &start_ns);
}

static void
add_calls (Picture *picture, SalCallGraph *graph)
{
  const SalSvgBlock all = { .kind = SAL_SVG_ALL };
  const SalFlameSource source = { .graph = graph };
  guint32 n_roots;

  sal_call_graph_get_roots (graph, &n_roots, &picture->total_ns);
  picture->total_ns *= NS_PER_SECOND;
  if (!(picture->total_ns > 0))
    return;
  add_block (picture, all, 0, picture->total_ns);
  add_source (picture, &source, 1, 0, picture->total_ns);
}

/* Begins again with wider pixels until the blocks are few enough. */
static gboolean
fill (Picture *picture,
      GArray *forest,
      SalCallGraph *graph,
      GCancellable *cancellable,
      GError **error)
{
  do
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_array_set_size (picture->blocks, 0);
      picture->total_ns = 0;
      if (forest != NULL)
        add_forest (picture, forest);
      else
        add_calls (picture, graph);
      picture->pixel *= 4;
    }
  while (picture->blocks->len > MAX_BLOCKS);
  if (picture->blocks->len > 0)
    return TRUE;
  g_set_error_literal (error, SAL_PROFILE_ERROR, SAL_PROFILE_ERROR_EMPTY,
                       _ ("No time was measured that could be drawn."));
  return FALSE;
}

GArray *
sal_svg_blocks_new (SalProfile *profile,
                    const SalFilter *filter,
                    gboolean threads,
                    guint32 n_pixels,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (SalSvgBlock));
  g_autoptr (GArray) forest = NULL;
  g_autoptr (SalCallGraph) graph = NULL;
  Picture picture = { .blocks = blocks, .pixel = 1.0 / n_pixels };

  if (sal_profile_get_kind (profile) == SAL_PROFILE_CALLS)
    graph = sal_call_graph_new (profile);
  else
    {
      forest = sal_thread_forest_new (profile, filter, threads, SAL_CALL_TREE_BY_TOTAL,
                                      cancellable, error);
      if (forest == NULL)
        return NULL;
    }
  if (!fill (&picture, forest, graph, cancellable, error))
    return NULL;
  return g_steal_pointer (&blocks);
}
