/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens the file that a recording goes to. */
#pragma once

/**
 * sal_command_output_open: a descriptor that writes to @path from its beginning, or -1 (errno
 * tells).
 *
 * A new file is made for its owner alone (0600). An existing one is overwritten, and closed to
 * others, when it is a plain file of the caller's own with no second name, or a device such as
 * /dev/null: anything else could be somebody's trap. Symbolic links are not followed.
 * Errors: errno of open(2); ELOOP for a symbolic link, EPERM for a file that is not the caller's
 * alone, EISDIR, EINVAL for what is no plain file.
 */
int sal_command_output_open (const char *path);
