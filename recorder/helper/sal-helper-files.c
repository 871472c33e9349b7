/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the helper opens or reads of a process in its folder of /proc, all of it read-only. */
#include "sal-helper-files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Above the longest line: 4 bytes for each of PATH_MAX escaped bytes, and the numbers. */
#define BUFFER_SIZE (32 * 1024)

/* "start-end perms offset major:minor inode   path": see sal_helper_files_find_code(). */
static uint64_t
match_line (const char *line, uint64_t wanted)
{
  uint64_t start;
  uint64_t end;
  uint64_t inode;
  char executable;
  int length;

  if (sscanf (line,
              "%" SCNx64 "-%" SCNx64 " %*2c%c%*c %*x %*x:%*x %" SCNu64 "%n",
              &start,
              &end,
              &executable,
              &inode,
              &length) != 4 ||
      executable != 'x' || inode == 0)
    return 0;
  return wanted == start || (wanted == 0 && strcasestr (line + length, "python") != NULL) ? end : 0;
}

uint64_t
sal_helper_files_find_code (int maps_fd, uint64_t start)
{
  static char buffer[BUFFER_SIZE];
  size_t length = 0;
  off_t offset = 0;
  ssize_t n;

  while ((n = pread (maps_fd, buffer + length, sizeof buffer - length, offset)) > 0)
    {
      char *line = buffer;
      char *line_end;

      offset += n;
      length += (size_t)n;
      while ((line_end = memchr (line, '\n', length)) != NULL)
        {
          uint64_t end;

          *line_end = '\0';
          end = match_line (line, start);
          if (end != 0)
            return end;
          length -= (size_t)(line_end + 1 - line);
          line = line_end + 1;
        }
      memmove (buffer, line, length);
    }
  return 0;
}

/* Opens the regular file behind the link @name. A path alone is taken first, so that no device or
 * pipe is ever opened. */
static int
open_regular (const SalHelperProcess *process, const char *name)
{
  int path_fd = openat (process->folder_fd, name, O_PATH | O_CLOEXEC);
  struct stat status;
  char link[64];
  int fd = -1;

  if (path_fd < 0)
    return -1;
  snprintf (link, sizeof link, "/proc/self/fd/%d", path_fd);
  if (fstat (path_fd, &status) == 0 && S_ISREG (status.st_mode))
    fd = open (link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  close (path_fd);
  return fd;
}

SalHelperVerdict
sal_helper_files_open (const SalHelperProcess *process, int fds[SAL_HELPER_N_DESCRIPTORS])
{
  static const char *const names[] = {
    [SAL_HELPER_DESCRIPTOR_MEM] = "mem",
    [SAL_HELPER_DESCRIPTOR_MAPS] = "maps",
    [SAL_HELPER_DESCRIPTOR_TASK] = "task",
  };

  fds[SAL_HELPER_DESCRIPTOR_PIDFD] = process->pidfd;
  for (size_t i = SAL_HELPER_DESCRIPTOR_MEM; i <= SAL_HELPER_DESCRIPTOR_TASK; i++)
    {
      fds[i] = openat (process->folder_fd, names[i], O_RDONLY | O_CLOEXEC);
      if (fds[i] < 0)
        return sal_helper_process_get_verdict ();
    }
  if (sal_helper_files_find_code (fds[SAL_HELPER_DESCRIPTOR_MAPS], 0) == 0)
    return SAL_HELPER_VERDICT_NOT_PYTHON;
  fds[SAL_HELPER_DESCRIPTOR_EXE] = open_regular (process, "exe");
  return SAL_HELPER_VERDICT_OK;
}

int
sal_helper_files_open_mapped (const SalHelperProcess *process, int maps_fd, uint64_t address)
{
  uint64_t end = address != 0 ? sal_helper_files_find_code (maps_fd, address) : 0;
  char name[64];

  errno = ENOENT;
  snprintf (name, sizeof name, "map_files/%" PRIx64 "-%" PRIx64, address, end);
  return end != 0 ? open_regular (process, name) : -1;
}

ssize_t
sal_helper_files_read_call (const SalHelperProcess *process,
                            uint64_t tid,
                            char text[SAL_HELPER_MAX_TEXT])
{
  char name[64];
  ssize_t n;
  int fd;

  snprintf (name, sizeof name, "task/%" PRIu64 "/syscall", tid);
  fd = openat (process->folder_fd, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  n = pread (fd, text, SAL_HELPER_MAX_TEXT, 0);
  close (fd);
  return n;
}

ssize_t
sal_helper_files_read_link (const SalHelperProcess *process,
                            uint64_t number,
                            char text[SAL_HELPER_MAX_TEXT])
{
  char name[64];

  snprintf (name, sizeof name, "fd/%" PRIu64, number);
  return readlinkat (process->folder_fd, name, text, SAL_HELPER_MAX_TEXT);
}
