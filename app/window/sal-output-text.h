/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes that a program printed, made into text that a window can show. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Turns a stream of bytes into valid UTF-8 without escape sequences. What a chunk leaves
 * unfinished, a character or a sequence, is kept for the next one. Of the control characters only
 * "\n", "\t" and "\r" come through; "\r\n" becomes "\n", so a "\r" always means: the line is
 * written anew. Thread: any. */
typedef struct _SalOutputText SalOutputText;

/** sal_output_text_new: (transfer full): a stream at its beginning. */
SalOutputText *sal_output_text_new (void) G_GNUC_WARN_UNUSED_RESULT;
/** sal_output_text_free: frees @self (nullable). */
void sal_output_text_free (SalOutputText *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalOutputText, sal_output_text_free)

/** sal_output_text_convert: (transfer full): the text of the next bytes; bytes that are no UTF-8
 * become U+FFFD. May be empty. */
char *sal_output_text_convert (SalOutputText *self,
                               const void *bytes,
                               gsize length) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
