/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests do to the binaries that they make. */
#pragma once

#include <glib.h>

/** binary_run: runs a program that is in PATH, a compiler or objcopy; whether it succeeded. */
gboolean binary_run (const char *const *argv);

/** BINARY_RUN: runs a program given as words, which must succeed. */
#define BINARY_RUN(...) g_assert_true (binary_run ((const char *const[]){ __VA_ARGS__, NULL }))

/** binary_find: the address of the symbol @name of the ELF file at @path, which has it. */
guint64 binary_find (const char *path, const char *name);
