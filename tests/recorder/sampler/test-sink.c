/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the thread that writes. */
#include "sal-sampler-sink.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <glib.h>

#include "sal-capture-reader.h"

#define PATIENCE_US (30 * G_USEC_PER_SEC)

typedef struct
{
  SalSamplerRing *ring;
  SalSamplerSink *sink;
  int ends[2];
  int event_fd;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_assert_no_errno (pipe2 (fixture->ends, O_CLOEXEC));
  fixture->event_fd = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
  fixture->ring = sal_sampler_ring_new (1024);
  g_assert_cmpint (sal_sampler_sink_new (fixture->ends[1],
                                         fixture->ring,
                                         fixture->event_fd,
                                         FALSE,
                                         &fixture->sink),
                   ==,
                   SAL_CAPTURE_OK);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sal_sampler_sink_free (fixture->sink);
  sal_sampler_ring_free (fixture->ring);
  close (fixture->event_fd);
  close (fixture->ends[0]);
  close (fixture->ends[1]);
}

static void
put_meta (Fixture *fixture)
{
  g_assert_cmpuint (sal_sampler_ring_get_room (fixture->ring), >, 0);
  sal_sampler_ring_push (fixture->ring,
                         &(SalCaptureRecord){
                             .kind = SAL_CAPTURE_META,
                             .meta = { { "key", 3 }, { "value", 5 } },
                         });
}

/* Reads from the pipe until a META record has come, without closing anything. */
static void
test_readers_can_follow (Fixture *fixture, gconstpointer data)
{
  SalCaptureReader *reader = sal_capture_reader_new ();
  SalCaptureRecord record = { 0 };

  put_meta (fixture);
  while (sal_capture_reader_next (reader, &record) != SAL_CAPTURE_OK)
    {
      char bytes[4096];
      ssize_t n = read (fixture->ends[0], bytes, sizeof bytes);

      g_assert_cmpint (n, >, 0);
      g_assert_cmpint (sal_capture_reader_feed (reader, bytes, (size_t)n), ==, SAL_CAPTURE_OK);
    }
  g_assert_cmpint (record.kind, ==, SAL_CAPTURE_META);
  g_assert_false (sal_sampler_sink_is_finished (fixture->sink));
  sal_capture_reader_free (reader);
}

static void
test_close_writes_the_rest (Fixture *fixture, gconstpointer data)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  eventfd_t count;

  for (int i = 0; i < 100; i++)
    put_meta (fixture);
  sal_sampler_sink_close (fixture->sink);
  while (!sal_sampler_sink_is_finished (fixture->sink))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (1000);
    }
  g_assert_cmpuint (sal_sampler_ring_get_room (fixture->ring), ==, 1024);
  g_assert_cmpuint (sal_sampler_sink_get_bytes (fixture->sink), >, 0);
  g_assert_cmpint (sal_sampler_sink_get_error (fixture->sink), ==, 0);
  while (eventfd_read (fixture->event_fd, &count) != 0)
    g_assert_cmpint (g_get_monotonic_time (), <, end);
}

static void
test_a_lost_reader_is_told_and_nothing_blocks (Fixture *fixture, gconstpointer data)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  signal (SIGPIPE, SIG_IGN);
  close (fixture->ends[0]);
  put_meta (fixture);
  while (sal_sampler_sink_get_error (fixture->sink) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (1000);
    }
  g_assert_cmpint (sal_sampler_sink_get_error (fixture->sink), ==, EPIPE);
  for (int i = 0; i < 5000; i++)
    {
      while (sal_sampler_ring_get_room (fixture->ring) == 0)
        {
          g_assert_cmpint (g_get_monotonic_time (), <, end);
          g_usleep (1000);
        }
      put_meta (fixture);
    }
  fixture->ends[0] = open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
test_a_bad_descriptor_is_refused (void)
{
  SalSamplerRing *ring = sal_sampler_ring_new (8);
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  SalSamplerSink *sink;

  g_assert_cmpint (sal_sampler_sink_new (fd, ring, -1, FALSE, &sink), ==, SAL_CAPTURE_IO);
  g_assert_cmpint (errno, ==, EBADF);
  g_assert_null (sink);
  close (fd);
  sal_sampler_ring_free (ring);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/sampler/sink/readers-can-follow", test_readers_can_follow);
  ADD ("/sampler/sink/close-writes-the-rest", test_close_writes_the_rest);
  ADD ("/sampler/sink/a-lost-reader-is-told", test_a_lost_reader_is_told_and_nothing_blocks);
  g_test_add_func ("/sampler/sink/a-bad-descriptor-is-refused", test_a_bad_descriptor_is_refused);
  return g_test_run ();
}
