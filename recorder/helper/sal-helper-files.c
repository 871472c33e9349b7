/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The descriptors of a process that the helper hands out, all of them read-only. */
#include "sal-helper-files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sal-helper-maps.h"

/* Opens the regular file behind the link @name. A path alone is taken first, so that no device or
 * pipe is ever opened. */
static int
open_regular (int folder_fd, const char *name)
{
  int path_fd = openat (folder_fd, name, O_PATH | O_CLOEXEC);
  struct stat status;
  char link[64];
  int fd = -1;

  if (path_fd < 0)
    return -1;
  snprintf (link, sizeof link, "/proc/self/fd/%d", path_fd);
  if (fstat (path_fd, &status) == 0 && S_ISREG (status.st_mode))
    fd = open (link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  else
    errno = EINVAL;
  close (path_fd);
  return fd;
}

static bool
speaks_of_python (const SalHelperMapping *mapping, const void *data)
{
  return mapping->is_executable && mapping->inode != 0 &&
         strcasestr (mapping->path, "python") != NULL;
}

static SalHelperVerdict
from_errno (void)
{
  switch (errno)
    {
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

void
sal_helper_files_close (int fds[SAL_HELPER_N_DESCRIPTORS])
{
  for (size_t i = 0; i < SAL_HELPER_N_DESCRIPTORS; i++)
    {
      if (fds[i] >= 0)
        close (fds[i]);
      fds[i] = -1;
    }
}

SalHelperVerdict
sal_helper_files_open (const SalHelperProcess *process, int fds[SAL_HELPER_N_DESCRIPTORS])
{
  static const struct
  {
    const char *name;
    int flags;
  } files[SAL_HELPER_N_DESCRIPTORS] = {
    [SAL_HELPER_DESCRIPTOR_MEM] = { "mem", 0 },
    [SAL_HELPER_DESCRIPTOR_MAPS] = { "maps", 0 },
    [SAL_HELPER_DESCRIPTOR_TASK] = { "task", O_DIRECTORY },
  };
  SalHelperMapping mapping;
  SalHelperVerdict verdict = SAL_HELPER_VERDICT_OK;

  memset (fds, 0xff, SAL_HELPER_N_DESCRIPTORS * sizeof *fds);
  fds[SAL_HELPER_DESCRIPTOR_PIDFD] = fcntl (process->pidfd, F_DUPFD_CLOEXEC, 0);
  if (fds[SAL_HELPER_DESCRIPTOR_PIDFD] < 0)
    verdict = SAL_HELPER_VERDICT_FAILED;
  for (size_t i = SAL_HELPER_DESCRIPTOR_MEM; verdict == SAL_HELPER_VERDICT_OK &&
                                             i <= SAL_HELPER_DESCRIPTOR_TASK;
       i++)
    {
      fds[i] = openat (process->folder_fd, files[i].name, O_RDONLY | O_CLOEXEC | files[i].flags);
      if (fds[i] < 0)
        verdict = from_errno ();
    }
  if (verdict == SAL_HELPER_VERDICT_OK &&
      !sal_helper_maps_find (fds[SAL_HELPER_DESCRIPTOR_MAPS], speaks_of_python, NULL, &mapping))
    verdict = SAL_HELPER_VERDICT_NOT_PYTHON;
  if (verdict == SAL_HELPER_VERDICT_OK)
    fds[SAL_HELPER_DESCRIPTOR_EXE] = open_regular (process->folder_fd, "exe");
  else
    sal_helper_files_close (fds);
  return verdict;
}

static bool
starts_at (const SalHelperMapping *mapping, const void *data)
{
  return mapping->start == *(const uint64_t *)data && mapping->inode != 0;
}

static bool
is_run_from (const SalHelperMapping *mapping, const void *data)
{
  const SalHelperMapping *wanted = data;

  return mapping->is_executable && mapping->inode == wanted->inode &&
         mapping->device == wanted->device;
}

SalHelperResult
sal_helper_files_open_mapped (const SalHelperProcess *process,
                              int maps_fd,
                              uint64_t address,
                              int *fd)
{
  SalHelperMapping wanted;
  SalHelperMapping run;
  char name[64];

  errno = 0;
  if (!sal_helper_maps_find (maps_fd, starts_at, &address, &wanted) ||
      !sal_helper_maps_find (maps_fd, is_run_from, &wanted, &run))
    return SAL_HELPER_ABSENT;
  snprintf (name, sizeof name, "map_files/%" PRIx64 "-%" PRIx64, wanted.start, wanted.end);
  *fd = open_regular (process->folder_fd, name);
  if (*fd >= 0)
    return SAL_HELPER_OK;
  return errno == EMFILE || errno == ENFILE ? SAL_HELPER_FAILED : SAL_HELPER_ABSENT;
}
