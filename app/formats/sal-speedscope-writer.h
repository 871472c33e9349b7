/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sal-profile.h"

#include "sal-export-options.h"
#include "sal-output.h"

G_BEGIN_DECLS

/**
 * sal_speedscope_writer_write: the recording as speedscope's JSON.
 *
 * Shape: one profile of the type "sampled" for each thread that has samples. All begin and end at
 * the same moments, so that threads can be laid over each other: time in which a thread was not
 * sampled, or that the filter leaves out, or in which it ran no Python, is an empty stack with
 * its true weight. The weights of a profile add up to its endValue − startValue. Idle samples are
 * samples like others. Equal stacks in a row are one sample. A frame is a function with its whole
 * path and the line its definition begins at.
 * Units: nanoseconds from the recording's start.
 * Memory: 16 bytes a sample at most.
 * Errors: SAL_PROFILE_ERROR_EMPTY; those of writing and G_IO_ERROR_CANCELLED are kept in @output.
 * Source: speedscope 1.25, src/lib/file-format-spec.ts.
 */
gboolean sal_speedscope_writer_write (SalProfile *profile,
                                      const SalExportOptions *options,
                                      SalOutput *output,
                                      GCancellable *cancellable,
                                      GError **error);

G_END_DECLS
