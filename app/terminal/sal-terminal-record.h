/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records a program from the terminal. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** sal_terminal_record: the command "record". @arguments: (transfer full): without its name.
 * Returns: the exit code: the recorded program's, or ours. */
int sal_terminal_record (char **arguments);

G_END_DECLS
