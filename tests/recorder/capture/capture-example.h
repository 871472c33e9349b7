/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "sal-capture-writer.h"

/* Captures made by hand: what the golden files hold. */

#define CAPTURE_TEXT(literal)   \
  {                             \
    literal, sizeof literal - 1 \
  }

/** capture_example_every_kind: each kind of record, with ordinary and with extreme values. */
const SalCaptureRecord *capture_example_every_kind (guint *n_records);

/** capture_example_tiny: the recording that FORMAT.md explains byte by byte. */
const SalCaptureRecord *capture_example_tiny (guint *n_records);

/** capture_example_tree: three processes, one of them not Python, one by exec. */
const SalCaptureRecord *capture_example_tree (guint *n_records);

/** capture_example_native: native frames with and without a library, a seam, a thread without
 * Python. */
const SalCaptureRecord *capture_example_native (guint *n_records);

/** capture_example_waits: threads that wait, for things of this version and of a later one. */
const SalCaptureRecord *capture_example_waits (guint *n_records);

/** capture_example_inlined: a native function whose source is known, once with others inlined. */
const SalCaptureRecord *capture_example_inlined (guint *n_records);

/** capture_example_tasks: a loop that runs a task and one that it waits for. */
const SalCaptureRecord *capture_example_tasks (guint *n_records);

/** capture_example_busy: adds a quarter of a second of two threads: one that computes in functions
 * of which one recurs, one that mostly sleeps. */
void capture_example_busy (SalCaptureWriter *writer);

/** capture_example_write: (transfer full): the bytes of a capture of @records, with a block border
 * after every @block records (0: none). */
GByteArray *
capture_example_write (const SalCaptureRecord *records, guint n_records, guint block);

/** capture_example_finish: (transfer full): flushes, frees @writer and reads what it wrote to @fd,
 * which is closed. */
GByteArray *capture_example_finish (SalCaptureWriter *writer, int fd);

/** capture_example_open: a writer on a temporary file of its own. */
SalCaptureWriter *capture_example_open (int *fd);
