/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sal-profile.h"

#include "sal-export-options.h"

G_BEGIN_DECLS

/* The files we read and write, found by content when reading and by ending when writing. */
typedef enum
{
  SAL_FORMAT_UNKNOWN,
  SAL_FORMAT_SALAMANDER, /* .salamander */
  SAL_FORMAT_PROF,       /* .prof .pstats .pstat .cprof .profile: cProfile; read only */
  SAL_FORMAT_FOLDED,     /* .folded: write only */
  SAL_FORMAT_SPEEDSCOPE, /* .speedscope.json: write only */
  SAL_FORMAT_SVG,        /* .svg: write only */
} SalFormat;

/** sal_format_from_path: the format that a file of this name would be written in, by its ending
 * in any case, or UNKNOWN. */
SalFormat sal_format_from_path (const char *path);

/** sal_format_from_name: "salamander", "folded", "speedscope", "svg" (what --format takes), or
 * UNKNOWN. */
SalFormat sal_format_from_name (const char *name);

/** sal_format_can_write: whether profiles of @kind can be written in @format. */
gboolean sal_format_can_write (SalFormat format, SalProfileKind kind);

/**
 * sal_formats_load: reads a file of any format we know (transfer full).
 *
 * A damaged recording gives what is whole, with a warning; any other bad file is an error whose
 * message is one translated sentence with the offset. Memory is bounded by a small multiple of the
 * file's size. Call profiles have the meta "format": "cProfile", "profile" (their edges have only
 * call counts) or "sampled" (Python 3.15; their calls are numbers of samples).
 * Errors: SAL_PROFILE_ERROR, G_IO_ERROR. Thread: any; blocks.
 */
SalProfile *sal_formats_load (GFile *file,
                              GCancellable *cancellable,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** sal_formats_load_async: as sal_formats_load() on a worker thread. */
void sal_formats_load_async (GFile *file,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
/** sal_formats_load_finish: (transfer full): what it read; errors as of sal_formats_load(). */
SalProfile *sal_formats_load_finish (GAsyncResult *result,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** sal_formats_describe_error: (transfer full): what went wrong with the file @name when it was
 * loaded, as one translated sentence that names it. */
char *sal_formats_describe_error (const char *name,
                                  const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * sal_formats_export: writes @profile to @file, replacing it whole or not at all.
 *
 * @options: (nullable): everything, without threads and title.
 * @source: (nullable): for SALAMANDER the file the recording is in: it is copied byte for byte.
 * Errors, each with one translated sentence as message: SAL_PROFILE_ERROR_UNSUITABLE, _EMPTY (no
 * sample is left to write), G_IO_ERROR. Thread: any; blocks.
 */
gboolean sal_formats_export (SalProfile *profile,
                             SalFormat format,
                             const SalExportOptions *options,
                             GFile *source,
                             GFile *file,
                             GCancellable *cancellable,
                             GError **error);

G_END_DECLS
