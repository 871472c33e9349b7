/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Ids are dense and start at 0; this one is nobody's. */
#define SAL_NO_ID G_MAXUINT32
