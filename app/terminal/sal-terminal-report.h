/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of functions, for people and as JSON. */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

/** sal_terminal_report_print: prints the heaviest functions of @profile as a table, as the command
 * "report" does without options. Returns: FALSE when stdout could not be written. */
gboolean sal_terminal_report_print (SalProfile *profile) G_GNUC_WARN_UNUSED_RESULT;

/** sal_terminal_report: the command "report". @arguments: (transfer full): without its name.
 * Returns: the exit code. */
int sal_terminal_report (char **arguments);

G_END_DECLS
