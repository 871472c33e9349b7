/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Knows programs whose purpose is to start another one. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** sal_process_is_launcher: whether a program with the file name @program and the command line
 * @argv starts another and waits for it: "uv", "make", a shell with a script or "-c"; not a shell
 * that a person types into. */
gboolean sal_process_is_launcher (const char *program, const char *const *argv);

G_END_DECLS
