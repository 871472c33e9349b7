/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to record. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What to record. A value; strings owned; sal_session_options_free(). */
typedef struct
{
  char **argv;        /* program and arguments; NULL = attach to @pid */
  char *directory;    /* (nullable) to start in */
  char **environment; /* (nullable) "NAME=value" to add to ours */
  int pid;
  char *name;              /* (nullable) what a person calls the process @pid */
  double rate_hz;          /* 0 = flat out */
  gboolean native;         /* native stacks too */
  gboolean blocking;       /* threads may be held still where their stacks change too fast */
  gboolean debuginfod;     /* servers may be asked for debugging information */
  double duration_s;       /* 0 = until the program ends or somebody stops it */
  double budget_percent;   /* of a processor that sampling may take; 0 = as much as it needs */
  gboolean subprocesses;   /* record child processes too, to the end of the last */
  gboolean capture_output; /* TRUE: the program's output comes through the "output" signal and it
                            * reads /dev/null; FALSE: it inherits our terminal */
} SalSessionOptions;

/** sal_session_options_new: (transfer full): 1000 samples a second until the program ends,
 * within 10 % of a processor. */
SalSessionOptions *sal_session_options_new (void) G_GNUC_WARN_UNUSED_RESULT;
/** sal_session_options_copy: (transfer full): a deep copy of @options. */
SalSessionOptions *
sal_session_options_copy (const SalSessionOptions *options) G_GNUC_WARN_UNUSED_RESULT;
/** sal_session_options_free: frees @options (nullable) and the strings in it. */
void sal_session_options_free (SalSessionOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalSessionOptions, sal_session_options_free)

/** sal_session_options_parse_rate: what a person writes for a rate: samples a second from 0.01 to
 * 1000000, or "max", which is 0. FALSE, and *@rate_hz stays, when @text is something else. */
gboolean sal_session_options_parse_rate (const char *text, double *rate_hz);
/** sal_session_options_parse_duration: likewise seconds, more than 0, at most 1e8. */
gboolean sal_session_options_parse_duration (const char *text, double *duration_s);

G_END_DECLS
