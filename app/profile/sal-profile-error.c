/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sal-profile-error.h"

G_DEFINE_QUARK (sal - profile - error - quark, sal_profile_error)
