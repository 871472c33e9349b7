/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reasons why a process cannot be looked into, in words: what, why, what to do. */
#include "config.h"

#include "sal-access.h"

#include <glib/gi18n.h>

#include "sal-python-version.h"

static const struct
{
  const char *name;
  const char *label;
} words[] = {
  /* Translators: these few words say in a list how a process can be recorded, or why it cannot. */
  [SAL_ACCESS_DIRECT] = { "direct", N_ ("Ready") },
  [SAL_ACCESS_GONE] = { "gone", N_ ("Has ended") },
  [SAL_ACCESS_NOT_PYTHON] = { "not-python", N_ ("Not Python") },
  [SAL_ACCESS_VERSION] = { "version", N_ ("Unsupported") },
  [SAL_ACCESS_OTHER_USER] = { "other-user", N_ ("Other user") },
  [SAL_ACCESS_PRIVILEGED] = { "privileged", N_ ("More privileges") },
  [SAL_ACCESS_NOT_DUMPABLE] = { "not-dumpable", N_ ("Protects itself") },
  [SAL_ACCESS_USER_NAMESPACE] = { "user-namespace", N_ ("Other namespace") },
  [SAL_ACCESS_NOT_PARENT] = { "ptrace-scope-1", N_ ("Own programs only") },
  [SAL_ACCESS_ADMIN_ONLY] = { "ptrace-scope-2", N_ ("Administrators only") },
  [SAL_ACCESS_NOBODY] = { "ptrace-scope-3", N_ ("Switched off") },
  [SAL_ACCESS_NO_CAPABILITY] = { "no-capability", N_ ("Capability missing") },
  [SAL_ACCESS_CONTAINER] = { "container", N_ ("Closed container") },
  [SAL_ACCESS_SECCOMP] = { "seccomp", N_ ("Sandbox forbids it") },
  [SAL_ACCESS_REFUSED] = { "refused", N_ ("System refuses") },
};

const char *
sal_access_get_label (SalAccess access)
{
  return _ (words[MIN ((guint)access, SAL_ACCESS_REFUSED)].label);
}

const char *
sal_access_get_name (SalAccess access)
{
  return words[MIN ((guint)access, SAL_ACCESS_REFUSED)].name;
}

SalRoute
sal_access_get_route (SalAccess access, gboolean has_helper)
{
  switch (access)
    {
    case SAL_ACCESS_DIRECT:
      return SAL_ROUTE_DIRECT;
    case SAL_ACCESS_GONE:
    case SAL_ACCESS_NOT_PYTHON:
    case SAL_ACCESS_VERSION:
    case SAL_ACCESS_NOBODY:
      return SAL_ROUTE_NONE;
    case SAL_ACCESS_OTHER_USER:
    case SAL_ACCESS_PRIVILEGED:
    case SAL_ACCESS_NOT_DUMPABLE:
    case SAL_ACCESS_USER_NAMESPACE:
    case SAL_ACCESS_NOT_PARENT:
    case SAL_ACCESS_ADMIN_ONLY:
    case SAL_ACCESS_NO_CAPABILITY:
    case SAL_ACCESS_CONTAINER:
    case SAL_ACCESS_SECCOMP:
    case SAL_ACCESS_REFUSED:
    default:
      return has_helper ? SAL_ROUTE_PASSWORD : SAL_ROUTE_NONE;
    }
}

/* What the process itself is. */
static char *
describe_process (SalAccess access, const char *subject, const char *detail)
{
  if (access == SAL_ACCESS_DIRECT)
    return g_strdup_printf (_ ("Nothing keeps us from looking into %s."), subject);
  if (access == SAL_ACCESS_GONE)
    return g_strdup_printf (_ ("There is no %s: it has ended, or the number is wrong; look it up "
                               "again, for example with “salamander-cli ps”."),
                            subject);
  if (access == SAL_ACCESS_NOT_PYTHON)
    return g_strdup_printf (_ ("Cannot record %s: no Python interpreter is loaded in it, so it is "
                               "not a Python program; choose another."),
                            subject);
  return g_strdup_printf (_ ("Cannot record %s: it runs Python %s, which is not supported; run it "
                             "with one of these versions: %s."),
                          subject,
                          *detail != '\0' ? detail : "?",
                          sal_python_version_list ());
}

