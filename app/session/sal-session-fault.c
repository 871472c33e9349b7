/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each reason why a recording fails has one sentence here: what, why, what to do. */
#include "config.h"

#include "sal-session-fault.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "sal-access.h"

/* How the program is called in a sentence: the command that was given, or the process's number. */
static char *
dup_subject (const SalSessionOptions *options)
{
  if (options->argv != NULL && options->argv[0] != NULL)
    {
      g_autofree char *name = g_filename_display_name (options->argv[0]);

      /* Translators: a program, by the command that starts it */
      return g_strdup_printf (_ ("“%s”"), name);
    }
  return g_strdup_printf (_ ("process %d"), options->pid);
}

/* The kernel says no: the rule behind it, when it can be seen. */
static char *
describe_denial (const SalSessionOptions *options, int pid, const char *subject)
{
  g_autofree char *detail = NULL;
  SalAccess access = sal_access_find (pid, options->argv != NULL, &detail);

  if (access == SAL_ACCESS_DIRECT)
    access = SAL_ACCESS_REFUSED;
  return sal_access_describe (access, subject, detail);
}

static char *
describe_spawn (const char *subject, const char *detail, int error_number)
{
  /* The name that the error is about may be the folder rather than the program. */
  g_autofree char *what = detail[0] != '\0' ? g_strdup_printf (_ ("“%s”"), detail) : NULL;
  const char *name = what != NULL ? what : subject;

  if (error_number == ENOENT)
    return g_strdup_printf (_ ("Cannot start %s: there is no such command or folder; check the "
                               "spelling, or give the full path."),
                            name);
  if (error_number == EACCES)
    return g_strdup_printf (_ ("Cannot start %s: it may not be executed; check its permissions, or "
                               "give the interpreter first."),
                            name);
  if (error_number == ENOEXEC)
    return g_strdup_printf (_ ("Cannot start %s: it is not a program; give the interpreter first, "
                               "as in “python3 %s”."),
                            name,
                            detail[0] != '\0' ? detail : "FILE");
  return g_strdup_printf (_ ("Cannot start %s: %s."), name, g_strerror (error_number));
}

static char *
describe_output (int error_number)
{
  if (error_number == ENOSPC || error_number == EDQUOT)
    return g_strdup (_ ("The recording was cut short because the disk is full; free some space and "
                        "record again."));
  return g_strdup_printf (_ ("The recording was cut short because it could not be written: %s; "
                             "check the cache folder and record again."),
                          g_strerror (error_number));
}

/* Every sentence but the kernel's refusal and the two above needs no more than these. */
static char *
describe (SalControlFault fault, const char *subject, const char *detail)
{
  switch (fault)
    {
    case SAL_CONTROL_FAULT_NO_PROCESS:
      return sal_access_describe (SAL_ACCESS_GONE, subject, "");
    case SAL_CONTROL_FAULT_NOT_PYTHON:
      return sal_access_describe (SAL_ACCESS_NOT_PYTHON, subject, "");
    case SAL_CONTROL_FAULT_PYTHON_VERSION:
      return sal_access_describe (SAL_ACCESS_VERSION, subject, detail);
    case SAL_CONTROL_FAULT_DEBUG_BUILD:
      return g_strdup_printf (_ ("Cannot record %s: its Python is a build for debugging, which is "
                                 "not supported; run it with an ordinary one."),
                              subject);
    case SAL_CONTROL_FAULT_ENDED:
      return g_strdup_printf (_ ("Nothing was recorded: %s ended before Python had started; check "
                                 "that it is a Python program and that its arguments are right."),
                              subject);
    case SAL_CONTROL_FAULT_USAGE:
    case SAL_CONTROL_FAULT_INTERNAL:
    case SAL_CONTROL_FAULT_NONE:
    case SAL_CONTROL_FAULT_SPAWN:
    case SAL_CONTROL_FAULT_DENIED:
    case SAL_CONTROL_FAULT_OUTPUT:
    default:
      if (detail[0] == '\0')
        return g_strdup (_ ("The recorder failed; check that it is of the same version as this "
                            "program."));
      return g_strdup_printf (_ ("The recorder failed (%s); check that it is of the same version "
                                 "as this program."),
                              detail);
    }
}

