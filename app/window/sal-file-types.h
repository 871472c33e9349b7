/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of files that can be read and written, as a file chooser offers them. */
#pragma once

#include <gtk/gtk.h>

#include "sal-formats.h"

G_BEGIN_DECLS

/** sal_file_types_create_filter: (transfer full): shows files of @format. */
GtkFileFilter *sal_file_types_create_filter (SalFormat format) G_GNUC_WARN_UNUSED_RESULT;

/** sal_file_types_create_open_filter: (transfer full): shows every file that can be opened. */
GtkFileFilter *sal_file_types_create_open_filter (void) G_GNUC_WARN_UNUSED_RESULT;

/** sal_file_types_list_filters: (transfer full) (element-type GtkFileFilter): one for each format,
 * save SALAMANDER, that profiles of @kind can be exported to; NULL-terminated. */
GPtrArray *sal_file_types_list_filters (SalProfileKind kind) G_GNUC_WARN_UNUSED_RESULT;

/** sal_file_types_choose: the format that @file's ending names, else that of @filter (nullable). */
SalFormat sal_file_types_choose (GFile *file, GtkFileFilter *filter);

/** sal_file_types_add_ending: (transfer full): @file, with the ending of @format if it has
 * another. */
GFile *sal_file_types_add_ending (GFile *file, SalFormat format) G_GNUC_WARN_UNUSED_RESULT;

/** sal_file_types_dup_name: (transfer full): what @file is called, without its folder. */
char *sal_file_types_dup_name (GFile *file) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
