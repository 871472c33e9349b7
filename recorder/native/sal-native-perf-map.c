/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of code that a program made while it ran, by what it writes down for perf(1). */
#include "sal-native-perf-map.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sal-target-namespace.h"

#define MAX_BYTES ((off_t)64 << 20)
#define MAX_ENTRIES ((size_t)1 << 20)
#define PIECE 65536

typedef struct
{
  uint64_t start;
  uint64_t end;
  size_t name; /* where it is in names; terminated */
} Entry;

struct _SalNativePerfMap
{
  int fd;
  off_t at;       /* up to where the file was read: the beginning of a line */
  Entry *entries; /* in the order of the file */
  size_t n_entries;
  size_t capacity;
  char *names;
  size_t n_names;
  size_t names_capacity;
};

/* Opens @path below the process's root, whatever links lie on the way. */
static int
open_inside (int root, const char *path)
{
  struct open_how how = {
    .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW,
    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  };

  return (int)syscall (SYS_openat2, root, path, &how, sizeof how);
}

/* The first of the mounts that process @pid sees, as its own root folder shows it. */
static bool
read_mount (const char *pid, char *line, size_t size)
{
  char path[64];
  ssize_t n;
  int fd;

  snprintf (path, sizeof path, "/proc/%s/mountinfo", pid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  n = fd >= 0 ? read (fd, line, size - 1) : -1;
  if (fd >= 0)
    close (fd);
  line[n > 0 ? n : 0] = '\0';
  line[strcspn (line, "\n")] = '\0';
  return line[0] != '\0';
}

/* Whether its root folder is ours. The number of a mount, with which a line begins, is of one name
 * space only, and where the mount lies is told from the root folder on. */
static bool
is_root_ours (pid_t pid)
{
  char number[16];
  char ours[512];
  char its[512];

  snprintf (number, sizeof number, "%d", (int)pid);
  return read_mount ("self", ours, sizeof ours) && read_mount (number, its, sizeof its) &&
         strcmp (ours, its) == 0;
}

/* The root folder of process @pid: where the kernel keeps it from us, ours if it is the same. */
static int
open_root (pid_t pid)
{
  char path[64];
  int root;

  snprintf (path, sizeof path, "/proc/%d/root", (int)pid);
  root = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0 && errno == EACCES && is_root_ours (pid))
    root = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return root;
}

int
sal_native_perf_map_open (const SalTarget *target)
{
  char path[64];
  struct stat process;
  struct stat status;
  uint64_t pid = sal_target_get_inner_pid (target);
  int root;
  int fd;

  snprintf (path, sizeof path, "/proc/%d", (int)target->pid);
  if (pid == 0 || stat (path, &process) != 0)
    return -1;
  root = open_root (target->pid);
  if (root < 0)
    return -1;
  snprintf (path, sizeof path, "/tmp/perf-%" PRIu64 ".map", pid);
  fd = open_inside (root, path);
  close (root);
  if (fd >= 0 && (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode) ||
                  status.st_uid != process.st_uid))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

SalNativePerfMap *
sal_native_perf_map_new (int fd)
{
  SalNativePerfMap *map = calloc (1, sizeof *map);

  if (map != NULL)
    map->fd = fd;
  return map;
}

static bool
reserve (SalNativePerfMap *map, size_t length)
{
  if (map->n_entries == map->capacity)
    {
      size_t capacity = map->capacity == 0 ? 256 : map->capacity * 2;
      Entry *entries = map->n_entries < MAX_ENTRIES
                           ? realloc (map->entries, capacity * sizeof *entries)
                           : NULL;

      if (entries == NULL)
        return false;
      map->entries = entries;
      map->capacity = capacity;
    }
  if (map->names_capacity - map->n_names < length)
    {
      size_t capacity = (map->names_capacity + length) * 2;
      char *names = realloc (map->names, capacity);

      if (names == NULL)
        return false;
      map->names = names;
      map->names_capacity = capacity;
    }
  return true;
}

/* "7f00c0de 1a0 name of it", without the line's end; what is none is skipped. */
static void
take_line (SalNativePerfMap *map, const char *line)
{
  char *end;
  uint64_t start = strtoull (line, &end, 16);
  uint64_t size = *end == ' ' ? strtoull (end + 1, &end, 16) : 0;
  size_t length = strlen (end);

  if (size == 0 || size > UINT64_MAX - start || *end != ' ' || length < 2 ||
      !reserve (map, length))
    return;
  memcpy (map->names + map->n_names, end + 1, length);
  map->entries[map->n_entries++] = (Entry){ start, start + size, map->n_names };
  map->n_names += length;
}

/* Reads the lines that are whole by now. A line longer than a piece ends the reading for good. */
static void
read_more (SalNativePerfMap *map)
{
  char piece[PIECE + 1];
  ssize_t n;

  while (map->at < MAX_BYTES && (n = pread (map->fd, piece, PIECE, map->at)) > 0)
    {
      char *line = piece;
      char *end;

      piece[n] = '\0';
      while ((end = memchr (line, '\n', (size_t)(piece + n - line))) != NULL)
        {
          *end = '\0';
          take_line (map, line);
          line = end + 1;
        }
      if (line == piece)
        {
          if (n == PIECE)
            map->at = MAX_BYTES;
          return;
        }
      map->at += line - piece;
    }
}

static const char *
find_entry (const SalNativePerfMap *map, uint64_t address)
{
  for (size_t i = map->n_entries; i-- > 0;)
    if (address >= map->entries[i].start && address < map->entries[i].end)
      return map->names + map->entries[i].name;
  return NULL;
}

const char *
sal_native_perf_map_find (SalNativePerfMap *map, uint64_t address)
{
  read_more (map);
  return find_entry (map, address);
}

void
sal_native_perf_map_free (SalNativePerfMap *map)
{
  if (map == NULL)
    return;
  free (map->entries);
  free (map->names);
  free (map);
}
