/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the file that a command is about. */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

/** sal_terminal_input_load: (transfer full): the recording or .prof file @path. What is wrong with
 * it is said on stderr; NULL when it cannot be read at all. */
SalProfile *sal_terminal_input_load (const char *path) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
