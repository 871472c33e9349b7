/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captures made by hand. What they hold is fixed: the golden files in tests/captures hold it. */
#include "capture-example.h"

#include <sys/mman.h>
#include <unistd.h>

#include "sal-capture-format.h"

#define NONE SAL_CAPTURE_NO_ID
#define FAR SAL_CAPTURE_MAX_TIME

#define META(k, v)                      \
  {                                     \
    .kind = SAL_CAPTURE_META, .meta = { \
      CAPTURE_TEXT (k),                 \
      CAPTURE_TEXT (v)                  \
    }                                   \
  }
#define STRING(text)                                          \
  {                                                           \
    .kind = SAL_CAPTURE_STRING, .string = CAPTURE_TEXT (text) \
  }
#define PROCESS(...)                                        \
  {                                                         \
    .kind = SAL_CAPTURE_PROCESS, .process = { __VA_ARGS__ } \
  }
#define THREAD(...)                                       \
  {                                                       \
    .kind = SAL_CAPTURE_THREAD, .thread = { __VA_ARGS__ } \
  }
#define FUNCTION(...)                                         \
  {                                                           \
    .kind = SAL_CAPTURE_FUNCTION, .function = { __VA_ARGS__ } \
  }
#define FRAME(...)                                      \
  {                                                     \
    .kind = SAL_CAPTURE_FRAME, .frame = { __VA_ARGS__ } \
  }
#define STACK(...)                                      \
  {                                                     \
    .kind = SAL_CAPTURE_STACK, .stack = { __VA_ARGS__ } \
  }
#define SAMPLE(...)                                       \
  {                                                       \
    .kind = SAL_CAPTURE_SAMPLE, .sample = { __VA_ARGS__ } \
  }
#define RECORD(KIND, member, ...)                         \
  {                                                       \
    .kind = SAL_CAPTURE_##KIND, .member = { __VA_ARGS__ } \
  }

/* clang-format off */
static const SalCaptureRecord every_kind[] = {
  META ("start", "2026-01-02T03:04:05.000000006Z"),
  META ("", ""),
  META ("warning", "ü ☃ 🦎 \x01\n\"\\"),
  STRING ("python3 -m snow"),
  STRING (""),
  STRING ("<module>"),
  STRING ("/srv/ü/☃ 🦎.py"),
  STRING ("a\0b"),
  PROCESS (.pid = 4321, .parent = NONE, .start_ns = 0, .command = 0, .python = NONE),
  PROCESS (.pid = UINT32_MAX, .parent = 0, .start_ns = FAR, .command = 1, .python = 2),
  THREAD (.id = 0, .process = 0, .tid = 4321, .name = NONE, .start_ns = -5, .is_main = true),
  THREAD (.id = 1, .process = 1, .tid = UINT64_MAX, .name = 2, .start_ns = -FAR),
  THREAD (.id = 0, .process = 0, .tid = 4321, .name = 1, .start_ns = -5, .is_main = true),
  FUNCTION (.kind = SAL_CAPTURE_PYTHON, .name = 2, .file = 3, .first_line = 1),
  FUNCTION (.kind = SAL_CAPTURE_NATIVE, .name = 4, .file = NONE, .library = NONE),
  FUNCTION (.kind = SAL_CAPTURE_MARK, .name = 1, .file = 4, .first_line = UINT32_MAX),
  FRAME (.function = 0, .line = 7, .end_line = 8, .column = 1, .end_column = 80),
  FRAME (.function = 2, .line = UINT32_MAX, .end_line = UINT32_MAX, .column = UINT32_MAX,
         .end_column = UINT32_MAX),
  FRAME (.function = 1, .line = 0),
  STACK (.parent = NONE, .frame = 0),
  STACK (.parent = 0, .frame = 1),
  STACK (.parent = 1, .frame = 2),
  STACK (.parent = NONE, .frame = 2),
  SAMPLE (.time_ns = 1000000, .thread = 0, .stack = 2, .state = SAL_CAPTURE_ON_CPU
          | SAL_CAPTURE_HAS_GIL, .weight_ns = 1000005, .cpu_ns = 999000),
  SAMPLE (.time_ns = 1000000, .thread = 1, .stack = NONE, .state = 0, .weight_ns = 0),
  SAMPLE (.time_ns = 2000000, .thread = 0, .stack = 2, .state = SAL_CAPTURE_ON_CPU
          | SAL_CAPTURE_HAS_GIL, .weight_ns = 1000000, .cpu_ns = 1000000),
  SAMPLE (.time_ns = FAR, .thread = 0, .stack = 0, .state = UINT32_MAX, .weight_ns = FAR,
          .cpu_ns = FAR),
  SAMPLE (.time_ns = -FAR, .thread = 0, .stack = 3, .state = SAL_CAPTURE_IN_GC, .weight_ns = 0,
          .cpu_ns = FAR),
  SAMPLE (.time_ns = 3000000, .thread = 1, .stack = 3, .state = SAL_CAPTURE_WANTS_GIL
          | SAL_CAPTURE_PARTIAL, .weight_ns = FAR, .cpu_ns = 0),
  RECORD (COUNTERS, counters, .time_ns = 3000000, .ticks = 3, .samples = 6),
  RECORD (COUNTERS, counters, .time_ns = -FAR, .ticks = UINT64_MAX, .samples = UINT64_MAX - 1,
          .missed = UINT64_MAX - 2, .late = 4, .retried = 5, .rejected = 6, .cpu_ns = UINT64_MAX,
          .errors = { 1, 2, 3, 4, 5, UINT64_MAX }),
  RECORD (THREAD_END, thread_end, .thread = 1, .time_ns = FAR),
  RECORD (PROCESS_END, process_end, .process = 0, .time_ns = 4000000, .status = -1),
  RECORD (PROCESS_END, process_end, .process = 1, .time_ns = 4000001, .status = INT32_MIN),
  RECORD (PROCESS_END, process_end, .process = 1, .time_ns = -1, .status = INT32_MAX),
  RECORD (END, end, .time_ns = 4000002, .reason = SAL_CAPTURE_END_LOST),
};

