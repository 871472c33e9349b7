/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sal-id.h"

G_BEGIN_DECLS

/* What was measured: interned names, functions, and either samples (a recording) or a call graph (a
 * .prof file). Immutable once made, so any thread may read it; a recording in progress is a row of
 * such profiles that share their columns (sal-profile-builder.h).
 *
 * Ids are dense and start at 0. Strings are UTF-8, owned by the profile.
 */

#define SAL_TYPE_PROFILE (sal_profile_get_type ())
typedef struct _SalProfile SalProfile;

typedef enum
{
  SAL_PROFILE_SAMPLES, /* threads, stacks and samples with their time */
  SAL_PROFILE_CALLS,   /* functions with call counts and edges: a .prof file. No stacks */
} SalProfileKind;

typedef enum
{
  SAL_FUNCTION_PYTHON,
  SAL_FUNCTION_BUILTIN, /* written in C and called from Python: "<built-in method time.sleep>" */
  SAL_FUNCTION_NATIVE,
  SAL_FUNCTION_MARK, /* not a function: "<truncated>" */
  SAL_FUNCTION_TASK, /* an asyncio task, by its name and its coroutine: "worker-1 (fetch)" */
} SalFunctionKind;

/* Borrowed from the profile. */
typedef struct
{
  const char *name;
  const char *file;    /* "" = none; of a native function without a source the file it is in */
  const char *library; /* of a native function: the file it was loaded from; "" = none */
  guint64 address;     /* in its library, as linked; 0 = not known */
  guint32 first_line;  /* 0 = none */
  SalFunctionKind kind;
  gboolean is_inlined; /* native, and put into its caller by the compiler: another function than
                        * where it stands by itself */
} SalFunction;

typedef struct
{
  guint32 function;
  guint32 line; /* 0 = none */
} SalFrame;

/* A stack is a node of a prefix tree: its caller's stack and one frame. A parent's id is lower. */
typedef struct
{
  guint32 parent; /* SAL_NO_ID = the outermost frame */
  guint32 frame;
} SalStack;

/* Why a process of the program could not be read. */
typedef enum
{
  SAL_PROCESS_NOT_REFUSED = 0,
  SAL_PROCESS_REFUSED_USER,      /* it runs as another user */
  SAL_PROCESS_REFUSED_PROTECTED, /* it protects its memory */
  SAL_PROCESS_REFUSED_DENIED,    /* anything else */
} SalProcessRefusal;

typedef struct
{
  guint32 pid;
  guint32 parent;      /* process id or SAL_NO_ID */
  const char *command; /* the last one that was Python, if any was */
  const char *python;  /* "" = not Python, or not known */
  gint64 start_ns;     /* first seen */
  gint64 end_ns;       /* G_MAXINT64 = was not seen to end */
  int status;          /* as waitpid(2) gives it; −1 = not known */
  SalProcessRefusal refusal;
} SalProcess;

typedef struct
{
  guint32 process;
  guint64 tid;
  const char *name; /* "" = none */
  gboolean is_main;
  gint64 start_ns;
  gint64 end_ns; /* last sample's time */
  guint64 n_samples;
  guint64 cpu_ns;
} SalThread;

/* State of a thread in a sample: bits, the same as the capture's. */
enum
{
  SAL_SAMPLE_ON_CPU = 1 << 0,
  SAL_SAMPLE_HAS_GIL = 1 << 1,
  SAL_SAMPLE_WANTS_GIL = 1 << 2,
  SAL_SAMPLE_IN_GC = 1 << 3,
  SAL_SAMPLE_PARTIAL = 1 << 4,
};

/* What a thread waits for, and what the descriptor is that it waits for: the same numbers as the
 * capture's. */
typedef enum
{
  SAL_WAIT_UNKNOWN,
  SAL_WAIT_OTHER,
  SAL_WAIT_LOCK,
  SAL_WAIT_SLEEP,
  SAL_WAIT_POLL,
  SAL_WAIT_READ,
  SAL_WAIT_WRITE,
  SAL_WAIT_RECEIVE,
  SAL_WAIT_SEND,
  SAL_WAIT_ACCEPT,
  SAL_WAIT_CONNECT,
  SAL_WAIT_CHILD,
  SAL_WAIT_OPEN,
  SAL_WAIT_SYNC,
  SAL_WAIT_FILE_LOCK,
  SAL_WAIT_SIGNAL,
  SAL_WAIT_MEMORY,
  SAL_WAIT_STOPPED,
  SAL_N_WAIT_KINDS,
} SalWaitKind;

typedef enum
{
  SAL_DESCRIPTOR_NONE,
  SAL_DESCRIPTOR_UNKNOWN,
  SAL_DESCRIPTOR_FILE,
  SAL_DESCRIPTOR_PIPE,
  SAL_DESCRIPTOR_SOCKET,
  SAL_DESCRIPTOR_DEVICE,
  SAL_DESCRIPTOR_OTHER,
  SAL_N_DESCRIPTOR_KINDS,
} SalDescriptorKind;

typedef struct
{
  SalWaitKind kind;
  SalDescriptorKind descriptor_kind;
  guint32 descriptor; /* its number, SAL_NO_ID = none */
  const char *name;   /* of the descriptor's file; "" = none */
  gboolean is_disk;   /* in the kernel's uninterruptible sleep */
} SalWait;

