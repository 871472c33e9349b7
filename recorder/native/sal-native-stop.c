/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holds one thread of another process still, and lets it go again. */
#include "sal-native-stop.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Naps are as long as the time waited by then: each that ends takes of the processor, too. */
#define SHORTEST_NAP_NS 20000
#define LONGEST_NAP_NS 1000000

static int64_t
get_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

/* The state of a thread ('Z' and 'X' for one that has ended, '\0' = it is gone) and the parent of
 * its process. Source: proc_pid_stat(5). */
static char
read_state (pid_t tid, pid_t *parent)
{
  char path[64];
  char text[512];
  const char *end;
  ssize_t n;
  int fd;

  *parent = 0;
  snprintf (path, sizeof path, "/proc/%d/stat", (int)tid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return '\0';
  n = read (fd, text, sizeof text - 1);
  close (fd);
  text[n > 0 ? n : 0] = '\0';
  end = strrchr (text, ')');
  if (end == NULL || strlen (end) < 5)
    return '\0';
  *parent = (pid_t)strtol (end + 4, NULL, 10);
  return end[2];
}

static bool
is_child (pid_t pid)
{
  pid_t parent;

  return read_state (pid, &parent) != '\0' && parent == getpid ();
}

/* Why the kernel would not let us seize a thread: it says the same of those that have ended. */
static SalNativeStopResult
explain_refusal (pid_t tid, int error)
{
  pid_t parent;
  char state = error == ESRCH ? '\0' : read_state (tid, &parent);

  return state == '\0' || state == 'Z' || state == 'X' ? SAL_NATIVE_STOP_GONE
                                                       : SAL_NATIVE_STOP_DENIED;
}

/* Whether the thread has stopped; GONE when it will not any more, LATE when not yet. One that has
 * ended is let go by taking note of it, unless its parent does that: us, elsewhere. */
static SalNativeStopResult
ask (SalNativeStop *stop)
{
  siginfo_t info = { 0 };
  int flags = WSTOPPED | WEXITED | WNOHANG | __WALL;

  if (waitid (P_PID, (id_t)stop->tid, &info, flags | (stop->is_leader ? WNOWAIT : 0)) != 0)
    return errno == EINTR ? SAL_NATIVE_STOP_LATE : SAL_NATIVE_STOP_GONE;
  if (info.si_pid == 0)
    return SAL_NATIVE_STOP_LATE;
  if (info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
    {
      if (stop->is_leader && !is_child (stop->tid))
        (void)waitid (P_PID, (id_t)stop->tid, &info, flags);
      return SAL_NATIVE_STOP_GONE;
    }
  /* A stop without an event is a signal about to be delivered. */
  stop->signal = info.si_status >> 8 == 0 ? info.si_status : 0;
  return SAL_NATIVE_STOP_OK;
}

void
sal_native_stop_nap (int64_t waited_ns)
{
  int64_t nap_ns = waited_ns;
  sigset_t child;

  if (nap_ns < SHORTEST_NAP_NS)
    nap_ns = SHORTEST_NAP_NS;
  if (nap_ns > LONGEST_NAP_NS)
    nap_ns = LONGEST_NAP_NS;
  sigemptyset (&child);
  sigaddset (&child, SIGCHLD);
  (void)sigtimedwait (&child, NULL, &(struct timespec){ .tv_nsec = nap_ns });
}

bool
sal_native_stop_convert (const void *bytes,
                         size_t length,
                         uint64_t registers[SAL_NATIVE_N_REGISTERS])
{
#if defined(__x86_64__)
  struct user_regs_struct regs;

  /* Those of a 32-bit program are fewer. */
  if (length != sizeof regs)
    return false;
  memcpy (&regs, bytes, sizeof regs);
  memcpy (registers,
          (const uint64_t[SAL_NATIVE_N_REGISTERS]){
              regs.rax, regs.rdx, regs.rcx, regs.rbx, regs.rsi, regs.rdi, regs.rbp, regs.rsp,
              regs.r8, regs.r9, regs.r10, regs.r11, regs.r12, regs.r13, regs.r14, regs.r15,
              regs.rip },
          SAL_NATIVE_N_REGISTERS * sizeof *registers);
  return true;
#else
  (void)bytes;
  (void)length;
  (void)registers;
  return false;
#endif
}

static bool
read_registers (pid_t tid, uint64_t registers[SAL_NATIVE_N_REGISTERS])
{
  struct user_regs_struct regs;
  struct iovec into = { &regs, sizeof regs };

  return ptrace (PTRACE_GETREGSET, tid, (void *)(uintptr_t)NT_PRSTATUS, &into) == 0 &&
         sal_native_stop_convert (&regs, into.iov_len, registers);
}

SalNativeStopResult
sal_native_stop_wait (SalNativeStop *stop,
                      int64_t patience_ns,
                      uint64_t registers[SAL_NATIVE_N_REGISTERS])
{
  SalNativeStopResult result;
  int64_t begun_ns = get_now ();
  int64_t waited_ns;

  while ((result = ask (stop)) == SAL_NATIVE_STOP_LATE)
    {
      waited_ns = get_now () - begun_ns;
      if (waited_ns >= patience_ns)
        return result;
      /* Longer, and whoever shares our processor with it holds it up. */
      if (waited_ns > SAL_NATIVE_STOP_AT_ONCE)
        sal_native_stop_nap (waited_ns);
    }
  if (result == SAL_NATIVE_STOP_OK && !read_registers (stop->tid, registers))
    return sal_native_stop_release (stop) ? SAL_NATIVE_STOP_DENIED : SAL_NATIVE_STOP_LATE;
  return result;
}

SalNativeStopResult
sal_native_stop (pid_t tid,
                 bool is_leader,
                 int64_t patience_ns,
                 SalNativeStop *stop,
                 uint64_t registers[SAL_NATIVE_N_REGISTERS])
{
  *stop = (SalNativeStop){ .tid = tid, .is_leader = is_leader };
  /* Seized rather than attached: no signal is sent, and never to be killed with us. */
  if (ptrace (PTRACE_SEIZE, tid, NULL, NULL) != 0)
    return explain_refusal (tid, errno);
  stop->since_ns = get_now ();
  /* Of one that ends just now the end is awaited. */
  (void)ptrace (PTRACE_INTERRUPT, tid, NULL, NULL);
  return sal_native_stop_wait (stop, patience_ns, registers);
}

bool
sal_native_stop_release (const SalNativeStop *stop)
{
  return ptrace (PTRACE_DETACH, stop->tid, NULL, (void *)(uintptr_t)stop->signal) == 0 ||
         errno != ESRCH;
}

SalNativeStopResult
sal_native_stop_settle (SalNativeStop *stop)
{
  SalNativeStopResult result = ask (stop);

  if (result == SAL_NATIVE_STOP_OK && !sal_native_stop_release (stop))
    return SAL_NATIVE_STOP_LATE;
  return result == SAL_NATIVE_STOP_LATE ? SAL_NATIVE_STOP_LATE : SAL_NATIVE_STOP_GONE;
}
