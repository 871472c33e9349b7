/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines as a shell would take them. */
#pragma once

#include <sys/types.h>

/** sal_command_text_quote: @command (ended by NULL) as one line for a POSIX shell; free() it. NULL
 * without memory. */
char *sal_command_text_quote (char *const command[]);

/**
 * sal_command_text_quote_process: the command line of process @pid, likewise; free() it.
 *
 * The first 4 KiB of it; "" when the process has none. NULL without memory.
 * Source: proc_pid_cmdline(5).
 */
char *sal_command_text_quote_process (pid_t pid);

/** sal_command_text_dup_directory: the working directory of process @pid; free() it. NULL when it
 * cannot be told. */
char *sal_command_text_dup_directory (pid_t pid);
