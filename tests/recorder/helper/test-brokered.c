/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The brokered back-end against the direct one, on the same process. */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "brokered-session.h"
#include "sal-helper-wire.h"
#include "sal-target-direct.h"

typedef struct
{
  GPid pid;
  int out; /* what the program prints */
  BrokeredSession session;
  SalTarget *direct;
  SalTarget *brokered;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { "/usr/bin/python3", "-c",
                         "import threading, time, sys\n"
                         "long = b'salamander' * 1000000\n"
                         "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"
                         "print('ready', flush=True); time.sleep(1000)",
                         NULL };
  char byte;

  if (getuid () != 0)
    return;
  g_assert_true (g_spawn_async_with_pipes (NULL,
                                           (char **)argv,
                                           NULL,
                                           G_SPAWN_DO_NOT_REAP_CHILD,
                                           NULL,
                                           NULL,
                                           &fixture->pid,
                                           NULL,
                                           &fixture->out,
                                           NULL,
                                           NULL));
  g_assert_cmpint (read (fixture->out, &byte, 1), ==, 1);
  g_assert_true (brokered_session_begin (&fixture->session, fixture->pid));
  g_assert_cmpint (sal_target_direct_new (fixture->pid, &fixture->direct), ==, SAL_TARGET_OK);
  g_assert_cmpint (
      sal_target_broker_open (fixture->session.broker, fixture->pid, &fixture->brokered), ==,
      SAL_TARGET_OK);
  /* Not by chance the other one. */
  g_assert_true (fixture->brokered->ops != fixture->direct->ops);
}

static void
end_program (Fixture *fixture)
{
  if (fixture->pid == 0)
    return;
  kill (fixture->pid, SIGKILL);
  waitpid (fixture->pid, NULL, 0);
  close (fixture->out);
  fixture->pid = 0;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sal_target_free (fixture->direct);
  sal_target_free (fixture->brokered);
  brokered_session_end (&fixture->session);
  end_program (fixture);
}

/* TRUE when the test cannot run, which is then said. */
static gboolean
skips (void)
{
  if (getuid () == 0)
    return FALSE;
  g_test_skip ("needs root, as the helper does");
  return TRUE;
}

static void
test_regions (Fixture *fixture, gconstpointer data)
{
  SalTargetRegions direct, brokered;

  if (skips ())
    return;
  g_assert_cmpint (fixture->direct->ops->list_regions (fixture->direct, &direct), ==,
                   SAL_TARGET_OK);
  g_assert_cmpint (fixture->brokered->ops->list_regions (fixture->brokered, &brokered), ==,
                   SAL_TARGET_OK);
  g_assert_cmpuint (brokered.n_items, ==, direct.n_items);
  for (gsize i = 0; i < direct.n_items; i++)
    {
      g_assert_cmphex (brokered.items[i].start, ==, direct.items[i].start);
      g_assert_cmphex (brokered.items[i].end, ==, direct.items[i].end);
      g_assert_cmpstr (brokered.items[i].path, ==, direct.items[i].path);
    }
  sal_target_regions_free (&direct);
  sal_target_regions_free (&brokered);
}

static void
test_files (Fixture *fixture, gconstpointer data)
{
  SalTargetRegions regions;
  guint n_files = 0;

  if (skips ())
    return;
  g_assert_cmpint (fixture->direct->ops->list_regions (fixture->direct, &regions), ==,
                   SAL_TARGET_OK);
  for (gsize i = 0; i < regions.n_items; i++)
    {
      struct stat direct_status, brokered_status;
      int direct, brokered;

      if (fixture->brokered->ops->open_file (fixture->brokered, &regions.items[i], &brokered) !=
          SAL_TARGET_OK)
        {
          g_assert_cmpint (brokered, ==, -1);
          continue;
        }
      n_files++;
      g_assert_cmpint (
          fixture->direct->ops->open_file (fixture->direct, &regions.items[i], &direct), ==,
          SAL_TARGET_OK);
      g_assert_cmpint (fstat (direct, &direct_status), ==, 0);
      g_assert_cmpint (fstat (brokered, &brokered_status), ==, 0);
      g_assert_cmpuint (brokered_status.st_ino, ==, direct_status.st_ino);
      g_assert_cmpuint (brokered_status.st_dev, ==, direct_status.st_dev);
      close (direct);
      close (brokered);
    }
  g_assert_cmpuint (n_files, >, 8);
  sal_target_regions_free (&regions);
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  guint64 direct[8], brokered[8];
  size_t n_direct, n_brokered;

  if (skips ())
    return;
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (
          fixture->direct->ops->list_threads (fixture->direct, direct, 8, &n_direct), ==,
          SAL_TARGET_OK);
      g_assert_cmpint (
          fixture->brokered->ops->list_threads (fixture->brokered, brokered, 8, &n_brokered), ==,
          SAL_TARGET_OK);
      g_assert_cmpmem (brokered, n_brokered * sizeof *brokered, direct, n_direct * sizeof *direct);
      g_assert_cmpuint (n_brokered, ==, 2);
    }
}

