/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SAL_PROFILE_ERROR (sal_profile_error_quark ())

/* Why a file could not be read or written. */
typedef enum
{
  SAL_PROFILE_ERROR_UNKNOWN_FORMAT, /* not a file of any kind we read */
  SAL_PROFILE_ERROR_VERSION,        /* a newer version of a format than ours */
  SAL_PROFILE_ERROR_CORRUPT,        /* the message tells the offset */
  SAL_PROFILE_ERROR_LIMIT,          /* more than we are willing to take */
  SAL_PROFILE_ERROR_EMPTY,          /* nothing in it to show or to write */
  SAL_PROFILE_ERROR_UNSUITABLE,     /* this kind of profile cannot be written in that format */
} SalProfileError;

/** sal_profile_error_quark: the domain of SalProfileError. */
GQuark sal_profile_error_quark (void);

G_END_DECLS
