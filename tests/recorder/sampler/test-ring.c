/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the queue between the two threads. */
#include "sal-sampler-ring.h"

#include <glib.h>

static void
push (SalSamplerRing *ring, int64_t n)
{
  sal_sampler_ring_push (
      ring,
      &(SalCaptureRecord){ .kind = SAL_CAPTURE_SAMPLE, .sample = { .time_ns = n } });
}

static void
test_fills_and_empties (void)
{
  SalSamplerRing *ring = sal_sampler_ring_new (8);
  const SalCaptureRecord *records;

  g_assert_cmpuint (sal_sampler_ring_peek (ring, &records), ==, 0);
  for (int64_t i = 0; i < 8; i++)
    {
      g_assert_cmpuint (sal_sampler_ring_get_room (ring), ==, 8 - i);
      push (ring, i);
    }
  g_assert_cmpuint (sal_sampler_ring_get_room (ring), ==, 0);
  g_assert_cmpuint (sal_sampler_ring_peek (ring, &records), ==, 8);
  g_assert_cmpint (records[7].sample.time_ns, ==, 7);
  sal_sampler_ring_drop (ring, 5);
  g_assert_cmpuint (sal_sampler_ring_get_room (ring), ==, 5);
  sal_sampler_ring_free (ring);
}

static void
test_wraps_in_two_pieces (void)
{
  SalSamplerRing *ring = sal_sampler_ring_new (4);
  const SalCaptureRecord *records;

  g_assert_cmpuint (sal_sampler_ring_get_room (ring), ==, 4);
  for (int64_t i = 0; i < 3; i++)
    push (ring, i);
  sal_sampler_ring_drop (ring, 3);
  g_assert_cmpuint (sal_sampler_ring_get_room (ring), ==, 4);
  for (int64_t i = 3; i < 6; i++)
    push (ring, i);
  g_assert_cmpuint (sal_sampler_ring_peek (ring, &records), ==, 1);
  g_assert_cmpint (records[0].sample.time_ns, ==, 3);
  sal_sampler_ring_drop (ring, 1);
  g_assert_cmpuint (sal_sampler_ring_peek (ring, &records), ==, 2);
  g_assert_cmpint (records[1].sample.time_ns, ==, 5);
  sal_sampler_ring_free (ring);
}

#define N_PASSED 200000

static gpointer
produce (gpointer data)
{
  SalSamplerRing *ring = data;

  for (int64_t i = 0; i < N_PASSED; i++)
    {
      while (sal_sampler_ring_get_room (ring) == 0)
        g_thread_yield ();
      push (ring, i);
    }
  return NULL;
}

static void
test_passes_everything_in_order (void)
{
  SalSamplerRing *ring = sal_sampler_ring_new (64);
  GThread *producer = g_thread_new ("producer", produce, ring);
  int64_t expected = 0;

  while (expected < N_PASSED)
    {
      const SalCaptureRecord *records;
      size_t n = sal_sampler_ring_peek (ring, &records);

      if (n == 0)
        g_thread_yield ();
      for (size_t i = 0; i < n; i++)
        g_assert_cmpint (records[i].sample.time_ns, ==, expected++);
      sal_sampler_ring_drop (ring, n);
    }
  g_thread_join (producer);
  sal_sampler_ring_free (ring);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/ring/fills-and-empties", test_fills_and_empties);
  g_test_add_func ("/sampler/ring/wraps-in-two-pieces", test_wraps_in_two_pieces);
  g_test_add_func ("/sampler/ring/passes-everything-in-order", test_passes_everything_in_order);
  return g_test_run ();
}
