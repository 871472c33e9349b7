/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What reading a Python from outside can come to. */
typedef enum
{
  SAL_PYTHON_OK = 0,
  SAL_PYTHON_NOT_PYTHON,  /* no runtime in the process */
  SAL_PYTHON_NOT_READY,   /* a runtime, but no thread of it yet: try again */
  SAL_PYTHON_UNSUPPORTED, /* a version or build we have no layout for */
  SAL_PYTHON_DEBUG_BUILD,
  SAL_PYTHON_DENIED,
  SAL_PYTHON_GONE,
  SAL_PYTHON_CORRUPT,
  SAL_PYTHON_MEMORY,
} SalPythonResult;

/** sal_python_result_name: a short English name for logs and tests. Static. */
const char *sal_python_result_name (SalPythonResult result);
