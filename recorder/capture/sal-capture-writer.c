/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gathers records into blocks, compresses each and writes it with its header. */
#include "sal-capture-writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "sal-capture-block.h"
#include "sal-capture-codec.h"

/* 3 is where zstd's speed is still that of copying while samples pack to a third. */
#define COMPRESSION_LEVEL 3
#define WINDOW_LOG 18 /* a block */

struct _SalCaptureWriter
{
  /* borrowed */
  int fd;

  /* owned */
  ZSTD_CCtx *zstd;
  SalCaptureTables tables;

  /* state */
  int failure; /* errno of the first failed write, 0 = none */
  uint64_t bytes;
  size_t raw_length;
  uint8_t raw[SAL_CAPTURE_MAX_RAW];
  uint8_t record[SAL_CAPTURE_MAX_RECORD];
  uint8_t stored[SAL_CAPTURE_BLOCK_HEADER_SIZE + SAL_CAPTURE_MAX_STORED];
};

static SalCaptureResult
write_all (SalCaptureWriter *writer, const uint8_t *bytes, size_t length)
{
  while (length > 0)
    {
      ssize_t written = write (writer->fd, bytes, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        {
          writer->failure = written < 0 ? errno : EIO;
          errno = writer->failure;
          return SAL_CAPTURE_IO;
        }
      bytes += written;
      length -= (size_t)written;
      writer->bytes += (uint64_t)written;
    }
  return SAL_CAPTURE_OK;
}

/* One zstd frame of the raw bytes. The frame is begun before its size is told: so zstd needs the
 * same memory for every block, which it has from the first one on, in sal_capture_writer_new(). */
static bool
compress (SalCaptureWriter *writer, size_t *stored)
{
  ZSTD_inBuffer nothing = { writer->raw, 0, 0 };
  ZSTD_inBuffer in = { writer->raw, writer->raw_length, 0 };
  uint8_t *room = writer->stored + SAL_CAPTURE_BLOCK_HEADER_SIZE;
  ZSTD_outBuffer out = { room, SAL_CAPTURE_MAX_STORED, 0 };

  if (ZSTD_isError (ZSTD_compressStream2 (writer->zstd, &out, &nothing, ZSTD_e_continue)) ||
      ZSTD_compressStream2 (writer->zstd, &out, &in, ZSTD_e_end) != 0)
    return false;
  *stored = out.pos;
  return true;
}

static bool
set_up_zstd (SalCaptureWriter *writer)
{
  size_t ignored;

  writer->zstd = ZSTD_createCCtx ();
  if (writer->zstd == NULL)
    return false;
  ZSTD_CCtx_setParameter (writer->zstd, ZSTD_c_compressionLevel, COMPRESSION_LEVEL);
  ZSTD_CCtx_setParameter (writer->zstd, ZSTD_c_windowLog, WINDOW_LOG);
  ZSTD_CCtx_setParameter (writer->zstd, ZSTD_c_checksumFlag, 1);
  writer->raw_length = SAL_CAPTURE_MAX_RAW;
  if (!compress (writer, &ignored))
    return false;
  writer->raw_length = 0;
  return true;
}

static void
free_writer (SalCaptureWriter *writer)
{
  ZSTD_freeCCtx (writer->zstd);
  free (writer->tables.threads);
  free (writer);
}

SalCaptureResult
sal_capture_writer_new (int fd, SalCaptureWriter **out)
{
  SalCaptureWriter *writer = calloc (1, sizeof *writer);
  uint8_t header[SAL_CAPTURE_FILE_HEADER_SIZE];

  *out = NULL;
  if (writer == NULL)
    return SAL_CAPTURE_MEMORY;
  writer->fd = fd;
  /* The kernel gives these pages only when a thread uses them. */
  writer->tables.threads_capacity = SAL_CAPTURE_MAX_THREADS;
  writer->tables.threads = calloc (SAL_CAPTURE_MAX_THREADS, sizeof *writer->tables.threads);
  if (writer->tables.threads == NULL || !set_up_zstd (writer))
    {
      free_writer (writer);
      return SAL_CAPTURE_MEMORY;
    }

  sal_capture_file_header_write (header);
  if (write_all (writer, header, sizeof header) != SAL_CAPTURE_OK)
    {
      int failure = writer->failure;

      free_writer (writer);
      errno = failure;
      return SAL_CAPTURE_IO;
    }
  *out = writer;
  return SAL_CAPTURE_OK;
}

SalCaptureResult
sal_capture_writer_flush (SalCaptureWriter *writer)
{
  SalCaptureBlock block = { .raw = (uint32_t)writer->raw_length };
  size_t stored;

  if (writer->failure != 0)
    {
      errno = writer->failure;
      return SAL_CAPTURE_IO;
    }
  if (writer->raw_length == 0)
    return SAL_CAPTURE_OK;
  if (!compress (writer, &stored))
    {
      errno = writer->failure = EIO;
      return SAL_CAPTURE_IO;
    }
  writer->raw_length = 0;
  block.stored = (uint32_t)stored;
  sal_capture_block_header_write (&block, writer->stored);
  return write_all (writer, writer->stored, SAL_CAPTURE_BLOCK_HEADER_SIZE + stored);
}

SalCaptureResult
sal_capture_writer_add (SalCaptureWriter *writer, const SalCaptureRecord *record)
{
  SalCaptureResult result;
  size_t size;

  if (writer->failure != 0)
    {
      errno = writer->failure;
      return SAL_CAPTURE_IO;
    }
  result = sal_capture_tables_check (&writer->tables, record);
  if (result != SAL_CAPTURE_OK)
    return result;

  size = sal_capture_record_encode (&writer->tables, record, writer->record);
  if (size > SAL_CAPTURE_MAX_RAW - writer->raw_length)
    {
      result = sal_capture_writer_flush (writer);
      if (result != SAL_CAPTURE_OK)
        return result;
    }
  memcpy (writer->raw + writer->raw_length, writer->record, size);
  writer->raw_length += size;
  sal_capture_tables_apply (&writer->tables, record);
  return SAL_CAPTURE_OK;
}

uint64_t
sal_capture_writer_get_bytes (const SalCaptureWriter *writer)
{
  return writer->bytes;
}

void
sal_capture_writer_free (SalCaptureWriter *writer)
{
  SalCaptureResult ignored;

  if (writer == NULL)
    return;
  ignored = sal_capture_writer_flush (writer);
  (void)ignored;
  free_writer (writer);
}
