/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts the program that is to be recorded. */
#pragma once

#include <signal.h>
#include <sys/types.h>

/**
 * sal_command_spawn: starts @command (ended by NULL; looked up in PATH) as if from a shell.
 *
 * It has our descriptors that are open across exec, our environment and process group, @directory
 * (or NULL: ours) as its own, the signal mask @mask, and SIGPIPE as @pipe_ignored says (1 =
 * ignored).
 * Shape: returns 0 and *@pid, or errno; *@culprit is the name it is about then: the directory or
 * the program, borrowed.
 */
int sal_command_spawn (char *const command[],
                       const char *directory,
                       const sigset_t *mask,
                       int pipe_ignored,
                       pid_t *pid,
                       const char **culprit);
