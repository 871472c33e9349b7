/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the virtual environment that a Python process runs in. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * sal_process_environment_find: (transfer full): what a person calls it: "myproject/.venv"; "" when
 * there is none, or it cannot be told.
 *
 * @folder: the process's in /proc. @argv: its command line. @executable: its program's path.
 * A folder is a virtual environment when it has a pyvenv.cfg (PEP 405) or conda-meta; it is this
 * process's when the process was started from its bin folder, or when its VIRTUAL_ENV has the same
 * program there. Blocks on the file system. Thread: any.
 */
char *sal_process_environment_find (int folder,
                                    const char *const *argv,
                                    const char *executable) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
