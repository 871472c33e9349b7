/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call graph, expanded block by block. */
#include "sal-call-graph.h"

#include "sal-components.h"
#include "sal-function-rank.h"

/* Times in a .prof file agree to about a microsecond in a second: less is rounding. */
#define TOLERANCE 1e-6

typedef struct
{
  guint32 callee;
  double share; /* of a block of the caller: in [0, 1] */
  gboolean is_exact;
} Edge;

struct _SalCallGraph
{
  gatomicrefcount refs;
  SalProfile *profile;
  guint32 *first; /* by function: its first edge; one more at the end */
  Edge *edges;    /* of each function heaviest first */
  GArray *roots;  /* of SalCallShare */
  double total;
};

G_DEFINE_BOXED_TYPE (SalCallGraph, sal_call_graph, sal_call_graph_ref, sal_call_graph_unref)

/* Negative times and NaN, from clocks that stepped, count as nothing here. */
static double
get_time (double time)
{
  return time > 0 && time < G_MAXDOUBLE ? time : 0;
}

typedef struct
{
  guint32 n_functions;
  guint32 n_edges;
  const SalCallEdge *edges;
  guint32 *n_callers; /* by function */
  double *n_calls;    /* by function: from callers whose edges tell no time */
  double *times;      /* by edge */
} Input;

/* Files of the module "profile" count the calls of an edge but not their time: the callee's time is
 * divided by the number of calls, as gprof does. */
static double
get_edge_time (const Input *input, SalProfile *profile, const SalCallEdge *edge)
{
  double calls = MAX ((double)edge->costs.ncalls, 0);
  double all = input->n_calls[edge->callee];

  if (edge->has_times)
    return get_time (edge->costs.cumtime);
  if (all <= 0)
    return 0;
  return get_time (sal_profile_get_costs (profile, edge->callee).cumtime) * (calls / all);
}

static void
input_init (Input *input, SalProfile *profile)
{
  guint32 n_functions = sal_profile_get_n_functions (profile);
  guint32 n_edges = sal_profile_get_n_edges (profile);

  input->n_functions = n_functions;
  input->n_edges = n_edges;
  input->edges = sal_profile_get_edges (profile);
  input->n_callers = g_new0 (guint32, MAX (n_functions, 1));
  input->n_calls = g_new0 (double, MAX (n_functions, 1));
  input->times = g_new (double, MAX (n_edges, 1));
  for (guint32 i = 0; i < n_edges; i++)
    {
      input->n_callers[input->edges[i].callee]++;
      if (!input->edges[i].has_times)
        input->n_calls[input->edges[i].callee] += MAX ((double)input->edges[i].costs.ncalls, 0);
    }
  for (guint32 i = 0; i < n_edges; i++)
    input->times[i] = get_edge_time (input, profile, &input->edges[i]);
}

static void
input_clear (Input *input)
{
  g_free (input->n_callers);
  g_free (input->n_calls);
  g_free (input->times);
}

static int
compare_edges_cb (gconstpointer a, gconstpointer b, gpointer ranks)
{
  const Edge *ea = a;
  const Edge *eb = b;
  guint32 ra = ((const guint32 *)ranks)[ea->callee];
  guint32 rb = ((const guint32 *)ranks)[eb->callee];

  if (ea->share != eb->share)
    return ea->share > eb->share ? -1 : 1;
  return (ra > rb) - (ra < rb);
}

/* The edges of one function, input[from … to). */
static void
add_edges (SalCallGraph *graph, const Input *input, guint32 caller, guint32 from, guint32 to)
{
  SalCallCosts costs = sal_profile_get_costs (graph->profile, caller);
  double whole = get_time (costs.cumtime);
  double parts = get_time (costs.tottime);
  gboolean is_scaled;

  for (guint32 i = from; i < to; i++)
    parts += input->times[i];
  is_scaled = parts > whole * (1 + TOLERANCE);
  for (guint32 i = from; i < to; i++)
    {
      const SalCallEdge *edge = &input->edges[i];
      Edge *to_edge = &graph->edges[i];
      double of = MAX (whole, parts);

      to_edge->callee = edge->callee;
      to_edge->share = of > 0 ? input->times[i] / of : 0;
      to_edge->is_exact = !is_scaled && input->n_callers[edge->callee] == 1;
    }
}

static void
fill_edges (SalCallGraph *graph, const Input *input)
{
  g_autofree guint32 *ranks = sal_function_rank_new (graph->profile);

  graph->first = g_new (guint32, (gsize)input->n_functions + 1);
  graph->edges = g_new (Edge, MAX (input->n_edges, 1));
  for (guint32 caller = 0, at = 0; caller < input->n_functions; caller++)
    {
      graph->first[caller] = at;
      while (at < input->n_edges && input->edges[at].caller == caller)
        at++;
      add_edges (graph, input, caller, graph->first[caller], at);
      g_qsort_with_data (graph->edges + graph->first[caller],
                         (gint)(at - graph->first[caller]),
                         sizeof (Edge),
                         compare_edges_cb,
                         ranks);
    }
  graph->first[input->n_functions] = input->n_edges;
}