#define MOST_BYTES 20000
#define PATIENCE_US 20000

/* Anywhere in a region that the program may read: it sleeps, so that nothing there changes. */
static SalTargetRange
pick_range (GRand *rand, const SalTargetRegions *regions, void *buffer)
{
  gsize most = g_rand_int_range (rand, 0, 6) > 0 ? 256 : MOST_BYTES;
  const SalTargetRegion *region =
      &regions->items[g_rand_int_range (rand, 0, (gint32)regions->n_items)];
  gsize size;

  if (region->permissions[0] != 'r' ||
      (region->path != NULL && g_str_has_prefix (region->path, "[v")))
    region = &regions->items[0];
  size = (gsize)(region->end - region->start);
  most = (gsize)g_rand_int_range (rand, 1, (gint32)MIN (most, size));
  return (SalTargetRange){
    region->start + (guint64)g_rand_int_range (rand, 0, (gint32)(MIN (size, 1 << 20) - most)),
    buffer,
    most,
  };
}

/* Gives @range a part of the one before, which it then touches, from above or below. */
static void
split_range (SalTargetRange *before, SalTargetRange *other, SalTargetRange *range, gboolean below)
{
  gsize half = before->length / 2;

  if (half == 0)
    return;
  range->address = before->address + (below ? 0 : half);
  range->length = below ? half : before->length - half;
  before->address += below ? half : 0;
  before->length -= range->length;
  other->address = before->address;
  other->length = before->length;
}

/* Scattered, touching, backward, long and bad ranges: the same bytes, counts and results. */
static void
test_reads (Fixture *fixture, gconstpointer data)
{
  static guint8 buffers[2][64][MOST_BYTES];
  g_autoptr (GRand) rand = g_rand_new_with_seed (4711);
  SalTarget *targets[] = { fixture->direct, fixture->brokered };
  SalTargetRegions regions;

  if (skips ())
    return;
  g_assert_cmpint (fixture->direct->ops->list_regions (fixture->direct, &regions), ==,
                   SAL_TARGET_OK);
  for (guint round = 0; round < 500; round++)
    {
      SalTargetRange ranges[2][64];
      gsize n_ranges = (gsize)g_rand_int_range (rand, 1, 64);
      SalTargetResult results[2];
      size_t n_read[2];

      for (gsize i = 0; i < n_ranges; i++)
        {
          SalTargetRange range = pick_range (rand, &regions, buffers[0][i]);
          gint32 kind = g_rand_int_range (rand, 0, 400);

          if (i > 0 && kind < 250)
            split_range (&ranges[0][i - 1], &ranges[1][i - 1], &range, kind < 100);
          else if (kind > 398)
            range.address = g_rand_boolean (rand) ? 16 : G_MAXUINT64 - 2 * MOST_BYTES;
          ranges[0][i] = range;
          range.buffer = buffers[1][i];
          ranges[1][i] = range;
        }
      memset (buffers, 0, sizeof buffers);
      for (guint k = 0; k < 2; k++)
        results[k] = targets[k]->ops->read_many (targets[k], ranges[k], n_ranges, &n_read[k]);
      g_assert_cmpint (results[1], ==, results[0]);
      g_assert_cmpuint (n_read[1], ==, n_read[0]);
      for (gsize i = 0; i < n_read[0]; i++)
        g_assert_cmpmem (buffers[1][i], ranges[1][i].length, buffers[0][i], ranges[0][i].length);
    }
  sal_target_regions_free (&regions);
}

/* Somewhere @length bytes lie that can be read. */
static guint64
find_room (SalTarget *target, gsize length)
{
  SalTargetRegions regions;
  guint64 address = 0;

  g_assert_cmpint (target->ops->list_regions (target, &regions), ==, SAL_TARGET_OK);
  for (size_t i = 0; i < regions.n_items && address == 0; i++)
    if (regions.items[i].permissions[0] == 'r' &&
        regions.items[i].end - regions.items[i].start >= length)
      address = regions.items[i].start;
  sal_target_regions_free (&regions);
  g_assert_cmpuint (address, !=, 0);
  return address;
}

/* Once more while a busy machine keeps the thread from stopping in time. */
static SalTargetResult
take_snapshot (SalTarget *target, SalTargetRange *range, SalTargetSnapshot *snapshot)
{
  gsize length = snapshot->length;
  SalTargetResult result;

  do
    {
      snapshot->length = length;
      result = target->ops->snapshot (target, range, 1, snapshot);
    }
  while (result == SAL_TARGET_ABSENT && snapshot->is_late);
  return result;
}

/* Of any length up to the most, each byte is where it should be; and the stack has what is left.
 */
