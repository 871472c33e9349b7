/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* Messages between salamander-helper and the recorder that it opened a process for, over the
 * connected AF_UNIX SOCK_SEQPACKET socket that org.salamander_profiler.Recorder1.Attach returns:
 * one message a packet, in the machine's byte order.
 *
 * The helper speaks first: one SalHelperReply of kind ATTACHED with SAL_HELPER_N_DESCRIPTORS
 * descriptors. After that the recorder sends SalHelperRequests, each as long as its ranges make it,
 * and each is answered by a SalHelperReply. What a SNAPSHOT that succeeded gave lies in the memory
 * COPY, a SalHelperSnapshot, until the next request is sent; so does the text of a CALL or LINK,
 * which is what @n_bytes of @bytes are.
 *
 * A packet of another size or an unknown kind is answered with MALFORMED. Either end may close the
 * socket at any time; what was handed out stays open.
 */

#define SAL_HELPER_BUS_NAME "org.salamander_profiler.Recorder1"
#define SAL_HELPER_PATH "/org/salamander_profiler/Recorder1"
#define SAL_HELPER_INTERFACE "org.salamander_profiler.Recorder1"
/* Attach fails with one of these. */
#define SAL_HELPER_ERROR "org.salamander_profiler.Recorder1.Error."
/* polkit says no; nobody is there to ask for a password; the password was not given. */
#define SAL_HELPER_ERROR_NOT_AUTHORIZED SAL_HELPER_ERROR "NotAuthorized"
#define SAL_HELPER_ERROR_NO_AGENT SAL_HELPER_ERROR "NoAgent"
#define SAL_HELPER_ERROR_DISMISSED SAL_HELPER_ERROR "Dismissed"
/* No such process or a later one; its user or rights, or its program, changed meanwhile. */
#define SAL_HELPER_ERROR_GONE SAL_HELPER_ERROR "Gone"
#define SAL_HELPER_ERROR_CHANGED SAL_HELPER_ERROR "Changed"
/* Never opened: kernel threads, the helper, programs without Python. */
#define SAL_HELPER_ERROR_KERNEL_THREAD SAL_HELPER_ERROR "KernelThread"
#define SAL_HELPER_ERROR_ITSELF SAL_HELPER_ERROR "Itself"
#define SAL_HELPER_ERROR_NOT_PYTHON SAL_HELPER_ERROR "NotPython"
/* Not even root may: Yama's ptrace_scope 3, a security module. */
#define SAL_HELPER_ERROR_DENIED SAL_HELPER_ERROR "Denied"
/* Sessions at once or calls a second; an option that is not known; anything else. */
#define SAL_HELPER_ERROR_TOO_MANY SAL_HELPER_ERROR "TooMany"
#define SAL_HELPER_ERROR_OPTION SAL_HELPER_ERROR "Option"
#define SAL_HELPER_ERROR_FAILED SAL_HELPER_ERROR "Failed"

/* What ATTACHED carries, in this order. Every one of them is read-only. */
typedef enum
{
  SAL_HELPER_DESCRIPTOR_PIDFD, /* readable when the process has ended */
  SAL_HELPER_DESCRIPTOR_MEM,   /* /proc/PID/mem; reads 0 bytes after exec or exit */
  SAL_HELPER_DESCRIPTOR_MAPS,  /* /proc/PID/maps; empty after exec or exit */
  SAL_HELPER_DESCRIPTOR_TASK,  /* the folder /proc/PID/task */
  SAL_HELPER_DESCRIPTOR_COPY,  /* memory that the helper alone writes: a SalHelperSnapshot */
  SAL_HELPER_DESCRIPTOR_EXE,   /* the file behind /proc/PID/exe */
  SAL_HELPER_N_DESCRIPTORS,
} SalHelperDescriptor;

#define SAL_HELPER_MAX_THREADS 16
#define SAL_HELPER_MAX_RANGES 1024
#define SAL_HELPER_MAX_BYTES (8 * 1024 * 1024) /* of all ranges of a snapshot together */
#define SAL_HELPER_MAX_REGISTERS 512
#define SAL_HELPER_MAX_TEXT 4096

typedef enum
{
  SAL_HELPER_ATTACHED = 1, /* from the helper only, the first packet */
  SAL_HELPER_FILE = 2,     /* the file run from @address on, read-only; one descriptor comes back */
  SAL_HELPER_SNAPSHOT = 3, /* stop @tids, copy their registers and @ranges, let them run */
  SAL_HELPER_CALL = 4,     /* which system call the thread @number waits in: proc_pid_syscall(5) */
  SAL_HELPER_LINK = 5,     /* what the descriptor @number is of: the link in proc_pid_fd(5) */
} SalHelperKind;

