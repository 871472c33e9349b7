/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that were opened or saved lately, from the desktop's common list. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/** sal_recent_add: remembers @file, a recording or a cProfile file, by its ending. */
void sal_recent_add (GFile *file);

/** sal_recent_list: (transfer full) (element-type GtkRecentInfo): ours, still there, the latest
 * first, at most @most. Free with g_ptr_array_unref(). Blocks for a look at each file. */
GPtrArray *sal_recent_list (guint most) G_GNUC_WARN_UNUSED_RESULT;

/** sal_recent_fill_menu: appends a submenu "Open Recent" to @menu, or nothing when there are none.
 * @action: detailed action without target; it gets the file's URI. */
void sal_recent_fill_menu (GMenu *menu, const char *action);

G_END_DECLS
