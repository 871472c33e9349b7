/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one window is about: a profile, where it came from, and whether it is saved. */
#pragma once

#include <gio/gio.h>

#include "sal-formats.h"
#include "sal-session.h"
#include "sal-view-state.h"

G_BEGIN_DECLS

/* Properties, all read-only and notified: "title" and "subtitle" (strings), "recording" (boolean: a
 * session is under way), "modified" (boolean: closing would lose a recording), "problem" (string,
 * nullable: what went wrong with the recording, one sentence).
 * Thread: main.
 */
#define SAL_TYPE_DOCUMENT (sal_document_get_type ())
G_DECLARE_FINAL_TYPE (SalDocument, sal_document, SAL, DOCUMENT, GObject)

/** sal_document_new_for_file: (transfer full): shows @profile, read from @file. */
SalDocument *sal_document_new_for_file (GFile *file, SalProfile *profile) G_GNUC_WARN_UNUSED_RESULT;

/** sal_document_new_for_session: (transfer full): follows @session, which has not started yet. */
SalDocument *sal_document_new_for_session (SalSession *session) G_GNUC_WARN_UNUSED_RESULT;

/** sal_document_get_state: the shared state of the views (transfer none). */
SalViewState *sal_document_get_state (SalDocument *self);
/** sal_document_get_profile: (nullable): what has been read so far (transfer none). */
SalProfile *sal_document_get_profile (SalDocument *self);
/** sal_document_get_session: (nullable): the recording, ended or not (transfer none). */
SalSession *sal_document_get_session (SalDocument *self);
/** sal_document_get_file: (nullable): where it was read from or saved to (transfer none). */
GFile *sal_document_get_file (SalDocument *self);
/* The properties; texts are borrowed until they change. */
const char *sal_document_get_title (SalDocument *self);
const char *sal_document_get_subtitle (SalDocument *self);
const char *sal_document_get_problem (SalDocument *self);
gboolean sal_document_is_recording (SalDocument *self);
gboolean sal_document_is_modified (SalDocument *self);
/** sal_document_is_refused: whether it is of a process that could not be attached to, and so shows
 * nothing: its problem says why. */
gboolean sal_document_is_refused (SalDocument *self);

/**
 * sal_document_write_async: writes the profile to @file in @format, replacing it whole or not at
 * all.
 *
 * SAL_FORMAT_SALAMANDER saves: the document belongs to @file from then on. Other formats export
 * what the views show at the moment.
 */
void sal_document_write_async (SalDocument *self,
                               SalFormat format,
                               GFile *file,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/** sal_document_write_finish: errors: SAL_PROFILE_ERROR, G_IO_ERROR. */
gboolean sal_document_write_finish (SalDocument *self, GAsyncResult *result, GError **error);

G_END_DECLS
