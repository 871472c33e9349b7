/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A file that is written whole or not at all.
 *
 * The bytes go to a temporary file beside it, which takes the place of @file when everything was
 * written; until then, and when anything fails, what stood there stays. The first error is kept
 * and told by sal_output_close(); appending after it does nothing, so that a writer need not look
 * at each of its steps (sal_output_has_failed() lets it stop early).
 * Thread: one at a time; blocks.
 */
typedef struct _SalOutput SalOutput;

/** sal_output_new: begins to write @file. @is_private: only its owner may read it. Errors:
 * G_IO_ERROR. */
SalOutput *sal_output_new (GFile *file,
                           gboolean is_private,
                           GCancellable *cancellable,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** sal_output_free: throws away what was written, unless it was closed. */
void sal_output_free (SalOutput *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalOutput, sal_output_free)

/** sal_output_append: @text as it is; likewise @length bytes, and a formatted text. */
void sal_output_append (SalOutput *output, const char *text);
void sal_output_append_bytes (SalOutput *output, const void *bytes, gsize length);
void sal_output_printf (SalOutput *output, const char *format, ...) G_GNUC_PRINTF (2, 3);

/** sal_output_append_uint: @number in decimal digits; quick. */
void sal_output_append_uint (SalOutput *output, guint64 number);

/** sal_output_append_xml: @text as it stands in an XML text or attribute; characters that XML
 * cannot have become \xNN. */
void sal_output_append_xml (SalOutput *output, const char *text);

/** sal_output_append_json: @text as a JSON string, its quotes included. */
void sal_output_append_json (SalOutput *output, const char *text);

/** sal_output_has_failed: something went wrong already: the rest need not be written. */
gboolean sal_output_has_failed (SalOutput *output);

/** sal_output_close: writes the rest and puts the file in its place. Errors: the first that
 * happened: G_IO_ERROR (NO_SPACE, CANCELLED, …). */
gboolean sal_output_close (SalOutput *output, GError **error);

G_END_DECLS
