/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots of threads, in the process that takes them. */
#include "sal-helper-snapshot.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#define DEADLINE_US (60 * G_USEC_PER_SEC)
#define N_SNAPSHOTS 500
#define PATIENCE_US 20000
#define PAGE 4096
#define SOMEBODY 65534

/* Shared with the child that is looked at. */
typedef struct
{
  volatile gint n_signals;
  volatile guint n_loops;
  /* What the child is to do, until it has. */
  volatile uid_t wanted_uid; /* become that user, and be open to it; 0 = nothing */
  volatile gboolean is_to_hide;
  volatile gboolean is_to_sleep; /* as the program at program_path, with an heir to its memory */
  char program_path[64];
} Shared;

typedef struct
{
  pid_t pid;
  Shared *shared;
  SalHelperProcess process;
  SalHelperIdentity identity;
  SalHelperStops stops;
} Fixture;

static Shared *shared_by_child;

static void
signal_cb (int number)
{
  shared_by_child->n_signals++;
}

static char stack_of_heir[65536];

static int
stay_cb (void *data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  while (pause () < 0)
    ;
  return 0;
}

static G_NORETURN void
run_child (Shared *shared)
{
  struct sigaction action = { .sa_handler = signal_cb };

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  shared_by_child = shared;
  sigaction (SIGUSR1, &action, NULL);
  for (;;)
    {
      shared->n_loops++;
      if (shared->wanted_uid != 0)
        {
          g_assert_cmpint (setresuid (shared->wanted_uid, shared->wanted_uid, shared->wanted_uid),
                           ==, 0);
          prctl (PR_SET_DUMPABLE, 1);
          shared->wanted_uid = 0;
        }
      if (shared->is_to_hide)
        {
          prctl (PR_SET_DUMPABLE, 0);
          shared->is_to_hide = FALSE;
        }
      if (shared->is_to_sleep)
        {
          clone (stay_cb, stack_of_heir + sizeof stack_of_heir, CLONE_VM, NULL);
          execl (shared->program_path, shared->program_path, "600", NULL);
        }
    }
}

static guint64
read_start_time (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  words = g_strsplit (strrchr (text, ')') + 2, " ", -1);
  return g_ascii_strtoull (words[19], NULL, 10);
}

static void
wait_until (gboolean (*condition) (Fixture *fixture), Fixture *fixture)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_US;

  while (!condition (fixture))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (200);
    }
}

static gboolean
has_begun (Fixture *fixture)
{
  return fixture->shared->n_loops > 0;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *mem = NULL;
  g_autofree char *task = NULL;
  sigset_t child;

  sigemptyset (&child);
  sigaddset (&child, SIGCHLD);
  sigprocmask (SIG_BLOCK, &child, NULL);
  fixture->shared =
      mmap (NULL, sizeof (Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (fixture->shared != MAP_FAILED);
  fixture->pid = fork ();
  if (fixture->pid == 0)
    run_child (fixture->shared);
  wait_until (has_begun, fixture);

  /* It runs this very program, which the helper would not open: so by hand. */
  mem = g_strdup_printf ("/proc/%d", fixture->pid);
  fixture->process.folder_fd = open (mem, O_PATH | O_DIRECTORY | O_CLOEXEC);
  fixture->process.status_fd = openat (fixture->process.folder_fd, "status", O_RDONLY | O_CLOEXEC);
  fixture->process.owner_fd = openat (fixture->process.folder_fd, "ns", O_PATH | O_CLOEXEC);
  fixture->process.pidfd = (int)syscall (SYS_pidfd_open, fixture->pid, 0);
  fixture->stops = (SalHelperStops){
    .process = &fixture->process,
    .identity = &fixture->identity,
    .mem_fd = openat (fixture->process.folder_fd, "mem", O_RDONLY | O_CLOEXEC),
  };
  g_assert_cmpint (fixture->stops.mem_fd, >=, 0);

  memset (&fixture->identity, 0, sizeof fixture->identity);
  fixture->identity.pid = (guint32)fixture->pid;
  fixture->identity.start_time = read_start_time (fixture->pid);
  for (guint i = 0; i < 4; i++)
    {
      fixture->identity.uids[i] = getuid ();
      fixture->identity.gids[i] = getgid ();
    }
  fixture->identity.owner_uid = getuid ();
}

static void
read_capabilities (Fixture *fixture)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", fixture->pid);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  fixture->identity.capabilities = g_ascii_strtoull (strstr (text, "CapPrm:") + 7, NULL, 16);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kill (fixture->pid, SIGKILL);
  waitpid (fixture->pid, NULL, 0);
  close (fixture->stops.mem_fd);
  close (fixture->process.pidfd);
  close (fixture->process.folder_fd);
  close (fixture->process.status_fd);
  close (fixture->process.owner_fd);
  munmap (fixture->shared, sizeof (Shared));
}

/* Again while a busy machine keeps the thread from stopping in time. */
static SalHelperResult
take (Fixture *fixture, SalHelperRequest *request, SalHelperSnapshot *snapshot)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_US;
  SalHelperResult result;

  read_capabilities (fixture);
  request->kind = SAL_HELPER_SNAPSHOT;
  request->n_tids = 1;
  request->tids[0] = (guint32)fixture->pid;
  request->patience_us = PATIENCE_US;
  g_assert_true (sal_helper_snapshot_is_valid (request));
  for (;;)
    {
      result = sal_helper_snapshot_take (&fixture->stops, request, snapshot);
      if ((result != SAL_HELPER_BUSY && snapshot->threads[0].result != SAL_HELPER_TIMEOUT) ||
          g_get_monotonic_time () > end)
        return result;
      g_usleep (1000);
    }
}

