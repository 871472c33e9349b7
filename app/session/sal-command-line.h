/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines between what a person types and what is started. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the first field of the Launch dialog holds. */
typedef enum
{
  SAL_COMMAND_LINE,        /* a whole command line, as for a shell, without its expansions */
  SAL_COMMAND_LINE_SCRIPT, /* the path of a Python file */
  SAL_COMMAND_LINE_MODULE, /* what python -m takes */
} SalCommandLineKind;

/**
 * sal_command_line_build: (transfer full): the program and its arguments, never empty.
 *
 * @interpreter: (nullable): the Python to run a script or module with; NULL = "python3". A command
 * line names its own. @subject: the command line, script or module. @arguments: (nullable): quoted
 * as for a shell; added at the end of all kinds.
 * Errors: G_SHELL_ERROR: EMPTY_STRING when @subject is blank, BAD_QUOTING. The message is one
 * translated sentence.
 */
char **sal_command_line_build (SalCommandLineKind kind,
                               const char *interpreter,
                               const char *subject,
                               const char *arguments,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** sal_command_line_split: (transfer full): @text taken apart at its blanks as a shell would; blank
 * text gives an empty list. Errors: G_SHELL_ERROR_BAD_QUOTING. */
char **sal_command_line_split (const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** sal_command_line_quote: (transfer full): @argv as one line that sal_command_line_split() takes
 * apart again; only what needs quotes gets them. For showing: what is no UTF-8 is replaced. */
char *sal_command_line_quote (const char *const *argv) G_GNUC_WARN_UNUSED_RESULT;

/** sal_command_line_get_name: (transfer full): what a person calls the program that @argv starts:
 * the script's file, the module, "python3 -c", the title it gave itself, or the program's file. For
 * showing: what is no UTF-8 is replaced. @argv may be empty: "". */
char *sal_command_line_get_name (const char *const *argv) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
