/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>

/**
 * sal_target_tasks_list: the thread ids in @folder, a process's folder "task".
 *
 * Shape: ascending; *@n_tids is how many there are, of which the first @capacity that the kernel
 * named are written. Ownership: @folder (transfer full) is closed.
 * Source: proc_pid_task(5).
 */
void sal_target_tasks_list (DIR *folder, uint64_t *tids, size_t capacity, size_t *n_tids);
