/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sal-capture-result.h"

const char *
sal_capture_result_name (SalCaptureResult result)
{
  switch (result)
    {
    case SAL_CAPTURE_OK:
      return "ok";
    case SAL_CAPTURE_MORE:
      return "more";
    case SAL_CAPTURE_NOT_CAPTURE:
      return "not a capture";
    case SAL_CAPTURE_VERSION:
      return "newer version";
    case SAL_CAPTURE_CORRUPT:
      return "corrupt";
    case SAL_CAPTURE_LIMIT:
      return "over a limit";
    case SAL_CAPTURE_IO:
      return "input or output error";
    case SAL_CAPTURE_MEMORY:
      return "out of memory";
    default:
      return "unknown";
    }
}
