/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sal-profile.h"

#include "sal-export-options.h"
#include "sal-output.h"

G_BEGIN_DECLS

/**
 * sal_svg_writer_write: the profile as an interactive flame graph in one SVG file.
 *
 * The file needs nothing but itself: zoom, search, keyboard and the flip of the root's side are a
 * script in it, and without scripts it is a plain picture with tooltips. It follows the reader's
 * light or dark scheme.
 * Shape: blocks under a tenth of a pixel at 1200 pixels' width are drawn together as one block
 * that says how many they are and what they come to, so that nothing is missing and nothing is
 * too wide. The deeper blocks of a call profile are estimates, hatched and named so.
 * Errors: SAL_PROFILE_ERROR_EMPTY, G_IO_ERROR_CANCELLED; those of writing are kept in @output.
 */
gboolean sal_svg_writer_write (SalProfile *profile,
                               const SalExportOptions *options,
                               SalOutput *output,
                               GCancellable *cancellable,
                               GError **error);

G_END_DECLS
