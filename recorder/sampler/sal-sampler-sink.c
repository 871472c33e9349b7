/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that encodes, compresses and writes what the sampling thread has queued. */
#include "sal-sampler-sink.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "sal-capture-writer.h"
#include "sal-native-name.h"

#include "sal-sampler-clock.h"
#include "sal-sampler-strings.h"

#define LOOK_EVERY_NS 20000000
#define FLUSH_EVERY_NS 200000000
/* Of 120 bytes. */
#define FIRST_RECORDS 4096
#define MOST_RECORDS ((size_t)1 << 20)

struct _SalSamplerSink
{
  /* Owned. */
  SalCaptureWriter *writer;
  SalNativeServers *servers; /* NULL: none are asked */
  pthread_t thread;

  /* The thread's: what came out of the ring, in the order of writing. */
  SalCaptureRecord *records;
  size_t n_records;
  size_t n_written;
  size_t capacity;

  /* Borrowed. */
  SalSamplerRing *ring;
  int event_fd;

  /* Told between threads. */
  atomic_bool is_closed;
  atomic_bool is_hurried;
  atomic_size_t n_left;
  atomic_bool is_finished;
  atomic_int error; /* errno */
  atomic_uint_fast64_t bytes;
};

static void
fail (SalSamplerSink *sink, SalCaptureResult result)
{
  int error = result == SAL_CAPTURE_IO && errno != 0 ? errno : EIO;

  if (result == SAL_CAPTURE_MEMORY)
    error = ENOMEM;
  if (result == SAL_CAPTURE_LIMIT)
    error = EFBIG;
  atomic_store (&sink->error, error);
  (void)eventfd_write (sink->event_fd, 1);
}

/* Writes a STRING with the name of a native function. */
static SalCaptureResult
write_name (SalSamplerSink *sink, const SalNativeFunction *function)
{
  SalCaptureRecord record = { .kind = SAL_CAPTURE_STRING };
  char *name = sal_native_name_dup (function, sink->servers);
  uint32_t length = 0;
  char *clean = name != NULL ? sal_sampler_strings_dup_clean (name, &length) : NULL;
  SalCaptureResult result = SAL_CAPTURE_MEMORY;

  if (clean != NULL)
    {
      record.string = (SalCaptureText){ clean, length };
      result = sal_capture_writer_add (sink->writer, &record);
    }
  free (clean);
  free (name);
  return result;
}

/* Writes one PLACE; its texts may be anything. */
static SalCaptureResult
write_place (SalSamplerSink *sink, const char *name, const char *file, const SalNativePlace *place)
{
  SalCaptureRecord record = { .kind = SAL_CAPTURE_PLACE };
  uint32_t name_length = 0;
  uint32_t file_length = 0;
  char *clean_name = sal_sampler_strings_dup_clean (name, &name_length);
  char *clean_file = sal_sampler_strings_dup_clean (file, &file_length);
  SalCaptureResult result = SAL_CAPTURE_MEMORY;

  if (clean_name != NULL && clean_file != NULL)
    {
      record.place = (SalCapturePlace){
        .name = { clean_name, name_length },
        .file = { clean_file, file_length },
        .first_line = place->first_line,
        .line = place->line,
      };
      result = sal_capture_writer_add (sink->writer, &record);
    }
  free (clean_name);
  free (clean_file);
  return result;
}

/* Writes what is known of the source of @site: a PLACE for each function that it is in. */
static SalCaptureResult
write_places (SalSamplerSink *sink, const SalNativeFunction *site)
{
  SalNativePlace places[SAL_NATIVE_MAX_PLACES];
  size_t n_places = sal_native_name_find_places (site, places, sink->servers);
  SalCaptureResult result = SAL_CAPTURE_OK;

  for (size_t i = 0; i < n_places && result == SAL_CAPTURE_OK; i++)
    {
      char *name = i == 0 ? strdup ("") : sal_native_name_dup_inlined (&places[i]);
      char *file = sal_native_name_dup_file (&places[i]);

      result = name != NULL && file != NULL ? write_place (sink, name, file, &places[i])
                                            : SAL_CAPTURE_MEMORY;
      free (name);
      free (file);
    }
  return result;
}

static SalCaptureResult
write_record (SalSamplerSink *sink, const SalCaptureRecord *record)
{
  if (record->kind == SAL_CAPTURE_STRING && record->string.length == SAL_SAMPLER_NAME_OF_FUNCTION)
    return write_name (sink, (const SalNativeFunction *)(const void *)record->string.bytes);
  if (record->kind == SAL_CAPTURE_PLACE && record->place.name.length == SAL_SAMPLER_PLACE_OF_SITE)
    return write_places (sink, (const SalNativeFunction *)(const void *)record->place.name.bytes);
  return sal_capture_writer_add (sink->writer, record);
}

/* Makes room for @n more records. */
static bool
reserve (SalSamplerSink *sink, size_t n)
{
  size_t capacity = sink->capacity == 0 ? FIRST_RECORDS : sink->capacity;
  SalCaptureRecord *records;

  if (sink->n_records + n <= sink->capacity)
    return true;
  while (capacity < sink->n_records + n)
    capacity *= 2;
  if (capacity > MOST_RECORDS)
    return false;
  records = realloc (sink->records, capacity * sizeof *records);
  if (records == NULL)
    return false;
  sink->records = records;
  sink->capacity = capacity;
  return true;
}

