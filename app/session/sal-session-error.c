/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The domain of the errors of a recording. */
#include "sal-session-error.h"

G_DEFINE_QUARK (sal_session_error_quark, sal_session_error)
