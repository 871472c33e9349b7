/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows a process and its descendants as they come and go. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Nobody is stopped and no right is needed but to see /proc. A process or thread that begins
 * anywhere moves the last number given out, in /proc/loadavg; only then is there anything to look
 * at: the new numbers, whose parents are in /proc/PID/stat. This costs 2 µs when nothing begins,
 * however many threads the processes have; /proc/PID/task/TID/children would have to be read for
 * every thread, and leaves out siblings of those that end meanwhile. Who restores a program gives
 * out numbers of his own choice (clone3(2), set_tid): those are found by looking at all processes
 * now and then.
 *
 * A process belongs to the tree when its parent does. One whose parent has ended already belongs to
 * it when we are its new parent (PR_SET_CHILD_SUBREAPER), or when the leader of its session did: a
 * session has no members but descendants of its leader.
 * Source: proc(5); Linux fs/proc/loadavg.c, kernel/pid.c (alloc_pid), Documentation/filesystems/
 * proc.rst 3.7; prctl(2); pidfd_open(2).
 * Thread: one at a time.
 */
typedef struct _SalCommandTree SalCommandTree;

typedef struct
{
  void (*born) (void *data, pid_t pid, pid_t parent);
  void (*ended) (void *data, pid_t pid, int status); /* as waitpid(2) gives it, −1 = not known */
  void *data;
} SalCommandTreeEvents;

/**
 * sal_command_tree_new: the tree of process @root, which is a child of ours or any other.
 *
 * @adopts: descendants whose parents end become our children, which no other process may do then;
 * they are reaped here. The root is not: it is for who started it.
 * Shape: returns 0 and *@out, or errno (ESRCH: there is no such process). No event comes for the
 * root's beginning.
 */
int sal_command_tree_new (pid_t root,
                          bool adopts,
                          const SalCommandTreeEvents *events,
                          SalCommandTree **out) __attribute__ ((warn_unused_result));

/** sal_command_tree_get_fd: a descriptor that can be read from when a process of the tree has
 * ended. */
int sal_command_tree_get_fd (const SalCommandTree *tree);

/** sal_command_tree_get_root_fd: a pidfd of the root, which stays open with the tree. */
int sal_command_tree_get_root_fd (const SalCommandTree *tree);

/** sal_command_tree_get_n: how many processes of the tree live. */
size_t sal_command_tree_get_n (const SalCommandTree *tree);

/** sal_command_tree_search: looks for processes that have begun. Cheap when there are none: meant
 * to be called every few milliseconds. The first call also finds those that were there before. */
void sal_command_tree_search (SalCommandTree *tree);

/** sal_command_tree_collect: looks for processes that have ended. */
void sal_command_tree_collect (SalCommandTree *tree);

/** sal_command_tree_free: lets go of all processes; NULL is fine. */
void sal_command_tree_free (SalCommandTree *tree);
