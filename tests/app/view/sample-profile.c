/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a capture to memory and reads it back, or fills a call profile. */
#include "sample-profile.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sal-capture-writer.h"
#include "sal-profile-builder.h"

#define PYTHON "/usr/lib/libpython3.12.so.1.0"
#define ZLIB "/usr/lib/libz.so.1"

struct _SampleRecording
{
  int fd;
  off_t fed;
  SalCaptureWriter *writer;
  SalProfileBuilder *builder;
  GHashTable *ids[4]; /* name → id + 1: strings, functions (and frames), stacks, threads */
  gint64 time_ns;
};

enum
{
  STRINGS,
  FUNCTIONS,
  STACKS,
  THREADS,
};

static void
add (SampleRecording *self, SalCaptureRecord record)
{
  g_assert_cmpint (sal_capture_writer_add (self->writer, &record), ==, SAL_CAPTURE_OK);
}

/* The id of @key, which is new when the result is FALSE. */
static gboolean
find_id (SampleRecording *self, guint kind, const char *key, guint32 *id)
{
  gpointer known = g_hash_table_lookup (self->ids[kind], key);

  *id = known != NULL ? GPOINTER_TO_UINT (known) - 1 : g_hash_table_size (self->ids[kind]);
  if (known == NULL)
    g_hash_table_insert (self->ids[kind], g_strdup (key), GUINT_TO_POINTER (*id + 1));
  return known != NULL;
}

static guint32
get_string (SampleRecording *self, const char *text)
{
  guint32 id;

  if (!find_id (self, STRINGS, text, &id))
    add (self, (SalCaptureRecord){ .kind = SAL_CAPTURE_STRING, .string = { text, strlen (text) } });
  return id;
}

static guint32
get_frame (SampleRecording *self, const char *name)
{
  guint32 id;

  if (!find_id (self, FUNCTIONS, name, &id))
    {
      g_auto (GStrv) parts = g_strsplit (name, "@", 2);
      SalCaptureFunction function = { .name = get_string (self, parts[0]),
                                      .file = SAL_CAPTURE_NO_ID };

      if (parts[1] != NULL)
        {
          function.kind = SAL_CAPTURE_NATIVE;
          function.library = get_string (self, parts[1]);
        }
      else
        {
          function.file = get_string (self, "app.py");
          function.first_line = id + 1;
        }
      add (self, (SalCaptureRecord){ .kind = SAL_CAPTURE_FUNCTION, .function = function });
      add (self, (SalCaptureRecord){ .kind = SAL_CAPTURE_FRAME,
                                     .frame = { .function = id, .line = id + 2 } });
    }
  return id;
}

static guint32
get_stack (SampleRecording *self, const char *stack)
{
  const char *last = strrchr (stack, ';');
  g_autofree char *callers = last != NULL ? g_strndup (stack, (gsize)(last - stack)) : NULL;
  guint32 parent = callers != NULL ? get_stack (self, callers) : SAL_CAPTURE_NO_ID;
  guint32 frame = get_frame (self, last != NULL ? last + 1 : stack), id;

  if (!find_id (self, STACKS, stack, &id))
    add (self, (SalCaptureRecord){ .kind = SAL_CAPTURE_STACK, .stack = { parent, frame } });
  return id;
}

static guint32
get_thread (SampleRecording *self, guint32 thread)
{
  g_autofree char *name = g_strdup_printf (thread == 0 ? "MainThread" : "Worker-%u", thread);
  guint32 id;

  if (!find_id (self, THREADS, name, &id))
    {
      SalCaptureThread record = {
        .id = id, .tid = 1000 + id, .name = get_string (self, name), .is_main = thread == 0
      };

      add (self, (SalCaptureRecord){ .kind = SAL_CAPTURE_THREAD, .thread = record });
    }
  return id;
}

SampleRecording *
sample_recording_new (void)
{
  SampleRecording *self = g_new0 (SampleRecording, 1);
  SalCaptureProcess process = { .pid = 4711,
                                .parent = SAL_CAPTURE_NO_ID,
                                .python = SAL_CAPTURE_NO_ID };

  self->fd = memfd_create ("capture", MFD_CLOEXEC);
  g_assert_cmpint (self->fd, >=, 0);
  g_assert_cmpint (sal_capture_writer_new (self->fd, &self->writer), ==, SAL_CAPTURE_OK);
  self->builder = sal_profile_builder_new (SAL_PROFILE_SAMPLES);
  for (guint i = 0; i < G_N_ELEMENTS (self->ids); i++)
    self->ids[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  process.command = get_string (self, "python3 app.py");
  add (self, (SalCaptureRecord){ .kind = SAL_CAPTURE_PROCESS, .process = process });
  return self;
}

void
sample_recording_free (SampleRecording *self)
{
  sal_capture_writer_free (self->writer);
  sal_profile_builder_free (self->builder);
  for (guint i = 0; i < G_N_ELEMENTS (self->ids); i++)
    g_hash_table_unref (self->ids[i]);
  close (self->fd);
  g_free (self);
}

void
sample_recording_add (
    SampleRecording *self, guint32 thread, const char *stack, guint n, guint32 state)
{
  SalCaptureSample sample = {
    .thread = get_thread (self, thread),
    .stack = get_stack (self, stack),
    .state = state,
    .weight_ns = 1000000,
    .cpu_ns = state & SAL_CAPTURE_ON_CPU ? 1000000 : 0,
  };

  for (guint i = 0; i < n; i++)
    {
      self->time_ns += 1000000;
      sample.time_ns = self->time_ns;
      add (self, (SalCaptureRecord){ .kind = SAL_CAPTURE_SAMPLE, .sample = sample });
    }
}

SalProfile *
sample_recording_take (SampleRecording *self)
{
  guint8 bytes[65536];
  ssize_t length;

  g_assert_cmpint (sal_capture_writer_flush (self->writer), ==, SAL_CAPTURE_OK);
  while ((length = pread (self->fd, bytes, sizeof bytes, self->fed)) > 0)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (sal_profile_builder_feed (self->builder, bytes, (gsize)length, &error));
      g_assert_no_error (error);
      self->fed += length;
    }
  return sal_profile_builder_take (self->builder);
}

