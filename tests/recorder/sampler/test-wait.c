/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what a thread is said to wait for: from texts as the kernel writes them, and on threads
 * of the test itself. */
#include "sal-sampler-wait.h"

#include <glib.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sal-target-direct.h"

#define MS 1000000

static int
make_file (const char *text)
{
  int fd = memfd_create ("file of /proc", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, text, strlen (text), 0), ==, (gssize)strlen (text));
  return fd;
}

/* What is said of a thread whose files say this. */
static SalSamplerWait
find (const char *call, const char *stat)
{
  SalSamplerCpu cpu = {
    .schedstat_fd = make_file ("1000 0 1\n"),
    .syscall_fd = call != NULL ? make_file (call) : -1,
    .stat_fd = stat != NULL ? make_file (stat) : -1,
    .call = SAL_SAMPLER_CALL_UNKNOWN,
  };
  SalTarget nothing = { .pid = getpid () };
  SalSamplerWait wait;

  sal_sampler_cpu_ask (&cpu, MS, SAL_SAMPLER_STIR_MOVED);
  g_assert_false (cpu.is_on_cpu);
  g_assert_true (cpu.has_moved);
  sal_sampler_wait_find (&cpu, &nothing, &wait);
  sal_sampler_cpu_close (&cpu);
  return wait;
}

