/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that encodes, compresses and writes what the sampling thread has queued. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sal-capture-result.h"

#include "sal-sampler-ring.h"

/* The length of a STRING record's text whose bytes are a SalNativeFunction: its name stands there
 * once the record is written. */
#define SAL_SAMPLER_NAME_OF_FUNCTION SIZE_MAX

/* The length of a PLACE record's name whose bytes are a SalNativeFunction, an instruction: all that
 * is known of its place in the source stands there once the record is written, or nothing. */
#define SAL_SAMPLER_PLACE_OF_SITE (SIZE_MAX - 1)

/* Writing may wait for a disk or a reader, and compressing a block takes longer than a tick has to
 * spare; so neither happens on the sampling thread. The queue is looked into every 20 ms (the
 * sampling thread makes no system call to wake anybody), and what was written becomes readable five
 * times a second. Names of native functions are looked up here as well: files may have to be read
 * for them. */
typedef struct _SalSamplerSink SalSamplerSink;

/**
 * sal_sampler_sink_new: starts a capture on @fd and the thread that writes it.
 *
 * @ring and both descriptors are borrowed. @event_fd, an eventfd, is told when writing has failed
 * and when it has finished. @use_servers: whether servers may be asked for names. While they are
 * waited for, what comes is kept: up to a million records.
 * Errors: IO (errno tells), MEMORY; *@out is NULL then.
 */
SalCaptureResult sal_sampler_sink_new (int fd,
                                       SalSamplerRing *ring,
                                       int event_fd,
                                       bool use_servers,
                                       SalSamplerSink **out) __attribute__ ((warn_unused_result));

/** sal_sampler_sink_close: nothing more will be queued: write the rest and finish. Thread: any. */
void sal_sampler_sink_close (SalSamplerSink *sink);

/** sal_sampler_sink_hurry: asks no server any longer, also not the one at work. Thread: any. */
void sal_sampler_sink_hurry (SalSamplerSink *sink);

/** sal_sampler_sink_get_left: records out of the queue that are not written yet. Thread: any. */
uint64_t sal_sampler_sink_get_left (SalSamplerSink *sink);

/** sal_sampler_sink_is_finished: whether everything that was queued is readable, or will never
 * be. */
bool sal_sampler_sink_is_finished (SalSamplerSink *sink);

/** sal_sampler_sink_get_error: errno of the first failure to write, 0 = none. What comes after it
 * is thrown away. Thread: any. */
int sal_sampler_sink_get_error (SalSamplerSink *sink);

/** sal_sampler_sink_get_bytes: bytes that can be read from the capture. Thread: any. */
uint64_t sal_sampler_sink_get_bytes (SalSamplerSink *sink);

/** sal_sampler_sink_get_cpu_ns: processor time that writing has taken. Thread: any. */
int64_t sal_sampler_sink_get_cpu_ns (SalSamplerSink *sink);

/** sal_sampler_sink_free: closes it, waits until it has finished and frees; NULL is fine. */
void sal_sampler_sink_free (SalSamplerSink *sink);
