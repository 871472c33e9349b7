/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A target that stands in front of another and remembers everything that is read through it. */

#include <stdbool.h>

#include "sal-target.h"

/** target_log_new: a target before @inner, which is borrowed. */
SalTarget *target_log_new (SalTarget *inner);

/** target_log_save: writes what was read so far as an image; false when that fails. */
bool target_log_save (SalTarget *log, const char *path);
