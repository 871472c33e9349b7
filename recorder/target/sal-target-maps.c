/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of /proc/PID/maps as a list of regions. */
#include "sal-target-maps.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REGIONS ((size_t)1 << 20)

typedef struct
{
  const char *at;
  const char *end;
} Cursor;

static bool
read_number (Cursor *cursor, unsigned base, uint64_t *value)
{
  uint64_t number = 0;
  unsigned n_digits = 0;

  for (; cursor->at < cursor->end; cursor->at++, n_digits++)
    {
      char c = *cursor->at;
      unsigned digit;

      if (c >= '0' && c <= '9')
        digit = (unsigned)(c - '0');
      else if (base == 16 && c >= 'a' && c <= 'f')
        digit = (unsigned)(c - 'a') + 10;
      else
        break;
      if (number > (UINT64_MAX - digit) / base)
        return false;
      number = number * base + digit;
    }
  *value = number;
  return n_digits > 0;
}

static bool
skip (Cursor *cursor, char c)
{
  if (cursor->at >= cursor->end || *cursor->at != c)
    return false;
  cursor->at++;
  return true;
}

static void
skip_spaces (Cursor *cursor)
{
  while (cursor->at < cursor->end && *cursor->at == ' ')
    cursor->at++;
}

/* The kernel writes a newline in a path as \012. Nothing else is escaped. */
static char *
dup_path (const char *text, size_t length)
{
  char *path = malloc (length + 1);
  size_t n = 0;

  if (path == NULL)
    return NULL;
  for (size_t i = 0; i < length; i++)
    if (length - i >= 4 && memcmp (text + i, "\\012", 4) == 0)
      {
        path[n++] = '\n';
        i += 3;
      }
    else
      path[n++] = text[i];
  path[n] = '\0';
  return path;
}

static SalTargetResult
parse_line (Cursor line, SalTargetRegion *region)
{
  uint64_t ignored;

  if (!read_number (&line, 16, &region->start) || !skip (&line, '-') ||
      !read_number (&line, 16, &region->end) || !skip (&line, ' ') || line.end - line.at < 5)
    return SAL_TARGET_CORRUPT;
  memcpy (region->permissions, line.at, 4);
  region->permissions[4] = '\0';
  line.at += 4;
  if (!skip (&line, ' ') || !read_number (&line, 16, &region->offset) || !skip (&line, ' ') ||
      !read_number (&line, 16, &ignored) || !skip (&line, ':') ||
      !read_number (&line, 16, &ignored) || !skip (&line, ' ') ||
      !read_number (&line, 10, &region->inode) || region->end < region->start)
    return SAL_TARGET_CORRUPT;
  skip_spaces (&line);
  if (line.at == line.end)
    return SAL_TARGET_OK;
  region->path = dup_path (line.at, (size_t)(line.end - line.at));
  return region->path != NULL ? SAL_TARGET_OK : SAL_TARGET_MEMORY;
}

static SalTargetResult
append (SalTargetRegions *regions, size_t *capacity, SalTargetRegion region)
{
  if (regions->n_items == *capacity)
    {
      size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
      SalTargetRegion *items;

      if (regions->n_items >= MAX_REGIONS)
        return SAL_TARGET_LIMIT;
      items = realloc (regions->items, wanted * sizeof *items);
      if (items == NULL)
        return SAL_TARGET_MEMORY;
      regions->items = items;
      *capacity = wanted;
    }
  regions->items[regions->n_items++] = region;
  return SAL_TARGET_OK;
}

SalTargetResult
sal_target_maps_parse (const char *text, size_t length, SalTargetRegions *regions)
{
  const char *end = text + length;
  size_t capacity = 0;
  uint64_t last = 0;
  SalTargetResult result = SAL_TARGET_OK;

  regions->items = NULL;
  regions->n_items = 0;
  while (text < end && result == SAL_TARGET_OK)
    {
      const char *stop = memchr (text, '\n', (size_t)(end - text));
      Cursor line = { text, stop != NULL ? stop : end };
      SalTargetRegion region = { 0 };

      result = parse_line (line, &region);
      if (result == SAL_TARGET_OK && region.start < last)
        result = SAL_TARGET_CORRUPT;
      last = region.start;
      if (result == SAL_TARGET_OK)
        result = append (regions, &capacity, region);
      if (result != SAL_TARGET_OK)
        free (region.path);
      text = line.end + 1;
    }
  if (result != SAL_TARGET_OK)
    sal_target_regions_free (regions);
  return result;
}
