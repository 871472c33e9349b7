/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which functions a search finds; each is asked about once. */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

typedef struct _SalFunctionSearch SalFunctionSearch;

/** sal_function_search_new: for nothing yet. */
SalFunctionSearch *sal_function_search_new (void) G_GNUC_WARN_UNUSED_RESULT;

/** sal_function_search_free: frees @search; NULL is fine. */
void sal_function_search_free (SalFunctionSearch *search);

/** sal_function_search_get_text: borrowed; "" = nothing is searched for. */
const char *sal_function_search_get_text (SalFunctionSearch *search);

/** sal_function_search_set_text: FALSE when it is the same; NULL is taken for "". */
gboolean sal_function_search_set_text (SalFunctionSearch *search, const char *text);

/** sal_function_search_matches: whether the name or file of @function of @profile contains the
 * text, ignoring case. @is_growth: the functions of the profile before are still the same. */
gboolean sal_function_search_matches (SalFunctionSearch *search,
                                      SalProfile *profile,
                                      guint32 function,
                                      gboolean is_growth);

G_END_DECLS
