/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes in pieces → blocks → checked records. Nothing read here is trusted. */
#include "sal-capture-reader.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "sal-capture-block.h"
#include "sal-capture-codec.h"

struct _SalCaptureReader
{
  /* owned */
  ZSTD_DCtx *zstd;
  SalCaptureTables tables;
  uint8_t *input; /* bytes not unpacked yet: [input_start, input_end) of @input_capacity */

  /* state */
  size_t input_start;
  size_t input_end;
  size_t input_capacity;
  uint64_t offset; /* in the file, of input_start */
  uint64_t block_offset;
  bool has_header;
  SalCaptureResult failure; /* OK = none */
  size_t raw_at;
  size_t raw_length;
  uint8_t raw[SAL_CAPTURE_MAX_RAW];
};

SalCaptureReader *
sal_capture_reader_new (void)
{
  SalCaptureReader *reader = calloc (1, sizeof *reader);

  if (reader == NULL)
    return NULL;
  reader->zstd = ZSTD_createDCtx ();
  if (reader->zstd == NULL)
    {
      free (reader);
      return NULL;
    }
  return reader;
}

void
sal_capture_reader_free (SalCaptureReader *reader)
{
  if (reader == NULL)
    return;
  ZSTD_freeDCtx (reader->zstd);
  free (reader->tables.threads);
  free (reader->input);
  free (reader);
}

SalCaptureResult
sal_capture_reader_feed (SalCaptureReader *reader, const void *bytes, size_t length)
{
  size_t kept = reader->input_end - reader->input_start;

  if (length == 0)
    return SAL_CAPTURE_OK;
  if (length > SIZE_MAX / 2 - kept)
    return SAL_CAPTURE_MEMORY;
  if (kept > 0 && reader->input_start > 0)
    memmove (reader->input, reader->input + reader->input_start, kept);
  reader->input_start = 0;
  reader->input_end = kept;
  if (kept + length > reader->input_capacity)
    {
      size_t capacity = reader->input_capacity * 2;
      uint8_t *input;

      if (capacity < kept + length)
        capacity = kept + length;
      input = realloc (reader->input, capacity);
      if (input == NULL)
        return SAL_CAPTURE_MEMORY;
      reader->input = input;
      reader->input_capacity = capacity;
    }
  memcpy (reader->input + kept, bytes, length);
  reader->input_end += length;
  return SAL_CAPTURE_OK;
}

static size_t
get_available (const SalCaptureReader *reader)
{
  return reader->input_end - reader->input_start;
}

static void
consume (SalCaptureReader *reader, size_t length)
{
  reader->input_start += length;
  reader->offset += length;
}

static SalCaptureResult
read_file_header (SalCaptureReader *reader)
{
  const uint8_t *bytes = reader->input + reader->input_start;
  size_t available = get_available (reader);
  SalCaptureResult result;

  if (available < SAL_CAPTURE_FILE_HEADER_SIZE)
    {
      size_t length = available < SAL_CAPTURE_MAGIC_LENGTH ? available : SAL_CAPTURE_MAGIC_LENGTH;

      if (length > 0 && memcmp (bytes, SAL_CAPTURE_MAGIC, length) != 0)
        return SAL_CAPTURE_NOT_CAPTURE;
      return SAL_CAPTURE_MORE;
    }
  result = sal_capture_file_header_read (bytes);
  if (result != SAL_CAPTURE_OK)
    return result;
  reader->has_header = true;
  consume (reader, SAL_CAPTURE_FILE_HEADER_SIZE);
  return SAL_CAPTURE_OK;
}

/* Exactly one frame, which fills the stored bytes and unpacks to the length promised. */
static SalCaptureResult
unpack (SalCaptureReader *reader, const uint8_t *stored, const SalCaptureBlock *block)
{
  size_t length;

  if (ZSTD_findFrameCompressedSize (stored, block->stored) != block->stored)
    return SAL_CAPTURE_CORRUPT;
  length = ZSTD_decompressDCtx (reader->zstd, reader->raw, block->raw, stored, block->stored);
  if (ZSTD_isError (length) || length != block->raw)
    return SAL_CAPTURE_CORRUPT;
  reader->raw_at = 0;
  reader->raw_length = length;
  return SAL_CAPTURE_OK;
}

static SalCaptureResult
read_block (SalCaptureReader *reader)
{
  const uint8_t *bytes = reader->input + reader->input_start;
  SalCaptureBlock block;
  SalCaptureResult result;

  reader->block_offset = reader->offset;
  if (get_available (reader) < SAL_CAPTURE_BLOCK_HEADER_SIZE)
    return SAL_CAPTURE_MORE;
  result = sal_capture_block_header_read (bytes, &block);
  if (result != SAL_CAPTURE_OK)
    return result;
  if (get_available (reader) < SAL_CAPTURE_BLOCK_HEADER_SIZE + block.stored)
    return SAL_CAPTURE_MORE;
  result = unpack (reader, bytes + SAL_CAPTURE_BLOCK_HEADER_SIZE, &block);
  if (result != SAL_CAPTURE_OK)
    return result;
  consume (reader, SAL_CAPTURE_BLOCK_HEADER_SIZE + block.stored);
  return SAL_CAPTURE_OK;
}

static bool
make_room_for_thread (SalCaptureTables *tables)
{
  uint32_t capacity = tables->threads_capacity < 16 ? 16 : 2 * tables->threads_capacity;
  SalCaptureThreadState *threads;

  if (tables->n_threads < tables->threads_capacity)
    return true;
  threads = realloc (tables->threads, capacity * sizeof *threads);
  if (threads == NULL)
    return false;
  tables->threads = threads;
  tables->threads_capacity = capacity;
  return true;
}

/* MORE: the record was of an unknown kind. */
static SalCaptureResult
read_record (SalCaptureReader *reader, SalCaptureRecord *record)
{
  size_t size = 0;
  SalCaptureResult result = sal_capture_record_decode (&reader->tables,
                                                       reader->raw + reader->raw_at,
                                                       reader->raw_length - reader->raw_at,
                                                       record,
                                                       &size);

  if (result == SAL_CAPTURE_OK)
    result = sal_capture_tables_check (&reader->tables, record);
  if (result == SAL_CAPTURE_OK && record->kind == SAL_CAPTURE_THREAD &&
      !make_room_for_thread (&reader->tables))
    result = SAL_CAPTURE_MEMORY;
  if (result != SAL_CAPTURE_OK && result != SAL_CAPTURE_MORE)
    return result;
  reader->raw_at += size;
  if (result == SAL_CAPTURE_OK)
    sal_capture_tables_apply (&reader->tables, record);
  return result;
}

SalCaptureResult
sal_capture_reader_next (SalCaptureReader *reader, SalCaptureRecord *record)
{
  SalCaptureResult result = reader->failure;

  while (result == SAL_CAPTURE_OK)
    {
      if (reader->raw_at < reader->raw_length)
        {
          result = read_record (reader, record);
          if (result == SAL_CAPTURE_OK)
            return SAL_CAPTURE_OK;
          if (result == SAL_CAPTURE_MORE)
            result = SAL_CAPTURE_OK;
        }
      else if (!reader->has_header)
        result = read_file_header (reader);
      else
        result = read_block (reader);
    }
  if (result != SAL_CAPTURE_MORE)
    reader->failure = result;
  return result;
}

uint64_t
sal_capture_reader_get_offset (const SalCaptureReader *reader)
{
  return reader->block_offset;
}

bool
sal_capture_reader_is_whole (const SalCaptureReader *reader)
{
  return reader->has_header && reader->raw_at == reader->raw_length && get_available (reader) == 0;
}
