/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What reading or writing a capture can come to. */
typedef enum
{
  SAL_CAPTURE_OK = 0,
  SAL_CAPTURE_MORE,        /* nothing whole is left; feed more bytes, or the file ends here */
  SAL_CAPTURE_NOT_CAPTURE, /* the first bytes are not a capture's */
  SAL_CAPTURE_VERSION,     /* a capture of a newer format than this reader's */
  SAL_CAPTURE_CORRUPT,     /* a block or record contradicts the format; what came before is good */
  SAL_CAPTURE_LIMIT,       /* a count or length over the format's limits */
  SAL_CAPTURE_IO,          /* the descriptor failed; errno tells */
  SAL_CAPTURE_MEMORY,
} SalCaptureResult;

/**
 * sal_capture_result_name: a short English name of @result for logs and tests.
 *
 * Ownership: static. Thread: any.
 */
const char *sal_capture_result_name (SalCaptureResult result);