typedef struct
{
  gint64 time_ns;
  guint32 thread;
  guint32 stack; /* SAL_NO_ID = no Python frame */
  guint64 weight_ns;
  guint64 cpu_ns;
  guint16 wait; /* what it waited for; 0 = nothing, or not told */
  guint8 state;
} SalSample;

/* One function of a call profile. Source: CPython Lib/pstats.py. Seconds. */
typedef struct
{
  gint64 pcalls; /* primitive calls: outermost activations ("cc") */
  gint64 ncalls; /* all calls ("nc") */
  double tottime;
  double cumtime;
} SalCallCosts;

/* Costs of @callee when called from @caller. has_times is FALSE in files of the module
 * "profile". */
typedef struct
{
  guint32 caller;
  guint32 callee;
  SalCallCosts costs;
  gboolean has_times;
} SalCallEdge;

/* How good a recording is. Everything is 0 for a call profile. */
typedef struct
{
  guint64 ticks;
  guint64 samples;
  guint64 missed;
  guint64 late;
  guint64 retried;
  guint64 rejected;
  guint64 recorder_cpu_ns;
  guint64 withheld; /* ticks left out to keep to the recorder's budget */
  guint64 rate_mhz; /* the rate last at work, thousandths of a Hz; 0 = flat out, or not told */
  guint64 n_errors; /* causes below; names are static, for machines: "torn", "read", … */
  const char *error_names[8];
  guint64 errors[8];
  guint64 native_samples; /* for which native stacks were taken; 0: none were asked for */
  guint64 native_seams;   /* of these: Python and native stack did not fit */
  guint64 native_cut;     /* of these: the outer end of the native stack is missing */
  guint64 stop_median_ns; /* that a thread was held still, half of all times at most */
  guint64 stop_p99_ns;    /* likewise, 99 of 100 times */
  guint64 copy_median_ns; /* of the time that it was held: the copy's; 0 = not known */
  guint64 same_cpu;       /* looks from the program's own processor */
  guint64 held;           /* times that a thread was held still; 0: never, or not told */
} SalProfileCounters;

GType sal_profile_get_type (void);
/** sal_profile_ref: one more user. Thread: any; likewise unref. */
SalProfile *sal_profile_ref (SalProfile *profile);
void sal_profile_unref (SalProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SalProfile, sal_profile_unref)

/** sal_profile_get_kind: which of the tables below are filled. */
SalProfileKind sal_profile_get_kind (SalProfile *profile);

/** sal_profile_get_meta: the value of a META key of the recording ("command", "python", "rate_hz",
 * "start", …; a call profile may have "format"), or NULL. */
const char *sal_profile_get_meta (SalProfile *profile, const char *key);

/** sal_profile_get_warnings: (transfer none): sentences about what is wrong with the file,
 * NULL-terminated, may be empty. A truncated recording has one, and one that is complete and was
 * made at a lower rate than asked for, to keep to the recorder's budget. */
const char *const *sal_profile_get_warnings (SalProfile *profile);

/** sal_profile_get_counters: (transfer none): of the last COUNTERS record; samples is the number
 * that are here. */
const SalProfileCounters *sal_profile_get_counters (SalProfile *profile);

/** sal_profile_get_duration_ns: from the recording's start to its last sample or its END; for a
 * call profile the sum of all tottime. */
gint64 sal_profile_get_duration_ns (SalProfile *profile);

/** sal_profile_is_finished: the END record was seen (always TRUE for a call profile). */
gboolean sal_profile_is_finished (SalProfile *profile);

/* Tables by id, which count from 0. An id that does not exist is a programmer's mistake. Rows are
 * values; the texts in them live as long as the profile. Thread: any. */
guint32 sal_profile_get_n_functions (SalProfile *profile);
SalFunction sal_profile_get_function (SalProfile *profile, guint32 function);

/* Recordings only; the counts are 0 for a call profile. */
guint32 sal_profile_get_n_processes (SalProfile *profile);
SalProcess sal_profile_get_process (SalProfile *profile, guint32 process);
guint32 sal_profile_get_n_threads (SalProfile *profile);
SalThread sal_profile_get_thread (SalProfile *profile, guint32 thread);
guint32 sal_profile_get_n_frames (SalProfile *profile);
SalFrame sal_profile_get_frame (SalProfile *profile, guint32 frame);
guint32 sal_profile_get_n_stacks (SalProfile *profile);
SalStack sal_profile_get_stack (SalProfile *profile, guint32 stack);
guint64 sal_profile_get_n_samples (SalProfile *profile);
SalSample sal_profile_get_sample (SalProfile *profile, guint64 sample);

/** sal_profile_get_n_waits: waits are numbered from 1 up to this. */
guint32 sal_profile_get_n_waits (SalProfile *profile);
SalWait sal_profile_get_wait (SalProfile *profile, guint32 wait);

/* Call profiles only. Edges are borrowed and sorted by (caller, callee); both count 0 for a
 * recording. */
SalCallCosts sal_profile_get_costs (SalProfile *profile, guint32 function);
guint32 sal_profile_get_n_edges (SalProfile *profile);
const SalCallEdge *sal_profile_get_edges (SalProfile *profile);

G_END_DECLS
