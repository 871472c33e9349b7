/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "sal-capture-record.h"
#include "sal-capture-result.h"

/* Records as text, one a line: what golden files and round trips are compared by. */

/** capture_dump_record: appends @record as a line to @text. */
void capture_dump_record (const SalCaptureRecord *record, GString *text);

/**
 * capture_dump_bytes: (transfer full): the records of the capture in @bytes, fed in such pieces.
 *
 * @result: (out): how it ended; @n_records: (out) (nullable).
 */
char *capture_dump_bytes (const guint8 *bytes,
                          gsize length,
                          gsize piece,
                          SalCaptureResult *result,
                          guint *n_records);
