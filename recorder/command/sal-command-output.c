/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens the file that a recording goes to. */
#include "sal-command-output.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 3

/* Whether the existing file @fd may be overwritten; 0 or errno. */
static int
check_existing (int fd)
{
  struct stat status;

  if (fstat (fd, &status) != 0)
    return errno;
  if (S_ISDIR (status.st_mode))
    return EISDIR;
  if (S_ISCHR (status.st_mode))
    return 0;
  if (!S_ISREG (status.st_mode))
    return EINVAL;
  if (status.st_uid != geteuid () || status.st_nlink != 1)
    return EPERM;
  if (fchmod (fd, S_IRUSR | S_IWUSR) != 0 || ftruncate (fd, 0) != 0)
    return errno;
  return 0;
}

static int
open_existing (const char *path)
{
  /* Non-blocking, or opening a pipe would wait for its reader. */
  int fd = open (path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
  int error;

  if (fd < 0)
    return -1;
  error = check_existing (fd);
  if (error == 0 && fcntl (fd, F_SETFL, 0) != 0)
    error = errno;
  if (error == 0)
    return fd;
  close (fd);
  errno = error;
  return -1;
}

int
sal_command_output_open (const char *path)
{
  int fd = -1;

  /* A file that comes or goes between the two attempts is met by trying again. */
  for (int i = 0; i < TRIES && fd < 0; i++)
    {
      fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
      if (fd >= 0 || errno != EEXIST)
        break;
      fd = open_existing (path);
      if (fd < 0 && errno != ENOENT)
        break;
    }
  return fd;
}
