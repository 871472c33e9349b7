/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sal-profile.h"

G_BEGIN_DECLS

/** sal_prof_reader_matches: whether @bytes begin like a .prof file: with a marshalled dict. */
gboolean sal_prof_reader_matches (const guint8 *bytes, gsize length);

/**
 * sal_prof_reader_read: the call profile in the @length bytes of a .prof file (transfer full).
 *
 * What is odd in the file and can be shown all the same becomes a warning of the profile: bytes
 * after the end; counts and times below 0 or that are no numbers, which are taken as 0. A caller
 * that has no entry of its own becomes a function without costs.
 * META: "format" is "cProfile", "profile" (its edges have call counts only) or "sampled" (Python
 * 3.15: the calls are numbers of samples).
 * Errors: SAL_PROFILE_ERROR_CORRUPT, _EMPTY, _VERSION (a file of Python 2 or of "python -m
 * profile"), G_IO_ERROR_CANCELLED. Thread: any.
 * Source: CPython Lib/cProfile.py and Lib/profile.py, snapshot_stats(); Lib/pstats.py.
 */
SalProfile *sal_prof_reader_read (const guint8 *bytes,
                                  gsize length,
                                  GCancellable *cancellable,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
