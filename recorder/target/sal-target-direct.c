/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A running process, read with process_vm_readv. */
#include "sal-target-direct.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sal-target-maps.h"
#include "sal-target-tasks.h"

/* Linux: UIO_MAXIOV. */
#define MAX_PIECES 1024
#define MAX_MAPS_BYTES ((size_t)64 << 20)

typedef struct
{
  SalTarget base;
  int pidfd;
  uint64_t start_time; /* clock ticks after boot: /proc/PID/stat, field 22 */
  struct iovec local[MAX_PIECES];
  struct iovec remote[MAX_PIECES];
} Direct;

static SalTargetResult
read_file (const char *path, size_t limit, char **text, size_t *length)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  size_t capacity = 4096;
  size_t n = 0;
  char *buffer;

  if (fd < 0)
    return errno == EACCES || errno == EPERM ? SAL_TARGET_DENIED : SAL_TARGET_GONE;
  buffer = malloc (capacity);
  while (buffer != NULL)
    {
      ssize_t got = read (fd, buffer + n, capacity - n);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break;
      n += (size_t)got;
      if (n == capacity)
        {
          char *grown = capacity < limit ? realloc (buffer, capacity * 2) : NULL;

          if (grown == NULL)
            {
              free (buffer);
              buffer = NULL;
              break;
            }
          buffer = grown;
          capacity *= 2;
        }
    }
  close (fd);
  *text = buffer;
  *length = n;
  return buffer != NULL ? SAL_TARGET_OK : SAL_TARGET_MEMORY;
}

/* The command name in parentheses may hold anything, so the fields are counted from the last one.
 * */
static SalTargetResult
read_start_time (pid_t pid, uint64_t *start_time)
{
  char path[64];
  char text[1024];
  char *at;
  ssize_t n;
  int fd;

  snprintf (path, sizeof path, "/proc/%d/stat", (int)pid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return SAL_TARGET_GONE;
  n = read (fd, text, sizeof text - 1);
  close (fd);
  if (n <= 0)
    return SAL_TARGET_GONE;
  text[n] = '\0';
  at = strrchr (text, ')');
  for (int field = 2; at != NULL && field < 22; field++)
    {
      at = strchr (at, ' ');
      if (at != NULL)
        at++;
    }
  if (at == NULL)
    return SAL_TARGET_CORRUPT;
  *start_time = strtoull (at, NULL, 10);
  return SAL_TARGET_OK;
}

static SalTargetResult
direct_is_alive (SalTarget *target)
{
  Direct *direct = (Direct *)target;
  struct pollfd poll_fd = { direct->pidfd, POLLIN, 0 };

  return poll (&poll_fd, 1, 0) == 0 ? SAL_TARGET_OK : SAL_TARGET_GONE;
}

static SalTargetResult
result_of_errno (Direct *direct, int error)
{
  if (direct_is_alive (&direct->base) != SAL_TARGET_OK || error == ESRCH)
    return SAL_TARGET_GONE;
  if (error == EPERM || error == EACCES)
    return SAL_TARGET_DENIED;
  if (error == ENOMEM)
    return SAL_TARGET_MEMORY;
  return SAL_TARGET_FAULT;
}

/* One call for up to MAX_PIECES ranges. Buffers that follow each other count as one for the kernel.
 * */
static SalTargetResult
read_batch (Direct *direct, const SalTargetRange *ranges, size_t n_ranges, size_t *n_read)
{
  size_t n_local = 0;
  size_t done = 0;
  ssize_t got;

  for (size_t i = 0; i < n_ranges; i++)
    {
      struct iovec *last = n_local > 0 ? &direct->local[n_local - 1] : NULL;

      direct->remote[i].iov_base = (void *)(uintptr_t)ranges[i].address;
      direct->remote[i].iov_len = ranges[i].length;
      if (last != NULL && (char *)last->iov_base + last->iov_len == (char *)ranges[i].buffer)
        last->iov_len += ranges[i].length;
      else
        direct->local[n_local++] = (struct iovec){ ranges[i].buffer, ranges[i].length };
    }
  got = process_vm_readv (direct->base.pid, direct->local, n_local, direct->remote, n_ranges, 0);
  *n_read = 0;
  if (got < 0)
    return result_of_errno (direct, errno);
  while (*n_read < n_ranges && ranges[*n_read].length <= (size_t)got - done)
    done += ranges[(*n_read)++].length;
  if (*n_read == n_ranges)
    return SAL_TARGET_OK;
  return result_of_errno (direct, EFAULT);
}

static SalTargetResult
direct_read_many (SalTarget *target, const SalTargetRange *ranges, size_t n_ranges, size_t *n_read)
{
  Direct *direct = (Direct *)target;
  SalTargetResult result = SAL_TARGET_OK;

  *n_read = 0;
  while (*n_read < n_ranges && result == SAL_TARGET_OK)
    {
      size_t n = n_ranges - *n_read < MAX_PIECES ? n_ranges - *n_read : MAX_PIECES;
      size_t n_now;

      result = read_batch (direct, ranges + *n_read, n, &n_now);
      *n_read += n_now;
    }
  return result;
}

static SalTargetResult
direct_list_regions (SalTarget *target, SalTargetRegions *regions)
{
  char path[64];
  char *text = NULL;
  size_t length = 0;
  SalTargetResult result;

  regions->items = NULL;
  regions->n_items = 0;
  snprintf (path, sizeof path, "/proc/%d/maps", (int)target->pid);
  result = read_file (path, MAX_MAPS_BYTES, &text, &length);
  if (result == SAL_TARGET_OK)
    result = direct_is_alive (target);
  if (result == SAL_TARGET_OK)
    result = sal_target_maps_parse (text, length, regions);
  free (text);
  return result;
}

static int
open_if_inode (const char *path, uint64_t inode)
{
  struct stat status;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    return -1;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_ino == inode)
    return fd;
  close (fd);
  return -1;
}

