/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a profile in another format. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** sal_terminal_export: the command "export". @arguments: (transfer full): without its name.
 * Returns: the exit code. */
int sal_terminal_export (char **arguments);

G_END_DECLS
