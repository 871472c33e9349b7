/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Finds a runtime in the memory of a process alone, where its file cannot be had. */

#include <stdint.h>

#include "sal-target.h"

/**
 * sal_python_runtime_scan: looks for a runtime that describes itself, as from 3.13 on.
 *
 * A library that was deleted or replaced since it was loaded can be opened by root only. Looks
 * through the writable parts of files that are called python, 64 MiB at most, for the mark that
 * begins _Py_DebugOffsets. Returns the address, 0 when there is none.
 * Source: CPython 3.13 Include/internal/pycore_debug_offsets.h; proc(5), map_files.
 */
uint64_t sal_python_runtime_scan (SalTarget *target);
