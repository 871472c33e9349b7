/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the helper takes from itself before it listens to anybody. */
#include "sal-helper-sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_ELEMENTS(array) (sizeof (array) / sizeof (array)[0])

/* Both halves. Opening is further limited to reading. */
static const int common_calls[] = {
  SCMP_SYS (brk),
  SCMP_SYS (clock_gettime),
  SCMP_SYS (clock_nanosleep),
  SCMP_SYS (close),
  SCMP_SYS (exit),
  SCMP_SYS (exit_group),
  SCMP_SYS (fcntl),
  SCMP_SYS (fstat),
  SCMP_SYS (futex),
  SCMP_SYS (getpid),
  SCMP_SYS (gettid),
  SCMP_SYS (madvise),
  SCMP_SYS (munmap),
  SCMP_SYS (newfstatat),
  SCMP_SYS (poll),
  SCMP_SYS (ppoll),
  SCMP_SYS (pread64),
  SCMP_SYS (read),
  SCMP_SYS (recvmsg),
  SCMP_SYS (restart_syscall),
  SCMP_SYS (rseq),
  SCMP_SYS (rt_sigaction),
  SCMP_SYS (rt_sigprocmask),
  SCMP_SYS (rt_sigreturn),
  SCMP_SYS (sendmsg),
  SCMP_SYS (set_robust_list),
};

static const int opener_calls[] = {
  SCMP_SYS (alarm),
  SCMP_SYS (clone),
  SCMP_SYS (fork),
  SCMP_SYS (nanosleep),
  SCMP_SYS (pidfd_open),
  SCMP_SYS (rt_sigtimedwait),
  SCMP_SYS (setitimer),
  SCMP_SYS (setsockopt),
  SCMP_SYS (wait4),
};

/* GLib with its threads and main loops, and the name services, which are libraries and sockets. */
static const int service_calls[] = {
  SCMP_SYS (access),
  SCMP_SYS (clone),
  SCMP_SYS (clone3),
  SCMP_SYS (connect),
  SCMP_SYS (dup),
  SCMP_SYS (eventfd2),
  SCMP_SYS (faccessat),
  SCMP_SYS (faccessat2),
  SCMP_SYS (fstatfs),
  SCMP_SYS (getdents64),
  SCMP_SYS (getegid),
  SCMP_SYS (geteuid),
  SCMP_SYS (getgid),
  SCMP_SYS (getpeername),
  SCMP_SYS (getrandom),
  SCMP_SYS (getresgid),
  SCMP_SYS (getresuid),
  SCMP_SYS (getsockname),
  SCMP_SYS (getsockopt),
  SCMP_SYS (getuid),
  SCMP_SYS (lseek),
  SCMP_SYS (lstat),
  SCMP_SYS (mprotect),
  SCMP_SYS (pipe2),
  SCMP_SYS (prctl),
  SCMP_SYS (prlimit64),
  SCMP_SYS (readlink),
  SCMP_SYS (readlinkat),
  SCMP_SYS (recvfrom),
  SCMP_SYS (sched_getaffinity),
  SCMP_SYS (sched_yield),
  SCMP_SYS (sendto),
  SCMP_SYS (shutdown),
  SCMP_SYS (sigaltstack),
  SCMP_SYS (socketpair),
  SCMP_SYS (stat),
  SCMP_SYS (statfs),
  SCMP_SYS (statx),
  SCMP_SYS (sysinfo),
  SCMP_SYS (tgkill),
  SCMP_SYS (uname),
  SCMP_SYS (write),
  SCMP_SYS (writev),
};

bool
sal_helper_sandbox_begin (void)
{
  struct rlimit none = { 0, 0 };

  if (clearenv () != 0 || chdir ("/") != 0)
    return false;
  umask (077);
  /* Some of the three may be closed, and what is opened later shall not become one of them. */
  for (int fd = 0; fd < 3; fd++)
    {
      if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDWR) != fd)
        return false;
    }
  return close_range (3, ~0U, 0) == 0 && setrlimit (RLIMIT_CORE, &none) == 0 &&
         prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static bool