static const SalCaptureRecord tiny[] = {
  META ("rate_hz", "100"),
  STRING ("f"),
  PROCESS (.pid = 300, .parent = NONE, .python = NONE),
  THREAD (.tid = 300, .name = NONE, .is_main = true),
  FUNCTION (.file = NONE, .first_line = 4),
  FRAME (.line = 5),
  STACK (.parent = NONE),
  SAMPLE (.time_ns = 10000000, .state = 3, .weight_ns = 10000000, .cpu_ns = 9900000),
  SAMPLE (.time_ns = 20000100, .state = 3, .weight_ns = 10000100, .cpu_ns = 9900100),
  RECORD (END, end, .time_ns = 20000500, .reason = SAL_CAPTURE_END_EXIT),
};

/* main → step → {burn → burn, rest}; 0 is the string of the command. */
static const SalCaptureRecord busy[] = {
  META ("start", "2026-01-02T03:04:05.000000006Z"),
  META ("command", "python3 busy.py"),
  META ("python", "3.12.1"),
  META ("rate_hz", "1000"),
  STRING ("python3 busy.py"),
  STRING ("3.12.1"),
  STRING ("/srv/busy.py"),
  STRING ("main"),
  STRING ("step"),
  STRING ("burn"),
  STRING ("rest"),
  STRING ("Dreamer"),
  PROCESS (.pid = 100, .parent = NONE, .command = 0, .python = 1),
  THREAD (.id = 0, .process = 0, .tid = 100, .name = NONE, .is_main = true),
  THREAD (.id = 1, .process = 0, .tid = 101, .name = 7),
  FUNCTION (.name = 3, .file = 2, .first_line = 1),
  FUNCTION (.name = 4, .file = 2, .first_line = 10),
  FUNCTION (.name = 5, .file = 2, .first_line = 20),
  FUNCTION (.name = 6, .file = 2, .first_line = 30),
  FRAME (.function = 0, .line = 3),
  FRAME (.function = 1, .line = 12),
  FRAME (.function = 2, .line = 21),
  FRAME (.function = 2, .line = 22),
  FRAME (.function = 3, .line = 31),
  STACK (.parent = NONE, .frame = 0),
  STACK (.parent = 0, .frame = 1),
  STACK (.parent = 1, .frame = 2),
  STACK (.parent = 2, .frame = 3),
  STACK (.parent = 1, .frame = 4),
  STACK (.parent = NONE, .frame = 4),
};

