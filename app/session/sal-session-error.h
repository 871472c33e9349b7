/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a recording could not be made. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SAL_SESSION_ERROR (sal_session_error_quark ())

/* Messages are one translated sentence: what, why, what to do. */
typedef enum
{
  SAL_SESSION_ERROR_RECORDER, /* salamander-recorder is missing or failed */
  SAL_SESSION_ERROR_SPAWN,
  SAL_SESSION_ERROR_NO_PROCESS,
  SAL_SESSION_ERROR_DENIED,
  SAL_SESSION_ERROR_NOT_PYTHON,
  SAL_SESSION_ERROR_PYTHON_VERSION,
  SAL_SESSION_ERROR_DEBUG_BUILD,
  SAL_SESSION_ERROR_OUTPUT,
  SAL_SESSION_ERROR_NO_HELPER, /* the privileged helper is not installed */
  SAL_SESSION_ERROR_ENDED,     /* the program ended before Python had started */
} SalSessionError;

/** sal_session_error_quark: the domain of these errors. */
GQuark sal_session_error_quark (void);

G_END_DECLS