drop_capabilities (SalHelperSandbox sandbox)
{
  bool can_bound;

  if (capng_get_caps_process () != 0)
    return false;
  can_bound = capng_have_capability (CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
  capng_clear (CAPNG_SELECT_ALL);
  if (sandbox == SAL_HELPER_SANDBOX_OPENER &&
      capng_updatev (CAPNG_ADD,
                     CAPNG_EFFECTIVE | CAPNG_PERMITTED,
                     CAP_SYS_PTRACE,
                     CAP_DAC_READ_SEARCH,
                     CAP_CHECKPOINT_RESTORE,
                     -1) != 0)
    return false;
  /* The bounding set matters to programs that are started, and none ever is. */
  if (can_bound && capng_apply (CAPNG_SELECT_BOUNDS) != 0)
    return false;
  return capng_apply (CAPNG_SELECT_CAPS) == 0;
}

static int
allow (scmp_filter_ctx filter, const int *calls, size_t n_calls)
{
  int error = 0;

  for (size_t i = 0; i < n_calls && error == 0; i++)
    error = seccomp_rule_add (filter, SCMP_ACT_ALLOW, calls[i], 0);
  return error;
}

/* Files are opened to be read, memory is never made both writable and executable. */
static int
allow_reading (scmp_filter_ctx filter)
{
  const scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
  int error = seccomp_rule_add (filter,
                                SCMP_ACT_ALLOW,
                                SCMP_SYS (openat),
                                1,
                                SCMP_A2 (SCMP_CMP_MASKED_EQ, writing, O_RDONLY));

  if (error == 0)
    error = seccomp_rule_add (filter,
                              SCMP_ACT_ALLOW,
                              SCMP_SYS (open),
                              1,
                              SCMP_A1 (SCMP_CMP_MASKED_EQ, writing, O_RDONLY));
  return error;
}

static int
allow_opening (scmp_filter_ctx filter)
{
  static const unsigned int requests[] = {
    PTRACE_SEIZE,
    PTRACE_INTERRUPT,
    PTRACE_GETREGSET,
    PTRACE_DETACH,
  };
  int error = allow (filter, opener_calls, N_ELEMENTS (opener_calls));

  for (size_t i = 0; i < N_ELEMENTS (requests) && error == 0; i++)
    error = seccomp_rule_add (filter,
                              SCMP_ACT_ALLOW,
                              SCMP_SYS (ptrace),
                              1,
                              SCMP_A0 (SCMP_CMP_EQ, requests[i]));
  /* PROT_EXEC: no new code. */
  if (error == 0)
    error = seccomp_rule_add (filter,
                              SCMP_ACT_ALLOW,
                              SCMP_SYS (mmap),
                              1,
                              SCMP_A2 (SCMP_CMP_MASKED_EQ, 4, 0));
  return error;
}

/* Only local sockets. */
static int
allow_serving (scmp_filter_ctx filter)
{
  int error = allow (filter, service_calls, N_ELEMENTS (service_calls));

  if (error == 0)
    error = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mmap), 0);
  if (error == 0)
    error = seccomp_rule_add (filter,
                              SCMP_ACT_ALLOW,
                              SCMP_SYS (socket),
                              1,
                              SCMP_A0 (SCMP_CMP_EQ, 1 /* AF_UNIX */));
  return error;
}

/* Calls that are not listed do not exist, which is what libraries expect of an older kernel. */
static bool
drop_calls (SalHelperSandbox sandbox)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ERRNO (ENOSYS));
  int error;

  if (filter == NULL)
    return false;
  error = allow (filter, common_calls, N_ELEMENTS (common_calls));
  if (error == 0)
    error = allow_reading (filter);
  if (error == 0)
    error = sandbox == SAL_HELPER_SANDBOX_OPENER ? allow_opening (filter) : allow_serving (filter);
  if (error == 0)
    error = seccomp_load (filter);
  seccomp_release (filter);
  return error == 0;
}

bool
sal_helper_sandbox_confine (SalHelperSandbox sandbox)
{
  return drop_capabilities (sandbox) && drop_calls (sandbox);
}
