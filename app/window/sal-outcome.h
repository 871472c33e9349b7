/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What there is to say about how a recording or a file has come out. */
#pragma once

#include "sal-document.h"

G_BEGIN_DECLS

/** sal_outcome_describe: (transfer full): sentences, a line each: what went wrong, what is missing,
 * how the program ended when that was not well. "" when there is nothing to say. */
char *sal_outcome_describe (SalDocument *document) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
