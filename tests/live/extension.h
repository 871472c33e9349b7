/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Python extensions that the tests build for themselves. */
#pragma once

#include <glib.h>

/**
 * extension_build: (transfer full) (nullable): a folder with an extension in it for @python.
 *
 * @source is a file of tests/targets, of C or C++ by its name, or a path; the module is called like
 * it. @options are the compiler's. NULL and skips the test without @python's headers.
 */
char *extension_build (const char *python, const char *source, const char *const *options);

/** extension_ask: (transfer full): what @python prints for @code, stripped. */
char *extension_ask (const char *python, const char *code);

/** extension_remove: removes a folder and what is in it. */
void extension_remove (const char *folder);

/** extension_find_debian: (transfer full) (nullable): Debian's own Python where it has @module;
 * NULL and skips the test otherwise. */
char *extension_find_debian (const char *module);
