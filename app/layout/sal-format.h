/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

/* Numbers and functions as people read them, in the user's language. All return (transfer full)
 * strings. Thread: any.
 */

/**
 * sal_format_duration_ns: a duration in the unit that fits: "1.23 s", "45.1 ms", "3.2 µs", "17
 * ns".
 *
 * Shape: three significant digits without trailing zeros; from a minute on "2:05 min", from an
 * hour on "1:02:05 h". 0 gives "0 s". Negative values have a minus sign.
 */
char *sal_format_duration_ns (gint64 ns);

/**
 * sal_format_percent: the share of @part in @whole: "100 %", ">99 %", "12 %", "3.4 %", "0.12 %",
 * "<0.01 %", "0 %".
 *
 * Shape: "100 %" and "0 %" are said only of the whole and of nothing. A @whole of 0, and what is
 * not a number, gives "–".
 */
char *sal_format_percent (double part, double whole);

/** sal_format_count: "1,234,567" with the locale's grouping. */
char *sal_format_count (guint64 count);

/**
 * sal_format_function: how one function is written everywhere: "parse (tokenizer.py:34)".
 *
 * Shape: the base name of @file; only @name when @file is "" or NULL, or @name is "FILE+0x…"; no
 * ":34" when @line is 0.
 * Control characters are written as escapes, so the result is one line.
 */
char *sal_format_function (const char *name, const char *file, guint32 line);

/** sal_format_pstats_function: how pstats writes a function: "/a/b.py:34(parse)", or
 * "{built-in method time.sleep}" for one without a file.
 * Source: CPython 3.13 Lib/pstats.py, func_std_string(). */
char *sal_format_pstats_function (const char *name, const char *file, guint32 line);

/** sal_format_place: where @function stands: "/a/b.py:12", "/lib/libz.so.1+0x5d80", with a source
 * "inflate.c:622 · /lib/libz.so.1+0x5d80"; "" where nobody knows. */
char *sal_format_place (const SalFunction *function);

G_END_DECLS
