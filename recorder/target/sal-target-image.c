/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A saved process: pieces of its memory and what is known about them, in one file. */
#include "sal-target-image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sal-target-maps.h"

#define MAGIC "SALIMG01"
#define MAX_IMAGE ((size_t)256 << 20)

typedef struct
{
  uint64_t key; /* address or inode */
  const uint8_t *bytes;
  size_t length;
} Piece;

typedef struct
{
  Piece *items;
  size_t n_items;
  size_t capacity;
} Pieces;

typedef struct
{
  SalTarget base;
  uint8_t *bytes;
  size_t length;
  Pieces memory;
  Pieces files;
  const uint8_t *maps;
  size_t maps_length;
  const uint8_t *tids;
  size_t n_tids;
} Image;

/* The last piece that begins at or before @address. */
static const Piece *
find_memory (const Image *image, uint64_t address)
{
  size_t low = 0;
  size_t high = image->memory.n_items;

  while (low < high)
    {
      size_t middle = low + (high - low) / 2;

      if (image->memory.items[middle].key <= address)
        low = middle + 1;
      else
        high = middle;
    }
  return low > 0 ? &image->memory.items[low - 1] : NULL;
}

static SalTargetResult
read_range (const Image *image, uint64_t address, uint8_t *buffer, size_t length)
{
  while (length > 0)
    {
      const Piece *piece = find_memory (image, address);
      uint64_t skipped = piece != NULL ? address - piece->key : 0;
      size_t n;

      if (piece == NULL || skipped >= piece->length)
        return SAL_TARGET_FAULT;
      n = piece->length - (size_t)skipped;
      if (n > length)
        n = length;
      memcpy (buffer, piece->bytes + skipped, n);
      address += n;
      buffer += n;
      length -= n;
    }
  return SAL_TARGET_OK;
}

static SalTargetResult
image_read_many (SalTarget *target, const SalTargetRange *ranges, size_t n_ranges, size_t *n_read)
{
  for (*n_read = 0; *n_read < n_ranges; ++*n_read)
    {
      const SalTargetRange *range = &ranges[*n_read];
      SalTargetResult result =
          read_range ((Image *)target, range->address, range->buffer, range->length);

      if (result != SAL_TARGET_OK)
        return result;
    }
  return SAL_TARGET_OK;
}

static SalTargetResult
image_list_regions (SalTarget *target, SalTargetRegions *regions)
{
  const Image *image = (Image *)target;

  return sal_target_maps_parse ((const char *)image->maps, image->maps_length, regions);
}

static SalTargetResult
image_open_file (SalTarget *target, const SalTargetRegion *region, int *fd)
{
  const Image *image = (Image *)target;

  for (size_t i = 0; i < image->files.n_items; i++)
    {
      const Piece *file = &image->files.items[i];

      if (file->key != region->inode)
        continue;
      *fd = memfd_create ("salamander-image", MFD_CLOEXEC);
      if (*fd < 0)
        return SAL_TARGET_MEMORY;
      if (pwrite (*fd, file->bytes, file->length, 0) == (ssize_t)file->length)
        return SAL_TARGET_OK;
      close (*fd);
      return SAL_TARGET_MEMORY;
    }
  return SAL_TARGET_ABSENT;
}

static SalTargetResult
image_list_threads (SalTarget *target, uint64_t *tids, size_t capacity, size_t *n_tids)
{
  const Image *image = (Image *)target;

  *n_tids = image->n_tids;
  if (capacity > image->n_tids)
    capacity = image->n_tids;
  if (capacity > 0)
    memcpy (tids, image->tids, capacity * sizeof *tids);
  return SAL_TARGET_OK;
}

static SalTargetResult
image_is_alive (SalTarget *target)
{
  (void)target;
  return SAL_TARGET_OK;
}

static void
image_free (SalTarget *target)
{
  Image *image = (Image *)target;

  free (image->memory.items);
  free (image->files.items);
  free (image->bytes);
  free (image);
}

static const SalTargetOps image_ops = {
  .read_many = image_read_many,
  .list_regions = image_list_regions,
  .open_file = image_open_file,
  .list_threads = image_list_threads,
  .is_alive = image_is_alive,
  .free = image_free,
};

