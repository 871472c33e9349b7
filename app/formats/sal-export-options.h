/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-filter.h"
#include "sal-palette.h"

G_BEGIN_DECLS

/* What of a profile is written to a file, and how: a value. A zeroed one writes everything. */
typedef struct
{
  SalFilter filter;       /* recordings: which samples to write; SALAMANDER ignores it */
  gboolean threads;       /* FOLDED, SVG: threads and processes as root frames */
  const char *title;      /* (nullable) SVG, SPEEDSCOPE */
  SalColouring colouring; /* SVG */
} SalExportOptions;

G_END_DECLS
