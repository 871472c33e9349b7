/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads of a process that counts them in a pid name space of its own, as containers do. */
#include "sal-target-namespace.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The status of a thread is about 1.5 kB long, and NSpid stands in its first third, but a name
 * space may have many groups. */
#define MAX_STATUS 16384

/* The innermost id in a status file, and how many name spaces it tells of; 0 = it does not tell. */
static unsigned
read_innermost (const char *path, uint64_t *tid)
{
  char text[MAX_STATUS];
  char *at;
  char *end;
  unsigned n_spaces = 0;
  ssize_t n;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return 0;
  n = read (fd, text, sizeof text - 1);
  close (fd);
  if (n <= 0)
    return 0;
  text[n] = '\0';
  at = strstr (text, "\nNSpid:");
  if (at == NULL)
    return 0;
  at += strlen ("\nNSpid:");
  at[strcspn (at, "\n")] = '\0';
  for (uint64_t number = strtoull (at, &end, 10); end != at; number = strtoull (at, &end, 10))
    {
      *tid = number;
      n_spaces++;
      at = end;
    }
  return n_spaces;
}

uint64_t
sal_target_get_inner_pid (const SalTarget *target)
{
  char path[64];
  uint64_t pid;

  snprintf (path, sizeof path, "/proc/%d/status", (int)target->pid);
  return target->pid != 0 && read_innermost (path, &pid) > 0 ? pid : 0;
}

uint64_t
sal_target_translate_thread (const SalTarget *target, uint64_t tid)
{
  char path[320];
  struct dirent *entry;
  uint64_t innermost;
  uint64_t found = 0;
  DIR *dir;

  snprintf (path, sizeof path, "/proc/%d/status", (int)target->pid);
  if (target->pid == 0 || tid == 0 || read_innermost (path, &innermost) < 2)
    return tid;
  if (innermost == tid)
    return (uint64_t)target->pid;
  snprintf (path, sizeof path, "/proc/%d/task", (int)target->pid);
  dir = opendir (path);
  if (dir == NULL)
    return 0;
  while (found == 0 && (entry = readdir (dir)) != NULL)
    {
      if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
        continue;
      snprintf (path, sizeof path, "/proc/%d/task/%s/status", (int)target->pid, entry->d_name);
      if (read_innermost (path, &innermost) >= 2 && innermost == tid)
        found = strtoull (entry->d_name, NULL, 10);
    }
  closedir (dir);
  return found;
}
