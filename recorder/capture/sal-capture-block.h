/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdint.h>

#include "sal-capture-format.h"
#include "sal-capture-result.h"

/* The two headers of the format as bytes: that of the file and that of a block.
 *
 * Source: FORMAT.md, "The file" and "A block".
 */

/* Header of a block. */
typedef struct
{
  uint32_t stored; /* bytes that follow the header */
  uint32_t raw;    /* bytes of records that they unpack to */
} SalCaptureBlock;

/** sal_capture_file_header_write: the header of a file of this version. */
void sal_capture_file_header_write (uint8_t bytes[SAL_CAPTURE_FILE_HEADER_SIZE]);

/** sal_capture_file_header_read: Errors: NOT_CAPTURE, CORRUPT (checksum), VERSION. */
SalCaptureResult
sal_capture_file_header_read (const uint8_t bytes[SAL_CAPTURE_FILE_HEADER_SIZE]);

/** sal_capture_block_header_write: @block as bytes. */
void sal_capture_block_header_write (const SalCaptureBlock *block,
                                     uint8_t bytes[SAL_CAPTURE_BLOCK_HEADER_SIZE]);

/**
 * sal_capture_block_header_read: the header as values that keep the format's limits.
 *
 * Errors: CORRUPT (magic, checksum, nothing in it), LIMIT (lengths), VERSION (unknown flags).
 */
SalCaptureResult
sal_capture_block_header_read (const uint8_t bytes[SAL_CAPTURE_BLOCK_HEADER_SIZE],
                               SalCaptureBlock *block);
