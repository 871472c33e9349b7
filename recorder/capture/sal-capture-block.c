/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of file and block: little-endian, each with a CRC-32 as its last field. */
#include "sal-capture-block.h"

#include <stddef.h>
#include <string.h>

#include <zstd.h>

_Static_assert(SAL_CAPTURE_MAX_STORED == ZSTD_COMPRESSBOUND (SAL_CAPTURE_MAX_RAW),
               "a block that does not compress must fit");

static void
put_u32 (uint8_t *bytes, uint32_t value)
{
  for (int i = 0; i < 4; i++)
    bytes[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t
get_u32 (const uint8_t *bytes)
{
  uint32_t value = 0;

  for (int i = 0; i < 4; i++)
    value |= (uint32_t)bytes[i] << (8 * i);
  return value;
}

/* CRC-32 of IEEE 802.3, as zlib's crc32(); bit by bit, for 16 bytes a block. */
static uint32_t
checksum (const uint8_t *bytes, size_t length)
{
  uint32_t crc = UINT32_MAX;

  for (size_t i = 0; i < length; i++)
    {
      crc ^= bytes[i];
      for (int bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
  return ~crc;
}

void
sal_capture_file_header_write (uint8_t bytes[SAL_CAPTURE_FILE_HEADER_SIZE])
{
  memcpy (bytes, SAL_CAPTURE_MAGIC, SAL_CAPTURE_MAGIC_LENGTH);
  put_u32 (bytes + 8, SAL_CAPTURE_FORMAT_VERSION);
  put_u32 (bytes + 12, checksum (bytes, 12));
}

SalCaptureResult
sal_capture_file_header_read (const uint8_t bytes[SAL_CAPTURE_FILE_HEADER_SIZE])
{
  if (memcmp (bytes, SAL_CAPTURE_MAGIC, SAL_CAPTURE_MAGIC_LENGTH) != 0)
    return SAL_CAPTURE_NOT_CAPTURE;
  if (get_u32 (bytes + 12) != checksum (bytes, 12) || get_u32 (bytes + 8) == 0)
    return SAL_CAPTURE_CORRUPT;
  if (get_u32 (bytes + 8) > SAL_CAPTURE_FORMAT_VERSION)
    return SAL_CAPTURE_VERSION;
  return SAL_CAPTURE_OK;
}

void
sal_capture_block_header_write (const SalCaptureBlock *block,
                                uint8_t bytes[SAL_CAPTURE_BLOCK_HEADER_SIZE])
{
  put_u32 (bytes, SAL_CAPTURE_BLOCK_MAGIC);
  put_u32 (bytes + 4, 0);
  put_u32 (bytes + 8, block->stored);
  put_u32 (bytes + 12, block->raw);
  put_u32 (bytes + 16, checksum (bytes, 16));
}

SalCaptureResult
sal_capture_block_header_read (const uint8_t bytes[SAL_CAPTURE_BLOCK_HEADER_SIZE],
                               SalCaptureBlock *block)
{
  if (get_u32 (bytes) != SAL_CAPTURE_BLOCK_MAGIC || get_u32 (bytes + 16) != checksum (bytes, 16))
    return SAL_CAPTURE_CORRUPT;
  if (get_u32 (bytes + 4) != 0)
    return SAL_CAPTURE_VERSION;

  block->stored = get_u32 (bytes + 8);
  block->raw = get_u32 (bytes + 12);
  if (block->stored > SAL_CAPTURE_MAX_STORED || block->raw > SAL_CAPTURE_MAX_RAW)
    return SAL_CAPTURE_LIMIT;
  return block->stored == 0 || block->raw == 0 ? SAL_CAPTURE_CORRUPT : SAL_CAPTURE_OK;
}
