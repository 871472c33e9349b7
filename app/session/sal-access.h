/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the kernel lets us look into a process, why not, and what can be done about it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What stands between us and a process. */
typedef enum
{
  SAL_ACCESS_DIRECT,         /* nothing */
  SAL_ACCESS_GONE,           /* there is no such process */
  SAL_ACCESS_NOT_PYTHON,     /* no Python is loaded in it */
  SAL_ACCESS_VERSION,        /* its Python is not supported; detail: the version */
  SAL_ACCESS_OTHER_USER,     /* it is another user's; detail: whose */
  SAL_ACCESS_PRIVILEGED,     /* set-uid, set-gid, or more capabilities than ours */
  SAL_ACCESS_NOT_DUMPABLE,   /* it asked not to be looked into, or changed its user */
  SAL_ACCESS_USER_NAMESPACE, /* it is in a user namespace that we have no power over */
  SAL_ACCESS_NOT_PARENT,     /* Yama's ptrace_scope is 1: only parents may look */
  SAL_ACCESS_ADMIN_ONLY,     /* Yama's ptrace_scope is 2 */
  SAL_ACCESS_NOBODY,         /* Yama's ptrace_scope is 3 */
  SAL_ACCESS_NO_CAPABILITY,  /* we are root without CAP_SYS_PTRACE */
  SAL_ACCESS_CONTAINER,      /* the same, because we are in a container */
  SAL_ACCESS_SECCOMP,        /* a seccomp filter keeps us from reading memory at all */
  SAL_ACCESS_REFUSED,        /* a security module, or nothing that can be seen from here */
} SalAccess;

/* Where a process stands, for the one who wants to look into it. */
typedef enum
{
  SAL_ROUTE_DIRECT,
  SAL_ROUTE_PASSWORD, /* the helper may, once polkit has asked for a password */
  SAL_ROUTE_NONE,
} SalRoute;

/* Who looks: a value. */
typedef struct
{
  gint64 uid; /* real */
  gint64 gid;
  guint64 permitted; /* capabilities, a bit each */
  guint64 effective;
  int yama;              /* ptrace_scope; 0 when there is no Yama */
  gboolean can_read;     /* no seccomp filter forbids process_vm_readv() */
  gboolean is_outermost; /* in the first user namespace: our capabilities count in all others */
  gboolean is_contained; /* in a container */
} SalAccessViewer;

/* Who is looked at: a value. */
typedef struct
{
  gint64 uids[3]; /* real, effective, saved; −1 = unknown */
  gint64 gids[3];
  guint64 permitted;
  gboolean is_readable;      /* the kernel let us open its maps: only Yama is left to ask */
  gboolean is_dumpable;      /* by the owner of its files in /proc; only means anything when its
                               * user is not root */
  gboolean in_our_namespace; /* in our user namespace, as far as can be known */
  gboolean is_descendant;    /* of the process that is going to look */
} SalAccessTarget;

/** sal_access_viewer_get: this process, read once and kept; borrowed. Tries process_vm_readv() on
 * itself. Thread: any. */
const SalAccessViewer *sal_access_viewer_get (void);

/**
 * sal_access_judge: what the kernel will say when @viewer wants to look into @target.
 *
 * Asks nobody, so nothing is logged by the kernel, as an attempt would be.
 * Returns: one of DIRECT and what is below VERSION.
 * Source: ptrace(2), "Ptrace access mode checking"; Linux kernel/ptrace.c, __ptrace_may_access();
 * security/commoncap.c, cap_ptrace_access_check(); Documentation/admin-guide/LSM/Yama.rst.
 */
SalAccess sal_access_judge (const SalAccessViewer *viewer, const SalAccessTarget *target);

/** sal_access_read_target: what /proc tells of the process whose folder @folder is; @target is no
 * descendant then. Blocks for as long as the kernel does. Thread: any. */
void sal_access_read_target (int folder, SalAccessTarget *target);

/** sal_access_find: judges the process @pid now: GONE, DIRECT, or what is below VERSION.
 * @started: whether the one that looks has started it. @detail: (out) (transfer full) (optional):
 * what the reason is about; "" = nothing. Thread: any. */
SalAccess sal_access_find (int pid, gboolean started, char **detail);

/** sal_access_get_route: how @access can be got over. @has_helper: whether the privileged helper
 * can be asked. */
SalRoute sal_access_get_route (SalAccess access, gboolean has_helper);

/** sal_access_describe: (transfer full): a sentence: what, why, and what to do; for a person.
 * @subject: how the process is called within a sentence: "process 4711". @detail: as from
 * sal_access_find(). For DIRECT it says that it can be recorded. */
char *sal_access_describe (SalAccess access, const char *subject, const char *detail)
    G_GNUC_WARN_UNUSED_RESULT;

/** sal_access_get_label: the reason in two or three words, for a column; translated; for DIRECT
 * "Ready". Static. */
const char *sal_access_get_label (SalAccess access);

/** sal_access_get_name: the reason as a word for programs: "other-user"; never translated.
 * Static. */
const char *sal_access_get_name (SalAccess access);

G_END_DECLS
