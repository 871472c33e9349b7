/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The Python interpreters of this machine, and programs run by them. */

#include <glib.h>

#include "sal-python.h"

typedef struct
{
  char *path;
  char *version; /* "3.11.7", "3.14.7t" of a free-threaded build */
  int major;
  int minor;
  gboolean is_free_threaded;
  gboolean is_fetched; /* by tests/pythons.sh: what is at the path runs it with another root */
} Interpreter;

/* Where tests/pythons.sh puts what it fetches, when the environment's SAL_TEST_PYTHONS does not say
 * otherwise. */
#define INTERPRETERS_FETCHED "/var/lib/salamander-tests"

/** interpreters_list: those on PATH, under ~/.pyenv and fetched, by version; one of each version.
 *
 * Says on stderr which were found. Ownership: the list's elements are freed with it. */
GPtrArray *interpreters_list (void);

/** interpreters_get_fetched: the folder that tests/pythons.sh fetches into. */
const char *interpreters_get_fetched (void);

/** interpreters_is_supported: whether the recorder reads this version. */
gboolean interpreters_is_supported (const Interpreter *interpreter);

/** A program that runs, and what it has written up to a line "ready". */
typedef struct
{
  GPid pid;
  char **lines;
} Program;

/** die_with_parent: a child set-up function, so that nothing outlives a test that fails. */
void die_with_parent (gpointer data);

/** program_start: runs a script of this folder with one argument; fails the test if it never says
 * "ready". */
Program *program_start (const Interpreter *interpreter, const char *script, const char *argument);

/** program_free: kills it. */
void program_free (Program *program);

/** program_open: opens a program's Python, waiting for a runtime that is not ready yet. */
SalPython *program_open (Program *program, SalTarget **target);

/** interpreters_count_at_work: threads of @look that were seen at work. */
guint interpreters_count_at_work (const SalPythonLook *look);