SalProfile *
sample_profile_new_recording (void)
{
  g_autoptr (SampleRecording) recording = sample_recording_new ();
  const guint32 running = SAL_CAPTURE_ON_CPU | SAL_CAPTURE_HAS_GIL;

  sample_recording_add (recording, 0, "main;parse;read", 500, running);
  sample_recording_add (recording, 0, "main;parse", 200, running);
  sample_recording_add (recording, 0, "main;write", 200, running);
  sample_recording_add (recording, 1, "idle;wait", 100, 0);
  return sample_recording_take (recording);
}

SalProfile *
sample_profile_new_native (void)
{
  g_autoptr (SampleRecording) recording = sample_recording_new ();

  sample_recording_add (recording, 0, "main;_PyEval_Vector@" PYTHON ";parse;deflate@" ZLIB, 100,
                        SAL_CAPTURE_ON_CPU);
  sample_recording_add (recording, 0,
                        "main;_PyEval_Vector@" PYTHON ";parse;deflate@" ZLIB ";crc@" ZLIB, 200,
                        SAL_CAPTURE_ON_CPU);
  sample_recording_add (recording, 0, "main;_PyEval_Vector@" PYTHON, 400, SAL_CAPTURE_ON_CPU);
  return sample_recording_take (recording);
}

static guint32
add_function (
    SalProfileBuilder *builder, const char *name, gint64 calls, double tottime, double cumtime)
{
  guint32 id = sal_profile_builder_add_function (builder, name, "/srv/app.py", 10,
                                                 SAL_FUNCTION_PYTHON);
  SalCallCosts costs = { .pcalls = calls, .ncalls = calls, .tottime = tottime, .cumtime = cumtime };

  if (strcmp (name, "recurse") == 0)
    costs.ncalls = calls * 3;
  sal_profile_builder_add_costs (builder, id, &costs);
  return id;
}

static void
add_edge (
    SalProfileBuilder *builder, guint32 caller, guint32 callee, double tottime, double cumtime)
{
  SalCallEdge edge = {
    .caller = caller,
    .callee = callee,
    .costs = { .pcalls = 1, .ncalls = 1, .tottime = tottime, .cumtime = cumtime },
    .has_times = TRUE,
  };

  sal_profile_builder_add_edge (builder, &edge);
}

SalProfile *
sample_profile_new_calls (void)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  guint32 top = add_function (builder, "main", 1, 0, 10);
  guint32 parse = add_function (builder, "parse", 20, 2, 6);
  guint32 write_ = add_function (builder, "write", 4, 2, 3);
  guint32 read_ = add_function (builder, "read", 300, 3, 5);
  guint32 decode = add_function (builder, "decode", 300, 2, 2);
  guint32 recurse = add_function (builder, "recurse", 5, 1, 1);

  add_edge (builder, top, parse, 2, 6);
  add_edge (builder, top, write_, 2, 3);
  add_edge (builder, top, recurse, 0.5, 1);
  add_edge (builder, parse, read_, 2, 4);
  add_edge (builder, write_, read_, 1, 1);
  add_edge (builder, read_, decode, 2, 2);
  add_edge (builder, recurse, recurse, 0.5, 0.5);
  return sal_profile_builder_take (builder);
}

SalProfile *
sample_profile_new_many (guint n)
{
  g_autoptr (SalProfileBuilder) builder = sal_profile_builder_new (SAL_PROFILE_CALLS);
  guint32 top = add_function (builder, "main", 1, 0, n);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("function_%u", (i * 7919) % n);
      double seconds = 0.5 + (double)((i * 104729) % n) / n;

      add_edge (builder, top, add_function (builder, name, i % 50 + 1, seconds, seconds), seconds,
                seconds);
    }
  return sal_profile_builder_take (builder);
}

guint32
sample_profile_find (SalProfile *profile, const char *name)
{
  for (guint32 i = 0; i < sal_profile_get_n_functions (profile); i++)
    if (strcmp (sal_profile_get_function (profile, i).name, name) == 0)
      return i;
  g_assert_not_reached ();
}
