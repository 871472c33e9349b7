/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts the program that is to be recorded. */
#include "sal-command-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

int
sal_command_spawn (char *const command[],
                   const char *directory,
                   const sigset_t *mask,
                   int pipe_ignored,
                   pid_t *pid,
                   const char **culprit)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t defaults;
  int directory_fd = -1;
  int error;

  /* Opened beforehand, so that a wrong directory is not taken for a wrong program. */
  if (directory != NULL)
    {
      *culprit = directory;
      directory_fd = open (directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
      if (directory_fd < 0)
        return errno;
    }

  *culprit = command[0];
  posix_spawn_file_actions_init (&actions);
  if (directory_fd >= 0)
    posix_spawn_file_actions_addfchdir_np (&actions, directory_fd);
  posix_spawnattr_init (&attributes);
  posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigmask (&attributes, mask);
  sigemptyset (&defaults);
  if (!pipe_ignored)
    sigaddset (&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault (&attributes, &defaults);

  error = posix_spawnp (pid, command[0], &actions, &attributes, command, environ);
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  if (directory_fd >= 0)
    close (directory_fd);
  return error;
}
