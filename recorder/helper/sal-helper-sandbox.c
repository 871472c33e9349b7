/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the helper takes from itself before it listens to anybody. */
#include "sal-helper-sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Both halves, whatever the arguments. */
static const char common_calls[] =
    "brk clock_gettime clock_nanosleep close exit exit_group fcntl fstat futex getpid gettid "
    "madvise munmap newfstatat poll ppoll pread64 read recvmsg restart_syscall rseq rt_sigaction "
    "rt_sigprocmask rt_sigreturn sendmsg set_robust_list";

static const char opener_calls[] =
    "alarm clone fork ftruncate memfd_create nanosleep pidfd_open process_vm_readv readlinkat "
    "rt_sigtimedwait setitimer wait4";

/* GLib with its threads and main loops, and the name services, which are libraries and sockets. */
static const char service_calls[] =
    "access clone clone3 connect dup eventfd2 faccessat faccessat2 fstatfs getdents64 getegid "
    "geteuid getgid getpeername getrandom getresgid getresuid getsockname getsockopt getuid lseek "
    "lstat mmap mprotect pipe2 prctl prlimit64 readlink readlinkat recvfrom sched_getaffinity "
    "sched_yield sendto shutdown sigaltstack socketpair stat statfs statx sysinfo tgkill uname "
    "write writev";

/* What is allowed with one value of an argument, among the bits of @mask. */
typedef struct
{
  int call;
  unsigned int argument;
  scmp_datum_t mask;
  scmp_datum_t value;
} Condition;

#define EXACTLY UINT64_MAX
#define READING (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND), O_RDONLY

static const Condition opener_conditions[] = {
  { SCMP_SYS (open), 1, READING },
  { SCMP_SYS (openat), 2, READING },
  { SCMP_SYS (mmap), 2, PROT_EXEC, 0 },
  { SCMP_SYS (ptrace), 0, EXACTLY, PTRACE_SEIZE },
  { SCMP_SYS (ptrace), 0, EXACTLY, PTRACE_INTERRUPT },
  { SCMP_SYS (ptrace), 0, EXACTLY, PTRACE_GETREGSET },
  { SCMP_SYS (ptrace), 0, EXACTLY, PTRACE_DETACH },
  { SCMP_SYS (tgkill), 2, EXACTLY, 0 },
  { 0 },
};

static const Condition service_conditions[] = {
  { SCMP_SYS (open), 1, READING },
  { SCMP_SYS (openat), 2, READING },
  { SCMP_SYS (socket), 0, EXACTLY, AF_UNIX },
  { 0 },
};

bool
sal_helper_sandbox_begin (void)
{
  struct rlimit none = { 0, 0 };

  umask (077);
  /* Some of the three may be closed, and what is opened later shall not become one of them. */
  for (int fd = 0; fd < 3; fd++)
    {
      if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDWR) != fd)
        return false;
    }
  return clearenv () == 0 && chdir ("/") == 0 && close_range (3, ~0U, 0) == 0 &&
         setrlimit (RLIMIT_CORE, &none) == 0 && prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
         prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
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
  return capng_apply (can_bound ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) == 0;
}

static bool
allow (scmp_filter_ctx filter, const char *calls)
{
  char *names = strdup (calls);
  char *rest = names;
  char *name;
  bool is_good = names != NULL;

  while (is_good && (name = strsep (&rest, " ")) != NULL)
    is_good =
        seccomp_rule_add (filter, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name (name), 0) == 0;
  free (names);
  return is_good;
}

static bool
allow_some (scmp_filter_ctx filter, const Condition *conditions)
{
  for (const Condition *at = conditions; at->mask != 0; at++)
    {
      struct scmp_arg_cmp only = { at->argument, SCMP_CMP_MASKED_EQ, at->mask, at->value };

      if (seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, at->call, 1, &only) != 0)
        return false;
    }
  return true;
}

/* Calls that are not listed do not exist, which is what libraries expect of an older kernel. */
bool
sal_helper_sandbox_confine (SalHelperSandbox sandbox)
{
  bool is_opener = sandbox == SAL_HELPER_SANDBOX_OPENER;
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ERRNO (ENOSYS));
  bool is_confined = filter != NULL && drop_capabilities (sandbox) &&
                     allow (filter, common_calls) &&
                     allow (filter, is_opener ? opener_calls : service_calls) &&
                     allow_some (filter, is_opener ? opener_conditions : service_conditions) &&
                     seccomp_load (filter) == 0;

  seccomp_release (filter);
  return is_confined;
}
