/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sal-target-result.h"

const char *
sal_target_result_name (SalTargetResult result)
{
  switch (result)
    {
    case SAL_TARGET_OK:
      return "ok";
    case SAL_TARGET_GONE:
      return "gone";
    case SAL_TARGET_DENIED:
      return "denied";
    case SAL_TARGET_FAULT:
      return "no memory there";
    case SAL_TARGET_CORRUPT:
      return "corrupt";
    case SAL_TARGET_LIMIT:
      return "over a limit";
    case SAL_TARGET_MEMORY:
      return "out of memory";
    case SAL_TARGET_ABSENT:
      return "absent";
    default:
      return "unknown";
    }
}
