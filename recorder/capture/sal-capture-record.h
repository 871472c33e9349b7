/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The records of a capture as values: what the writer takes and the reader gives.
 *
 * Ids are dense and start at 0, in the order in which the definitions stand in the file, so a
 * reader keeps plain arrays. A definition stands before its first use.
 * Times are nanoseconds of CLOCK_MONOTONIC counted from the recording's start
 * (SAL_CAPTURE_META_START holds the wall-clock time of that moment).
 * Limits: sal-capture-format.h.
 * Source: FORMAT.md in this folder.
 */

#define SAL_CAPTURE_NO_ID UINT32_MAX /* no string, no parent stack, no thread */

typedef enum
{
  SAL_CAPTURE_META = 1,
  SAL_CAPTURE_STRING = 2,
  SAL_CAPTURE_PROCESS = 3,
  SAL_CAPTURE_THREAD = 4,
  SAL_CAPTURE_FUNCTION = 5,
  SAL_CAPTURE_FRAME = 6,
  SAL_CAPTURE_STACK = 7,
  SAL_CAPTURE_SAMPLE = 8,
  SAL_CAPTURE_THREAD_END = 9,
  SAL_CAPTURE_PROCESS_END = 10,
  SAL_CAPTURE_COUNTERS = 11,
  SAL_CAPTURE_END = 12,
  SAL_CAPTURE_PROCESS_IMAGE = 13,
  SAL_CAPTURE_WAIT = 14,
  SAL_CAPTURE_PLACE = 15,
} SalCaptureRecordKind;

/* Keys of META records. A reader keeps keys it does not know. */
#define SAL_CAPTURE_META_START "start"     /* wall clock at time 0, ISO 8601 UTC with nanoseconds */
#define SAL_CAPTURE_META_COMMAND "command" /* the command line as a shell would take it */
#define SAL_CAPTURE_META_DIRECTORY "directory"
#define SAL_CAPTURE_META_PYTHON "python" /* "3.11.7" */
#define SAL_CAPTURE_META_EXECUTABLE "executable"
#define SAL_CAPTURE_META_RATE "rate_hz"      /* asked for; decimal number, "0" = flat out */
#define SAL_CAPTURE_META_BUDGET "budget"     /* percent of a core that recording may take */
#define SAL_CAPTURE_META_RECORDER "recorder" /* "salamander 0.1.0" */
#define SAL_CAPTURE_META_WARNING "warning"   /* one sentence; may stand several times */
/* A process that may not be read: its id, a space, and why: one of the words. May stand several
 * times. */
#define SAL_CAPTURE_META_REFUSED "refused"
#define SAL_CAPTURE_REFUSED_USER "user"           /* it runs as another user */
#define SAL_CAPTURE_REFUSED_PROTECTED "protected" /* it is not dumpable */
#define SAL_CAPTURE_REFUSED_DENIED "denied"       /* anything else */

/* Kinds of functions. */
typedef enum
{
  SAL_CAPTURE_PYTHON = 0,
  SAL_CAPTURE_NATIVE = 1,
  SAL_CAPTURE_MARK = 2, /* not a function: "<truncated>", "<unreadable>" */
  SAL_CAPTURE_TASK = 3, /* an asyncio task; in the file a mark that says so */
} SalCaptureFunctionKind;

/* State of a thread at the moment of a sample: bits. */
enum
{
  SAL_CAPTURE_ON_CPU = 1 << 0,    /* the kernel ran it, or it waited only for a processor */
  SAL_CAPTURE_HAS_GIL = 1 << 1,   /* it held its interpreter's lock */
  SAL_CAPTURE_WANTS_GIL = 1 << 2, /* it waited for that lock */
  SAL_CAPTURE_IN_GC = 1 << 3,
  SAL_CAPTURE_PARTIAL = 1 << 4, /* the outer end of the stack is missing */
};

