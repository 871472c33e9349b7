/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Python processes of this computer, kept up to date. */
#pragma once

#include <gio/gio.h>

#include "sal-process-item.h"

G_BEGIN_DECLS

/* A GListModel of SalProcessItem, in no order: those of sal_process_scan_run(), which a worker runs
 * while the list is watching. A process that stays keeps its item. Signals: "refreshed" (no
 * arguments): another look is done, whether anything changed or not. Thread: main. */
#define SAL_TYPE_PROCESS_LIST (sal_process_list_get_type ())
G_DECLARE_FINAL_TYPE (SalProcessList, sal_process_list, SAL, PROCESS_LIST, GObject)

/** sal_process_list_new: (transfer full): empty, and not watching. */
SalProcessList *sal_process_list_new (void) G_GNUC_WARN_UNUSED_RESULT;

/** sal_process_list_set_watching: looks at once and then about every 1.5 s, or no longer. */
void sal_process_list_set_watching (SalProcessList *self, gboolean watching);

/** sal_process_list_has_helper: whether the privileged helper was there at the last look. */
gboolean sal_process_list_has_helper (SalProcessList *self);

/** sal_process_list_set: makes it hold what @infos (element-type SalProcessInfo) tells. */
void sal_process_list_set (SalProcessList *self, GPtrArray *infos);

/** sal_process_list_find_started: (transfer full) (element-type SalProcessItem): what recording
 * @item means: itself when it is Python, else the nearest Python programs that it started. */
GPtrArray *sal_process_list_find_started (SalProcessList *self,
                                          SalProcessItem *item) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
