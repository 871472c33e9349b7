/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's rules about who may look into whom, applied without trying. */
#include "config.h"

#include "sal-access.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sal-proc.h"

/* The number of CAP_SYS_PTRACE. Source: capabilities(7), linux/capability.h. */
#define CAPABILITY_PTRACE (G_GUINT64_CONSTANT (1) << 19)

#define MAX_STATUS_BYTES 16384

/* A seccomp filter answers before the kernel looks at whom the call is about, so asking about
 * ourselves, which is always allowed, tells. */
static gboolean
can_read_memory (void)
{
  char from = 1;
  char to = 0;
  struct iovec local = { &to, 1 };
  struct iovec remote = { &from, 1 };

  return process_vm_readv (getpid (), &local, 1, &remote, 1, 0) == 1;
}

static gboolean
is_contained (int folder)
{
  g_autofree char *groups = sal_proc_read (folder, "cgroup", MAX_STATUS_BYTES, NULL);
  g_autofree char *name = groups != NULL ? sal_proc_parse_container (groups) : NULL;

  return name != NULL || g_file_test ("/.dockerenv", G_FILE_TEST_EXISTS) ||
         g_file_test ("/run/.containerenv", G_FILE_TEST_EXISTS);
}

static gpointer
read_viewer (gpointer data)
{
  SalAccessViewer *viewer = g_new0 (SalAccessViewer, 1);
  int folder = sal_proc_open ("/proc", getpid ());
  g_autofree char *text = folder != -1 ? sal_proc_read (folder, "status", MAX_STATUS_BYTES, NULL)
                                       : NULL;
  g_autofree char *map = folder != -1 ? sal_proc_read (folder, "uid_map", 4096, NULL) : NULL;
  g_autofree char *scope = NULL;
  unsigned long long inside = 1;
  unsigned long long outside = 1;
  unsigned long long count = 0;
  SalProcStatus status = { 0 };

  if (text != NULL)
    sal_proc_parse_status (text, &status);
  if (g_file_get_contents ("/proc/sys/kernel/yama/ptrace_scope", &scope, NULL, NULL))
    viewer->yama = (int)CLAMP (g_ascii_strtoll (scope, NULL, 10), 0, 3);
  viewer->uid = getuid ();
  viewer->gid = getgid ();
  viewer->permitted = status.permitted;
  viewer->effective = status.effective;
  viewer->can_read = can_read_memory ();
  /* The first user namespace maps every number to itself. Source: user_namespaces(7). */
  viewer->is_outermost = map == NULL ||
                         (sscanf (map, "%llu %llu %llu", &inside, &outside, &count) == 3 &&
                          inside == 0 && outside == 0 && count >= G_MAXUINT32);
  viewer->is_contained = folder != -1 && is_contained (folder);
  if (folder != -1)
    close (folder);
  return viewer;
}

const SalAccessViewer *
sal_access_viewer_get (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, read_viewer, NULL);
}

/* What Yama says once the kernel's own rules are met; @has_capability: CAP_SYS_PTRACE in the
 * target's user namespace. */
static SalAccess
ask_yama (const SalAccessViewer *viewer, const SalAccessTarget *target, gboolean has_capability)
{
  if (viewer->yama >= 3)
    return SAL_ACCESS_NOBODY;
  if (has_capability)
    return SAL_ACCESS_DIRECT;
  if (viewer->yama == 2)
    return SAL_ACCESS_ADMIN_ONLY;
  if (viewer->yama == 1 && !target->is_descendant)
    return SAL_ACCESS_NOT_PARENT;
  return SAL_ACCESS_DIRECT;
}

static gboolean
are_all (const gint64 ids[3], gint64 id)
{
  for (guint i = 0; i < 3; i++)
    if (ids[i] != id && ids[i] != -1)
      return FALSE;
  return TRUE;
}

