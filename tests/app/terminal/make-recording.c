/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a small recording with known numbers to standard output: 13 samples, each of 1 ms.
 *   main → busy 6, main → fib → fib → fib 3, main 1; in a second thread an ill-named function 2,
 *   and 1 sample without a Python frame. A child ended before it could be looked at.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sal-capture-writer.h"

#define NS_PER_MS 1000000

static SalCaptureWriter *writer;

static SalCaptureText
text (const char *string)
{
  return (SalCaptureText){ string, strlen (string) };
}

static void
add (SalCaptureRecord record)
{
  if (sal_capture_writer_add (writer, &record) != SAL_CAPTURE_OK)
    exit (1);
}

static void
add_meta (const char *key, const char *value)
{
  add ((SalCaptureRecord){ .kind = SAL_CAPTURE_META, .meta = { text (key), text (value) } });
}

static void
add_names (void)
{
  static const char *const strings[] = {
    "python3 work.py",
    "3.11.7",
    "MainThread",
    "work\x1b[31mer",
    "main",
    "/src/work.py",
    "busy",
    "fib",
    "evil;\n\x1b[2J",
    "/src/a;b.py",
    "",
  };

  add_meta (SAL_CAPTURE_META_COMMAND, "python3 work.py");
  add_meta (SAL_CAPTURE_META_PYTHON, "3.11.7");
  add_meta (SAL_CAPTURE_META_RATE, "1000");
  add_meta (SAL_CAPTURE_META_START, "2026-01-02T03:04:05.000000006Z");
  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
    add ((SalCaptureRecord){ .kind = SAL_CAPTURE_STRING, .string = text (strings[i]) });
  add ((SalCaptureRecord){
      .kind = SAL_CAPTURE_PROCESS,
      .process = { .pid = 100, .parent = SAL_CAPTURE_NO_ID, .command = 0, .python = 1 } });
  add ((SalCaptureRecord){
      .kind = SAL_CAPTURE_PROCESS,
      .process = { .pid = 105, .parent = 0, .command = 10, .python = SAL_CAPTURE_NO_ID } });
  add ((SalCaptureRecord){ .kind = SAL_CAPTURE_PROCESS_END, .process_end = { 1, NS_PER_MS, 0 } });
  for (uint32_t i = 0; i < 2; i++)
    add ((SalCaptureRecord){
        .kind = SAL_CAPTURE_THREAD,
        .thread = { .id = i, .process = 0, .tid = 100 + i, .name = 2 + i, .is_main = i == 0 } });
}

static void
add_function (uint32_t name, uint32_t file, uint32_t line)
{
  static uint32_t next;

  add ((SalCaptureRecord){ .kind = SAL_CAPTURE_FUNCTION,
                           .function = { SAL_CAPTURE_PYTHON, name, file, line } });
  add ((SalCaptureRecord){ .kind = SAL_CAPTURE_FRAME,
                           .frame = { .function = next++, .line = line + 2 } });
}

static void
add_stack (uint32_t parent, uint32_t frame)
{
  add ((SalCaptureRecord){ .kind = SAL_CAPTURE_STACK, .stack = { parent, frame } });
}

static void
add_samples (uint32_t thread, uint32_t stack, int n)
{
  static int64_t now;

  for (int i = 0; i < n; i++)
    {
      now += NS_PER_MS;
      add ((SalCaptureRecord){ .kind = SAL_CAPTURE_SAMPLE,
                               .sample = { .time_ns = now,
                                           .thread = thread,
                                           .stack = stack,
                                           .state = SAL_CAPTURE_ON_CPU,
                                           .weight_ns = NS_PER_MS,
                                           .cpu_ns = NS_PER_MS } });
    }
}

static void
add_end (void)
{
  SalCaptureRecord counters = {
    .kind = SAL_CAPTURE_COUNTERS,
    .counters = { .time_ns = 13 * NS_PER_MS,
                  .ticks = 15,
                  .samples = 13,
                  .missed = 2,
                  .late = 1,
                  .retried = 4,
                  .rejected = 3,
                  .cpu_ns = NS_PER_MS },
  };

  counters.counters.errors[SAL_CAPTURE_ERROR_TORN] = 3;
  counters.counters.errors[SAL_CAPTURE_ERROR_READ] = 1;
  add (counters);
  add ((SalCaptureRecord){ .kind = SAL_CAPTURE_END,
                           .end = { 13 * NS_PER_MS, SAL_CAPTURE_END_EXIT } });
}

int
main (void)
{
  if (sal_capture_writer_new (STDOUT_FILENO, &writer) != SAL_CAPTURE_OK)
    return 1;
  add_names ();
  add_function (4, 5, 1);
  add_function (6, 5, 10);
  add_function (7, 5, 20);
  add_function (8, 9, 5);
  add_stack (SAL_CAPTURE_NO_ID, 0); /* 0: main */
  add_stack (0, 1);                 /* 1: main, busy */
  add_stack (0, 2);                 /* 2, 3, 4: main, fib, fib, fib */
  add_stack (2, 2);
  add_stack (3, 2);
  add_stack (SAL_CAPTURE_NO_ID, 3); /* 5: the ill-named */
  add_samples (0, 1, 6);
  add_samples (0, 4, 3);
  add_samples (0, 0, 1);
  add_samples (1, 5, 2);
  add_samples (1, SAL_CAPTURE_NO_ID, 1);
  add_end ();
  if (sal_capture_writer_flush (writer) != SAL_CAPTURE_OK)
    return 1;
  sal_capture_writer_free (writer);
  return 0;
}
