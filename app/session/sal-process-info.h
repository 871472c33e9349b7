/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One process as a person chooses it: a value. */
#pragma once

#include <glib.h>

#include "sal-access.h"

G_BEGIN_DECLS

/* Strings owned, never NULL, valid UTF-8; sal_process_info_free(). */
typedef struct
{
  int pid;
  int parent;          /* pid of the nearest ancestor that is in the same list, 0 = none */
  guint64 start_ticks; /* since the system's start: with the pid it names one process for ever */
  gint64 start_time;   /* seconds since 1970 */
  double cpu;          /* processors used, 1.0 = one; since the last look, or since the start */
  gboolean is_python;  /* FALSE: a program that is listed because it started a Python program */
  gboolean is_certain; /* FALSE: only its name says that it is Python: we may not look */
  SalAccess access;    /* VERSION and NOT_PYTHON, too */
  char *name;          /* the script, module or program */
  char *user;
  char *python;      /* "3.11", "3.12.1"; "" = not known */
  char *environment; /* the virtual environment's name; "" = none */
  char *container;   /* "docker 0123456789ab"; "" = none */
  char *command;     /* the command line, quoted as for a shell, in one line */
} SalProcessInfo;

/** sal_process_info_copy: (transfer full): a deep copy. */
SalProcessInfo *sal_process_info_copy (const SalProcessInfo *info) G_GNUC_WARN_UNUSED_RESULT;
/** sal_process_info_free: frees @info (nullable) and its strings. */
void sal_process_info_free (SalProcessInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalProcessInfo, sal_process_info_free)

/** sal_process_info_describe: (transfer full): a sentence about whether and how it can be recorded,
 * and what to do when it cannot; for a person. @has_helper: as for sal_access_get_route(). */
char *sal_process_info_describe (const SalProcessInfo *info,
                                 gboolean has_helper) G_GNUC_WARN_UNUSED_RESULT;

/** sal_process_info_get_label: the same in two or three words, for a column; translated;
 * static. */
const char *sal_process_info_get_label (const SalProcessInfo *info);

/** sal_process_info_format_start: (transfer full): when it was started, in the local time:
 * "17:04:59", or "2026-11-22" when that is most of a day ago. */
char *sal_process_info_format_start (const SalProcessInfo *info) G_GNUC_WARN_UNUSED_RESULT;

/** sal_process_info_find: the entry of @pid in @list (element-type SalProcessInfo); borrowed;
 * NULL when there is none. */
const SalProcessInfo *sal_process_info_find (GPtrArray *list, int pid);

/** sal_process_info_find_started: (transfer full) (element-type SalProcessInfo): of @list, the
 * Python programs that the process @pid started, itself or through programs that are no Python:
 * borrowed entries, those nearest to it only; may be empty. */
GPtrArray *sal_process_info_find_started (GPtrArray *list, int pid) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