static void
test_snapshots (Fixture *fixture, gconstpointer data)
{
  static const gsize lengths[] = { 1, 65535, 65536, 65537, 200000, 5000000, SAL_HELPER_MAX_BYTES };
  static guint8 bytes[SAL_HELPER_MAX_BYTES];
  static guint8 wanted[SAL_HELPER_MAX_BYTES];
  static guint8 stack[SAL_HELPER_MAX_BYTES];
  guint64 address;

  if (skips ())
    return;
  address = find_room (fixture->direct, sizeof bytes);
  g_assert_cmpint (sal_target_read (fixture->direct, address, wanted, sizeof wanted), ==,
                   SAL_TARGET_OK);
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      SalTargetRange range = { address, bytes, lengths[i] };
      SalTargetSnapshot snapshot = { .tid = fixture->pid,
                                     .patience_us = PATIENCE_US,
                                     .stack = stack,
                                     .length = sizeof stack };

      memset (bytes, 0, sizeof bytes);
      g_assert_cmpint (take_snapshot (fixture->brokered, &range, &snapshot), ==, SAL_TARGET_OK);
      g_assert_cmpmem (bytes, lengths[i], wanted, lengths[i]);
      g_assert_cmpuint (snapshot.length, <=, SAL_HELPER_MAX_BYTES - lengths[i]);
      g_assert_cmpint (snapshot.length > 0, ==, lengths[i] < SAL_HELPER_MAX_BYTES);
      g_assert_cmpuint (snapshot.n_registers, >, 0);
      g_assert_cmpuint (snapshot.stopped_ns, >, 0);
      range.length = SAL_HELPER_MAX_BYTES + 1;
      g_assert_cmpint (take_snapshot (fixture->brokered, &range, &snapshot), ==, SAL_TARGET_LIMIT);
    }
}

static void
test_gone (Fixture *fixture, gconstpointer data)
{
  SalTargetRegions regions;
  SalTarget *again;
  GPid pid = fixture->pid;
  char byte;

  if (skips ())
    return;
  g_assert_cmpint (fixture->brokered->ops->is_alive (fixture->brokered), ==, SAL_TARGET_OK);
  end_program (fixture);
  g_assert_cmpint (fixture->brokered->ops->is_alive (fixture->brokered), ==, SAL_TARGET_GONE);
  g_assert_cmpint (sal_target_read (fixture->brokered, 4096, &byte, 1), ==, SAL_TARGET_GONE);
  g_assert_cmpint (fixture->brokered->ops->list_regions (fixture->brokered, &regions), ==,
                   SAL_TARGET_GONE);
  g_assert_cmpint (sal_target_broker_open (fixture->session.broker, pid, &again), ==,
                   SAL_TARGET_GONE);
}

/* Sockets that are no session's: refused, and no descriptor is left open. */
static void
test_strangers (void)
{
  SalTargetBroker *broker = sal_target_broker_new ();
  SalHelperReply hello = { .kind = SAL_HELPER_ATTACHED, .pid = 1 };
  int sockets[2];
  pid_t pid;

  g_assert_cmpint (sal_target_broker_add (broker, STDIN_FILENO, &pid), !=, SAL_TARGET_OK);
  for (gsize length = 0; length <= sizeof hello; length += 8)
    {
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), ==, 0);
      /* Whole, but without descriptors, it is none either. */
      g_assert_cmpint (send (sockets[1], &hello, length, 0), ==, (gssize)length);
      g_assert_cmpint (sal_target_broker_add (broker, sockets[0], &pid), !=, SAL_TARGET_OK);
      close (sockets[0]);
      close (sockets[1]);
    }
  sal_target_broker_free (broker);
}

/* Without a session for the process it is opened as ever. */
static void
test_without (void)
{
  SalTargetBroker *broker = sal_target_broker_new ();
  SalTarget *target;
  int value = 4711;
  int copy = 0;

  g_assert_cmpint (sal_target_broker_open (broker, getpid (), &target), ==, SAL_TARGET_OK);
  g_assert_cmpint (sal_target_read (target, (guintptr)&value, &copy, sizeof copy), ==,
                   SAL_TARGET_OK);
  g_assert_cmpint (copy, ==, value);
  sal_target_free (target);
  g_assert_cmpint (sal_target_broker_open (NULL, getpid (), &target), ==, SAL_TARGET_OK);
  sal_target_free (target);
  sal_target_broker_free (broker);
}

#define add(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/target/brokered/regions-are-the-same", test_regions);
  add ("/target/brokered/files-are-the-same", test_files);
  add ("/target/brokered/threads-are-the-same", test_threads);
  add ("/target/brokered/reads-are-the-same", test_reads);
  add ("/target/brokered/snapshots-of-any-length-are-whole", test_snapshots);
  add ("/target/brokered/ends-with-the-process", test_gone);
  g_test_add_func ("/target/brokered/strangers-are-refused", test_strangers);
  g_test_add_func ("/target/brokered/opens-directly-without-a-session", test_without);
  return g_test_run ();
}
