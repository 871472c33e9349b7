/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a capture while it is being written, and makes profiles of what is there. */
#pragma once

#include <gio/gio.h>

#include "sal-profile.h"

G_BEGIN_DECLS

#define SAL_TYPE_CAPTURE_FOLLOWER (sal_capture_follower_get_type ())
G_DECLARE_FINAL_TYPE (SalCaptureFollower, sal_capture_follower, SAL, CAPTURE_FOLLOWER, GObject)

/** sal_capture_follower_new: (transfer full): @capture need not exist yet. */
SalCaptureFollower *sal_capture_follower_new (GFile *capture) G_GNUC_WARN_UNUSED_RESULT;

/** sal_capture_follower_read_async: reads what is new on a worker thread. One at a time: the call
 * before must have finished. Thread: main. */
void sal_capture_follower_read_async (SalCaptureFollower *self,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);

/** sal_capture_follower_read_finish: (transfer full) (nullable): the profile of everything so far.
 * NULL without an error when there was nothing new. Errors: SAL_PROFILE_ERROR, once; from then on
 * there is nothing new any more. G_IO_ERROR. */
SalProfile *sal_capture_follower_read_finish (SalCaptureFollower *self,
                                              GAsyncResult *result,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
