/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording as its libraries saw it. */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

/**
 * sal_library_view_new: (transfer full): the recording @profile with libraries in the place of
 * functions: each is called as sal_origin_dup_library() says; marks and tasks stay what they are.
 *
 * So a function table of it has a row for each library, with the time of all of its functions, and
 * a library that calls itself counts once in totals. Stacks and samples are shared; the ids of its
 * functions are its own.
 * Thread: any. Time: linear in functions and frames.
 */
SalProfile *sal_library_view_new (SalProfile *profile) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
