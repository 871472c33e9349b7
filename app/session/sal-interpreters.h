/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the Python interpreters that a program may be started with. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One interpreter: a value; strings owned. */
typedef struct
{
  char *path;    /* what to start: absolute */
  char *version; /* "3.11.7"; "" = it did not tell */
  char *label;   /* for a list: "Python 3.11.7 (.venv)"; translated */
} SalInterpreter;

/**
 * sal_interpreters_find_async: looks for interpreters without blocking.
 *
 * Looks, in this order, at: $VIRTUAL_ENV, @directory's .venv and venv, $CONDA_PREFIX, python3 and
 * python3.N on PATH, pyenv's versions, conda's environments. Versions come from pyvenv.cfg or from
 * running the interpreter, all at once, each for at most five seconds; what does not run is left
 * out.
 * @directory: (nullable): the program's folder. @cancellable: (nullable).
 */
void sal_interpreters_find_async (const char *directory,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

/**
 * sal_interpreters_find_finish: (transfer full) (element-type SalInterpreter): what was found.
 *
 * Shape: in the order above; may be empty; each interpreter once: by the real path of its file, or,
 * for a virtual environment, of its folder. Errors: G_IO_ERROR_CANCELLED.
 */
GPtrArray *sal_interpreters_find_finish (GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
