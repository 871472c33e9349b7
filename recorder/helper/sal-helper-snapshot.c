/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stops threads of a process for as long as it takes to copy their registers and some memory. */
#include "sal-helper-snapshot.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL
/* How long threads are waited for, at first without sleeping, and when this process gives up its
 * life for theirs. */
#define SPIN_NS 20000
#define PATIENCE_NS (20 * 1000000LL)
#define WATCHDOG_US 250000

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

static bool
is_thread_of (const SalHelperStops *stops, uint32_t tid)
{
  struct stat status;
  char name[16];

  snprintf (name, sizeof name, "%u", tid);
  return fstatat (stops->task_fd, name, &status, 0) == 0;
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
wait_for_stop (uint32_t tid, int *state, int64_t asked)
{
  int64_t waited;
  sigset_t child;

  sigemptyset (&child);
  sigaddset (&child, SIGCHLD);
  while ((*state = get_state ((pid_t)tid)) == SEIZED &&
         (waited = sal_helper_snapshot_get_time () - asked) < PATIENCE_NS)
    {
      if (waited > SPIN_NS)
        (void)sigtimedwait (&child, NULL, &(struct timespec){ .tv_nsec = PATIENCE_NS - waited });
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
resume (SalHelperStops *stops, pid_t tid, int state)
{
  int signal = state >> 16 == 0 ? WSTOPSIG (state) : 0;

  if (state == SEIZED ||
      (state != FREE && ptrace (PTRACE_DETACH, tid, 0, (void *)(intptr_t)signal) != 0 &&
       errno == ESRCH))
    stops->unsettled[stops->n_unsettled++] = tid;
}

bool
sal_helper_snapshot_settle (SalHelperStops *stops)
{
  size_t n_before = stops->n_unsettled;

  stops->n_unsettled = 0;
  for (size_t i = 0; i < n_before; i++)
    resume (stops, stops->unsettled[i], get_state (stops->unsettled[i]));
  return stops->n_unsettled == 0;
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

/* Copies the ranges; GONE when the memory is no longer the program's that was opened. */
static SalHelperResult
copy_ranges (const SalHelperStops *stops,
             const SalHelperRequest *request,
             const uint64_t *stack_pointers,
             SalHelperSnapshot *snapshot)
{
  for (size_t i = 0; i < request->n_ranges; i++)
    {
      const SalHelperRange *range = &request->ranges[i];
      uint64_t address = range->address;
      ssize_t n;

      if (range->thread != SAL_HELPER_ABSOLUTE)
        {
          if (snapshot->threads[range->thread].result != SAL_HELPER_OK)
            continue;
          address += stack_pointers[range->thread];
        }
      if (range->length == 0 || address > INT64_MAX)
        continue;
      n = pread (stops->mem_fd,
                 snapshot->bytes + snapshot->n_bytes,
                 range->length,
                 (off_t)address);
      if (n == 0)
        return SAL_HELPER_GONE;
      snapshot->lengths[i] = n > 0 ? (uint32_t)n : 0;
      snapshot->n_bytes += snapshot->lengths[i];
    }
  return SAL_HELPER_OK;
}

/* With all that could be stopped standing still. A thread cannot come to run another program while
 * it is stopped, so that the process, if it is still who it was, is so for what is copied. */
static SalHelperResult
copy (const SalHelperStops *stops,
      const SalHelperRequest *request,
      SalHelperSnapshot *snapshot)
{
  uint64_t stack_pointers[SAL_HELPER_MAX_THREADS] = { 0 };

  if (sal_helper_process_check (stops->process, stops->identity) != SAL_HELPER_VERDICT_OK)
    return SAL_HELPER_GONE;
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
  return copy_ranges (stops, request, stack_pointers, snapshot);
}

SalHelperResult
sal_helper_snapshot_take (SalHelperStops *stops,
                          const SalHelperRequest *request,
                          SalHelperSnapshot *snapshot)
{
  int states[SAL_HELPER_MAX_THREADS];
  SalHelperResult result;
  int64_t start;
  int64_t asked;

  memset (snapshot->threads, 0, request->n_tids * sizeof *snapshot->threads);
  memset (snapshot->lengths, 0, request->n_ranges * sizeof *snapshot->lengths);
  snapshot->n_bytes = 0;
  if (!sal_helper_snapshot_settle (stops))
    return SAL_HELPER_BUSY;

  ualarm (WATCHDOG_US, 0);
  start = sal_helper_snapshot_get_time ();
  for (size_t i = 0; i < request->n_tids; i++)
    {
      snapshot->threads[i].tid = request->tids[i];
      snapshot->threads[i].result = seize (stops, request->tids[i], &states[i]);
    }
  asked = sal_helper_snapshot_get_time ();
  for (size_t i = 0; i < request->n_tids; i++)
    {
      if (states[i] == SEIZED)
        snapshot->threads[i].result = wait_for_stop (request->tids[i], &states[i], asked);
    }
  result = copy (stops, request, snapshot);
  for (size_t i = 0; i < request->n_tids; i++)
    resume (stops, (pid_t)request->tids[i], states[i]);
  ualarm (0, 0);

  snapshot->stopped_ns = (uint64_t)(sal_helper_snapshot_get_time () - start);
  return result;
}
