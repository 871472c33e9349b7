/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sal-python-result.h"

const char *
sal_python_result_name (SalPythonResult result)
{
  switch (result)
    {
    case SAL_PYTHON_OK:
      return "ok";
    case SAL_PYTHON_NOT_PYTHON:
      return "not Python";
    case SAL_PYTHON_NOT_READY:
      return "not ready";
    case SAL_PYTHON_UNSUPPORTED:
      return "unsupported version";
    case SAL_PYTHON_DEBUG_BUILD:
      return "debug build";
    case SAL_PYTHON_DENIED:
      return "denied";
    case SAL_PYTHON_GONE:
      return "gone";
    case SAL_PYTHON_CORRUPT:
      return "corrupt";
    case SAL_PYTHON_MEMORY:
      return "out of memory";
    default:
      return "unknown";
    }
}