/* A shell that becomes Python, which forks a worker and starts something else. */
static const SalCaptureRecord tree[] = {
  META ("command", "sh -c 'exec python3 tree.py'"),
  META ("python", "3.12.1"),
  META ("rate_hz", "1000"),
  META ("budget", "10"),
  STRING ("sh -c 'exec python3 tree.py'"),
  PROCESS (.pid = 100, .parent = NONE, .command = 0, .python = NONE),
  STRING ("python3 tree.py"),
  STRING ("3.12.1"),
  RECORD (PROCESS_IMAGE, process_image, .process = 0, .time_ns = 5000000, .command = 1,
          .python = 2),
  STRING ("main"),
  STRING ("work"),
  STRING ("git status"),
  THREAD (.id = 0, .process = 0, .tid = 100, .name = NONE, .start_ns = 5000000, .is_main = true),
  FUNCTION (.name = 3, .file = NONE, .first_line = 1),
  FUNCTION (.name = 4, .file = NONE, .first_line = 9),
  FRAME (.function = 0, .line = 2),
  FRAME (.function = 1, .line = 10),
  STACK (.parent = NONE, .frame = 0),
  STACK (.parent = 0, .frame = 1),
  SAMPLE (.time_ns = 6000000, .thread = 0, .stack = 0, .weight_ns = 1000000),
  PROCESS (.pid = 101, .parent = 0, .start_ns = 6500000, .command = 1, .python = 2),
  THREAD (.id = 1, .process = 1, .tid = 101, .name = NONE, .start_ns = 6500000, .is_main = true),
  SAMPLE (.time_ns = 7000000, .thread = 0, .stack = 0, .weight_ns = 1000000),
  SAMPLE (.time_ns = 7010000, .thread = 1, .stack = 1, .state = SAL_CAPTURE_ON_CPU,
          .weight_ns = 510000, .cpu_ns = 500000),
  PROCESS (.pid = 102, .parent = 0, .start_ns = 7100000, .command = 5, .python = NONE),
  RECORD (PROCESS_END, process_end, .process = 1, .time_ns = 7500000, .status = 0),
  RECORD (PROCESS_END, process_end, .process = 2, .time_ns = 7600000, .status = -1),
  RECORD (COUNTERS, counters, .time_ns = 8000000, .ticks = 2, .samples = 3, .withheld = 6,
          .rate_mhz = 250000),
  RECORD (PROCESS_END, process_end, .process = 0, .time_ns = 8000000, .status = 256),
  RECORD (END, end, .time_ns = 8000000, .reason = SAL_CAPTURE_END_EXIT),
};

