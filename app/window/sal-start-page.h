/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a window shows before there is a profile: ways to get one. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SAL_TYPE_START_PAGE (sal_start_page_get_type ())
G_DECLARE_FINAL_TYPE (SalStartPage, sal_start_page, SAL, START_PAGE, AdwBin)

G_END_DECLS