/* What a thread waits for that neither runs nor could: the kind of system call it is in. */
typedef enum
{
  SAL_CAPTURE_WAIT_UNKNOWN = 0, /* it could not be told */
  SAL_CAPTURE_WAIT_OTHER = 1,   /* a system call that is none of these */
  SAL_CAPTURE_WAIT_LOCK = 2,    /* futex: a lock, a condition, another thread's end */
  SAL_CAPTURE_WAIT_SLEEP = 3,   /* for a time */
  SAL_CAPTURE_WAIT_POLL = 4,    /* poll, select, epoll: for any of several descriptors */
  SAL_CAPTURE_WAIT_READ = 5,
  SAL_CAPTURE_WAIT_WRITE = 6,
  SAL_CAPTURE_WAIT_RECEIVE = 7,
  SAL_CAPTURE_WAIT_SEND = 8,
  SAL_CAPTURE_WAIT_ACCEPT = 9,
  SAL_CAPTURE_WAIT_CONNECT = 10,
  SAL_CAPTURE_WAIT_CHILD = 11,     /* a child process: its end, or its exec */
  SAL_CAPTURE_WAIT_OPEN = 12,      /* a file or pipe that is being opened */
  SAL_CAPTURE_WAIT_SYNC = 13,      /* data on its way to the disk: fsync and its kin */
  SAL_CAPTURE_WAIT_FILE_LOCK = 14, /* flock, or a lock of fcntl */
  SAL_CAPTURE_WAIT_SIGNAL = 15,
  SAL_CAPTURE_WAIT_MEMORY = 16,  /* in no system call: a page that is being fetched */
  SAL_CAPTURE_WAIT_STOPPED = 17, /* stopped by a signal or a debugger */
  SAL_CAPTURE_N_WAIT_KINDS = 18,
} SalCaptureWaitKind;

/* What the descriptor is that a thread waits for. */
typedef enum
{
  SAL_CAPTURE_DESCRIPTOR_NONE = 0,    /* the wait is for none */
  SAL_CAPTURE_DESCRIPTOR_UNKNOWN = 1, /* for one of which nothing could be told */
  SAL_CAPTURE_DESCRIPTOR_FILE = 2,
  SAL_CAPTURE_DESCRIPTOR_PIPE = 3,
  SAL_CAPTURE_DESCRIPTOR_SOCKET = 4,
  SAL_CAPTURE_DESCRIPTOR_DEVICE = 5, /* terminals too */
  SAL_CAPTURE_DESCRIPTOR_OTHER = 6,  /* an object of the kernel: "[eventfd]" */
  SAL_CAPTURE_N_DESCRIPTOR_KINDS = 7,
} SalCaptureDescriptorKind;

/* Why a look at a thread gave no stack: indices of SalCaptureCounters.errors. */
typedef enum
{
  SAL_CAPTURE_ERROR_READ = 0,  /* memory could not be read */
  SAL_CAPTURE_ERROR_TORN = 1,  /* no two looks agreed within the retries; counted in rejected too */
  SAL_CAPTURE_ERROR_CHAIN = 2, /* a cycle or a frame that is none */
  SAL_CAPTURE_ERROR_DEPTH = 3, /* deeper than the limit; kept as PARTIAL */
  SAL_CAPTURE_ERROR_CODE = 4,  /* a code object, name or line table that makes no sense */
  SAL_CAPTURE_ERROR_LIMIT = 5, /* a table of the recorder is full */
  SAL_CAPTURE_N_ERRORS = 6,
} SalCaptureError;

/* Bytes that belong to the reader until the next call; not terminated; UTF-8 (the writer's duty,
 * the reader's check). */
typedef struct
{
  const char *bytes;
  size_t length;
} SalCaptureText;

typedef struct
{
  SalCaptureText key;
  SalCaptureText value;
} SalCaptureMeta;

typedef struct
{
  uint32_t pid;
  uint32_t parent;  /* process id (dense) or NO_ID */
  int64_t start_ns; /* first seen */
  uint32_t command; /* string */
  uint32_t python;  /* string "3.11.7", or NO_ID */
} SalCaptureProcess;

/* The process became another program by exec, or turned out to be Python when it had not been: from
 * here on it is this. */
typedef struct
{
  uint32_t process;
  int64_t time_ns;
  uint32_t command; /* string */
  uint32_t python;  /* string "3.11.7", or NO_ID: no Python */
} SalCaptureProcessImage;

/* A THREAD record with an id that exists already renames it: only @name counts then. */
typedef struct
{
  uint32_t id;
  uint32_t process;
  uint64_t tid;     /* kernel thread id */
  uint32_t name;    /* string or NO_ID */
  int64_t start_ns; /* first seen */
  bool is_main;
} SalCaptureThread;

typedef struct
{
  uint8_t kind;        /* SalCaptureFunctionKind */
  uint32_t name;       /* string: qualified name from Python 3.11 on */
  uint32_t file;       /* string, or NO_ID */
  uint32_t first_line; /* 0 = unknown */
  uint32_t library;    /* of a native function: string, the file it was loaded from, or NO_ID */
  uint64_t address;    /* of a native function with a library: where it begins there, as linked; 0 =
                        * unknown */
} SalCaptureFunction;

typedef struct
{
  uint32_t function;
  uint32_t line;     /* executing line, 0 = the instruction has none */
  uint32_t end_line; /* 0 = unknown, likewise the columns + 1 */
  uint32_t column;   /* 1-based bytes, 0 = unknown */
  uint32_t end_column;
} SalCaptureFrame;

/* What debugging information tells of the next FRAME, of a native function: first its own function,
 * with an empty name, then every function that was inlined there, outermost first. */
