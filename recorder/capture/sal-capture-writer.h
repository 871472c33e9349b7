/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-capture-record.h"
#include "sal-capture-result.h"

/* Writes a capture to a pipe or file, append-only.
 *
 * Records gather in a block of bounded size that is compressed, checksummed and written when it is
 * full or when sal_capture_writer_flush() is called: after a crash the file is good up to the last
 * block. Writing a record copies it and does not allocate, so the sampling thread may hand records
 * to the thread that owns the writer, or write them itself.
 * Thread: one at a time.
 */
typedef struct _SalCaptureWriter SalCaptureWriter;

/**
 * sal_capture_writer_new: starts a capture on @fd (borrowed; blocking), writing the file header.
 *
 * The caller ignores SIGPIPE: a pipe whose reader has gone then gives IO with errno EPIPE instead
 * of ending the caller.
 * Errors: IO, MEMORY; *@out is NULL then.
 */
SalCaptureResult sal_capture_writer_new (int fd, SalCaptureWriter **out)
    __attribute__ ((warn_unused_result));

/**
 * sal_capture_writer_add: appends @record. Definitions (STRING, PROCESS, THREAD, FUNCTION, FRAME,
 * STACK) get the next id of their kind: the first is 0.
 *
 * Errors: IO (sticky: every later call fails alike, with the same errno); CORRUPT for a record that
 * contradicts the format (an id that is not defined, a text that is not UTF-8) and LIMIT for one
 * over its limits (sal-capture-format.h): those are not written and take no id.
 */
SalCaptureResult sal_capture_writer_add (SalCaptureWriter *writer, const SalCaptureRecord *record)
    __attribute__ ((warn_unused_result));

/** sal_capture_writer_flush: makes what was added readable to others. Errors: IO. */
SalCaptureResult sal_capture_writer_flush (SalCaptureWriter *writer)
    __attribute__ ((warn_unused_result));

/** sal_capture_writer_get_bytes: bytes written to the descriptor so far. */
uint64_t sal_capture_writer_get_bytes (const SalCaptureWriter *writer);

/** sal_capture_writer_free: flushes (errors are lost: call flush to see them) and frees; NULL is
 * fine. The descriptor stays open. */
void sal_capture_writer_free (SalCaptureWriter *writer);