/* Takes over what is queued, as far as there is room for it. */
static void
take (SalSamplerSink *sink)
{
  const SalCaptureRecord *records;
  size_t n;

  while ((n = sal_sampler_ring_peek (sink->ring, &records)) > 0 && reserve (sink, n))
    {
      memcpy (sink->records + sink->n_records, records, n * sizeof *records);
      sink->n_records += n;
      sal_sampler_ring_drop (sink->ring, n);
    }
  atomic_store (&sink->n_left, sink->n_records - sink->n_written);
}

/* Called while a server is waited for: nobody else shall have to wait meanwhile. */
static bool
wait_cb (void *data)
{
  SalSamplerSink *sink = data;

  take (sink);
  return !atomic_load (&sink->is_hurried);
}

/* Writes, or after a failure throws away, the records taken over. */
static void
write_records (SalSamplerSink *sink)
{
  while (sink->n_written < sink->n_records)
    {
      /* A copy: taking over more may move them. */
      SalCaptureRecord record = sink->records[sink->n_written++];
      SalCaptureResult result = SAL_CAPTURE_OK;

      atomic_store (&sink->n_left, sink->n_records - sink->n_written);
      if (atomic_load (&sink->error) == 0)
        result = write_record (sink, &record);
      if (result != SAL_CAPTURE_OK)
        fail (sink, result);
    }
  sink->n_records = 0;
  sink->n_written = 0;
}

static void
drain (SalSamplerSink *sink)
{
  for (take (sink); sink->n_records > 0; take (sink))
    write_records (sink);
}

static void
flush (SalSamplerSink *sink)
{
  SalCaptureResult result;

  if (atomic_load (&sink->error) != 0)
    return;
  result = sal_capture_writer_flush (sink->writer);
  if (result != SAL_CAPTURE_OK)
    fail (sink, result);
  atomic_store (&sink->bytes, sal_capture_writer_get_bytes (sink->writer));
}

static void *
run (void *data)
{
  SalSamplerSink *sink = data;
  const struct timespec pause = { .tv_nsec = LOOK_EVERY_NS };
  int64_t flushed_ns = sal_sampler_clock_now ();

  /* Closed is read before draining: what was queued before the closing is then seen. */
  for (bool is_closed = false; !is_closed;)
    {
      int64_t now;

      is_closed = atomic_load (&sink->is_closed);
      drain (sink);
      now = sal_sampler_clock_now ();
      if (is_closed || now - flushed_ns >= FLUSH_EVERY_NS)
        {
          flush (sink);
          flushed_ns = now;
        }
      if (!is_closed)
        clock_nanosleep (CLOCK_MONOTONIC, 0, &pause, NULL);
    }
  atomic_store (&sink->is_finished, true);
  (void)eventfd_write (sink->event_fd, 1);
  return NULL;
}

SalCaptureResult
sal_sampler_sink_new (
    int fd, SalSamplerRing *ring, int event_fd, bool use_servers, SalSamplerSink **out)
{
  SalSamplerSink *sink = calloc (1, sizeof *sink);
  SalCaptureResult result;

  *out = NULL;
  if (sink == NULL)
    return SAL_CAPTURE_MEMORY;
  sink->ring = ring;
  sink->event_fd = event_fd;
  if (use_servers)
    sink->servers = sal_native_servers_new (wait_cb, sink);
  result = sal_capture_writer_new (fd, &sink->writer);
  if (result == SAL_CAPTURE_OK && pthread_create (&sink->thread, NULL, run, sink) != 0)
    result = SAL_CAPTURE_MEMORY;
  if (result != SAL_CAPTURE_OK)
    {
      int error = errno;

      sal_capture_writer_free (sink->writer);
      sal_native_servers_free (sink->servers);
      free (sink);
      errno = error;
      return result;
    }
  *out = sink;
  return SAL_CAPTURE_OK;
}

void
sal_sampler_sink_close (SalSamplerSink *sink)
{
  atomic_store (&sink->is_closed, true);
}

void
sal_sampler_sink_hurry (SalSamplerSink *sink)
{
  atomic_store (&sink->is_hurried, true);
}

uint64_t
sal_sampler_sink_get_left (SalSamplerSink *sink)
{
  return atomic_load (&sink->n_left);
}

bool
sal_sampler_sink_is_finished (SalSamplerSink *sink)
{
  return atomic_load (&sink->is_finished);
}

int
sal_sampler_sink_get_error (SalSamplerSink *sink)
{
  return atomic_load (&sink->error);
}

uint64_t
sal_sampler_sink_get_bytes (SalSamplerSink *sink)
{
  return atomic_load (&sink->bytes);
}

int64_t
sal_sampler_sink_get_cpu_ns (SalSamplerSink *sink)
{
  struct timespec cpu;
  clockid_t clock;

  if (pthread_getcpuclockid (sink->thread, &clock) != 0 || clock_gettime (clock, &cpu) != 0)
    return 0;
  return (int64_t)cpu.tv_sec * 1000000000 + cpu.tv_nsec;
}

void
sal_sampler_sink_free (SalSamplerSink *sink)
{
  if (sink == NULL)
    return;
  sal_sampler_sink_close (sink);
  pthread_join (sink->thread, NULL);
  sal_capture_writer_free (sink->writer);
  sal_native_servers_free (sink->servers);
  free (sink->records);
  free (sink);
}
