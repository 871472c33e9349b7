/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for Python processes, again and again, remembering what does not change. */
#pragma once

#include <glib.h>

#include "sal-process-info.h"

G_BEGIN_DECLS

typedef struct _SalProcessScan SalProcessScan;

/** sal_process_scan_new: (transfer full): @root: "/proc" but in tests. */
SalProcessScan *sal_process_scan_new (const char *root) G_GNUC_WARN_UNUSED_RESULT;
/** sal_process_scan_free: frees @scan (nullable). */
void sal_process_scan_free (SalProcessScan *scan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalProcessScan, sal_process_scan_free)

/**
 * sal_process_scan_run: (transfer full) (element-type SalProcessInfo): the processes of now.
 *
 * Shape: by pid; Python processes, ours not among them, and the launchers above them: known ones
 * (uv, make, sudo…) and shells that run a script or command. Which a process is, is told by its
 * executable and mapped files; where those may not be read, by the kernel's name of it and its
 * command line, and is_certain is FALSE then. Of a process's environment nothing but VIRTUAL_ENV
 * and CONDA_PREFIX is looked at, and only their names, the last part of the path, are kept.
 * @also: a process that is listed even when it is neither, 0 = none; with what it is started by
 * and what it has started.
 * Reads at most 65536 processes; no memory of any. Blocks: for a worker. Thread: one at a time.
 */
GPtrArray *sal_process_scan_run (SalProcessScan *scan, int also) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
