/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stops threads of a process for as long as it takes to copy their registers and some memory. */
#include "sal-helper-snapshot.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL
/* How long threads are waited for, at first without sleeping; for how long another request may go
 * on with that; and when this process gives up its life for theirs. */
#define SPIN_NS 20000
#define PATIENCE_US 20000
#define LATE_NS (50 * 1000000LL)
#define WATCHDOG_US 250000
/* How long all of a process's identity is believed, of which each snapshot sees the owner. */
#define BELIEF_NS (10 * 1000000LL)

#if defined(__x86_64__)
#define STACK_POINTER rsp
#elif defined(__aarch64__)
#define STACK_POINTER sp
#endif

/* What is known of a thread: one of these, or the wait status of its stop. */
enum
{
  FREE = -1,
  SEIZED = 0,
};

int64_t
sal_helper_snapshot_get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * NS_PER_S + now.tv_nsec;
}

bool
sal_helper_snapshot_is_valid (const SalHelperRequest *request)
{
  uint64_t n_bytes = 0;

  if (request->n_tids < 1 || request->n_tids > SAL_HELPER_MAX_THREADS ||
      request->n_ranges > SAL_HELPER_MAX_RANGES)
    return false;
  for (size_t i = 0; i < request->n_ranges; i++)
    {
      const SalHelperRange *range = &request->ranges[i];

      if (range->thread != SAL_HELPER_ABSOLUTE && range->thread >= request->n_tids)
        return false;
      n_bytes += range->length;
    }
  return n_bytes <= SAL_HELPER_MAX_BYTES;
}

/* Asked with the signal that is none; whether it might be sent does not matter. The answer is about
 * our process as long as that lives. Source: kill(2), tgkill(2). */
static bool
is_thread_of (const SalHelperStops *stops, uint32_t tid)
{
  return tgkill ((pid_t)stops->identity->pid, (pid_t)tid, 0) == 0 || errno == EPERM;
}

static SalHelperResult
seize (const SalHelperStops *stops, uint32_t tid, int *state)
{
  *state = FREE;
  if (!is_thread_of (stops, tid))
    return SAL_HELPER_GONE;
  if (ptrace (PTRACE_SEIZE, (pid_t)tid, 0, 0) != 0)
    return errno == ESRCH ? SAL_HELPER_GONE : SAL_HELPER_DENIED;
  *state = SEIZED;
  return ptrace (PTRACE_INTERRUPT, (pid_t)tid, 0, 0) == 0 ? SAL_HELPER_OK : SAL_HELPER_GONE;
}

/* What the thread does now. */
static int
get_state (pid_t tid)
{
  int status;
  pid_t answer = waitpid (tid, &status, __WALL | WNOHANG);

  if (answer == 0)
    return SEIZED;
  return answer > 0 && WIFSTOPPED (status) ? status : FREE;
}

/* A stop or an end raises SIGCHLD, which stays pending from before if it was there earlier. */
static SalHelperResult
wait_for_stop (uint32_t tid, int *state, int64_t begun, int64_t patience_ns)
{
  int64_t waited;
  sigset_t child;

  sigemptyset (&child);
  sigaddset (&child, SIGCHLD);
  while ((*state = get_state ((pid_t)tid)) == SEIZED &&
         (waited = sal_helper_snapshot_get_time () - begun) < patience_ns)
    {
      if (waited > SPIN_NS)
        (void)sigtimedwait (&child, NULL, &(struct timespec){ .tv_nsec = patience_ns - waited });
    }
  if (*state == SEIZED)
    return SAL_HELPER_TIMEOUT;
  return *state == FREE ? SAL_HELPER_GONE : SAL_HELPER_OK;
}

/* Lets the thread run if it has stopped, with the signal that waits to be delivered. A stop of the
 * tracer's own making or a job control stop has an event in its upper half and no signal. One that
 * has not stopped yet is remembered, and one that was killed while it stood still: its process
 * cannot end before we have taken note of that. */
static void
resume (SalHelperStops *stops, pid_t tid, int state, int64_t asked_ns)
{
  int signal = state >> 16 == 0 ? WSTOPSIG (state) : 0;
  bool is_killed = state != FREE && state != SEIZED &&
                   ptrace (PTRACE_DETACH, tid, 0, (void *)(intptr_t)signal) != 0 &&
                   errno == ESRCH;

  if (state != SEIZED && !is_killed)
    return;
  stops->unsettled[stops->n_unsettled].tid = tid;
  stops->unsettled[stops->n_unsettled].asked_ns = is_killed ? 0 : asked_ns;
  stops->n_unsettled++;
}