typedef enum
{
  SAL_HELPER_OK = 0,
  SAL_HELPER_MALFORMED = 1, /* a request that is none, or over a limit of this page */
  SAL_HELPER_GONE = 2,      /* the process or thread has ended, or runs another program now */
  SAL_HELPER_DENIED = 3,    /* the kernel refuses; error = errno */
  SAL_HELPER_ABSENT = 4,    /* no executable mapping of a regular file starts there, or the file
                             * cannot be opened; no such thread or descriptor; error = errno */
  SAL_HELPER_TIMEOUT = 5,   /* the thread does not stop in time. A snapshot of it soon after waits
                             * on; otherwise it is left to run */
  SAL_HELPER_BUSY = 6,      /* too many threads of earlier snapshots have not stopped yet */
  SAL_HELPER_FAILED = 7,    /* error = errno */
} SalHelperResult;

#define SAL_HELPER_ABSOLUTE UINT32_MAX

/* A piece of memory. */
typedef struct
{
  uint64_t address; /* when @thread names one: signed distance from its stack pointer */
  uint32_t length;
  uint32_t thread; /* index in @tids, or SAL_HELPER_ABSOLUTE */
} SalHelperRange;

/* To the helper. */
typedef struct
{
  uint32_t kind; /* any but ATTACHED */
  uint32_t serial;
  union
  {
    uint64_t address;     /* FILE: where an executable mapping of it starts */
    uint64_t number;      /* CALL, LINK */
    uint64_t patience_us; /* SNAPSHOT: how long to wait for a thread, 20,000 at most */
  };
  uint32_t n_tids;   /* SNAPSHOT: 1 … SAL_HELPER_MAX_THREADS */
  uint32_t n_ranges; /* SNAPSHOT: 0 … SAL_HELPER_MAX_RANGES */
  uint32_t tids[SAL_HELPER_MAX_THREADS];
  SalHelperRange ranges[SAL_HELPER_MAX_RANGES];
} SalHelperRequest;

/* The length of the packet, in bytes, with @n_ranges in it. */
#define SAL_HELPER_REQUEST_LENGTH(n_ranges) \
  (offsetof (SalHelperRequest, ranges) + (size_t)(n_ranges) * sizeof (SalHelperRange))

static_assert (SAL_HELPER_REQUEST_LENGTH (1) == 24 + 64 + 16, "fixed size");

/* From the helper. */
typedef struct
{
  uint32_t kind;       /* of the request; 0 when it was malformed */
  uint32_t serial;     /* of the request */
  uint32_t result;     /* SalHelperResult */
  int32_t error;       /* errno, 0 = none */
  uint64_t start_time; /* ATTACHED: of the process, in clock ticks after boot */
  uint32_t pid;        /* ATTACHED: as the helper sees it */
  int32_t processor;   /* SNAPSHOT: that the helper ran on; -1 = not known */
} SalHelperReply;

static_assert (sizeof (SalHelperReply) == 32, "fixed size");

/* One stopped thread. */
typedef struct
{
  uint32_t tid;
  uint32_t result;      /* SalHelperResult: the others may have succeeded */
  uint32_t n_registers; /* bytes, 0 when it failed */
  uint32_t reserved;
  /* The kernel's NT_PRSTATUS: struct user_regs_struct of <sys/user.h>. */
  uint8_t registers[SAL_HELPER_MAX_REGISTERS];
} SalHelperThread;

static_assert (sizeof (SalHelperThread) == 528, "fixed size");

/* What a snapshot gave, copied while every thread whose result is OK stood still. */
typedef struct
{
  SalHelperThread threads[SAL_HELPER_MAX_THREADS]; /* as @tids */
  /* Of each range: less than asked for when the rest is not mapped, 0 when nothing is or the thread
   * failed. */
  uint32_t lengths[SAL_HELPER_MAX_RANGES];
  uint64_t stopped_ns;                 /* how long the first thread stood still */
  uint64_t n_bytes;                    /* of all ranges together */
  uint8_t bytes[SAL_HELPER_MAX_BYTES]; /* of the ranges, one after the other */
} SalHelperSnapshot;

static_assert (offsetof (SalHelperSnapshot, bytes) == 16 * 528 + 4096 + 16, "fixed size");
