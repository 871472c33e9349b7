/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounded queue of records between the thread that looks and the thread that writes. */
#include "sal-sampler-ring.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CACHE_LINE 64

struct _SalSamplerRing
{
  SalCaptureRecord *records;
  size_t capacity; /* a power of two */

  /* The producer's: what it has written, and what it last knew of the consumer. */
  alignas (CACHE_LINE) atomic_size_t head;
  size_t known_tail;

  /* The consumer's. */
  alignas (CACHE_LINE) atomic_size_t tail;
};

SalSamplerRing *
sal_sampler_ring_new (size_t capacity)
{
  SalSamplerRing *ring = aligned_alloc (CACHE_LINE, sizeof *ring);

  assert (capacity > 0 && (capacity & (capacity - 1)) == 0);
  if (ring == NULL)
    return NULL;
  memset (ring, 0, sizeof *ring);
  ring->capacity = capacity;
  ring->records = calloc (capacity, sizeof *ring->records);
  if (ring->records == NULL)
    {
      free (ring);
      return NULL;
    }
  return ring;
}

size_t
sal_sampler_ring_get_room (SalSamplerRing *ring)
{
  size_t head = atomic_load_explicit (&ring->head, memory_order_relaxed);

  ring->known_tail = atomic_load_explicit (&ring->tail, memory_order_acquire);
  return ring->capacity - (head - ring->known_tail);
}

void
sal_sampler_ring_wait_for_room (SalSamplerRing *ring, size_t n)
{
  while (sal_sampler_ring_get_room (ring) < n)
    clock_nanosleep (CLOCK_MONOTONIC, 0, &(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

/* Copies the part of @record that its kind uses: samples are most of them and small. */
static void
copy_record (SalCaptureRecord *to, const SalCaptureRecord *from)
{
  if (from->kind == SAL_CAPTURE_SAMPLE)
    {
      to->kind = from->kind;
      to->sample = from->sample;
    }
  else
    *to = *from;
}

void
sal_sampler_ring_push (SalSamplerRing *ring, const SalCaptureRecord *record)
{
  size_t head = atomic_load_explicit (&ring->head, memory_order_relaxed);

  assert (head - ring->known_tail < ring->capacity);
  copy_record (&ring->records[head & (ring->capacity - 1)], record);
  atomic_store_explicit (&ring->head, head + 1, memory_order_release);
}

size_t
sal_sampler_ring_peek (SalSamplerRing *ring, const SalCaptureRecord **records)
{
  size_t tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);
  size_t head = atomic_load_explicit (&ring->head, memory_order_acquire);
  size_t first = tail & (ring->capacity - 1);
  size_t n = head - tail;

  *records = &ring->records[first];
  return n < ring->capacity - first ? n : ring->capacity - first;
}

void
sal_sampler_ring_drop (SalSamplerRing *ring, size_t n)
{
  size_t tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);

  atomic_store_explicit (&ring->tail, tail + n, memory_order_release);
}

void
sal_sampler_ring_free (SalSamplerRing *ring)
{
  if (ring == NULL)
    return;
  free (ring->records);
  free (ring);
}