/* Python that calls into C, which calls Python again; and a thread without any Python. */
static const SalCaptureRecord native[] = {
  META ("command", "python3 native.py"),
  STRING ("python3 native.py"),
  PROCESS (.pid = 100, .parent = NONE, .command = 0, .python = NONE),
  THREAD (.id = 0, .process = 0, .tid = 100, .name = NONE, .is_main = true),
  THREAD (.id = 1, .process = 0, .tid = 101, .name = NONE),
  STRING ("main"),
  STRING ("inner_call"),
  STRING ("/usr/lib/ü/inner.so"),
  STRING ("inner.so+0x1234"),
  STRING ("<anonymous code>"),
  STRING ("<no Python>"),
  STRING ("<native frames missing>"),
  FUNCTION (.name = 1, .file = NONE, .first_line = 1),
  FUNCTION (.kind = SAL_CAPTURE_NATIVE, .name = 2, .file = NONE, .library = 3),
  FUNCTION (.kind = SAL_CAPTURE_NATIVE, .name = 4, .file = 3, .first_line = 7, .library = 3),
  FUNCTION (.kind = SAL_CAPTURE_NATIVE, .name = 5, .file = NONE, .library = NONE),
  FUNCTION (.kind = SAL_CAPTURE_MARK, .name = 6, .file = NONE),
  FUNCTION (.kind = SAL_CAPTURE_MARK, .name = 7, .file = NONE),
  FRAME (.function = 0, .line = 2),
  FRAME (.function = 1),
  FRAME (.function = 2),
  FRAME (.function = 3),
  FRAME (.function = 4),
  FRAME (.function = 5),
  STACK (.parent = NONE, .frame = 0),
  STACK (.parent = 0, .frame = 1),
  STACK (.parent = 1, .frame = 0),
  STACK (.parent = 2, .frame = 2),
  STACK (.parent = NONE, .frame = 4),
  STACK (.parent = 4, .frame = 3),
  STACK (.parent = 0, .frame = 5),
  STACK (.parent = 6, .frame = 1),
  SAMPLE (.time_ns = 1000000, .thread = 0, .stack = 3, .state = SAL_CAPTURE_ON_CPU,
          .weight_ns = 1000000, .cpu_ns = 1000000),
  SAMPLE (.time_ns = 1000000, .thread = 1, .stack = 5, .weight_ns = 1000000),
  SAMPLE (.time_ns = 2000000, .thread = 0, .stack = 7, .weight_ns = 1000000),
  RECORD (COUNTERS, counters, .time_ns = 2000000, .ticks = 2, .samples = 3, .native_samples = 3,
          .native_seams = 1, .native_cut = 0, .stop_median_ns = 30000, .stop_p99_ns = UINT64_MAX),
  RECORD (END, end, .time_ns = 2000000, .reason = SAL_CAPTURE_END_EXIT),
};
/* Two threads that wait for one thing after another; the last kinds are of a later version. */
static const SalCaptureRecord waits[] = {
  META ("command", "python3 waits.py"),
  STRING ("python3 waits.py"),
  PROCESS (.pid = 100, .parent = NONE, .command = 0, .python = NONE),
  THREAD (.id = 0, .process = 0, .tid = 100, .name = NONE, .is_main = true),
  THREAD (.id = 1, .process = 0, .tid = 101, .name = NONE),
  STRING ("main"),
  STRING ("/srv/ü/data.csv"),
  FUNCTION (.name = 1, .file = NONE, .first_line = 1),
  FRAME (.function = 0, .line = 2),
  STACK (.parent = NONE, .frame = 0),
  SAMPLE (.time_ns = 1000000, .thread = 0, .stack = 0, .state = SAL_CAPTURE_ON_CPU,
          .weight_ns = 1000000, .cpu_ns = 1000000),
  RECORD (WAIT, wait, .kind = SAL_CAPTURE_WAIT_READ, .is_disk = true,
          .descriptor_kind = SAL_CAPTURE_DESCRIPTOR_FILE, .descriptor = 3, .name = 2),
  SAMPLE (.time_ns = 1000000, .thread = 1, .stack = 0, .weight_ns = 1000000, .wait = 1),
  RECORD (WAIT, wait, .kind = SAL_CAPTURE_WAIT_LOCK, .descriptor = NONE, .name = NONE),
  SAMPLE (.time_ns = 2000000, .thread = 0, .stack = 0, .weight_ns = 1000000, .wait = 2),
  SAMPLE (.time_ns = 2000000, .thread = 1, .stack = 0, .weight_ns = 1000000, .wait = 1),
  RECORD (WAIT, wait, .kind = SAL_CAPTURE_WAIT_RECEIVE,
          .descriptor_kind = SAL_CAPTURE_DESCRIPTOR_SOCKET, .descriptor = 0, .name = NONE),
  RECORD (WAIT, wait, .kind = 255, .descriptor_kind = 254, .descriptor = UINT32_MAX - 1,
          .name = 2),
  SAMPLE (.time_ns = 3000000, .thread = 0, .stack = 0, .state = SAL_CAPTURE_HAS_GIL,
          .weight_ns = 1000000),
  SAMPLE (.time_ns = 3000000, .thread = 1, .stack = 0, .weight_ns = 1000000, .wait = 3),
  SAMPLE (.time_ns = 4000000, .thread = 0, .stack = 0, .weight_ns = 1000000, .wait = 4),
  SAMPLE (.time_ns = 4000000, .thread = 1, .stack = NONE, .weight_ns = 1000000, .wait = 2),
  RECORD (COUNTERS, counters, .time_ns = 4000000, .ticks = 4, .samples = 8),
  RECORD (END, end, .time_ns = 4000000, .reason = SAL_CAPTURE_END_EXIT),
};

