/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every command of salamander-cli prints with: safe text, sentences on stderr, exit codes. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Exit codes, but for the status of a recorded program. */
enum
{
  SAL_EXIT_OK = 0,
  SAL_EXIT_FAILURE = 1,
  SAL_EXIT_USAGE = 2,
  SAL_EXIT_RECORD = 125,     /* a command was to be recorded and we failed, not the command */
  SAL_EXIT_NOT_RUN = 126,    /* the command exists but cannot be executed */
  SAL_EXIT_NOT_FOUND = 127,  /* there is no such command */
  SAL_EXIT_SIGNAL_BASE = 128 /* + the signal that ended the command */
};

/** sal_terminal_escape: (transfer full): @text for a terminal: control characters and those that
 * change the direction of writing become "\n", "\x1b", "\u202e"; bytes that are no UTF-8 are
 * replaced. */
char *sal_terminal_escape (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/** sal_terminal_say: one line on stderr, "salamander-cli: " before it; escaped. */
void sal_terminal_say (const char *format, ...) G_GNUC_PRINTF (1, 2);

/** sal_terminal_usage_error: as sal_terminal_say(), and where to read more.
 * Returns: SAL_EXIT_USAGE. */
int sal_terminal_usage_error (const char *format, ...) G_GNUC_PRINTF (1, 2);

/** sal_terminal_write: writes all of @text to stdout. A reader that went away (a closed pipe) is
 * no error and gets no sentence; FALSE when it could not be written otherwise, which is said. */
gboolean sal_terminal_write (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/** sal_terminal_write_json: as sal_terminal_write(), for what @builder holds. */
gboolean sal_terminal_write_json (JsonBuilder *builder) G_GNUC_WARN_UNUSED_RESULT;

/** sal_terminal_add_number: a member @name of the object that @builder is in; null when @value is
 * not finite, which JSON has no word for. */
void sal_terminal_add_number (JsonBuilder *builder, const char *name, double value);

/**
 * sal_terminal_parse: takes the options of one command out of its arguments.
 *
 * @name: the command, as "report". @parameters, @summary, @description: for --help, translated;
 * @description may be NULL. @entries: its options; --help and --version are added.
 * @arguments: (inout): without the program's and the command's name; what is no option stays.
 * @options_first: an option after the first other word is left alone.
 * Returns: −1 to go on, otherwise the exit code: help or version was printed, or an error said.
 */
int sal_terminal_parse (const char *name,
                        const char *parameters,
                        const char *summary,
                        const char *description,
                        const GOptionEntry *entries,
                        gboolean options_first,
                        char ***arguments) G_GNUC_WARN_UNUSED_RESULT;

/** sal_terminal_print_version: "salamander-cli 0.1.0"; returns the exit code. */
int sal_terminal_print_version (void);

G_END_DECLS
