/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

/** recording_example_write: writes a .salamander file of two threads, six samples and names that
 * need escaping, six microseconds long. The tests of the writers tell what is in it. */
void recording_example_write (const char *path);

/** recording_example_write_big: likewise, of @n_samples of one thread on @n_functions functions, 20
 * deep. */
void recording_example_write_big (const char *path, guint n_samples, guint n_functions);
