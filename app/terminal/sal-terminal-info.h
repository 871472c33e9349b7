/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells how a recording was made and how good it is. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** sal_terminal_info: the command "info". @arguments: (transfer full): without its name.
 * Returns: the exit code. */
int sal_terminal_info (char **arguments);

G_END_DECLS
