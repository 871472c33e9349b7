/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sal-filter.h"
#include "sal-profile.h"

G_BEGIN_DECLS

/* What a flame graph draws, as fractions of its width. */

typedef enum
{
  SAL_SVG_FUNCTION,
  SAL_SVG_ALL, /* the root: everything */
  SAL_SVG_PROCESS,
  SAL_SVG_THREAD,
  SAL_SVG_REST, /* siblings that are too narrow to be drawn each */
} SalSvgBlockKind;

typedef struct
{
  SalSvgBlockKind kind;
  guint32 id;    /* function, process or thread */
  guint32 depth; /* rows from the root, which is 0 */
  guint32 count; /* REST: how many blocks of this row are in it */
  gboolean estimated;
  double x;     /* left edge, 0..1 */
  double width; /* fraction of the whole */
  double time_ns;
  guint64 samples; /* 0 in a call profile and a REST block */
} SalSvgBlock;

/**
 * sal_svg_blocks_new: the blocks of the picture of @profile (transfer full) (element-type
 * SalSvgBlock).
 *
 * Shape: parents before their children, children from left to right; the first is the ALL block.
 * What is narrower than one of @n_pixels is in a REST block. There are at most 200,000 blocks: when
 * there would be more, the pixels are made wider.
 * @threads: a row of processes and one of threads above the functions (recordings).
 * Errors: SAL_PROFILE_ERROR_EMPTY, G_IO_ERROR_CANCELLED; the result is NULL then.
 */
GArray *sal_svg_blocks_new (SalProfile *profile,
                            const SalFilter *filter,
                            gboolean threads,
                            guint32 n_pixels,
                            GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
