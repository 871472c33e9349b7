/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program's GSettings, found installed or in the build folder. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** sal_settings_are_installed: whether the schema can be found. Thread: main. */
gboolean sal_settings_are_installed (void);

/** sal_settings_get: the settings, one object for the whole program (transfer none). The schema
 * must be there: sal_settings_are_installed(). Thread: main. */
GSettings *sal_settings_get (void);

G_END_DECLS
