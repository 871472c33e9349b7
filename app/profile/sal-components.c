/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strongly connected components with an explicit stack. */
#include "sal-components.h"

#define UNVISITED G_MAXUINT32

typedef struct
{
  const guint32 *first;
  const guint32 *targets;
  guint32 *numbers;    /* order of discovery */
  guint32 *lows;       /* lowest number reachable inside the open part */
  guint32 *next;       /* next successor to look at */
  guint32 *components; /* UNVISITED while open */
  guint32 *path;       /* from the start of the search to where it is */
  guint32 *open;       /* discovered, component not known yet */
  guint32 path_length;
  guint32 open_length;
  guint32 n_numbers;
  guint32 n_components;
} Search;

static void
discover (Search *search, guint32 node)
{
  search->numbers[node] = search->lows[node] = search->n_numbers++;
  search->next[node] = search->first[node];
  search->path[search->path_length++] = node;
  search->open[search->open_length++] = node;
}

/* The node has no successor left. */
static void
leave (Search *search, guint32 node)
{
  guint32 member;

  search->path_length--;
  if (search->path_length > 0)
    {
      guint32 parent = search->path[search->path_length - 1];

      search->lows[parent] = MIN (search->lows[parent], search->lows[node]);
    }
  if (search->lows[node] != search->numbers[node])
    return;
  do
    {
      member = search->open[--search->open_length];
      search->components[member] = search->n_components;
    }
  while (member != node);
  search->n_components++;
}

static void
search_from (Search *search, guint32 start)
{
  discover (search, start);
  while (search->path_length > 0)
    {
      guint32 node = search->path[search->path_length - 1];
      guint32 target;

      if (search->next[node] == search->first[node + 1])
        {
          leave (search, node);
          continue;
        }
      target = search->targets[search->next[node]++];
      if (search->numbers[target] == UNVISITED)
        discover (search, target);
      else if (search->components[target] == UNVISITED)
        search->lows[node] = MIN (search->lows[node], search->numbers[target]);
    }
}

guint32 *
sal_components_new (guint32 n_nodes,
                    const guint32 *first,
                    const guint32 *targets,
                    guint32 *n_components)
{
  gsize n = MAX (n_nodes, 1);
  g_autofree guint32 *numbers = g_new (guint32, n);
  g_autofree guint32 *lows = g_new (guint32, n);
  g_autofree guint32 *next = g_new (guint32, n);
  g_autofree guint32 *path = g_new (guint32, n);
  g_autofree guint32 *open = g_new (guint32, n);
  guint32 *components = g_new (guint32, n);
  Search search = {
    .first = first,
    .targets = targets,
    .numbers = numbers,
    .lows = lows,
    .next = next,
    .components = components,
    .path = path,
    .open = open,
  };

  for (guint32 i = 0; i < n_nodes; i++)
    numbers[i] = components[i] = UNVISITED;
  for (guint32 i = 0; i < n_nodes; i++)
    if (numbers[i] == UNVISITED)
      search_from (&search, i);
  *n_components = search.n_components;
  return components;
}