/* A path may be replaced, deleted or lie in another mount namespace: the inode decides. */
static SalTargetResult
direct_open_file (SalTarget *target, const SalTargetRegion *region, int *fd)
{
  char path[PATH_MAX + 64];
  int pid = (int)target->pid;

  *fd = -1;
  if (region->inode == 0 || region->path == NULL)
    return SAL_TARGET_ABSENT;
  if (region->path[0] == '/' &&
      snprintf (path, sizeof path, "/proc/%d/root%s", pid, region->path) < (int)sizeof path)
    *fd = open_if_inode (path, region->inode);
  if (*fd < 0)
    {
      snprintf (path, sizeof path, "/proc/%d/exe", pid);
      *fd = open_if_inode (path, region->inode);
    }
  if (*fd < 0)
    {
      snprintf (path, sizeof path, "/proc/%d/map_files/%llx-%llx", pid,
                (unsigned long long)region->start, (unsigned long long)region->end);
      *fd = open_if_inode (path, region->inode);
    }
  /* Overlay file systems show other inode numbers in maps than in stat; a path that is still there
   * is then the best that can be had. */
  if (*fd < 0 && region->path[0] == '/')
    {
      snprintf (path, sizeof path, "/proc/%d/root%s", pid, region->path);
      *fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    }
  return *fd >= 0 ? SAL_TARGET_OK : SAL_TARGET_ABSENT;
}

static SalTargetResult
direct_list_threads (SalTarget *target, uint64_t *tids, size_t capacity, size_t *n_tids)
{
  char path[64];
  DIR *dir;

  *n_tids = 0;
  snprintf (path, sizeof path, "/proc/%d/task", (int)target->pid);
  dir = opendir (path);
  if (dir == NULL)
    return errno == EACCES ? SAL_TARGET_DENIED : SAL_TARGET_GONE;
  sal_target_tasks_list (dir, tids, capacity, n_tids);
  return direct_is_alive (target);
}

static void
direct_free (SalTarget *target)
{
  Direct *direct = (Direct *)target;

  close (direct->pidfd);
  free (direct);
}

static const SalTargetOps direct_ops = {
  .read_many = direct_read_many,
  .list_regions = direct_list_regions,
  .open_file = direct_open_file,
  .list_threads = direct_list_threads,
  .is_alive = direct_is_alive,
  .free = direct_free,
};

/* Reading one byte of the stack region's neighbour would do; the cheapest question that the kernel
 * answers with the same check as a read is a read of nothing mapped. */
static SalTargetResult
check_permission (Direct *direct)
{
  char byte;
  SalTargetResult result = sal_target_read (&direct->base, 8, &byte, 1);

  return result == SAL_TARGET_FAULT ? SAL_TARGET_OK : result;
}

SalTargetResult
sal_target_direct_new (pid_t pid, SalTarget **out)
{
  Direct *direct;
  uint64_t start_time;
  SalTargetResult result;

  if (pid <= 0)
    return SAL_TARGET_GONE;
  direct = calloc (1, sizeof *direct);
  if (direct == NULL)
    return SAL_TARGET_MEMORY;
  direct->base.ops = &direct_ops;
  direct->base.pid = pid;
  result = read_start_time (pid, &direct->start_time);
  direct->pidfd = (int)syscall (SYS_pidfd_open, pid, 0);
  if (direct->pidfd < 0)
    {
      free (direct);
      return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? SAL_TARGET_MEMORY
                                                                   : SAL_TARGET_GONE;
    }
  /* The pidfd was opened after the first look at the start time: they must speak of one process. */
  if (result == SAL_TARGET_OK)
    result = read_start_time (pid, &start_time);
  if (result == SAL_TARGET_OK && start_time != direct->start_time)
    result = SAL_TARGET_GONE;
  if (result == SAL_TARGET_OK)
    result = check_permission (direct);
  if (result != SAL_TARGET_OK)
    {
      int error = errno;

      direct_free (&direct->base);
      errno = error;
      return result;
    }
  *out = &direct->base;
  return SAL_TARGET_OK;
}