/* A function of a library that was compiled with debugging information, with two inlined in it. */
static const SalCaptureRecord inlined[] = {
  META ("command", "python3 inlined.py"),
  STRING ("python3 inlined.py"),
  PROCESS (.pid = 100, .parent = NONE, .command = 0, .python = NONE),
  THREAD (.id = 0, .process = 0, .tid = 100, .name = NONE, .is_main = true),
  STRING ("main"),
  STRING ("outer(int)"),
  STRING ("/srv/fast.so"),
  FUNCTION (.name = 1, .file = NONE, .first_line = 1),
  FUNCTION (.kind = SAL_CAPTURE_NATIVE, .name = 2, .file = NONE, .library = 3),
  FRAME (.function = 0, .line = 2),
  RECORD (PLACE, place, .name = CAPTURE_TEXT (""), .file = CAPTURE_TEXT ("/src/fast.cc"),
          .first_line = 10, .line = 12),
  RECORD (PLACE, place, .name = CAPTURE_TEXT ("middle(int)"),
          .file = CAPTURE_TEXT ("/src/fast.cc"), .first_line = 5, .line = 6),
  RECORD (PLACE, place, .name = CAPTURE_TEXT ("std::max<int>(int, int)"),
          .file = CAPTURE_TEXT (""), .first_line = 0, .line = UINT32_MAX),
  FRAME (.function = 1),
  RECORD (PLACE, place, .name = CAPTURE_TEXT (""), .file = CAPTURE_TEXT ("/src/fast.cc"),
          .first_line = 10, .line = 13),
  FRAME (.function = 1),
  STACK (.parent = NONE, .frame = 0),
  STACK (.parent = 0, .frame = 1),
  STACK (.parent = 1, .frame = 0),
  STACK (.parent = 0, .frame = 2),
  SAMPLE (.time_ns = 1000000, .thread = 0, .stack = 1, .state = SAL_CAPTURE_ON_CPU,
          .weight_ns = 1000000, .cpu_ns = 1000000),
  SAMPLE (.time_ns = 2000000, .thread = 0, .stack = 2, .weight_ns = 1000000),
  SAMPLE (.time_ns = 3000000, .thread = 0, .stack = 3, .weight_ns = 1000000),
  RECORD (END, end, .time_ns = 3000000, .reason = SAL_CAPTURE_END_EXIT),
};

/* A loop that polls, a task that runs, and one that it waits for. */
static const SalCaptureRecord tasks[] = {
  META ("command", "python3 tasks.py"),
  STRING ("python3 tasks.py"),
  PROCESS (.pid = 100, .parent = NONE, .command = 0, .python = NONE),
  THREAD (.id = 0, .process = 0, .tid = 100, .name = NONE, .is_main = true),
  STRING ("run_forever"),
  STRING ("/usr/lib/python3.14/asyncio/base_events.py"),
  STRING ("Task (crawl)"),
  STRING ("/srv/tasks.py"),
  STRING ("page-1 (fetch)"),
  STRING ("crawl"),
  STRING ("fetch"),
  FUNCTION (.name = 1, .file = 2, .first_line = 670),
  FUNCTION (.kind = SAL_CAPTURE_TASK, .name = 3, .file = 4, .first_line = 9),
  FUNCTION (.kind = SAL_CAPTURE_TASK, .name = 5, .file = 4, .first_line = 3),
  FUNCTION (.name = 6, .file = 4, .first_line = 9),
  FUNCTION (.name = 7, .file = 4, .first_line = 3),
  FRAME (.function = 0, .line = 680),
  FRAME (.function = 1),
  FRAME (.function = 2),
  FRAME (.function = 3, .line = 11),
  FRAME (.function = 4, .line = 5),
  STACK (.parent = NONE, .frame = 0),
  STACK (.parent = 0, .frame = 1),
  STACK (.parent = 1, .frame = 3),
  STACK (.parent = 1, .frame = 2),
  STACK (.parent = 3, .frame = 4),
  SAMPLE (.time_ns = 1000000, .thread = 0, .stack = 2, .state = SAL_CAPTURE_ON_CPU,
          .weight_ns = 1000000, .cpu_ns = 1000000),
  SAMPLE (.time_ns = 2000000, .thread = 0, .stack = 4, .state = SAL_CAPTURE_ON_CPU,
          .weight_ns = 1000000, .cpu_ns = 1000000),
  SAMPLE (.time_ns = 3000000, .thread = 0, .stack = 0, .weight_ns = 1000000),
  RECORD (END, end, .time_ns = 3000000, .reason = SAL_CAPTURE_END_EXIT),
};
/* clang-format on */