static SalTargetResult
append (Pieces *pieces, const uint8_t *payload, uint32_t length)
{
  Piece piece = { .bytes = payload + 8, .length = length - 8 };

  memcpy (&piece.key, payload, 8);
  if (pieces->n_items == pieces->capacity)
    {
      size_t capacity = pieces->capacity == 0 ? 64 : pieces->capacity * 2;
      Piece *items = realloc (pieces->items, capacity * sizeof *items);

      if (items == NULL)
        return SAL_TARGET_MEMORY;
      pieces->items = items;
      pieces->capacity = capacity;
    }
  pieces->items[pieces->n_items++] = piece;
  return SAL_TARGET_OK;
}

static SalTargetResult
add_record (Image *image, const uint8_t *tag, const uint8_t *payload, uint32_t length)
{
  if (memcmp (tag, "MEM ", 4) == 0 && length > 8)
    {
      const Piece *last =
          image->memory.n_items > 0 ? &image->memory.items[image->memory.n_items - 1] : NULL;
      uint64_t address;

      memcpy (&address, payload, 8);
      if (address > UINT64_MAX - length ||
          (last != NULL && (address < last->key || address - last->key < last->length)))
        return SAL_TARGET_CORRUPT;
      return append (&image->memory, payload, length);
    }
  if (memcmp (tag, "FILE", 4) == 0 && length > 8)
    return append (&image->files, payload, length);
  if (memcmp (tag, "MAPS", 4) == 0 && image->maps == NULL)
    {
      image->maps = payload;
      image->maps_length = length;
      return SAL_TARGET_OK;
    }
  if (memcmp (tag, "TIDS", 4) == 0 && image->tids == NULL && length % 8 == 0)
    {
      image->tids = payload;
      image->n_tids = length / 8;
      return SAL_TARGET_OK;
    }
  return SAL_TARGET_CORRUPT;
}

static SalTargetResult
index_records (Image *image)
{
  size_t offset = strlen (MAGIC);

  if (image->length < offset || memcmp (image->bytes, MAGIC, offset) != 0)
    return SAL_TARGET_CORRUPT;
  while (offset < image->length)
    {
      const uint8_t *header = image->bytes + offset;
      SalTargetResult result;
      uint32_t length;

      if (image->length - offset < 8)
        return SAL_TARGET_CORRUPT;
      memcpy (&length, header + 4, 4);
      offset += 8;
      if (length > image->length - offset)
        return SAL_TARGET_CORRUPT;
      result = add_record (image, header, image->bytes + offset, length);
      if (result != SAL_TARGET_OK)
        return result;
      offset += length;
    }
  return SAL_TARGET_OK;
}

/* Takes @bytes, which malloc() gave. */
static SalTargetResult
take_bytes (uint8_t *bytes, size_t length, SalTarget **out)
{
  Image *image = calloc (1, sizeof *image);
  SalTargetResult result;

  if (image == NULL)
    {
      free (bytes);
      return SAL_TARGET_MEMORY;
    }
  image->base.ops = &image_ops;
  image->bytes = bytes;
  image->length = length;
  result = index_records (image);
  if (result != SAL_TARGET_OK)
    {
      image_free (&image->base);
      return result;
    }
  *out = &image->base;
  return SAL_TARGET_OK;
}

SalTargetResult
sal_target_image_new_for_bytes (const void *bytes, size_t length, SalTarget **out)
{
  uint8_t *copy;

  if (length > MAX_IMAGE)
    return SAL_TARGET_LIMIT;
  copy = malloc (length + 1);
  if (copy == NULL)
    return SAL_TARGET_MEMORY;
  if (length > 0)
    memcpy (copy, bytes, length);
  return take_bytes (copy, length, out);
}

SalTargetResult
sal_target_image_new (const char *path, SalTarget **out)
{
  struct stat status;
  uint8_t *bytes;
  size_t length = 0;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0 || fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    {
      if (fd >= 0)
        close (fd);
      return SAL_TARGET_ABSENT;
    }
  if ((uint64_t)status.st_size > MAX_IMAGE)
    {
      close (fd);
      return SAL_TARGET_LIMIT;
    }
  bytes = malloc ((size_t)status.st_size + 1);
  while (bytes != NULL && length < (size_t)status.st_size)
    {
      ssize_t n = read (fd, bytes + length, (size_t)status.st_size - length);

      if (n <= 0)
        break;
      length += (size_t)n;
    }
  close (fd);
  return bytes != NULL ? take_bytes (bytes, length, out) : SAL_TARGET_MEMORY;
}