bool
sal_helper_snapshot_settle (SalHelperStops *stops, bool is_idle)
{
  int64_t now = stops->n_unsettled > 0 ? sal_helper_snapshot_get_time () : 0;
  size_t n_before = stops->n_unsettled;

  stops->n_unsettled = 0;
  for (size_t i = 0; i < n_before; i++)
    {
      pid_t tid = stops->unsettled[i].tid;
      int64_t asked_ns = stops->unsettled[i].asked_ns;

      if (is_idle || now - asked_ns > LATE_NS)
        resume (stops, tid, get_state (tid), asked_ns);
      else
        stops->unsettled[stops->n_unsettled++] = stops->unsettled[i];
    }
  return stops->n_unsettled == 0;
}

/* Whether the thread was asked to stop before, and when: it is no longer unsettled then. */
static bool
go_on (SalHelperStops *stops, uint32_t tid, int64_t *asked_ns)
{
  for (size_t i = 0; i < stops->n_unsettled; i++)
    if (stops->unsettled[i].tid == (pid_t)tid && stops->unsettled[i].asked_ns != 0)
      {
        *asked_ns = stops->unsettled[i].asked_ns;
        stops->unsettled[i] = stops->unsettled[--stops->n_unsettled];
        return true;
      }
  return false;
}

static SalHelperResult
copy_registers (SalHelperThread *thread, uint64_t *stack_pointer)
{
  struct iovec piece = { thread->registers, sizeof thread->registers };

  if (ptrace (PTRACE_GETREGSET, (pid_t)thread->tid, (void *)NT_PRSTATUS, &piece) != 0)
    return SAL_HELPER_GONE;
  /* Registers of another size are those of a 32-bit program. */
  if (piece.iov_len != sizeof (struct user_regs_struct))
    return SAL_HELPER_FAILED;
  thread->n_registers = sizeof (struct user_regs_struct);
  memcpy (stack_pointer,
          thread->registers + offsetof (struct user_regs_struct, STACK_POINTER),
          sizeof *stack_pointer);
  return SAL_HELPER_OK;
}

/* Where the ranges are; those of threads that failed are empty. */
static void
place_ranges (const SalHelperRequest *request,
              const uint64_t *stack_pointers,
              const SalHelperSnapshot *snapshot,
              struct iovec *places)
{
  for (size_t i = 0; i < request->n_ranges; i++)
    {
      const SalHelperRange *range = &request->ranges[i];
      uint64_t address = range->address;
      size_t length = range->length;

      if (range->thread != SAL_HELPER_ABSOLUTE)
        {
          address += stack_pointers[range->thread];
          if (snapshot->threads[range->thread].result != SAL_HELPER_OK)
            length = 0;
        }
      if (address > INT64_MAX)
        length = 0;
      places[i] = (struct iovec){ (void *)(uintptr_t)address, length };
    }
}

/* Copies the ranges: all in one call as far as all of each is there, and the rest of the one after
 * those through the descriptor. */
static void
copy_ranges (const SalHelperStops *stops,
             const struct iovec *places,
             size_t n_ranges,
             SalHelperSnapshot *snapshot)
{
  static_assert (SAL_HELPER_MAX_RANGES <= IOV_MAX, "one call takes them all");
  for (size_t i = 0; i < n_ranges; i++)
    {
      uint8_t *bytes = snapshot->bytes + snapshot->n_bytes;
      struct iovec into = { bytes, sizeof snapshot->bytes - snapshot->n_bytes };
      ssize_t n = process_vm_readv ((pid_t)stops->identity->pid, &into, 1, places + i,
                                    n_ranges - i, 0);

      for (; i < n_ranges && n >= (ssize_t)places[i].iov_len; i++)
        {
          snapshot->lengths[i] = (uint32_t)places[i].iov_len;
          snapshot->n_bytes += snapshot->lengths[i];
          n -= (ssize_t)places[i].iov_len;
        }
      if (i == n_ranges)
        return;
      bytes = snapshot->bytes + snapshot->n_bytes;
      n = pread (stops->mem_fd, bytes, places[i].iov_len, (off_t)(uintptr_t)places[i].iov_base);
      snapshot->lengths[i] = n > 0 ? (uint32_t)n : 0;
      snapshot->n_bytes += snapshot->lengths[i];
    }
}