typedef struct
{
  SalCaptureText name; /* empty: the FRAME's function */
  SalCaptureText file; /* of the source; empty = not known */
  uint32_t first_line; /* 0 = unknown */
  uint32_t line;       /* executing line, or of the call of the next; 0 = unknown */
} SalCapturePlace;

/* A stack is its caller's stack plus one frame: the innermost. */
typedef struct
{
  uint32_t parent; /* stack or NO_ID */
  uint32_t frame;
} SalCaptureStack;

/* The first has id 1: 0 is no wait. */
typedef struct
{
  uint8_t kind;            /* SalCaptureWaitKind */
  uint8_t descriptor_kind; /* SalCaptureDescriptorKind */
  uint32_t descriptor;     /* its number, or NO_ID */
  uint32_t name;           /* string: the descriptor's file, or NO_ID */
  bool is_disk;            /* the kernel's uninterruptible sleep: for a disk, mostly */
} SalCaptureWait;

/* One thread at one moment. Samples of one look at a process share their time. A thread's weights
 * add up to the time it was watched: what a late, missed or rejected look left open, the next
 * sample stands for. Only when the recorder cannot keep anything, time goes to nobody: missed
 * tells. */
typedef struct
{
  int64_t time_ns;
  uint32_t thread;
  uint32_t stack;     /* or NO_ID: a thread that runs no Python */
  uint32_t state;     /* bits above */
  uint64_t weight_ns; /* since this thread's sample before, or since it was first seen */
  uint64_t cpu_ns;    /* processor time in that span */
  uint32_t wait;      /* what it waited for; waits count from 1, 0 = not told, or none */
} SalCaptureSample;

typedef struct
{
  uint32_t thread;
  int64_t time_ns;
} SalCaptureThreadEnd;

typedef struct
{
  uint32_t process;
  int64_t time_ns;
  int32_t status; /* as waitpid(2) gives it, -1 = not known (not a child) */
} SalCaptureProcessEnd;

/* Totals since the start; the last such record counts. */
typedef struct
{
  int64_t time_ns;
  uint64_t ticks;    /* moments at which the recorder looked */
  uint64_t samples;  /* thread samples written */
  uint64_t missed;   /* ticks of the schedule that passed unused */
  uint64_t late;     /* ticks that began more than a tenth of the interval late */
  uint64_t retried;  /* looks taken again because the program moved */
  uint64_t rejected; /* looks given up after all retries */
  uint64_t cpu_ns;   /* the recorder's own processor time */
  uint64_t errors[SAL_CAPTURE_N_ERRORS];
  uint64_t withheld; /* ticks of the rate asked for that were left out to keep to the budget */
  uint64_t rate_mhz; /* the rate at work, thousandths of a Hz; 0 = flat out, or not told */

  /* Of native stacks; all 0 when none were asked for. */
  uint64_t native_samples; /* for which a native stack was taken, now or when nothing had changed */
  uint64_t native_seams;   /* of these: the Python stack did not fit in, or had none to fit in */
  uint64_t native_cut;     /* of these: the outer end of the native stack is missing */

  uint64_t stop_median_ns; /* how long a thread was held, half of all times at most */
  uint64_t stop_p99_ns;    /* likewise, 99 of 100 times */

  uint64_t same_cpu;       /* looks from the processor of a program, which stood still meanwhile */
  uint64_t copy_median_ns; /* of the time a thread was held: the copy's; 0 = not told */
  uint64_t held;           /* times that a thread was held still, for whatever reason */
} SalCaptureCounters;

typedef enum
{
  SAL_CAPTURE_END_EXIT = 0,     /* the program ended */
  SAL_CAPTURE_END_REQUEST = 1,  /* somebody asked */
  SAL_CAPTURE_END_DURATION = 2, /* the time was up */
  SAL_CAPTURE_END_LOST = 3,     /* the program could not be read any longer */
} SalCaptureEndReason;

typedef struct
{
  int64_t time_ns;
  uint8_t reason; /* SalCaptureEndReason */
} SalCaptureEnd;

typedef struct
{
  SalCaptureRecordKind kind;
  union
  {
    SalCaptureMeta meta;
    SalCaptureText string;
    SalCaptureProcess process;
    SalCaptureThread thread;
    SalCaptureFunction function;
    SalCaptureFrame frame;
    SalCaptureStack stack;
    SalCaptureSample sample;
    SalCaptureThreadEnd thread_end;
    SalCaptureProcessEnd process_end;
    SalCaptureCounters counters;
    SalCaptureEnd end;
    SalCaptureProcessImage process_image;
    SalCaptureWait wait;
    SalCapturePlace place;
  };
} SalCaptureRecord;
