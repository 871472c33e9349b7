/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sal-profile.h"

#include "sal-export-options.h"
#include "sal-output.h"

G_BEGIN_DECLS

/**
 * sal_folded_writer_write: the recording as folded stacks, what flamegraph.pl, speedscope and
 * others read.
 *
 * Shape: a line for each distinct stack: its functions from the root, joined by ";", a space, the
 * number of samples. A function is written `name (path:line)` with the line its definition begins
 * at, not the one that was executing: so all samples of a function are one. Without a known line
 * it is `name (path)`, without a file just `name`. Lines are sorted by stack, function by
 * function. Samples that ran no Python have no stack and are left out.
 * Escapes in names and paths: a backslash is `\\`, a newline `\n`, a carriage
 * return `\r`, a semicolon `\x3b`.
 * Errors: SAL_PROFILE_ERROR_EMPTY, G_IO_ERROR_CANCELLED; those of writing are kept in @output.
 */
gboolean sal_folded_writer_write (SalProfile *profile,
                                  const SalExportOptions *options,
                                  SalOutput *output,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