bool
sal_helper_snapshot_is_unchanged (SalHelperStops *stops)
{
  int64_t now = sal_helper_snapshot_get_time ();
  uint8_t byte;

  if (pread (stops->mem_fd, &byte, 1, 0) == 0)
    return false;
  if (now - stops->checked_ns < BELIEF_NS)
    return sal_helper_process_has_owner (stops->process, stops->identity);
  if (sal_helper_process_check (stops->process, stops->identity) != SAL_HELPER_VERDICT_OK)
    return false;
  stops->checked_ns = now;
  return true;
}

/* With all that could be stopped standing still. While one is, the number of the process cannot
 * pass to another one; but a thread that was not asked to stop may have it run another program
 * meanwhile, so what was copied counts only if it is who it was afterwards. */
static SalHelperResult
copy (SalHelperStops *stops, const SalHelperRequest *request, SalHelperSnapshot *snapshot)
{
  uint64_t stack_pointers[SAL_HELPER_MAX_THREADS] = { 0 };
  struct iovec places[SAL_HELPER_MAX_RANGES];

  for (size_t i = 0; i < request->n_tids; i++)
    {
      SalHelperThread *thread = &snapshot->threads[i];

      if (thread->result != SAL_HELPER_OK)
        continue;
      /* Its number may have passed to another process's thread before it was seized. */
      thread->result =
          is_thread_of (stops, thread->tid) ? copy_registers (thread, &stack_pointers[i])
                                            : SAL_HELPER_GONE;
    }
  place_ranges (request, stack_pointers, snapshot, places);
  copy_ranges (stops, places, request->n_ranges, snapshot);
  if (sal_helper_snapshot_is_unchanged (stops))
    return SAL_HELPER_OK;
  memset (snapshot->bytes, 0, snapshot->n_bytes);
  memset (snapshot, 0, offsetof (SalHelperSnapshot, bytes));
  return SAL_HELPER_GONE;
}

SalHelperResult
sal_helper_snapshot_take (SalHelperStops *stops,
                          const SalHelperRequest *request,
                          SalHelperSnapshot *snapshot)
{
  int states[SAL_HELPER_MAX_THREADS];
  int64_t asked_ns[SAL_HELPER_MAX_THREADS];
  int64_t patience_ns =
      (int64_t)(request->patience_us < PATIENCE_US ? request->patience_us : PATIENCE_US) * 1000;
  SalHelperResult result;
  int64_t start;
  int64_t begun;

  memset (snapshot->threads, 0, request->n_tids * sizeof *snapshot->threads);
  memset (snapshot->lengths, 0, request->n_ranges * sizeof *snapshot->lengths);
  snapshot->n_bytes = 0;
  if (stops->n_unsettled + request->n_tids > SAL_HELPER_MAX_UNSETTLED)
    return SAL_HELPER_BUSY;
  if (!sal_helper_process_is_alive (stops->process))
    return SAL_HELPER_GONE;

  ualarm (WATCHDOG_US, 0);
  start = sal_helper_snapshot_get_time ();
  for (size_t i = 0; i < request->n_tids; i++)
    {
      snapshot->threads[i].tid = request->tids[i];
      asked_ns[i] = start;
      states[i] = SEIZED;
      if (!go_on (stops, request->tids[i], &asked_ns[i]))
        snapshot->threads[i].result = seize (stops, request->tids[i], &states[i]);
    }
  begun = sal_helper_snapshot_get_time ();
  for (size_t i = 0; i < request->n_tids; i++)
    {
      if (states[i] == SEIZED)
        snapshot->threads[i].result =
            wait_for_stop (request->tids[i], &states[i], begun, patience_ns);
    }
  result = copy (stops, request, snapshot);
  for (size_t i = 0; i < request->n_tids; i++)
    resume (stops, (pid_t)request->tids[i], states[i], asked_ns[i]);
  ualarm (0, 0);

  snapshot->stopped_ns = (uint64_t)(sal_helper_snapshot_get_time () - start);
  return result;
}
