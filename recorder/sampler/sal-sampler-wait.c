/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread of another process waits for. */
#include "sal-sampler-wait.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NO_ID SAL_CAPTURE_NO_ID

/* Source: Linux include/uapi/asm-generic/fcntl.h; F_SETLKW in <fcntl.h> is the library's. */
#define KERNEL_SETLKW 7
#define KERNEL_OFD_SETLKW 38

typedef struct
{
  long number;
  SalCaptureWaitKind kind;
  bool has_descriptor; /* its first argument */
} Call;

/* Not every machine has them all: newer ones lack those that others have replaced. */
static const Call calls[] = {
  { SYS_futex, SAL_CAPTURE_WAIT_LOCK, false },
#ifdef SYS_futex_waitv
  { SYS_futex_waitv, SAL_CAPTURE_WAIT_LOCK, false },
#endif
  { SYS_nanosleep, SAL_CAPTURE_WAIT_SLEEP, false },
  { SYS_clock_nanosleep, SAL_CAPTURE_WAIT_SLEEP, false },
#ifdef SYS_poll
  { SYS_poll, SAL_CAPTURE_WAIT_POLL, false },
  { SYS_select, SAL_CAPTURE_WAIT_POLL, false },
  { SYS_epoll_wait, SAL_CAPTURE_WAIT_POLL, false },
  { SYS_open, SAL_CAPTURE_WAIT_OPEN, false },
  { SYS_pause, SAL_CAPTURE_WAIT_SIGNAL, false },
  { SYS_vfork, SAL_CAPTURE_WAIT_CHILD, false },
#endif
  { SYS_ppoll, SAL_CAPTURE_WAIT_POLL, false },
  { SYS_pselect6, SAL_CAPTURE_WAIT_POLL, false },
  { SYS_epoll_pwait, SAL_CAPTURE_WAIT_POLL, false },
#ifdef SYS_epoll_pwait2
  { SYS_epoll_pwait2, SAL_CAPTURE_WAIT_POLL, false },
#endif
  { SYS_read, SAL_CAPTURE_WAIT_READ, true },
  { SYS_readv, SAL_CAPTURE_WAIT_READ, true },
  { SYS_pread64, SAL_CAPTURE_WAIT_READ, true },
  { SYS_preadv, SAL_CAPTURE_WAIT_READ, true },
  { SYS_preadv2, SAL_CAPTURE_WAIT_READ, true },
  { SYS_getdents64, SAL_CAPTURE_WAIT_READ, true },
  { SYS_write, SAL_CAPTURE_WAIT_WRITE, true },
  { SYS_writev, SAL_CAPTURE_WAIT_WRITE, true },
  { SYS_pwrite64, SAL_CAPTURE_WAIT_WRITE, true },
  { SYS_pwritev, SAL_CAPTURE_WAIT_WRITE, true },
  { SYS_pwritev2, SAL_CAPTURE_WAIT_WRITE, true },
  /* These have two descriptors and may wait for either. */
  { SYS_sendfile, SAL_CAPTURE_WAIT_WRITE, false },
  { SYS_splice, SAL_CAPTURE_WAIT_WRITE, false },
  { SYS_copy_file_range, SAL_CAPTURE_WAIT_WRITE, false },
  { SYS_recvfrom, SAL_CAPTURE_WAIT_RECEIVE, true },
  { SYS_recvmsg, SAL_CAPTURE_WAIT_RECEIVE, true },
  { SYS_recvmmsg, SAL_CAPTURE_WAIT_RECEIVE, true },
  { SYS_sendto, SAL_CAPTURE_WAIT_SEND, true },
  { SYS_sendmsg, SAL_CAPTURE_WAIT_SEND, true },
  { SYS_sendmmsg, SAL_CAPTURE_WAIT_SEND, true },
  { SYS_accept, SAL_CAPTURE_WAIT_ACCEPT, true },
  { SYS_accept4, SAL_CAPTURE_WAIT_ACCEPT, true },
  { SYS_connect, SAL_CAPTURE_WAIT_CONNECT, true },
  { SYS_wait4, SAL_CAPTURE_WAIT_CHILD, false },
  { SYS_waitid, SAL_CAPTURE_WAIT_CHILD, false },
  /* With CLONE_VFORK they wait until the child is another program. */
  { SYS_clone, SAL_CAPTURE_WAIT_CHILD, false },
#ifdef SYS_clone3
  { SYS_clone3, SAL_CAPTURE_WAIT_CHILD, false },
#endif
  { SYS_openat, SAL_CAPTURE_WAIT_OPEN, false },
#ifdef SYS_openat2
  { SYS_openat2, SAL_CAPTURE_WAIT_OPEN, false },
#endif
  { SYS_fsync, SAL_CAPTURE_WAIT_SYNC, true },
  { SYS_fdatasync, SAL_CAPTURE_WAIT_SYNC, true },
  { SYS_syncfs, SAL_CAPTURE_WAIT_SYNC, true },
  { SYS_sync_file_range, SAL_CAPTURE_WAIT_SYNC, true },
  { SYS_sync, SAL_CAPTURE_WAIT_SYNC, false },
  { SYS_msync, SAL_CAPTURE_WAIT_SYNC, false },
  { SYS_flock, SAL_CAPTURE_WAIT_FILE_LOCK, true },
  { SYS_rt_sigtimedwait, SAL_CAPTURE_WAIT_SIGNAL, false },
  { SYS_rt_sigsuspend, SAL_CAPTURE_WAIT_SIGNAL, false },
};

