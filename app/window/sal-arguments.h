/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of the program "salamander", understood. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  SAL_ARGUMENTS_ACTIVATE, /* no arguments: the start page */
  SAL_ARGUMENTS_OPEN,
  SAL_ARGUMENTS_RECORD,
  SAL_ARGUMENTS_VERSION,
  SAL_ARGUMENTS_HELP,
  SAL_ARGUMENTS_SERVICE, /* started by the session bus */
} SalArgumentsKind;

typedef struct
{
  SalArgumentsKind kind;
  GListStore *files;     /* OPEN: of GFile, at least one; else NULL */
  char **command;        /* RECORD: the program and its arguments; else NULL */
  double rate_hz;        /* RECORD: 0 = as fast as possible, −1 = not said */
  double duration_s;     /* RECORD: 0 = until the program ends */
  gboolean subprocesses; /* RECORD: child processes too */
  gboolean native;       /* RECORD: native stacks too */
  gboolean blocking;     /* RECORD: threads may be held still where needed */
  char *help;            /* HELP: the text; else NULL */
} SalArguments;

/**
 * sal_arguments_parse: reads the command line.
 *
 * @directory: (nullable): what relative file names start from; NULL = the working directory.
 * Ownership: (transfer full), free with sal_arguments_free(). Errors: G_OPTION_ERROR, with a
 * translated sentence. Thread: any.
 */
SalArguments *sal_arguments_parse (int argc,
                                   char *const *argv,
                                   const char *directory,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** sal_arguments_free: frees @arguments; NULL is fine. */
void sal_arguments_free (SalArguments *arguments);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalArguments, sal_arguments_free)

G_END_DECLS