/* What the kernel's own rules and Yama's say. */
static char *
describe_rule (SalAccess access, const char *subject, const char *detail)
{
  if (access == SAL_ACCESS_OTHER_USER)
    return g_strdup_printf (_ ("Cannot look into %s: it belongs to the user “%s”, and only that "
                               "user or an administrator may; run this as that user or with "
                               "sudo."),
                            subject,
                            *detail != '\0' ? detail : "?");
  if (access == SAL_ACCESS_NOT_PARENT)
    return g_strdup_printf (_ ("Cannot look into %s: this system lets a program look only into "
                               "programs it started itself (ptrace_scope is 1); start the "
                               "program from here, or use sudo, or allow it until the next "
                               "restart with “sudo sysctl kernel.yama.ptrace_scope=0”."),
                            subject);
  if (access == SAL_ACCESS_ADMIN_ONLY)
    return g_strdup_printf (_ ("Cannot look into %s: this system lets only administrators look "
                               "into programs (ptrace_scope is 2); use sudo, or allow it until "
                               "the next restart with “sudo sysctl "
                               "kernel.yama.ptrace_scope=0”."),
                            subject);
  if (access == SAL_ACCESS_NOBODY)
    return g_strdup_printf (_ ("Cannot look into %s: this system lets nobody look into programs "
                               "(ptrace_scope is 3), which can only be changed in its "
                               "configuration, followed by a restart."),
                            subject);
  if (access == SAL_ACCESS_PRIVILEGED)
    return g_strdup_printf (_ ("Cannot look into %s: it runs with more privileges than we have "
                               "(set-uid, set-gid or capabilities); use sudo, or run it without "
                               "them."),
                            subject);
  return g_strdup_printf (_ ("Cannot look into %s: it asked the system to be protected, or "
                             "changed its user since it was started; use sudo, or start it as "
                             "that user from the beginning."),
                          subject);
}

/* What stands around the process or around us. */
static char *
describe_surroundings (SalAccess access, const char *subject)
{
  if (access == SAL_ACCESS_USER_NAMESPACE)
    return g_strdup_printf (_ ("Cannot look into %s: it is in a container or sandbox with users "
                               "of its own; use sudo outside of it, or run this inside."),
                            subject);
  if (access == SAL_ACCESS_NO_CAPABILITY)
    return g_strdup_printf (_ ("Cannot look into %s: it is another user's, and this "
                               "administrator lacks the capability CAP_SYS_PTRACE; run this where "
                               "it has not been taken away."),
                            subject);
  if (access == SAL_ACCESS_CONTAINER)
    return g_strdup_printf (_ ("Cannot look into %s: this container lacks the capability "
                               "SYS_PTRACE; start it with “--cap-add SYS_PTRACE”, or run this "
                               "outside of it with sudo."),
                            subject);
  if (access == SAL_ACCESS_SECCOMP)
    return g_strdup_printf (_ ("Cannot look into %s: a sandbox around us forbids reading other "
                               "programs' memory (seccomp); run this outside of it, or start the "
                               "container with “--cap-add SYS_PTRACE”."),
                            subject);
  return g_strdup_printf (_ ("Cannot look into %s: it has privileges that we lack, or a "
                             "sandbox or container forbids it; use sudo, or give the "
                             "container the capability SYS_PTRACE."),
                          subject);
}

char *
sal_access_describe (SalAccess access, const char *subject, const char *detail)
{
  switch (access)
    {
    case SAL_ACCESS_DIRECT:
    case SAL_ACCESS_GONE:
    case SAL_ACCESS_NOT_PYTHON:
    case SAL_ACCESS_VERSION:
      return describe_process (access, subject, detail);
    case SAL_ACCESS_OTHER_USER:
    case SAL_ACCESS_PRIVILEGED:
    case SAL_ACCESS_NOT_DUMPABLE:
    case SAL_ACCESS_NOT_PARENT:
    case SAL_ACCESS_ADMIN_ONLY:
    case SAL_ACCESS_NOBODY:
      return describe_rule (access, subject, detail);
    case SAL_ACCESS_USER_NAMESPACE:
    case SAL_ACCESS_NO_CAPABILITY:
    case SAL_ACCESS_CONTAINER:
    case SAL_ACCESS_SECCOMP:
    case SAL_ACCESS_REFUSED:
    default:
      return describe_surroundings (access, subject);
    }
}