static SalSessionError
get_code (SalControlFault fault)
{
  switch (fault)
    {
    case SAL_CONTROL_FAULT_SPAWN:
      return SAL_SESSION_ERROR_SPAWN;
    case SAL_CONTROL_FAULT_NO_PROCESS:
      return SAL_SESSION_ERROR_NO_PROCESS;
    case SAL_CONTROL_FAULT_DENIED:
      return SAL_SESSION_ERROR_DENIED;
    case SAL_CONTROL_FAULT_NOT_PYTHON:
      return SAL_SESSION_ERROR_NOT_PYTHON;
    case SAL_CONTROL_FAULT_PYTHON_VERSION:
      return SAL_SESSION_ERROR_PYTHON_VERSION;
    case SAL_CONTROL_FAULT_DEBUG_BUILD:
      return SAL_SESSION_ERROR_DEBUG_BUILD;
    case SAL_CONTROL_FAULT_OUTPUT:
      return SAL_SESSION_ERROR_OUTPUT;
    case SAL_CONTROL_FAULT_ENDED:
      return SAL_SESSION_ERROR_ENDED;
    case SAL_CONTROL_FAULT_NONE:
    case SAL_CONTROL_FAULT_USAGE:
    case SAL_CONTROL_FAULT_INTERNAL:
    default:
      return SAL_SESSION_ERROR_RECORDER;
    }
}

GError *
sal_session_fault_to_error (SalControlFault fault,
                            int error_number,
                            const char *detail,
                            const SalSessionOptions *options,
                            int pid)
{
  g_autofree char *subject = dup_subject (options);
  g_autofree char *valid = g_utf8_make_valid (detail != NULL ? detail : "", -1);
  g_autofree char *message = NULL;

  if (fault == SAL_CONTROL_FAULT_DENIED)
    message = describe_denial (options, pid > 0 ? pid : options->pid, subject);
  else if (fault == SAL_CONTROL_FAULT_SPAWN)
    message = describe_spawn (subject, valid, error_number);
  else if (fault == SAL_CONTROL_FAULT_OUTPUT)
    message = describe_output (error_number);
  else
    message = describe (fault, subject, valid);
  return g_error_new_literal (SAL_SESSION_ERROR, get_code (fault), message);
}

GError *
sal_session_fault_from_silence (guint seconds)
{
  return g_error_new (SAL_SESSION_ERROR,
                      SAL_SESSION_ERROR_RECORDER,
                      ngettext ("The recorder did not finish within %u second of being told to, "
                                "and was ended; what it wrote until then is kept.",
                                "The recorder did not finish within %u seconds of being told to, "
                                "and was ended; what it wrote until then is kept.",
                                seconds),
                      seconds);
}

GError *
sal_session_fault_from_end (int wait_status)
{
  if (WIFSIGNALED (wait_status))
    return g_error_new (SAL_SESSION_ERROR,
                        SAL_SESSION_ERROR_RECORDER,
                        _ ("The recorder was stopped from outside or crashed (%s); what it wrote "
                           "until then is kept."),
                        strsignal (WTERMSIG (wait_status)));
  return g_error_new (SAL_SESSION_ERROR,
                      SAL_SESSION_ERROR_RECORDER,
                      _ ("The recorder gave up (exit status %d); check that it is of the same "
                         "version as this program."),
                      WEXITSTATUS (wait_status));
}

GError *
sal_session_fault_merge (GError *fault, GError *error)
{
  g_autoptr (GError) first = fault;
  g_autoptr (GError) second = error;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_steal_pointer (&first);
  if (g_error_matches (error, SAL_SESSION_ERROR, SAL_SESSION_ERROR_NO_HELPER))
    return g_error_new (fault->domain, fault->code, "%s %s", fault->message, error->message);
  return g_steal_pointer (&second);
}
