/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a process is, pinned so that its number cannot come to mean another one. */
#include "sal-helper-process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linux: include/linux/sched.h. */
#define PF_KTHREAD 0x00200000

static size_t
read_text (int fd, char *text, size_t size)
{
  ssize_t n = pread (fd, text, size - 1, 0);
  size_t length = n > 0 ? (size_t)n : 0;

  text[length] = '\0';
  return length;
}

size_t
sal_helper_process_read (const SalHelperProcess *process, const char *name, char *text, size_t size)
{
  int fd = openat (process->folder_fd, name, O_RDONLY | O_CLOEXEC);
  size_t length = read_text (fd, text, size);

  if (fd >= 0)
    close (fd);
  return length;
}

SalHelperVerdict
sal_helper_process_get_verdict (void)
{
  switch (errno)
    {
    case EINVAL: /* the number of a thread, or of none */
    case ENOENT:
    case ESRCH:
      return SAL_HELPER_VERDICT_GONE;
    case EACCES:
    case EPERM:
      return SAL_HELPER_VERDICT_DENIED;
    default:
      return SAL_HELPER_VERDICT_FAILED;
    }
}

bool
sal_helper_process_is_alive (const SalHelperProcess *process)
{
  return poll (&(struct pollfd){ process->pidfd, POLLIN, 0 }, 1, 0) == 0;
}

/* The command name in parentheses may hold anything, so the words are counted from the last one:
 * flags is the 9th, the start time the 22nd. */
static bool
read_stat (const SalHelperProcess *process, unsigned int *flags, uint64_t *start_time)
{
  char text[1024];
  const char *end;

  sal_helper_process_read (process, "stat", text, sizeof text);
  end = strrchr (text, ')');
  return end != NULL && sscanf (end,
                                ") %*c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u"
                                " %*d %*d %*d %*d %*d %*d %" SCNu64,
                                flags,
                                start_time) == 2;
}

/* The kernel says of this folder whose the process's files are now. */
static bool
read_owner (const SalHelperProcess *process, uint32_t *uid)
{
  struct stat owner;

  if (fstat (process->owner_fd, &owner) != 0)
    return false;
  *uid = owner.st_uid;
  return true;
}

/* What of the identity may change while the process lives. The kernel escapes line ends in the
 * name, so a key after one is the kernel's own. */
static bool
read_rights (const SalHelperProcess *process, SalHelperIdentity *identity)
{
  uint32_t *uids = identity->uids;
  uint32_t *gids = identity->gids;
  char text[4096];
  const char *user;
  const char *group;
  const char *capabilities;

  read_text (process->status_fd, text, sizeof text);
  user = strstr (text, "\nUid:");
  group = strstr (text, "\nGid:");
  capabilities = strstr (text, "\nCapPrm:");
  if (user == NULL || group == NULL || capabilities == NULL ||
      !read_owner (process, &identity->owner_uid))
    return false;
  return sscanf (capabilities, " CapPrm: %" SCNx64, &identity->capabilities) == 1 &&
         sscanf (user, " Uid: %u %u %u %u", &uids[0], &uids[1], &uids[2], &uids[3]) == 4 &&
         sscanf (group, " Gid: %u %u %u %u", &gids[0], &gids[1], &gids[2], &gids[3]) == 4;
}

/* Whether the process runs this very program, be it this process or another session's. */
static bool
is_itself (const SalHelperProcess *process)
{
  struct stat own;
  struct stat other;

  return stat ("/proc/self/exe", &own) == 0 &&
         fstatat (process->folder_fd, "exe", &other, 0) == 0 && own.st_dev == other.st_dev &&
         own.st_ino == other.st_ino;
}

SalHelperVerdict
sal_helper_process_open (SalHelperProcess *process,
                         pid_t pid,
                         uint64_t start_time,
                         SalHelperIdentity *identity)
{
  unsigned int flags;
  char path[32];

  memset (identity, 0, sizeof *identity);
  identity->pid = (uint32_t)pid;
  /* The folder was opened while the pidfd's process lived, which is proved afterwards: from then on
   * both stand for that process alone. */
  snprintf (path, sizeof path, "/proc/%d", (int)pid);
  process->pidfd = pidfd_open (pid, 0);
  if (process->pidfd < 0)
    return sal_helper_process_get_verdict ();
  process->folder_fd = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  process->status_fd = openat (process->folder_fd, "status", O_RDONLY | O_CLOEXEC);
  process->owner_fd = openat (process->folder_fd, "ns", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (process->folder_fd < 0 || process->status_fd < 0 || process->owner_fd < 0)
    return sal_helper_process_get_verdict ();
  if (!read_stat (process, &flags, &identity->start_time) || !read_rights (process, identity) ||
      identity->start_time != start_time || !sal_helper_process_is_alive (process))
    return SAL_HELPER_VERDICT_GONE;
  if ((flags & PF_KTHREAD) != 0)
    return SAL_HELPER_VERDICT_KERNEL_THREAD;
  return is_itself (process) ? SAL_HELPER_VERDICT_ITSELF : SAL_HELPER_VERDICT_OK;
}

SalHelperVerdict
sal_helper_process_check (const SalHelperProcess *process, const SalHelperIdentity *identity)
{
  SalHelperIdentity now;

  memset (&now, 0, sizeof now);
  now.pid = identity->pid;
  now.start_time = identity->start_time;
  if (!read_rights (process, &now) || !sal_helper_process_is_alive (process))
    return SAL_HELPER_VERDICT_GONE;
  return memcmp (&now, identity, sizeof now) == 0 ? SAL_HELPER_VERDICT_OK
                                                  : SAL_HELPER_VERDICT_CHANGED;
}

bool
sal_helper_process_has_owner (const SalHelperProcess *process, const SalHelperIdentity *identity)
{
  uint32_t uid;

  return read_owner (process, &uid) && uid == identity->owner_uid;
}
