/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the flame graph widget: what is looked at, what is drawn, what answers to keys. */
#pragma once

#include "sal-flame-view.h"

#include "sal-flame-layout.h"
#include "sal-flame-painter.h"
#include "sal-flame-path.h"

G_BEGIN_DECLS

/* Where one looks, so that it is found again in another picture: a stretch of the block at @anchor.
 */
typedef struct
{
  GArray *anchor; /* guint32: a path; empty = the whole */
  double from;    /* fractions of the anchor's block */
  double to;
  double scroll;
  GArray *selected; /* guint32: the path selected; NULL = going there leaves what is selected */
  guint32 function; /* selected, also where no block shows it; SAL_NO_ID = none */
} SalFlamePlace;

struct _SalFlameView
{
  GtkWidget parent_instance;

  /* owned */
  SalViewState *state;
  SalCallTree *tree;
  SalCallGraph *graph;
  SalFlamePainter *painter;
  SalFlameLayout *layout; /* NULL = to be made */
  GdkTexture *body;       /* NULL = to be painted */
  GtkAdjustment *adjustment;
  GArray *selected_path; /* guint32 */
  GPtrArray *back;       /* SalFlamePlace */
  GPtrArray *forward;
  GByteArray *matches; /* NULL without a search */
  GCancellable *match_cancellable;

  /* children */
  GtkWidget *scrollbar;
  GtkWidget *empty_label;
  GtkWidget *menu;

  /* what is looked at: fractions of the whole, pixels from the root's edge */
  double x0;
  double x1;
  double target_x0;
  double target_x1;
  double from_x0;
  double from_x1;
  gint64 animation_start; /* µs of the frame clock; 0 = the next frame's */
  guint animation_tick;
  gint64 last_continuous; /* µs: when one last panned or zoomed by wheel */
  double scroll;

  /* what is drawn */
  gint graph_width; /* interface pixels, without the scroll bar */
  gint graph_height;
  gint scale;
  gint row_px; /* device pixels */
  guint label_tick;
  gboolean root_at_bottom;
  gboolean dark;
  gboolean high_contrast;
  SalColouring colouring;

  /* what is chosen */
  SalFlameBlock selected; /* only if has_selected */
  gboolean has_selected;
  guint32 hovered; /* block of the layout, SAL_NO_ID = none */
  double pointer_x;
  double pointer_y;
  gboolean has_pointer;

  /* a drag */
  double drag_x0;
  double drag_x1;
  double drag_scroll;
  gboolean is_dragging;
  double pinch_x0;
  double pinch_x1;

  double match_fraction; /* −1 = none */
  gboolean match_exact;
  guint64 match_serial;
};

enum
{
  SAL_FLAME_VIEW_PROP_STATE = 1,
  SAL_FLAME_VIEW_PROP_ROOT_AT_BOTTOM,
  SAL_FLAME_VIEW_PROP_COLOURING,
  SAL_FLAME_VIEW_PROP_CAN_GO_BACK,
  SAL_FLAME_VIEW_PROP_CAN_GO_FORWARD,
  SAL_FLAME_VIEW_PROP_MATCH_FRACTION,
  SAL_FLAME_VIEW_PROP_MATCH_EXACT,
  SAL_FLAME_VIEW_N_PROPS,
};

/** _sal_flame_view_get_source: what is shown; borrowed. */
SalFlameSource _sal_flame_view_get_source (SalFlameView *self);
/** _sal_flame_view_get_profile: whose functions are shown; borrowed; NULL = nothing is shown. */
SalProfile *_sal_flame_view_get_profile (SalFlameView *self);
/** _sal_flame_view_notify: tells that @property, one of the numbers above, has changed. */
void _sal_flame_view_notify (SalFlameView *self, guint property);
/** _sal_flame_view_emit_zoom_changed: tells that another part of the whole is looked at. */
void _sal_flame_view_emit_zoom_changed (SalFlameView *self);

/* sal-flame-view.c: the selection */
/** _sal_flame_view_select_path: selects the block at @path (copied), or nothing when it is empty.
 */
void _sal_flame_view_select_path (SalFlameView *self, const GArray *path);
/** _sal_flame_view_select_block: selects a block of the layout; SAL_NO_ID = nothing. */
void _sal_flame_view_select_block (SalFlameView *self, guint32 block);