static int
compare_roots_cb (gconstpointer a, gconstpointer b, gpointer profile)
{
  const SalCallShare *ra = a;
  const SalCallShare *rb = b;

  if (ra->time != rb->time)
    return ra->time > rb->time ? -1 : 1;
  return sal_function_compare (profile, ra->function, rb->function);
}

/* The heaviest member of each component, or SAL_NO_ID for one that has callers outside. */
static guint32 *
find_heads (SalCallGraph *graph, const guint32 *components, guint32 n_components)
{
  guint32 n_functions = sal_profile_get_n_functions (graph->profile);
  guint32 *heads = g_new (guint32, MAX (n_components, 1));
  g_autofree guint8 *is_called = g_new0 (guint8, MAX (n_components, 1));

  for (guint32 i = 0; i < n_components; i++)
    heads[i] = SAL_NO_ID;
  for (guint32 i = 0; i < n_functions; i++)
    {
      guint32 *head = &heads[components[i]];
      double time = get_time (sal_profile_get_costs (graph->profile, i).cumtime);

      if (*head == SAL_NO_ID ||
          time > get_time (sal_profile_get_costs (graph->profile, *head).cumtime))
        *head = i;
      for (guint32 e = graph->first[i]; e < graph->first[i + 1]; e++)
        if (components[graph->edges[e].callee] != components[i])
          is_called[components[graph->edges[e].callee]] = 1;
    }
  for (guint32 i = 0; i < n_components; i++)
    if (is_called[i])
      heads[i] = SAL_NO_ID;
  return heads;
}

static void
fill_roots (SalCallGraph *graph)
{
  guint32 n_functions = sal_profile_get_n_functions (graph->profile);
  guint32 n_edges = graph->first[n_functions];
  g_autofree guint32 *targets = g_new (guint32, MAX (n_edges, 1));
  g_autofree guint32 *components = NULL;
  g_autofree guint32 *heads = NULL;
  guint32 n_components;

  for (guint32 i = 0; i < n_edges; i++)
    targets[i] = graph->edges[i].callee;
  components = sal_components_new (n_functions, graph->first, targets, &n_components);
  heads = find_heads (graph, components, n_components);
  for (guint32 i = 0; i < n_components; i++)
    {
      SalCallShare root = { .function = heads[i], .exact = TRUE };

      if (heads[i] == SAL_NO_ID)
        continue;
      root.time = get_time (sal_profile_get_costs (graph->profile, heads[i]).cumtime);
      if (root.time > 0)
        g_array_append_val (graph->roots, root);
    }
  g_array_sort_with_data (graph->roots, compare_roots_cb, graph->profile);
  for (guint i = 0; i < graph->roots->len; i++)
    graph->total += g_array_index (graph->roots, SalCallShare, i).time;
}

SalCallGraph *
sal_call_graph_new (SalProfile *profile)
{
  SalCallGraph *graph = g_new0 (SalCallGraph, 1);
  Input input;

  g_atomic_ref_count_init (&graph->refs);
  graph->profile = sal_profile_ref (profile);
  graph->roots = g_array_new (FALSE, FALSE, sizeof (SalCallShare));
  input_init (&input, profile);
  fill_edges (graph, &input);
  input_clear (&input);
  fill_roots (graph);
  return graph;
}

SalCallGraph *
sal_call_graph_ref (SalCallGraph *graph)
{
  g_return_val_if_fail (graph != NULL, NULL);
  g_atomic_ref_count_inc (&graph->refs);
  return graph;
}

void
sal_call_graph_unref (SalCallGraph *graph)
{
  g_return_if_fail (graph != NULL);
  if (!g_atomic_ref_count_dec (&graph->refs))
    return;
  sal_profile_unref (graph->profile);
  g_free (graph->first);
  g_free (graph->edges);
  g_array_unref (graph->roots);
  g_free (graph);
}

SalProfile *
sal_call_graph_get_profile (SalCallGraph *graph)
{
  return graph->profile;
}

const SalCallShare *
sal_call_graph_get_roots (SalCallGraph *graph, guint32 *n_roots, double *total)
{
  *n_roots = graph->roots->len;
  *total = graph->total;
  return &g_array_index (graph->roots, SalCallShare, 0);
}

static gboolean
is_on_path (const guint32 *path, guint32 path_length, guint32 function)
{
  for (guint32 i = 0; i < path_length; i++)
    if (path[i] == function)
      return TRUE;
  return FALSE;
}

void
sal_call_graph_expand (SalCallGraph *graph,
                       const guint32 *path,
                       guint32 path_length,
                       double time,
                       gboolean exact,
                       double least,
                       GArray *children,
                       double *rest)
{
  guint32 function;
  double left_out = 0;

  g_return_if_fail (path_length > 0);
  function = path[path_length - 1];
  g_return_if_fail (function < sal_profile_get_n_functions (graph->profile));
  for (guint32 i = graph->first[function]; i < graph->first[function + 1]; i++)
    {
      const Edge *edge = &graph->edges[i];
      SalCallShare child = { .function = edge->callee, .time = time * edge->share };

      if (child.time < least || child.time <= 0)
        {
          left_out += child.time;
          continue;
        }
      child.recursive = is_on_path (path, path_length, edge->callee);
      child.exact = exact && edge->is_exact && !child.recursive;
      g_array_append_val (children, child);
    }
  if (rest != NULL)
    *rest = left_out;
}
