/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decides in which format a file is to be written, and whether it can be. */
#pragma once

#include <gio/gio.h>

#include "sal-formats.h"

G_BEGIN_DECLS

/**
 * sal_terminal_output_find_format: what @path is to be written as.
 *
 * @path: (nullable): its ending counts unless @name, what --format was given, is not NULL.
 * Returns: a format that can be written, or SAL_FORMAT_UNKNOWN; then a usage error was said.
 */
SalFormat sal_terminal_output_find_format (const char *path, const char *name);

/** sal_terminal_output_check: whether a file @path can be written; one that is there is not
 * touched. Errors: G_IO_ERROR; the message is a translated sentence. */
gboolean sal_terminal_output_check (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