const SalCaptureRecord *
capture_example_waits (guint *n_records)
{
  *n_records = G_N_ELEMENTS (waits);
  return waits;
}

const SalCaptureRecord *
capture_example_inlined (guint *n_records)
{
  *n_records = G_N_ELEMENTS (inlined);
  return inlined;
}

const SalCaptureRecord *
capture_example_tasks (guint *n_records)
{
  *n_records = G_N_ELEMENTS (tasks);
  return tasks;
}

const SalCaptureRecord *
capture_example_native (guint *n_records)
{
  *n_records = G_N_ELEMENTS (native);
  return native;
}

const SalCaptureRecord *
capture_example_tree (guint *n_records)
{
  *n_records = G_N_ELEMENTS (tree);
  return tree;
}

const SalCaptureRecord *
capture_example_every_kind (guint *n_records)
{
  *n_records = G_N_ELEMENTS (every_kind);
  return every_kind;
}

const SalCaptureRecord *
capture_example_tiny (guint *n_records)
{
  *n_records = G_N_ELEMENTS (tiny);
  return tiny;
}

static void
add (SalCaptureWriter *writer, const SalCaptureRecord *record)
{
  g_assert_cmpint (sal_capture_writer_add (writer, record), ==, SAL_CAPTURE_OK);
}

void
capture_example_busy (SalCaptureWriter *writer)
{
  static const guint32 stacks[] = { 2, 3, 3, 2, 4, 2, 3, 1 };
  const guint on = SAL_CAPTURE_ON_CPU | SAL_CAPTURE_HAS_GIL;
  SalCaptureRecord counters = { .kind = SAL_CAPTURE_COUNTERS };
  SalCaptureRecord end = { .kind = SAL_CAPTURE_END };

  for (guint i = 0; i < G_N_ELEMENTS (busy); i++)
    add (writer, &busy[i]);
  for (guint i = 0; i < 250; i++)
    {
      gint64 time_ns = (i + 1) * 1000000;
      SalCaptureRecord worker = SAMPLE (.time_ns = time_ns,
                                        .thread = 0,
                                        .stack = stacks[i % G_N_ELEMENTS (stacks)],
                                        .state = on,
                                        .weight_ns = 1000000,
                                        .cpu_ns = 990000 + i % 7 * 1000);
      SalCaptureRecord dreamer = SAMPLE (.time_ns = time_ns,
                                         .thread = 1,
                                         .stack = i % 100 == 0 ? NONE : 5,
                                         .state = i % 50 == 0 ? SAL_CAPTURE_WANTS_GIL : 0,
                                         .weight_ns = 1000000);

      add (writer, &worker);
      add (writer, &dreamer);
    }
  counters.counters.time_ns = 250000000;
  counters.counters.ticks = 250;
  counters.counters.samples = 500;
  add (writer, &counters);
  end.end.time_ns = 251000000;
  end.end.reason = SAL_CAPTURE_END_EXIT;
  add (writer, &end);
}

SalCaptureWriter *
capture_example_open (int *fd)
{
  SalCaptureWriter *writer;

  *fd = memfd_create ("capture", MFD_CLOEXEC);
  g_assert_cmpint (*fd, >=, 0);
  g_assert_cmpint (sal_capture_writer_new (*fd, &writer), ==, SAL_CAPTURE_OK);
  return writer;
}

GByteArray *
capture_example_finish (SalCaptureWriter *writer, int fd)
{
  GByteArray *bytes = g_byte_array_new ();
  guint64 length;

  g_assert_cmpint (sal_capture_writer_flush (writer), ==, SAL_CAPTURE_OK);
  length = sal_capture_writer_get_bytes (writer);
  sal_capture_writer_free (writer);
  g_byte_array_set_size (bytes, (guint)length);
  g_assert_cmpint (pread (fd, bytes->data, length, 0), ==, (gssize)length);
  close (fd);
  return bytes;
}

GByteArray *
capture_example_write (const SalCaptureRecord *records, guint n_records, guint block)
{
  int fd;
  SalCaptureWriter *writer = capture_example_open (&fd);

  for (guint i = 0; i < n_records; i++)
    {
      add (writer, &records[i]);
      if (block > 0 && (i + 1) % block == 0)
        g_assert_cmpint (sal_capture_writer_flush (writer), ==, SAL_CAPTURE_OK);
    }
  return capture_example_finish (writer, fd);
}
