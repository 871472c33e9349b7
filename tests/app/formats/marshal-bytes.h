/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Writes marshal values by hand, for files that no Python writes. @flag is 0, or 0x80 to make the
 * value one that can be referred to. */
void put_code (GByteArray *bytes, char type, guint8 flag);
void put_int32 (GByteArray *bytes, gint32 number);
void put_int (GByteArray *bytes, gint32 number);
void put_real (GByteArray *bytes, double number);
void put_text (GByteArray *bytes, const char *text);
void put_tuple (GByteArray *bytes, guint8 count);
void put_reference (GByteArray *bytes, gint32 index);

/** put_key: (file, line, name). */
void put_key (GByteArray *bytes, const char *file, gint32 line, const char *name);
/** put_costs: two counts and two times, without a tuple around. */
void put_costs (GByteArray *bytes, gint32 first, gint32 second, double tottime, double cumtime);
/** put_entry: the key and value of a function that nobody called. */
void put_entry (GByteArray *bytes, const char *name, double tottime, double cumtime);
