/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sal-profile.h"

G_BEGIN_DECLS

/**
 * sal_recording_reader_read: the recording (.salamander) that begins with @head, the bytes that
 * were taken from @stream already, and goes on in @stream (transfer full).
 *
 * A recording that is damaged or ends in the middle gives what is whole, with a warning that tells
 * where. Memory: a megabyte beside the profile.
 * Errors: SAL_PROFILE_ERROR_UNKNOWN_FORMAT, _CORRUPT when nothing is whole, _VERSION, _LIMIT;
 * G_IO_ERROR. Blocks.
 */
SalProfile *sal_recording_reader_read (GBytes *head,
                                       GInputStream *stream,
                                       GCancellable *cancellable,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
