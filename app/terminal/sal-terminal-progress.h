/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line on the terminal while a recording runs. */
#pragma once

#include "sal-session.h"

G_BEGIN_DECLS

/** sal_terminal_progress_show: writes the line anew when stderr is a terminal, else nothing.
 * The cursor stays behind it. */
void sal_terminal_progress_show (const SalSessionStatus *status);

/** sal_terminal_progress_clear: takes the line away if there is one. */
void sal_terminal_progress_clear (void);

G_END_DECLS
