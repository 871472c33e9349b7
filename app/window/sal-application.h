/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The application: one process for all windows, reached over the command line and D-Bus. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SAL_TYPE_APPLICATION (sal_application_get_type ())
G_DECLARE_FINAL_TYPE (SalApplication, sal_application, SAL, APPLICATION, AdwApplication)

/** sal_application_new: the application; the settings schema must be there. */
SalApplication *sal_application_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
