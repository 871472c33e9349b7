/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One recording from its start to the program's end. */
#pragma once

#include "sal-command-options.h"

/**
 * sal_command_run: does what @options ask for and returns the exit status.
 *
 * Blocks SIGINT, SIGTERM and SIGHUP and ignores SIGPIPE in this process from now on. Reports to the
 * control socket, or without one says on standard error what went wrong.
 * Thread: main only, with no other thread running.
 */
int sal_command_run (const SalCommandOptions *options);
