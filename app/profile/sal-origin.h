/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose code a function is: the program's, a library's, the interpreter's own. */
#pragma once

#include "sal-profile.h"

G_BEGIN_DECLS

typedef enum
{
  SAL_ORIGIN_PROGRAM,     /* Python code that was not installed as a library */
  SAL_ORIGIN_PACKAGE,     /* Python code in site-packages and dist-packages */
  SAL_ORIGIN_STANDARD,    /* the standard library, in Python and in C, and what is built in */
  SAL_ORIGIN_EXTENSION,   /* native code of extension modules and of the program itself */
  SAL_ORIGIN_LIBRARY,     /* other native code */
  SAL_ORIGIN_KERNEL,      /* and what it maps into every program */
  SAL_ORIGIN_INTERPRETER, /* the machinery that runs Python code, starts programs and threads: what
                           * tells a reader nothing about the program */
  SAL_ORIGIN_TASK,        /* no function either: an asyncio task */
  SAL_ORIGIN_MARK,
  SAL_N_ORIGINS,
} SalOrigin;

/** sal_origin_find: whose @function is, by its name and the paths of its file and library. Takes a
 * few searches in these texts. Thread: any; likewise all below. */
SalOrigin sal_origin_find (const SalFunction *function);

/** sal_origin_get_title: what the functions of @origin are called together, translated; static. */
const char *sal_origin_get_title (SalOrigin origin);

/** sal_origin_is_library_code: whether @function is neither the program's own nor no function at
 * all: code that came with Python, the system or a package. */
gboolean sal_origin_is_library_code (const SalFunction *function);

/** sal_origin_dup_library: (transfer full): the library that @function is in, for people: the base
 * name of a native function's file, a package's name, else sal_origin_get_title(). "" for a
 * mark and a task. */
char *sal_origin_dup_library (const SalFunction *function);

G_END_DECLS
