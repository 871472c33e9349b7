/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-capture-check.h"

/* One record as bytes: kind, length, payload, all in variable-length integers.
 *
 * Source: FORMAT.md, "Records" and "Samples".
 */

/* No record is longer than two texts and their numbers. */
#define SAL_CAPTURE_MAX_RECORD (2 * SAL_CAPTURE_MAX_TEXT + 256)

/**
 * sal_capture_record_encode: writes @record, which has passed the check, to @bytes.
 *
 * Shape: at least SAL_CAPTURE_MAX_RECORD bytes of room, of which the number returned are written.
 */
size_t sal_capture_record_encode (const SalCaptureTables *tables,
                                  const SalCaptureRecord *record,
                                  uint8_t *bytes);

/**
 * sal_capture_record_decode: the record at the beginning of @bytes, *@size bytes long.
 *
 * The result's ids and values are not checked yet. A record of an unknown kind gives MORE: step
 * over it. Ownership: texts point into @bytes. Errors: CORRUPT.
 */
SalCaptureResult sal_capture_record_decode (const SalCaptureTables *tables,
                                            const uint8_t *bytes,
                                            size_t length,
                                            SalCaptureRecord *record,
                                            size_t *size);
