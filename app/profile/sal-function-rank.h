/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

/** sal_function_rank_new: (transfer full): for each function its place in the order of name, file
 * and line: what breaks ties the same way everywhere. To be freed with g_free(). */
guint32 *sal_function_rank_new (SalProfile *profile) G_GNUC_WARN_UNUSED_RESULT;

/** sal_function_compare: by name, file, line, as bytes. */
int sal_function_compare (SalProfile *profile, guint32 a, guint32 b);

G_END_DECLS
