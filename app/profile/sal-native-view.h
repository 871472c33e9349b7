/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which functions are native, and which of these are the interpreter's own. */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

/** sal_native_view_is_native: whether @profile has native frames at all. */
gboolean sal_native_view_is_native (SalProfile *profile);

/** sal_native_view_is_internal: whether @function is the interpreter's own machinery, or the C
 * library's that starts programs and threads: what tells a reader nothing about the program. */
gboolean sal_native_view_is_internal (const SalFunction *function);

G_END_DECLS
