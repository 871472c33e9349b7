/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes small recordings with known content. */
#include "recording-example.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sal-capture-writer.h"

#define BIG_DEPTH 20

static void
add (SalCaptureWriter *writer, SalCaptureRecord record)
{
  g_assert_cmpint (sal_capture_writer_add (writer, &record), ==, SAL_CAPTURE_OK);
}

static void
add_string (SalCaptureWriter *writer, const char *text)
{
  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_STRING, .string = { text, strlen (text) } });
}

static void
add_meta (SalCaptureWriter *writer, const char *key, const char *value)
{
  const SalCaptureMeta meta = { { key, strlen (key) }, { value, strlen (value) } };

  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_META, .meta = meta });
}

static void
add_function (SalCaptureWriter *writer, guint32 name, guint32 file, guint32 line)
{
  const SalCaptureFunction function = { SAL_CAPTURE_PYTHON, name, file, line };

  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_FUNCTION, .function = function });
}

static void
add_frame (SalCaptureWriter *writer, guint32 function, guint32 line)
{
  const SalCaptureFrame frame = { .function = function, .line = line };

  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_FRAME, .frame = frame });
}

static void
add_stack (SalCaptureWriter *writer, guint32 parent, guint32 frame)
{
  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_STACK, .stack = { parent, frame } });
}

static void
add_thread (SalCaptureWriter *writer, guint32 id, guint64 tid, guint32 name, gint64 start_ns)
{
  const SalCaptureThread thread = {
    .id = id,
    .process = 0,
    .tid = tid,
    .name = name,
    .start_ns = start_ns,
    .is_main = id == 0,
  };

  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_THREAD, .thread = thread });
}

static void
add_sample (SalCaptureWriter *writer,
            gint64 time_ns,
            guint32 thread,
            guint32 stack,
            guint64 weight_ns)
{
  const SalCaptureSample sample = {
    .time_ns = time_ns,
    .thread = thread,
    .stack = stack,
    .state = SAL_CAPTURE_ON_CPU,
    .weight_ns = weight_ns,
  };

  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_SAMPLE, .sample = sample });
}

static void
add_end (SalCaptureWriter *writer, gint64 time_ns, SalCaptureCounters counters)
{
  counters.time_ns = time_ns;
  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_COUNTERS, .counters = counters });
  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_END,
                                   .end = { time_ns, SAL_CAPTURE_END_EXIT } });
}

static void
define_example (SalCaptureWriter *writer)
{
  const SalCaptureProcess process = { 100, SAL_CAPTURE_NO_ID, 0, 0, SAL_CAPTURE_NO_ID };

  add_meta (writer, SAL_CAPTURE_META_COMMAND, "python a;b.py <&>");
  add_string (writer, "python a;b.py");
  add_string (writer, "MainThread");
  add_string (writer, "W\303\266rker\n</script>");
  add_string (writer, "main");
  add_string (writer, "f");
  add_string (writer, "g;x\\y\n</script>\"&");
  add_string (writer, "/p/a.py");
  add_string (writer, "/q/b.py");
  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_PROCESS, .process = process });
  add_thread (writer, 0, 100, 1, 0);
  add_thread (writer, 1, 101, 2, 2000);
  add_function (writer, 3, 6, 1);
  add_function (writer, 4, 6, 10);
  add_function (writer, 5, 7, 3);
  add_frame (writer, 0, 2);
  add_frame (writer, 1, 11);
  add_frame (writer, 1, 12);
  add_frame (writer, 2, 4);
  add_stack (writer, SAL_CAPTURE_NO_ID, 0);
  add_stack (writer, 0, 1);
  add_stack (writer, 0, 2);
  add_stack (writer, 1, 3);
}

static SalCaptureWriter *
open_writer (const char *path, int *fd)
{
  SalCaptureWriter *writer = NULL;

  *fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (*fd < 0)
    g_error ("%s: %s", path, g_strerror (errno));
  g_assert_cmpint (sal_capture_writer_new (*fd, &writer), ==, SAL_CAPTURE_OK);
  return writer;
}

static void
close_writer (SalCaptureWriter *writer, int fd)
{
  g_assert_cmpint (sal_capture_writer_flush (writer), ==, SAL_CAPTURE_OK);
  sal_capture_writer_free (writer);
  close (fd);
}

void
recording_example_write (const char *path)
{
  int fd;
  SalCaptureWriter *writer = open_writer (path, &fd);
  SalCaptureCounters counters = { .ticks = 7, .samples = 6, .missed = 3, .rejected = 1 };

  counters.errors[SAL_CAPTURE_ERROR_TORN] = 1;
  define_example (writer);
  add_sample (writer, 1000, 0, 0, 1000);
  add_sample (writer, 2000, 0, 1, 1000);
  add_sample (writer, 3000, 0, 2, 1000);
  add_sample (writer, 3000, 1, SAL_CAPTURE_NO_ID, 1000);
  add_sample (writer, 4000, 1, 3, 1000);
  add_sample (writer, 5000, 0, 3, 1000);
  add_end (writer, 6000, counters);
  close_writer (writer, fd);
}

void
recording_example_write_big (const char *path, guint n_samples, guint n_functions)
{
  int fd;
  SalCaptureWriter *writer = open_writer (path, &fd);
  const SalCaptureProcess process = { 100, SAL_CAPTURE_NO_ID, 0, 0, SAL_CAPTURE_NO_ID };
  SalCaptureCounters counters = { .ticks = n_samples, .samples = n_samples };
  guint32 n_stacks = 0;

  for (guint i = 0; i < n_functions; i++)
    {
      g_autofree char *name = g_strdup_printf ("function_%u", i);

      add_string (writer, name);
      add_function (writer, i, i, i + 1);
      add_frame (writer, i, i + 1);
    }
  add (writer, (SalCaptureRecord){ .kind = SAL_CAPTURE_PROCESS, .process = process });
  add_thread (writer, 0, 100, 0, 0);
  for (guint i = 0; i < n_samples; i++)
    {
      /* Every seventh sample ends in a stack that is new, and is lighter than the others. */
      if (i % 7 == 0)
        for (guint depth = 0; depth < BIG_DEPTH; depth++, n_stacks++)
          add_stack (writer, depth == 0 ? SAL_CAPTURE_NO_ID : n_stacks - 1,
                     (i / 7 * depth * depth + depth) % n_functions);
      add_sample (writer, 1000 * ((gint64)i + 1), 0, n_stacks - 1 - i % 7, i % 7 == 0 ? 100 : 1000);
    }
  add_end (writer, 1000 * (gint64)n_samples, counters);
  close_writer (writer, fd);
}
