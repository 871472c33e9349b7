/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists the Python processes that can be recorded, and those that cannot. */
#pragma once

#include <glib.h>

#include "sal-session-options.h"

G_BEGIN_DECLS

/** sal_terminal_ps: the command "ps". @arguments: (transfer full): without its name.
 * Returns: the exit code. */
int sal_terminal_ps (char **arguments);

/** sal_terminal_ps_resolve: when the process of @options is no Python but has started one, that
 * one's number takes its place, which is said. With several, they are named and nothing changes.
 * Returns: FALSE when a person has to choose. */
gboolean sal_terminal_ps_resolve (SalSessionOptions *options) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
