/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which versions of Python can be recorded. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** sal_python_version_is_supported: whether the recorder knows @version, "3.11" or "3.12.1" or
 * "3.13t"; TRUE for what is no version: the recorder will find out. */
gboolean sal_python_version_is_supported (const char *version);

/** sal_python_version_list: the versions that are supported, for a sentence: "3.11, 3.12";
 * static. */
const char *sal_python_version_list (void);

G_END_DECLS
