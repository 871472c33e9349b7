/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Cython says of the C that it writes: names of Python functions, and lines of .pyx files. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** sal_native_cython_is_name: whether @raw is what Cython calls a function of a .pyx file. */
bool sal_native_cython_is_name (const char *raw);

/**
 * sal_native_cython_dup_name: "module.Class.method" of such a name.
 *
 * A function and what takes its arguments apart (__pyx_pf_, __pyx_pw_) have the same name. A
 * generator's body is called "<generator>" in the function or class around it: its name stands
 * nowhere. NULL when @raw is no such name, or without memory; free() it. Thread: any.
 * Source: Cython 0.29 and 3.0, Compiler/Naming.py, Compiler/Symtab.py (Scope.mangle, next_id).
 */
char *sal_native_cython_dup_name (const char *raw) __attribute__ ((warn_unused_result));

/* Files that Cython has written, read once. Thread: one at a time. */
typedef struct _SalNativeCython SalNativeCython;

/** sal_native_cython_new: no file yet; NULL without memory. */
SalNativeCython *sal_native_cython_new (void) __attribute__ ((warn_unused_result));

/**
 * sal_native_cython_find: the .pyx line that @line of the C file at @path was made of, or 0.
 *
 * *@file is the .pyx file beside the C file, or as that names it where none lies there; borrowed as
 * long as @cython. By the comments that Cython writes before each statement. At most 32 MiB of a
 * regular file are read, and only when its first line says that Cython wrote it. Blocks.
 * Source: Cython 0.29 and 3.0, Compiler/Code.py (CCodeWriter.emit_marker).
 */
uint32_t sal_native_cython_find (SalNativeCython *cython,
                                 const char *path,
                                 uint32_t line,
                                 const char **file);

/** sal_native_cython_free: NULL is fine. */
void sal_native_cython_free (SalNativeCython *cython);
