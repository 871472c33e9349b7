/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of /proc/PID/maps, one after the other in a bounded buffer. */
#include "sal-helper-maps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Above the longest line: 4 bytes for each of PATH_MAX escaped bytes, and the numbers. */
#define BUFFER_SIZE (32 * 1024)

static bool
take_number (char **at, int base, char end, uint64_t *number)
{
  char *start = *at;

  *number = strtoull (start, at, base);
  if (*at == start || **at != end)
    return false;
  ++*at;
  return true;
}

/* "start-end perms offset major:minor inode   path", terminated. */
static bool
parse_line (char *line, SalHelperMapping *mapping)
{
  uint64_t offset;
  uint64_t major;
  uint64_t minor;
  char *at = line;

  if (!take_number (&at, 16, '-', &mapping->start) || !take_number (&at, 16, ' ', &mapping->end) ||
      strlen (at) < 5 || at[4] != ' ')
    return false;
  mapping->is_executable = at[2] == 'x';
  at += 5;
  if (!take_number (&at, 16, ' ', &offset) || !take_number (&at, 16, ':', &major) ||
      !take_number (&at, 16, ' ', &minor))
    return false;
  mapping->device = major << 32 | minor;
  mapping->inode = strtoull (at, &at, 10);
  mapping->path = at + strspn (at, " ");
  return true;
}

bool
sal_helper_maps_find (int fd,
                      bool (*matches) (const SalHelperMapping *mapping, const void *data),
                      const void *data,
                      SalHelperMapping *found)
{
  static char buffer[BUFFER_SIZE];
  size_t length = 0;
  off_t offset = 0;

  for (;;)
    {
      ssize_t n = pread (fd, buffer + length, sizeof buffer - length, offset);
      char *line = buffer;
      char *end;

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      offset += n;
      length += (size_t)n;
      while ((end = memchr (line, '\n', length - (size_t)(line - buffer))) != NULL)
        {
          *end = '\0';
          if (!parse_line (line, found))
            return false;
          if (matches (found, data))
            {
              found->path = NULL;
              return true;
            }
          line = end + 1;
        }
      length -= (size_t)(line - buffer);
      memmove (buffer, line, length);
    }
}