/* Whether a call that polls has nothing to poll, which is a way to sleep: CPython's time.sleep()
 * was a select() of no descriptors before 3.11.
 * Source: CPython 3.10 Modules/timemodule.c, pysleep(). */
static bool
polls_nothing (long number, const uint64_t args[2])
{
#ifdef SYS_poll
  if (number == SYS_select)
    return args[0] == 0;
  if (number == SYS_poll)
    return args[1] == 0;
#endif
  return (number == SYS_pselect6 && args[0] == 0) || (number == SYS_ppoll && args[1] == 0);
}

/* Whether the call's first argument is an array of one struct pollfd. */
static bool
polls_one (long number, const uint64_t args[2])
{
#ifdef SYS_poll
  if (number == SYS_poll)
    return args[1] == 1;
#endif
  return number == SYS_ppoll && args[1] == 1;
}

SalCaptureWaitKind
sal_sampler_wait_classify (long number, const uint64_t args[2], bool *has_descriptor)
{
  *has_descriptor = false;
  if (number == SAL_SAMPLER_CALL_UNKNOWN || number == SYS_restart_syscall)
    return SAL_CAPTURE_WAIT_UNKNOWN;
  if (number < 0)
    return SAL_CAPTURE_WAIT_MEMORY;
  if (polls_nothing (number, args))
    return SAL_CAPTURE_WAIT_SLEEP;
  if (number == SYS_fcntl && (args[1] == KERNEL_SETLKW || args[1] == KERNEL_OFD_SETLKW))
    {
      *has_descriptor = true;
      return SAL_CAPTURE_WAIT_FILE_LOCK;
    }
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    if (calls[i].number == number)
      {
        *has_descriptor = calls[i].has_descriptor;
        return calls[i].kind;
      }
  return SAL_CAPTURE_WAIT_OTHER;
}

static bool
has_prefix (const char *text, const char *prefix)
{
  return strncmp (text, prefix, strlen (prefix)) == 0;
}

/* Tells what the link of a descriptor, in @wait->name, says. Only what has a name for people keeps
 * it. */
static void
describe_descriptor (SalSamplerWait *wait)
{
  char *name = wait->name;

  if (has_prefix (name, "socket:") || has_prefix (name, "pipe:"))
    {
      wait->descriptor_kind =
          name[0] == 's' ? SAL_CAPTURE_DESCRIPTOR_SOCKET : SAL_CAPTURE_DESCRIPTOR_PIPE;
      name[0] = '\0';
    }
  else if (has_prefix (name, "anon_inode:"))
    {
      wait->descriptor_kind = SAL_CAPTURE_DESCRIPTOR_OTHER;
      memmove (name, name + strlen ("anon_inode:"), strlen (name + strlen ("anon_inode:")) + 1);
    }
  else if (has_prefix (name, "/dev/") && !has_prefix (name, "/dev/shm/"))
    wait->descriptor_kind = SAL_CAPTURE_DESCRIPTOR_DEVICE;
  else if (name[0] == '/')
    wait->descriptor_kind = SAL_CAPTURE_DESCRIPTOR_FILE;
}

/* The link is read, never followed: its file may be on a server that is gone. */
static void
find_descriptor (const SalSamplerCpu *cpu, pid_t pid, SalSamplerWait *wait)
{
  char path[64];
  ssize_t n;

  wait->descriptor_kind = SAL_CAPTURE_DESCRIPTOR_UNKNOWN;
  snprintf (path, sizeof path, "/proc/%d/fd/%" PRIu32, (int)pid, wait->descriptor);
  n = readlink (path, wait->name, sizeof wait->name - 1);
  if (n < 0 && cpu->ask != NULL)
    n = (ssize_t)sal_sampler_ask (cpu->ask,
                                  SAL_TARGET_TEXT_LINK,
                                  wait->descriptor,
                                  wait->name,
                                  sizeof wait->name);
  /* A thread that has gone on may have closed it, and the next file got its number. */
  if (n <= 0 || !sal_sampler_cpu_sleeps_on (cpu))
    n = 0;
  wait->name[n] = '\0';
  describe_descriptor (wait);
}

void
sal_sampler_wait_find (const SalSamplerCpu *cpu, SalTarget *target, SalSamplerWait *wait)
{
  bool has_descriptor;
  uint64_t descriptor = cpu->args[0];

  wait->is_disk = cpu->state == 'D';
  wait->descriptor_kind = SAL_CAPTURE_DESCRIPTOR_NONE;
  wait->descriptor = NO_ID;
  wait->name[0] = '\0';
  wait->kind = SAL_CAPTURE_WAIT_STOPPED;
  if (cpu->state == 'T' || cpu->state == 't')
    return;
  /* The call of a thread that has ended is whatever. */
  wait->kind = SAL_CAPTURE_WAIT_UNKNOWN;
  if (cpu->state == 'Z' || cpu->state == 'X')
    return;
  wait->kind = sal_sampler_wait_classify (cpu->call, cpu->args, &has_descriptor);
  if (polls_one (cpu->call, cpu->args))
    {
      struct pollfd polled;

      has_descriptor =
          sal_target_read (target, cpu->args[0], &polled, sizeof polled) == SAL_TARGET_OK;
      descriptor = has_descriptor ? (uint64_t)polled.fd : 0;
    }
  if (has_descriptor && descriptor <= INT32_MAX)
    {
      wait->descriptor = (uint32_t)descriptor;
      find_descriptor (cpu, target->pid, wait);
    }
}
