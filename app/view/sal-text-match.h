/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a text contains another, as every search here asks it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** sal_text_match: whether @text contains @folded_needle, ignoring case. @folded_needle went
 * through g_utf8_casefold(); "" is in every text. Thread: any. */
gboolean sal_text_match (const char *text, const char *folded_needle);

G_END_DECLS
