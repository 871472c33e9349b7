/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sal-capture-format.h"
#include "sal-capture-pace.h"
#include "sal-capture-record.h"
#include "sal-capture-result.h"

/* What both ends remember of the records so far: how many ids are defined, and what samples
 * are predicted from; and the rules that every record keeps, the same for writer and reader.
 *
 * Source: FORMAT.md, "Rules" and "Samples".
 */

/* What the next sample of a thread is predicted from. */
typedef struct
{
  int64_t time_ns; /* its last sample's time, at first its start */
  uint32_t stack;  /* of its last sample that had one, at first 0 */
  uint32_t wait;   /* of its last sample that had one, at first 0 */
} SalCaptureThreadState;

typedef struct
{
  uint32_t n_strings;
  uint32_t n_processes;
  uint32_t n_threads;
  uint32_t n_functions;
  uint32_t n_frames;
  uint32_t n_stacks;
  uint32_t n_waits;
  uint32_t threads_capacity; /* of @threads, at least n_threads */
  SalCapturePace pace;
  SalCaptureThreadState *threads;
} SalCaptureTables;

/**
 * sal_capture_tables_check: whether @record may stand after what @tables remember.
 *
 * Errors: LIMIT, CORRUPT (an id that is not defined, a text that is not UTF-8, an enum out of
 * range).
 */
SalCaptureResult sal_capture_tables_check (const SalCaptureTables *tables,
                                           const SalCaptureRecord *record);

/**
 * sal_capture_tables_apply: remembers @record, which has passed the check.
 *
 * A new thread must have room in @tables->threads already.
 */
void sal_capture_tables_apply (SalCaptureTables *tables, const SalCaptureRecord *record);
