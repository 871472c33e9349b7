/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of any kind in a frame that is right. */
#include "fuzz-records.h"

#include <stdlib.h>

#include <zstd.h>

#include "sal-capture-block.h"

const uint8_t *
fuzz_records_wrap (const uint8_t *data, size_t size, size_t *length)
{
  static uint8_t file[SAL_CAPTURE_FILE_HEADER_SIZE + SAL_CAPTURE_BLOCK_HEADER_SIZE +
                      SAL_CAPTURE_MAX_STORED];
  uint8_t *block = file + SAL_CAPTURE_FILE_HEADER_SIZE;
  uint8_t *stored = block + SAL_CAPTURE_BLOCK_HEADER_SIZE;
  SalCaptureBlock header;
  size_t stored_length;

  *length = 0;
  if (size == 0 || size > SAL_CAPTURE_MAX_RAW)
    return file;
  stored_length = ZSTD_compress (stored, SAL_CAPTURE_MAX_STORED, data, size, 1);
  if (ZSTD_isError (stored_length))
    abort ();
  header.stored = (uint32_t)stored_length;
  header.raw = (uint32_t)size;
  sal_capture_file_header_write (file);
  sal_capture_block_header_write (&header, block);
  *length = (size_t)(stored - file) + stored_length;
  return file;
}
