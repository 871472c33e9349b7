/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounded queue of records between the thread that looks and the thread that writes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sal-capture-record.h"

/* One producer, one consumer, no lock, no system call. Texts in records are borrowed: they must
 * stay until the consumer has written them (the interning tables keep theirs for good). */
typedef struct _SalSamplerRing SalSamplerRing;

/** sal_sampler_ring_new: a ring for @capacity records, a power of two; NULL without memory. */
SalSamplerRing *sal_sampler_ring_new (size_t capacity) __attribute__ ((warn_unused_result));

/** sal_sampler_ring_get_room: how many records fit at least. Thread: producer. */
size_t sal_sampler_ring_get_room (SalSamplerRing *ring);

/** sal_sampler_ring_wait_for_room: sleeps until @n records fit. Thread: producer. */
void sal_sampler_ring_wait_for_room (SalSamplerRing *ring, size_t n);

/**
 * sal_sampler_ring_push: appends a copy of @record.
 *
 * There must be room: the producer asks before it begins something that it could not leave half
 * done.
 * Thread: producer.
 */
void sal_sampler_ring_push (SalSamplerRing *ring, const SalCaptureRecord *record);

/**
 * sal_sampler_ring_peek: the oldest records, in place.
 *
 * Shape: returns how many lie at *@records, one after another; 0 when the ring is empty. They stay
 * until sal_sampler_ring_drop(). Thread: consumer.
 */
size_t sal_sampler_ring_peek (SalSamplerRing *ring, const SalCaptureRecord **records);

/** sal_sampler_ring_drop: gives back the @n oldest records. Thread: consumer. */
void sal_sampler_ring_drop (SalSamplerRing *ring, size_t n);

/** sal_sampler_ring_free: NULL is fine. */
void sal_sampler_ring_free (SalSamplerRing *ring);