/* sal-flame-draw.c */
/** _sal_flame_view_snapshot: the widget's snapshot(). */
void _sal_flame_view_snapshot (SalFlameView *self, GtkSnapshot *snapshot);
/** _sal_flame_view_ensure_layout: the layout of what is looked at; NULL when there is nothing. */
const SalFlameLayout *_sal_flame_view_ensure_layout (SalFlameView *self);
/** _sal_flame_view_invalidate: lays out and paints anew in the next frame. */
void _sal_flame_view_invalidate (SalFlameView *self);
/** _sal_flame_view_repaint: paints anew, the layout stays. */
void _sal_flame_view_repaint (SalFlameView *self);
/** _sal_flame_view_update_colours: light or dark. */
void _sal_flame_view_update_colours (SalFlameView *self);
/** _sal_flame_view_update_style: font, scale and colours. */
void _sal_flame_view_update_style (SalFlameView *self);
/** _sal_flame_view_block_at: the block under a point of the widget, or SAL_NO_ID. */
guint32 _sal_flame_view_block_at (SalFlameView *self, double x, double y);
/** _sal_flame_view_get_area: where a block is drawn, in the widget's pixels, cut to the view. */
graphene_rect_t _sal_flame_view_get_area (SalFlameView *self,
                                          const SalFlameBlock *block,
                                          guint32 row);
/** _sal_flame_view_get_row_height: in the widget's pixels. */
double _sal_flame_view_get_row_height (SalFlameView *self);
/** _sal_flame_view_get_n_rows: how many rows there are in all. */
guint32 _sal_flame_view_get_n_rows (SalFlameView *self);

/* sal-flame-zoom.c */
typedef enum
{
  SAL_FLAME_MOVE_JUMP,       /* animated, a step of the history */
  SAL_FLAME_MOVE_CONTINUOUS, /* at once; many make one step of the history */
  SAL_FLAME_MOVE_ANIMATED,   /* animated, no step of the history */
} SalFlameMove;

/** _sal_flame_view_move: looks at x0 … x1 of the whole, cut to what is possible. */
void _sal_flame_view_move (SalFlameView *self, double x0, double x1, SalFlameMove move);
/** _sal_flame_view_zoom: by @factor (< 1 = closer) around @x, a fraction of the whole. */
void _sal_flame_view_zoom (SalFlameView *self, double factor, double x, SalFlameMove move);
/** _sal_flame_view_pan: by pixels of the widget. */
void _sal_flame_view_pan (SalFlameView *self, double dx, double dy);
/** _sal_flame_view_set_scroll: to so many pixels of the widget from the root's row on, cut to what
 * there is. */
void _sal_flame_view_set_scroll (SalFlameView *self, double scroll);
/** _sal_flame_view_update_scroll: fits the scroll bar to rows and height. */
void _sal_flame_view_update_scroll (SalFlameView *self);
/** _sal_flame_view_zoom_to_selected: the selected block fills the view; nothing without one. */
void _sal_flame_view_zoom_to_selected (SalFlameView *self);
/** _sal_flame_view_reveal_selected: pans, scrolls and if need be zooms until the selection shows.
 */
void _sal_flame_view_reveal_selected (SalFlameView *self);
/** _sal_flame_view_zoom_out_one: to the parent of what fills the view. FALSE at the whole. */
gboolean _sal_flame_view_zoom_out_one (SalFlameView *self);
/** _sal_flame_view_stop_animation: stays where the picture is in its way. */
void _sal_flame_view_stop_animation (SalFlameView *self);
/** _sal_flame_view_get_fraction: where the widget's pixel @x is in the whole, 0..1. */
double _sal_flame_view_get_fraction (SalFlameView *self, double x);

/** _sal_flame_place_new: where @self looks (transfer full). */
SalFlamePlace *_sal_flame_place_new (SalFlameView *self);
/** _sal_flame_place_free: frees a SalFlamePlace. */
void _sal_flame_place_free (gpointer place);
/** _sal_flame_place_resolve: where @place is in the present picture, fractions of the whole. */
void _sal_flame_place_resolve (SalFlameView *self,
                               const SalFlamePlace *place,
                               double *x0,
                               double *x1);

/* sal-flame-input.c: what keys, pointer and menu do */
/** _sal_flame_view_class_init_input: adds the actions to the class. */
void _sal_flame_view_class_init_input (GtkWidgetClass *class);
/** _sal_flame_view_init_input: adds menu, gestures and keys to a view. */
void _sal_flame_view_init_input (SalFlameView *self);

/* sal-flame-search.c */
/** _sal_flame_view_update_search: which functions match, and in a worker how much time they stand
 * for. */
void _sal_flame_view_update_search (SalFlameView *self);

/* sal-flame-text.c: all (transfer full) */
/** _sal_flame_text_get_tooltip: markup about @block. */
char *_sal_flame_text_get_tooltip (SalFlameView *self, const SalFlameBlock *block);
/** _sal_flame_text_get_label: one line for who does not see the picture. */
char *_sal_flame_text_get_label (SalFlameView *self, const SalFlameBlock *block, guint level);
/** _sal_flame_text_get_empty: why there is nothing to see; NULL when there is something. */
char *_sal_flame_text_get_empty (SalFlameView *self);
/** _sal_flame_text_get_function: a function as it is written everywhere. */
char *_sal_flame_text_get_function (SalFlameView *self, guint32 function);

G_END_DECLS
