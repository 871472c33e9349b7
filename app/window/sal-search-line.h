/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a search has found, in a line. */
#pragma once

#include "sal-flame-view.h"

G_BEGIN_DECLS

/** sal_search_line_describe: (transfer full): "3 functions, 34 % of the time": what the search of
 * @state finds in @profile (nullable); the share is @flame's. "" without a search. Thread: main. */
char *sal_search_line_describe (SalViewState *state, SalProfile *profile, SalFlameView *flame);

G_END_DECLS
