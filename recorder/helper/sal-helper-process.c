/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a process is, pinned so that its number cannot come to mean another one. */
#include "sal-helper-process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux: include/linux/sched.h. */
#define PF_KTHREAD 0x00200000

/* The words of /proc/PID/stat that are asked for, counted from 1 as proc(5) does. */
#define STAT_FLAGS 9
#define STAT_START_TIME 22

static ssize_t
read_text (int fd, char *text, size_t size)
{
  ssize_t n = pread (fd, text, size - 1, 0);

  text[n > 0 ? n : 0] = '\0';
  return n;
}

/* The command name in parentheses may hold anything, so the words are counted from the last one. */
static bool
read_stat (int folder_fd, uint64_t *start_time, bool *is_kernel_thread)
{
  char text[1024];
  char *at;
  ssize_t n;
  int fd = openat (folder_fd, "stat", O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return false;
  n = read_text (fd, text, sizeof text);
  close (fd);
  at = n > 0 ? strrchr (text, ')') : NULL;
  for (int word = 2; at != NULL && word < STAT_START_TIME; word++)
    {
      at = strchr (at, ' ');
      if (at == NULL)
        return false;
      at++;
      if (word + 1 == STAT_FLAGS)
        *is_kernel_thread = (strtoull (at, NULL, 10) & PF_KTHREAD) != 0;
    }
  if (at == NULL)
    return false;
  *start_time = strtoull (at, NULL, 10);
  return true;
}

static bool
is_alive (const SalHelperProcess *process)
{
  struct pollfd poll_fd = { process->pidfd, POLLIN, 0 };

  return poll (&poll_fd, 1, 0) == 0;
}

/* The kernel escapes line ends in the name, so a key after one is the kernel's own. */
static const char *
find_line (const char *text, const char *key)
{
  const char *at = strstr (text, key);

  return at != NULL ? at + strlen (key) : NULL;
}

static bool
parse_ids (const char *at, uint32_t ids[4])
{
  return at != NULL &&
         sscanf (at,
                 "%" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32,
                 &ids[0],
                 &ids[1],
                 &ids[2],
                 &ids[3]) == 4;
}

/* What of the identity may change while the process lives. */
static bool
read_rights (const SalHelperProcess *process, SalHelperIdentity *identity)
{
  char text[4096];
  const char *capabilities;
  struct stat owner;

  if (read_text (process->status_fd, text, sizeof text) <= 0 ||
      fstatat (process->folder_fd, "status", &owner, 0) != 0)
    return false;
  capabilities = find_line (text, "\nCapPrm:\t");
  if (capabilities == NULL || !parse_ids (find_line (text, "\nUid:\t"), identity->uids) ||
      !parse_ids (find_line (text, "\nGid:\t"), identity->gids))
    return false;
  identity->capabilities = strtoull (capabilities, NULL, 16);
  identity->owner_uid = owner.st_uid;
  return true;
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

static SalHelperVerdict
identify (SalHelperProcess *process, uint64_t start_time, SalHelperIdentity *identity)
{
  bool is_kernel_thread = false;

  process->status_fd = openat (process->folder_fd, "status", O_RDONLY | O_CLOEXEC);
  if (process->status_fd < 0)
    return errno == EMFILE || errno == ENFILE ? SAL_HELPER_VERDICT_FAILED : SAL_HELPER_VERDICT_GONE;
  if (!read_stat (process->folder_fd, &identity->start_time, &is_kernel_thread) ||
      !read_rights (process, identity))
    return SAL_HELPER_VERDICT_GONE;
  if (identity->start_time != start_time || !is_alive (process))
    return SAL_HELPER_VERDICT_GONE;
  if (is_kernel_thread)
    return SAL_HELPER_VERDICT_KERNEL_THREAD;
  return is_itself (process) ? SAL_HELPER_VERDICT_ITSELF : SAL_HELPER_VERDICT_OK;
}

SalHelperVerdict
sal_helper_process_open (SalHelperProcess *process,
                         pid_t pid,
                         uint64_t start_time,
                         SalHelperIdentity *identity)
{
  SalHelperVerdict verdict = SAL_HELPER_VERDICT_GONE;
  char path[32];

  *process = (SalHelperProcess){ -1, -1, -1 };
  memset (identity, 0, sizeof *identity);
  identity->pid = (uint32_t)pid;
  if (pid <= 0)
    return SAL_HELPER_VERDICT_GONE;

  /* The folder was opened while the pidfd's process lived, which is_alive() proves afterwards: from
   * then on both stand for that process alone. */
  snprintf (path, sizeof path, "/proc/%d", (int)pid);
  process->pidfd = (int)syscall (SYS_pidfd_open, pid, 0);
  if (process->pidfd >= 0)
    process->folder_fd = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (process->folder_fd >= 0)
    verdict = identify (process, start_time, identity);
  else if (errno == EMFILE || errno == ENFILE)
    verdict = SAL_HELPER_VERDICT_FAILED;
  if (verdict != SAL_HELPER_VERDICT_OK)
    sal_helper_process_close (process);
  return verdict;
}

SalHelperVerdict
sal_helper_process_check (const SalHelperProcess *process, const SalHelperIdentity *identity)
{
  SalHelperIdentity now;

  memset (&now, 0, sizeof now);
  now.pid = identity->pid;
  now.start_time = identity->start_time;
  if (!read_rights (process, &now) || !is_alive (process))
    return SAL_HELPER_VERDICT_GONE;
  return memcmp (&now, identity, sizeof now) == 0 ? SAL_HELPER_VERDICT_OK
                                                  : SAL_HELPER_VERDICT_CHANGED;
}

void
sal_helper_process_close (SalHelperProcess *process)
{
  int *fds[] = { &process->pidfd, &process->folder_fd, &process->status_fd };

  for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
    {
      if (*fds[i] >= 0)
        close (*fds[i]);
      *fds[i] = -1;
    }
}

bool
sal_helper_identity_is_own (const SalHelperIdentity *identity, uint32_t uid)
{
  for (size_t i = 0; i < 4; i++)
    {
      if (identity->uids[i] != uid || identity->gids[i] != identity->gids[0])
        return false;
    }
  return identity->owner_uid == uid && (uid == 0 || identity->capabilities == 0);
}
