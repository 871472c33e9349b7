/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

/* The call graph of a call profile, indexed for expansion on demand. It is never unfolded into a
 * tree: that is exponential in depth. See sal_call_graph_expand().
 * Immutable; any thread may read.
 */
typedef struct _SalCallGraph SalCallGraph;

/* A child in the expansion of a block, in seconds. */
typedef struct
{
  guint32 function;
  double time;        /* the share of the parent block's time */
  gboolean exact;     /* measured, not estimated: every function on the way has one caller */
  gboolean recursive; /* the function stands on the path already */
} SalCallShare;

GType sal_call_graph_get_type (void);

/** sal_call_graph_new: indexes the edges of @profile and finds its roots. Thread: any. */
SalCallGraph *sal_call_graph_new (SalProfile *profile) G_GNUC_WARN_UNUSED_RESULT;
/** sal_call_graph_ref: one more user. Thread: any; likewise unref. */
SalCallGraph *sal_call_graph_ref (SalCallGraph *graph);
void sal_call_graph_unref (SalCallGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalCallGraph, sal_call_graph_unref)

/** sal_call_graph_get_profile: (transfer none): what was indexed. */
SalProfile *sal_call_graph_get_profile (SalCallGraph *graph);

/** sal_call_graph_get_roots: the functions the picture begins with, heaviest first: one for each
 * strongly connected component that nobody outside calls, its member with the largest cumtime;
 * those without time are left out. Borrowed; the time is cumtime; all exact. Sum = *@total. */
const SalCallShare *
sal_call_graph_get_roots (SalCallGraph *graph, guint32 *n_roots, double *total);

/**
 * sal_call_graph_expand: the children of a block of @function that stands for @time seconds.
 *
 * Child c gets time · edge(function→c).cumtime / cumtime(function), scaled down when recursion
 * makes the shares exceed the whole; the rest is the block's self time. Heaviest first; children
 * lighter than @least seconds are left out (*@rest (nullable) receives their sum), and those of no
 * time. Edges that tell no time share the callee's cumtime by their number of calls.
 * @path: functions from the root to @function, inclusive; used for @recursive: such children may be
 * expanded further (their shares shrink with every round) but are never exact, and whoever expands
 * bounds the depth. @exact: whether the parent block is.
 * Shape: children are appended to @children (element SalCallShare). No allocation but that array's.
 */
void sal_call_graph_expand (SalCallGraph *graph,
                            const guint32 *path,
                            guint32 path_length,
                            double time,
                            gboolean exact,
                            double least,
                            GArray *children,
                            double *rest);

G_END_DECLS