static void
test_signals (Fixture *fixture, gconstpointer data)
{
  static SalHelperSnapshot snapshot;
  SalHelperRequest request = { 0 };

  /* One at a time, since those that wait are delivered as one. */
  for (int i = 0; i < N_SNAPSHOTS; i++)
    {
      gint64 end = g_get_monotonic_time () + DEADLINE_US;

      g_assert_cmpint (kill (fixture->pid, SIGUSR1), ==, 0);
      g_assert_cmpint (take (fixture, &request, &snapshot), ==, SAL_HELPER_OK);
      g_assert_cmpint (snapshot.threads[0].result, ==, SAL_HELPER_OK);
      while (fixture->shared->n_signals <= i)
        g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
  g_assert_cmpint (fixture->shared->n_signals, ==, N_SNAPSHOTS);
}

static void
test_copy (Fixture *fixture, gconstpointer data)
{
  static SalHelperSnapshot snapshot;
  SalHelperRequest request = { 0 };
  guint before;

  request.n_ranges = 2;
  request.ranges[0] = (SalHelperRange){
    .address = (guintptr)&fixture->shared->n_loops,
    .length = sizeof (guint),
    .thread = SAL_HELPER_ABSOLUTE,
  };
  request.ranges[1] = (SalHelperRange){ .address = 0, .length = 64, .thread = 0 };
  for (int i = 0; i < N_SNAPSHOTS; i++)
    {
      guint copied;

      before = fixture->shared->n_loops;
      g_assert_cmpint (take (fixture, &request, &snapshot), ==, SAL_HELPER_OK);
      g_assert_cmpuint (snapshot.lengths[0], ==, sizeof copied);
      g_assert_cmpuint (snapshot.lengths[1], ==, 64);
      memcpy (&copied, snapshot.bytes, sizeof copied);
      /* It may have wrapped around. */
      g_assert_cmpint ((gint)(copied - before), >=, 0);
    }
  g_assert_cmpuint (snapshot.threads[0].n_registers, ==, sizeof (struct user_regs_struct));
  g_assert_cmpuint (snapshot.stopped_ns, >, 0);
}

static void
test_changed (Fixture *fixture, gconstpointer data)
{
  static SalHelperSnapshot snapshot;
  SalHelperRequest request = { 0 };

  fixture->identity.uids[1]++;
  g_assert_cmpint (take (fixture, &request, &snapshot), ==, SAL_HELPER_GONE);
  g_assert_cmpuint (snapshot.threads[0].n_registers, ==, 0);
  fixture->identity.uids[1]--;
  g_assert_cmpint (take (fixture, &request, &snapshot), ==, SAL_HELPER_OK);
}

static gboolean
has_done (Fixture *fixture)
{
  return fixture->shared->wanted_uid == 0 && !fixture->shared->is_to_hide;
}

static void
become_somebody (Fixture *fixture)
{
  fixture->shared->wanted_uid = SOMEBODY;
  wait_until (has_done, fixture);
  for (guint i = 0; i < 4; i++)
    fixture->identity.uids[i] = SOMEBODY;
  fixture->identity.owner_uid = SOMEBODY;
  read_capabilities (fixture);
}

/* Between two snapshots. */
static void
test_changes (Fixture *fixture, gconstpointer data)
{
  static SalHelperSnapshot snapshot;
  SalHelperRequest request = { 0 };
  gint64 end = g_get_monotonic_time () + DEADLINE_US;
  SalHelperResult result;

  if (getuid () != 0)
    {
      g_test_skip ("only root can become another user");
      return;
    }
  g_assert_cmpint (take (fixture, &request, &snapshot), ==, SAL_HELPER_OK);
  fixture->shared->wanted_uid = SOMEBODY;
  wait_until (has_done, fixture);
  while ((result = take (fixture, &request, &snapshot)) == SAL_HELPER_OK)
    g_assert_cmpint (g_get_monotonic_time (), <, end);
  g_assert_cmpint (result, ==, SAL_HELPER_GONE);

  become_somebody (fixture);
  g_assert_cmpint (take (fixture, &request, &snapshot), ==, SAL_HELPER_OK);
  fixture->shared->is_to_hide = TRUE;
  wait_until (has_done, fixture);
  g_assert_cmpint (take (fixture, &request, &snapshot), ==, SAL_HELPER_GONE);
}

static gboolean
sleeps (Fixture *fixture)
{
  g_autofree char *link = g_strdup_printf ("/proc/%d/exe", fixture->pid);
  g_autofree char *path = g_file_read_link (link, NULL);

  return g_strcmp0 (path, fixture->shared->program_path) == 0;
}

/* A program that runs as root, while the memory that was opened is still somebody's. */
static void
test_heir (Fixture *fixture, gconstpointer data)
{
  static SalHelperSnapshot snapshot;
  SalHelperRequest request = { .n_ranges = 1 };
  g_autofree char *folder = g_dir_make_tmp ("snapshot-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "sleep", NULL);
  g_autofree char *program = NULL;
  gsize length;
  guint n_loops;

  if (getuid () != 0)
    {
      g_test_skip ("only root can become another user");
      return;
    }
  g_assert_true (g_file_get_contents ("/usr/bin/sleep", &program, &length, NULL));
  g_assert_true (g_file_set_contents (path, program, (gssize)length, NULL));
  g_assert_cmpint (chmod (folder, 0755), ==, 0);
  g_assert_cmpint (chmod (path, 04755), ==, 0);
  g_strlcpy (fixture->shared->program_path, path, sizeof fixture->shared->program_path);
  request.ranges[0] = (SalHelperRange){
    .address = (guintptr)&fixture->shared->n_loops,
    .length = sizeof n_loops,
    .thread = SAL_HELPER_ABSOLUTE,
  };
  become_somebody (fixture);
  g_assert_cmpint (take (fixture, &request, &snapshot), ==, SAL_HELPER_OK);
  fixture->shared->is_to_sleep = TRUE;
  wait_until (sleeps, fixture);
  g_assert_cmpint (pread (fixture->stops.mem_fd, &n_loops, sizeof n_loops,
                          (off_t)(guintptr)&fixture->shared->n_loops),
                   ==, sizeof n_loops);
  g_assert_cmpint (take (fixture, &request, &snapshot), ==, SAL_HELPER_GONE);
  g_assert_cmpuint (snapshot.n_bytes, ==, 0);
  g_unlink (path);
  g_rmdir (folder);
}

/* The bytes of it have pages that nobody ever provides: whoever touches them waits for ever. */
static SalHelperSnapshot *
map_bottomless (void)
{
  struct uffdio_api api = { .api = UFFD_API };
  struct uffdio_register region = { .mode = UFFDIO_REGISTER_MODE_MISSING };
  SalHelperSnapshot *address = mmap (NULL, sizeof *address, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int fd = (int)syscall (SYS_userfaultfd, O_CLOEXEC);

  region.range.start = ((guintptr)address->bytes + PAGE - 1) & ~(guintptr)(PAGE - 1);
  region.range.len = SAL_HELPER_MAX_BYTES - PAGE;
  if (fd < 0 || ioctl (fd, UFFDIO_API, &api) != 0 || ioctl (fd, UFFDIO_REGISTER, &region) != 0)
    return NULL;
  return address;
}

static gboolean
runs_on (Fixture *fixture)
{
  static guint before = 0;
  guint now = fixture->shared->n_loops;
  gboolean moved = before != 0 && now != before;

  before = now;
  return moved;
}

static void
test_watchdog (Fixture *fixture, gconstpointer data)
{
  pid_t session = fork ();
  int status;

  if (session == 0)
    {
      SalHelperRequest request = { .n_ranges = 1 };
      SalHelperSnapshot *snapshot = map_bottomless ();

      signal (SIGALRM, SIG_DFL);
      request.ranges[0] = (SalHelperRange){ .length = 2 * PAGE, .thread = 0 };
      if (snapshot == NULL)
        _exit (77);
      _exit ((int)take (fixture, &request, snapshot) + 1);
    }
  g_assert_cmpint (waitpid (session, &status, 0), ==, session);
  if (WIFEXITED (status) && WEXITSTATUS (status) == 77)
    {
      g_test_skip ("the kernel gives no userfaultfd, which makes the copy wait");
      return;
    }
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGALRM);
  wait_until (runs_on, fixture);
  wait_until (runs_on, fixture);
}

#define add(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/helper/snapshot/copies-while-the-thread-stands-still", test_copy);
  add ("/helper/snapshot/loses-no-signal", test_signals);
  add ("/helper/snapshot/gives-nothing-of-another-identity", test_changed);
  add ("/helper/snapshot/gives-nothing-after-a-change", test_changes);
  add ("/helper/snapshot/gives-nothing-of-an-heir", test_heir);
  add ("/helper/snapshot/watchdog-lets-the-thread-run", test_watchdog);
  return g_test_run ();
}
