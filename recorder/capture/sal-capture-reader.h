/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-capture-record.h"
#include "sal-capture-result.h"

/* Reads a capture that may still be growing, may be cut anywhere, and may be hostile.
 *
 * Bytes are fed in pieces of any size; whole records come out. Every id a record names has been
 * defined before (the reader checks), every text is UTF-8, every count is within the format's
 * limits: users need not check again.
 * Thread: one at a time.
 */
typedef struct _SalCaptureReader SalCaptureReader;

/** sal_capture_reader_new: an empty reader, or NULL without memory. */
SalCaptureReader *sal_capture_reader_new (void) __attribute__ ((warn_unused_result));

/**
 * sal_capture_reader_feed: gives the reader the next @length bytes, which it copies.
 *
 * The reader's memory stays small when the records are taken after each piece. Errors: MEMORY.
 */
SalCaptureResult
sal_capture_reader_feed (SalCaptureReader *reader, const void *bytes, size_t length)
    __attribute__ ((warn_unused_result));

/**
 * sal_capture_reader_next: the next record.
 *
 * Ownership: texts in @record are borrowed until the next call of next or feed.
 * Errors: MORE (feed and call again; at the end of the input: the capture ends here), NOT_CAPTURE,
 * VERSION, CORRUPT, LIMIT, MEMORY: these four are sticky. Unknown records are skipped.
 */
SalCaptureResult sal_capture_reader_next (SalCaptureReader *reader, SalCaptureRecord *record)
    __attribute__ ((warn_unused_result));

/** sal_capture_reader_get_offset: file offset of the block at work, for messages. */
uint64_t sal_capture_reader_get_offset (const SalCaptureReader *reader);

/** sal_capture_reader_is_whole: the header was there and no byte is left over: the input ended at a
 * block's border. Only after sal_capture_reader_next() gave MORE. */
bool sal_capture_reader_is_whole (const SalCaptureReader *reader);

/** sal_capture_reader_free: frees @reader; NULL is fine. */
void sal_capture_reader_free (SalCaptureReader *reader);
