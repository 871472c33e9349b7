/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the launch dialog holds: checked, remembered, and turned into a recording's options. */
#pragma once

#include <glib.h>

#include "sal-command-line.h"
#include "sal-session.h"

#include "sal-sampling.h"

G_BEGIN_DECLS

/* All strings are owned and never NULL; @environment has "NAME=value" entries. */
typedef struct
{
  SalCommandLineKind kind;
  char *subject; /* command line, script or module */
  char *interpreter;
  char *arguments;
  char *directory;
  char **environment;
  SalSampling sampling;
} SalLaunch;

/* The part of the form that a sentence is about. */
typedef enum
{
  SAL_LAUNCH_FIELD_SUBJECT,
  SAL_LAUNCH_FIELD_INTERPRETER,
  SAL_LAUNCH_FIELD_ARGUMENTS,
  SAL_LAUNCH_FIELD_DIRECTORY,
  SAL_LAUNCH_FIELD_ENVIRONMENT,
} SalLaunchField;

/** sal_launch_new: (transfer full): a script with nothing filled in, at 1000 Hz. */
SalLaunch *sal_launch_new (void) G_GNUC_WARN_UNUSED_RESULT;
/** sal_launch_free: frees @launch (nullable). */
void sal_launch_free (SalLaunch *launch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalLaunch, sal_launch_free)

/** sal_launch_new_from_variant: (transfer full): from an a{sv}; what is absent or of another type
 * stays as in sal_launch_new(), numbers are brought into range. */
SalLaunch *sal_launch_new_from_variant (GVariant *variant) G_GNUC_WARN_UNUSED_RESULT;
/** sal_launch_to_variant: (transfer floating): an a{sv}. */
GVariant *sal_launch_to_variant (const SalLaunch *launch);

/** sal_launch_get_title: (transfer full): the command as one line, for a menu. */
char *sal_launch_get_title (const SalLaunch *launch) G_GNUC_WARN_UNUSED_RESULT;

/** sal_launch_check: (transfer full) (nullable): what is wrong, as one translated sentence, and the
 * field it is about; NULL when @launch can be started. Looks at the file system. */
char *sal_launch_check (const SalLaunch *launch, SalLaunchField *field) G_GNUC_WARN_UNUSED_RESULT;

/** sal_launch_create_options: (transfer full): options for a checked @launch, the program's output
 * captured. */
SalSessionOptions *
sal_launch_create_options (const SalLaunch *launch) G_GNUC_WARN_UNUSED_RESULT;

/** sal_launch_history_list: (transfer full) (element-type SalLaunch): the latest first; may be
 * empty. */
GPtrArray *sal_launch_history_list (void) G_GNUC_WARN_UNUSED_RESULT;
/** sal_launch_history_add: puts @launch first; an entry with the same command goes. */
void sal_launch_history_add (const SalLaunch *launch);

G_END_DECLS