/* Which of the kernel's own rules is broken. */
static SalAccess
find_broken_rule (const SalAccessViewer *viewer, const SalAccessTarget *target)
{
  if (!are_all (target->uids, viewer->uid) || !are_all (target->gids, viewer->gid))
    {
      if (viewer->uid == 0)
        return viewer->is_contained ? SAL_ACCESS_CONTAINER : SAL_ACCESS_NO_CAPABILITY;
      /* Its real user is who started it: ours, so it changed its user. */
      return target->uids[0] == viewer->uid ? SAL_ACCESS_PRIVILEGED : SAL_ACCESS_OTHER_USER;
    }
  if (!target->in_our_namespace)
    return SAL_ACCESS_USER_NAMESPACE;
  if ((target->permitted & ~viewer->permitted) != 0)
    return SAL_ACCESS_PRIVILEGED;
  if (!target->is_dumpable)
    return SAL_ACCESS_NOT_DUMPABLE;
  return SAL_ACCESS_REFUSED;
}

SalAccess
sal_access_judge (const SalAccessViewer *viewer, const SalAccessTarget *target)
{
  gboolean has_capability = (viewer->effective & CAPABILITY_PTRACE) != 0 &&
                            (target->in_our_namespace || viewer->is_outermost);
  SalAccess yama = ask_yama (viewer, target, has_capability);

  if (!viewer->can_read)
    return SAL_ACCESS_SECCOMP;
  if (yama == SAL_ACCESS_NOBODY)
    return yama;
  if (has_capability)
    return target->is_readable ? SAL_ACCESS_DIRECT : SAL_ACCESS_REFUSED;
  if (target->is_readable)
    return yama;
  return find_broken_rule (viewer, target);
}

/* Whether both are in one user namespace. When it may not be asked, some rule is broken: from the
 * first namespace, whose administrator rules all others, hardly that one; from another, likely. */
static gboolean
is_in_our_user_namespace (int folder)
{
  g_autofree char *theirs = sal_proc_read_link (folder, "ns/user");
  g_autofree char *ours = g_file_read_link ("/proc/self/ns/user", NULL);

  if (theirs == NULL || ours == NULL)
    return sal_access_viewer_get ()->is_outermost;
  return g_str_equal (theirs, ours);
}

/* The kernel gives a process's files to root when it is not dumpable. Source: proc(5);
 * fs/proc/base.c, task_dump_owner(). */
static gboolean
is_dumpable (int folder, gint64 uid)
{
  struct stat st;

  return uid <= 0 || fstatat (folder, "status", &st, AT_SYMLINK_NOFOLLOW) != 0 ||
         st.st_uid == (uid_t)uid;
}

void
sal_access_read_target (int folder, SalAccessTarget *target)
{
  g_autofree char *text = sal_proc_read (folder, "status", MAX_STATUS_BYTES, NULL);
  SalProcStatus status = { .uids = { -1, -1, -1 }, .gids = { -1, -1, -1 } };
  int maps = openat (folder, "maps", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (text != NULL)
    sal_proc_parse_status (text, &status);
  *target = (SalAccessTarget){ .permitted = status.permitted };
  for (guint i = 0; i < 3; i++)
    {
      target->uids[i] = status.uids[i];
      target->gids[i] = status.gids[i];
    }
  target->is_readable = maps != -1;
  target->is_dumpable = is_dumpable (folder, status.uids[1]);
  target->in_our_namespace = is_in_our_user_namespace (folder);
  if (maps != -1)
    close (maps);
}

SalAccess
sal_access_find (int pid, gboolean started, char **detail)
{
  int folder = sal_proc_open ("/proc", pid);
  SalAccessTarget target;
  SalAccess access;

  if (detail != NULL)
    *detail = g_strdup ("");
  if (folder == -1)
    return SAL_ACCESS_GONE;
  sal_access_read_target (folder, &target);
  close (folder);
  target.is_descendant = started;
  access = sal_access_judge (sal_access_viewer_get (), &target);
  if (access == SAL_ACCESS_OTHER_USER && detail != NULL)
    {
      g_free (*detail);
      *detail = sal_proc_dup_user_name (target.uids[1]);
    }
  return access;
}
