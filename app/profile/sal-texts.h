/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Texts that live as long as any profile that shares them. Ref-counted; a text never moves.
 *
 * Thread: adding one at a time; ref, unref and reading texts any.
 */
typedef struct _SalTexts SalTexts;

/** sal_texts_new: no texts yet. */
SalTexts *sal_texts_new (void) G_GNUC_WARN_UNUSED_RESULT;

/** sal_texts_ref: one more user. */
SalTexts *sal_texts_ref (SalTexts *texts);

/** sal_texts_unref: one user less. */
void sal_texts_unref (SalTexts *texts);

/** sal_texts_intern: @bytes as a terminated text, the same pointer for the same bytes; U+0000
 * becomes U+FFFD. NULL without memory. */
const char *sal_texts_intern (SalTexts *texts, const char *bytes, gsize length);

G_END_DECLS