static void
test_calls (void)
{
  static const struct
  {
    long number;
    uint64_t args[2];
    SalCaptureWaitKind kind;
    gboolean has_descriptor;
  } calls[] = {
    { SYS_futex, { 0x7000, 0x80 }, SAL_CAPTURE_WAIT_LOCK, FALSE },
    { SYS_clock_nanosleep, { 1, 1 }, SAL_CAPTURE_WAIT_SLEEP, FALSE },
    { SYS_ppoll, { 0x7000, 2 }, SAL_CAPTURE_WAIT_POLL, FALSE },
    { SYS_ppoll, { 0, 0 }, SAL_CAPTURE_WAIT_SLEEP, FALSE },
    { SYS_pselect6, { 5, 0x7000 }, SAL_CAPTURE_WAIT_POLL, FALSE },
    { SYS_pselect6, { 0, 0 }, SAL_CAPTURE_WAIT_SLEEP, FALSE },
    { SYS_epoll_pwait, { 5, 0x7000 }, SAL_CAPTURE_WAIT_POLL, FALSE },
    { SYS_read, { 3, 0x7000 }, SAL_CAPTURE_WAIT_READ, TRUE },
    { SYS_pwritev2, { 3, 0x7000 }, SAL_CAPTURE_WAIT_WRITE, TRUE },
    { SYS_recvmsg, { 3, 0x7000 }, SAL_CAPTURE_WAIT_RECEIVE, TRUE },
    { SYS_sendto, { 3, 0x7000 }, SAL_CAPTURE_WAIT_SEND, TRUE },
    { SYS_accept4, { 3, 0 }, SAL_CAPTURE_WAIT_ACCEPT, TRUE },
    { SYS_connect, { 3, 0x7000 }, SAL_CAPTURE_WAIT_CONNECT, TRUE },
    { SYS_wait4, { 3, 0 }, SAL_CAPTURE_WAIT_CHILD, FALSE },
    { SYS_openat, { 3, 0x7000 }, SAL_CAPTURE_WAIT_OPEN, FALSE },
    { SYS_fsync, { 3, 0 }, SAL_CAPTURE_WAIT_SYNC, TRUE },
    { SYS_flock, { 3, 2 }, SAL_CAPTURE_WAIT_FILE_LOCK, TRUE },
    { SYS_fcntl, { 3, 7 }, SAL_CAPTURE_WAIT_FILE_LOCK, TRUE },
    { SYS_fcntl, { 3, 1 }, SAL_CAPTURE_WAIT_OTHER, FALSE },
    { SYS_rt_sigtimedwait, { 0x7000, 0 }, SAL_CAPTURE_WAIT_SIGNAL, FALSE },
    { SYS_ioctl, { 3, 0 }, SAL_CAPTURE_WAIT_OTHER, FALSE },
    { SYS_restart_syscall, { 3, 0 }, SAL_CAPTURE_WAIT_UNKNOWN, FALSE },
    { -1, { 0, 0 }, SAL_CAPTURE_WAIT_MEMORY, FALSE },
    { SAL_SAMPLER_CALL_UNKNOWN, { 0, 0 }, SAL_CAPTURE_WAIT_UNKNOWN, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      bool has_descriptor;

      g_test_message ("call %ld", calls[i].number);
      g_assert_cmpint (
          sal_sampler_wait_classify (calls[i].number, calls[i].args, &has_descriptor),
          ==,
          calls[i].kind);
      g_assert_cmpint (has_descriptor, ==, calls[i].has_descriptor);
    }
}

static void
test_states (void)
{
  g_autofree char *futex =
      g_strdup_printf ("%d 0x7f00 0x80 0x0 0x0 0x0 0xffffffff 0x7ffd0 0x7f25", (int)SYS_futex);
  SalSamplerWait wait = find (futex, "12 (a) b (c) S 1 12 12 0 -1 4194304 124 0 0 0 0");

  g_assert_cmpint (wait.kind, ==, SAL_CAPTURE_WAIT_LOCK);
  g_assert_cmpint (wait.descriptor_kind, ==, SAL_CAPTURE_DESCRIPTOR_NONE);
  g_assert_false (wait.is_disk);
  wait = find (futex, "12 (python) T 1 12 12 0 -1 4194304");
  g_assert_cmpint (wait.kind, ==, SAL_CAPTURE_WAIT_STOPPED);
  wait = find ("-1 0x0 0x0", "12 (python) Z 1 12 12 0 -1 4194304");
  g_assert_cmpint (wait.kind, ==, SAL_CAPTURE_WAIT_UNKNOWN);
  wait = find ("-1 0x7ffd0 0x7f25", "12 (python) D 1 12 12 0 -1 4194304");
  g_assert_cmpint (wait.kind, ==, SAL_CAPTURE_WAIT_MEMORY);
  g_assert_true (wait.is_disk);
  /* Refused, as of another user's process. */
  wait = find (NULL, "12 (python) D 1 12 12 0 -1 4194304");
  g_assert_cmpint (wait.kind, ==, SAL_CAPTURE_WAIT_UNKNOWN);
  g_assert_true (wait.is_disk);
  wait = find (futex, NULL);
  g_assert_cmpint (wait.kind, ==, SAL_CAPTURE_WAIT_LOCK);
}

static void
assert_nothing (const char *stat, gboolean is_on_cpu)
{
  SalSamplerCpu cpu = { .schedstat_fd = make_file ("0 0 0\n"),
                        .syscall_fd = -1,
                        .stat_fd = make_file (stat) };

  sal_sampler_cpu_ask (&cpu, MS, SAL_SAMPLER_STIR_MOVED);
  g_assert_cmpint (cpu.is_on_cpu, ==, is_on_cpu);
  g_assert_false (cpu.has_moved);
  sal_sampler_cpu_close (&cpu);
}

/* Nothing is made up where stat is all there is, or is nonsense. */
static void
test_refused (void)
{
  assert_nothing ("12 (python) R 1 12 12 0 -1 4194304", TRUE);
  assert_nothing ("12 (python)", FALSE);
  assert_nothing (") ", FALSE);
  assert_nothing ("nonsense", FALSE);
  assert_nothing ("", FALSE);
}

/* A call that goes on after an interruption is what it was, if it is the same one. */
static void
test_restart (void)
{
  const uint64_t args[2] = { 0x10, 0x20 };
  SalSamplerCpu cpu = { .schedstat_fd = make_file ("1000 0 1\n"), .stat_fd = -1 };
  g_autofree char *text = g_strdup_printf ("%d 0x10 0x20 0x0 0x0", (int)SYS_restart_syscall);

  cpu.syscall_fd = make_file (text);
  cpu.call = SYS_clock_nanosleep;
  memcpy (cpu.args, args, sizeof args);
  sal_sampler_cpu_ask (&cpu, MS, SAL_SAMPLER_STIR_MOVED);
  g_assert_cmpint (cpu.call, ==, SYS_clock_nanosleep);
  cpu.args[1] = 0x30;
  sal_sampler_cpu_ask (&cpu, 2 * MS, SAL_SAMPLER_STIR_MOVED);
  g_assert_cmpint (cpu.call, ==, SYS_restart_syscall);
  sal_sampler_cpu_close (&cpu);
}

typedef struct
{
  int fd;
  gboolean polls;
  gint tid;
} Reader;

static gpointer
read_a_byte (gpointer data)
{
  Reader *reader = data;
  struct pollfd one = { .fd = reader->fd, .events = POLLIN };
  char byte;

  g_atomic_int_set (&reader->tid, gettid ());
  if (reader->polls)
    poll (&one, 1, -1);
  g_assert_cmpint (read (reader->fd, &byte, 1), ==, 1);
  return NULL;
}

/* What a thread of the test waits for that reads from @fd, and is let go through @other. */
static SalSamplerWait
watch (int fd, int other, gboolean polls, SalCaptureWaitKind kind)
{
  Reader reader = { .fd = fd, .polls = polls };
  GThread *thread = g_thread_new ("reader", read_a_byte, &reader);
  SalSamplerWait wait = { 0 };
  SalTarget *target;

  g_assert_cmpint (sal_target_direct_new (getpid (), &target), ==, SAL_TARGET_OK);
  while (g_atomic_int_get (&reader.tid) == 0)
    g_thread_yield ();
  while (wait.kind != kind)
    {
      SalSamplerCpu cpu;

      sal_sampler_cpu_open (&cpu, getpid (), (uint64_t)reader.tid, NULL, 0);
      if (cpu.has_moved)
        sal_sampler_wait_find (&cpu, target, &wait);
      sal_sampler_cpu_close (&cpu);
      g_thread_yield ();
    }
  g_assert_cmpint (write (other, "x", 1), ==, 1);
  g_thread_join (thread);
  sal_target_free (target);
  g_assert_cmpuint (wait.descriptor, ==, (guint)fd);
  return wait;
}

static void
test_descriptors (void)
{
  int ends[2];
  SalSamplerWait wait;

  g_assert_cmpint (pipe (ends), ==, 0);
  wait = watch (ends[0], ends[1], FALSE, SAL_CAPTURE_WAIT_READ);
  g_assert_cmpint (wait.descriptor_kind, ==, SAL_CAPTURE_DESCRIPTOR_PIPE);
  g_assert_cmpstr (wait.name, ==, "");
  wait = watch (ends[0], ends[1], TRUE, SAL_CAPTURE_WAIT_POLL);
  g_assert_cmpint (wait.descriptor_kind, ==, SAL_CAPTURE_DESCRIPTOR_PIPE);
  close (ends[0]);
  close (ends[1]);
}

/* A thread that has gone on since: its descriptor may be another file by now. */
static void
test_gone_on (void)
{
  SalSamplerCpu cpu = { .schedstat_fd = -1, .syscall_fd = make_file ("running\n"), .stat_fd = -1 };
  SalTarget nothing = { .pid = getpid () };
  SalSamplerWait wait;

  cpu.call = SYS_read;
  cpu.args[0] = (guint)cpu.syscall_fd;
  sal_sampler_wait_find (&cpu, &nothing, &wait);
  g_assert_cmpint (wait.kind, ==, SAL_CAPTURE_WAIT_READ);
  g_assert_cmpint (wait.descriptor_kind, ==, SAL_CAPTURE_DESCRIPTOR_UNKNOWN);
  g_assert_cmpstr (wait.name, ==, "");
  sal_sampler_cpu_close (&cpu);
}

/* A process that the kernel tells us little of, and somebody else all. */
typedef struct
{
  SalTarget base;
  const char *call;
  const char *link;
  guint n_calls;
} Told;

static SalTargetResult
read_text_cb (SalTarget *target, SalTargetText what, uint64_t number, char *text, size_t size)
{
  Told *told = (Told *)target;

  g_assert_cmpuint (number, ==, what == SAL_TARGET_TEXT_CALL ? 12 : 5);
  told->n_calls += what == SAL_TARGET_TEXT_CALL;
  g_strlcpy (text, what == SAL_TARGET_TEXT_CALL ? told->call : told->link, size);
  return SAL_TARGET_OK;
}

static const SalTargetOps told_ops = { .read_text = read_text_cb };

static SalSamplerCpu
make_asker (SalSamplerAsk *ask, const char *stat)
{
  return (SalSamplerCpu){ .schedstat_fd = make_file ("700 20 3\n"),
                          .syscall_fd = -1,
                          .stat_fd = make_file (stat),
                          .ask = ask,
                          .tid = 12,
                          .call = SAL_SAMPLER_CALL_UNKNOWN,
                          .is_on_cpu = TRUE };
}

/* What the kernel keeps from us, the target is asked for, of a thread that does not run. */
static void
test_asked_for (void)
{
  Told told = { .base = { .ops = &told_ops },
                .call = "0 0x5 0x7f00 0x1 0x0 0x0 0x0 0x7ffd 0x7f25",
                .link = "pipe:[7]" };
  SalSamplerAsk ask = { .target = &told.base };
  SalSamplerCpu cpu = make_asker (&ask, "12 (python) S 1 12 12 0 -1 4194304");
  SalSamplerCpu busy = make_asker (&ask, "12 (python) R 1 12 12 0 -1 4194304");
  char text[SAL_SAMPLER_CALL_SIZE];
  SalSamplerWait wait;

  sal_sampler_cpu_ask (&cpu, 1000000, SAL_SAMPLER_STIR_NONE);
  g_assert_false (cpu.is_on_cpu);
  g_assert_cmpuint (told.n_calls, ==, 1);
  sal_sampler_cpu_get_call (&cpu, 1000000, text);
  g_assert_cmpstr (text, ==, told.call);
  sal_sampler_wait_find (&cpu, &told.base, &wait);
  g_assert_cmpint (wait.kind, ==, SAL_CAPTURE_WAIT_READ);
  g_assert_cmpint (wait.descriptor_kind, ==, SAL_CAPTURE_DESCRIPTOR_PIPE);
  sal_sampler_cpu_ask (&busy, 1000000, SAL_SAMPLER_STIR_NONE);
  g_assert_true (busy.is_on_cpu);
  sal_sampler_cpu_get_call (&busy, 2000000, text);
  g_assert_cmpstr (text, ==, "");
  g_assert_cmpuint (told.n_calls, ==, 1);
  sal_sampler_cpu_close (&cpu);
  sal_sampler_cpu_close (&busy);
}

/* Where too much has been asked, it is asked later, though the thread sleeps on. */
static void
test_asked_for_later (void)
{
  Told told = { .base = { .ops = &told_ops },
                .call = "202 0x7f00 0x0 0x0 0x0 0x0 0x0 0x7ffd 0x7f25" };
  SalSamplerAsk ask = { .target = &told.base, .paid_ns = INT64_MAX };
  SalSamplerCpu cpu = make_asker (&ask, "12 (python) S 1 12 12 0 -1 4194304");

  sal_sampler_cpu_ask (&cpu, 1000000, SAL_SAMPLER_STIR_NONE);
  g_assert_false (cpu.is_on_cpu);
  g_assert_cmpint (cpu.call, ==, SAL_SAMPLER_CALL_UNKNOWN);
  g_assert_cmpuint (told.n_calls, ==, 0);
  ask.paid_ns = 0;
  sal_sampler_cpu_ask (&cpu, 20000000, SAL_SAMPLER_STIR_NONE);
  g_assert_cmphex (cpu.futex, ==, 0x7f00);
  g_assert_cmpuint (told.n_calls, ==, 1);
  g_assert_cmpint (ask.paid_ns, >, 0);
  sal_sampler_cpu_ask (&cpu, 40000000, SAL_SAMPLER_STIR_NONE);
  g_assert_cmpuint (told.n_calls, ==, 1);
  /* Where it is worth it, however often. */
  ask.paid_ns = INT64_MAX;
  ask.is_free = TRUE;
  sal_sampler_cpu_ask (&cpu, 60000000, SAL_SAMPLER_STIR_MOVED);
  g_assert_cmpuint (told.n_calls, ==, 2);
  sal_sampler_cpu_close (&cpu);
}

/* By what the link says; the call is the same before and after. */
static void
test_files (void)
{
  int fd = make_file ("");
  g_autofree char *call = g_strdup_printf ("%d 0x%x 0x7f00 0x1 0x0 0x0", (int)SYS_read, fd);
  SalSamplerWait wait = find (call, "12 (python) D 1 12 12 0 -1 4194304");

  g_assert_cmpint (wait.kind, ==, SAL_CAPTURE_WAIT_READ);
  g_assert_cmpint (wait.descriptor_kind, ==, SAL_CAPTURE_DESCRIPTOR_FILE);
  g_assert_cmpuint (wait.descriptor, ==, (guint)fd);
  g_assert_cmpstr (wait.name, ==, "/memfd:file of /proc (deleted)");
  g_assert_true (wait.is_disk);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/wait/calls", test_calls);
  g_test_add_func ("/sampler/wait/states", test_states);
  g_test_add_func ("/sampler/wait/refused", test_refused);
  g_test_add_func ("/sampler/wait/restart", test_restart);
  g_test_add_func ("/sampler/wait/descriptors", test_descriptors);
  g_test_add_func ("/sampler/wait/gone-on", test_gone_on);
  g_test_add_func ("/sampler/wait/asked-for", test_asked_for);
  g_test_add_func ("/sampler/wait/asked-for-later", test_asked_for_later);
  g_test_add_func ("/sampler/wait/files", test_files);
  return g_test_run ();
}
