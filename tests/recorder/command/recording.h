/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the recorder share: interpreters, runs of salamander-recorder, captures read
 * back. */
#pragma once

#include <gio/gio.h>

#include "sal-capture-reader.h"
#include "sal-control-wire.h"

/* A capture read back, as plain arrays. */
typedef struct
{
  GHashTable *metas;   /* key → value */
  GPtrArray *strings;  /* char * */
  GPtrArray *places;   /* char *, by frame: see recording_get_place() */
  GString *pending;    /* of the next frame */
  GArray *functions;   /* SalCaptureFunction */
  GArray *frames;      /* SalCaptureFrame */
  GArray *stacks;      /* SalCaptureStack */
  GArray *threads;     /* SalCaptureThread, as last named */
  GArray *samples;     /* SalCaptureSample */
  GArray *thread_ends; /* SalCaptureThreadEnd */
  GArray *waits;       /* SalCaptureWait; the first is number 1 */
  SalCaptureCounters counters;
  GArray *processes;                /* SalCaptureProcess, as last told */
  SalCaptureProcess process;        /* the first */
  SalCaptureProcessEnd process_end; /* the first's */
  SalCaptureEnd end;
  guint n_processes;
  guint n_process_ends;
  guint n_ends;
  gboolean is_whole; /* the bytes end where a block ends, without a fault */
} Recording;

/** recording_load: (transfer full): reads the capture in file @path. */
Recording *recording_load (const char *path);
void recording_free (Recording *recording);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recording, recording_free)

/** recording_get_name: the name of the function of the frame of @stack; "" for no stack. */
const char *recording_get_name (const Recording *recording, guint32 stack);

/** recording_get_library: the file that @stack's function was loaded from; "" = none. */
const char *recording_get_library (const Recording *recording, guint32 stack);

/** recording_get_place: what debugging information tells of @stack's frame: "a.c:1:5", which is
 * file, first line and line; then for each inlined function " > name file:1:5". "" = nothing. */
const char *recording_get_place (const Recording *recording, guint32 stack);

/** recording_is_in: whether a function @name is in @stack. */
gboolean recording_is_in (const Recording *recording, guint32 stack, const char *name);

/** recording_sum_weights: nanoseconds of samples with @name (NULL = any) in their stack, of thread
 * @thread (G_MAXUINT32 = any). */
guint64 recording_sum_weights (const Recording *recording, const char *name, guint32 thread);

/** recording_count: how many samples have a function @name in their stack. */
guint recording_count (const Recording *recording, const char *name);

/** recording_find_thread: the id of the thread called @name, or -1. */
int recording_find_thread (const Recording *recording, const char *name);

/** recording_assert_whole: that @recording ended as it should: one END, nothing after it. */
void recording_assert_whole (const Recording *recording, SalCaptureEndReason reason);

/**
 * python_find: (transfer full) (nullable): an interpreter of version @minor ("3.11").
 *
 * Looks in PATH, in ~/.pyenv/versions and among what tests/pythons.sh fetched, and prints which one
 * it takes. NULL and skips the test when there is none.
 */
char *python_find (const char *minor);

/** python_lookup: (transfer full) (nullable): likewise, without skipping anything. */
char *python_lookup (const char *minor);

/** python_find_any: (transfer full): one of the versions that can be recorded, or skips. */
char *python_find_any (void);

/** target_path: (transfer full): the file of program @name in tests/targets. */
char *target_path (const char *name);

/* A run of salamander-recorder. */
typedef struct
{
  char *output;    /* file of the capture, in a folder of its own */
  int control_fd;  /* our end of the control socket, -1 = none */
  pid_t pid;       /* of the recorder */
  int status;      /* as waitpid(2) gives it, after recorder_wait() */
  int exit_status; /* of recorder_run() */
  char *out;       /* what it and the program wrote on standard output and error */
  char *err;
} Recorder;

/** recorder_start: starts the recorder, with a control socket when asked for, with @options
 * (NULL-ended list) and then @command after "--" (NULL-ended, or NULL). */
Recorder *recorder_start (gboolean with_control,
                          const char *const *options,
                          const char *const *command);

/** recorder_wait: waits for its end and returns its exit status. Fails the test after a minute. */
int recorder_wait (Recorder *recorder);

/** recorder_expect: the next event of @kind, throwing away others. Fails the test after a
 * minute. */
SalControlEvent recorder_expect (Recorder *recorder, SalControlEventKind kind);

/** recorder_order: sends an order. */
void recorder_order (Recorder *recorder, SalControlCommandKind kind);

/** recorder_scale: @n_samples as often as SAL_TEST_TIMES of the environment says; once without. */
guint recorder_scale (guint n_samples);

/** recorder_await_samples: waits until it has taken @n_samples since the program has written a line
 * "at work". What starts up on a busy machine is sampled all the while. */
void recorder_await_samples (Recorder *recorder, guint n_samples);

/** recorder_sample: likewise, and ends the program and it. */
void recorder_sample (Recorder *recorder, guint n_samples);

/** recorder_load: (transfer full): the capture it wrote. */
Recording *recorder_load (Recorder *recorder);

void recorder_free (Recorder *recorder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recorder, recorder_free)

/** recorder_run: starts, waits and returns the recorder; for runs that end by themselves. */
Recorder *recorder_run (const char *const *options, const char *const *command);

/** NULL-ended lists of words. */
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NO_WORDS ((const char *const[]){ NULL })
