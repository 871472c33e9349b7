/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The strip above a profile that is being recorded: how it goes, and a button that stops it. */
#pragma once

#include <gtk/gtk.h>

#include "sal-document.h"

G_BEGIN_DECLS

#define SAL_TYPE_RECORD_BAR (sal_record_bar_get_type ())
G_DECLARE_FINAL_TYPE (SalRecordBar, sal_record_bar, SAL, RECORD_BAR, GtkWidget)

/** sal_record_bar_new: a strip that shows while @document, which has a session, is being recorded.
 * Its button is for "win.stop". */
GtkWidget *sal_record_bar_new (SalDocument *document);

G_END_DECLS
