/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the parts of SalPython share: its threads, and the plan of one scattered read. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "sal-python-code.h"
#include "sal-python-proof.h"
#include "sal-python-runtime.h"
#include "sal-python-tasks.h"
#include "sal-python-walk.h"
#include "sal-python.h"

/* Memory outside of the current data-stack chunk that a thread's walk needs: an entry frame on the
 * C stack, the frame of a generator, an older chunk. */
typedef struct
{
  uint64_t address;
  uint32_t length;
  bool is_chunk;
  uint64_t last_used; /* number of a look */
} SalPythonSpan;

/* A frame object that a thread's stack had, up to 3.10. */
typedef struct
{
  uint64_t address;
  uint64_t last_used; /* number of a look */
  uint32_t offset;    /* where it is in the copied spans */
  bool is_running;    /* in the copy at hand */
  bool is_caller;     /* of another that runs, in the copy at hand */
  size_t back_index;  /* where the one that called it was last */
} SalPythonHeapFrame;

/* What one copy of a thread shows. */
typedef enum
{
  SAL_PYTHON_VERDICT_STACK, /* a stack that may have been */
  SAL_PYTHON_VERDICT_EMPTY, /* no Python runs */
  SAL_PYTHON_VERDICT_PLAN,  /* the copy lacks bytes: plan the thread anew */
  SAL_PYTHON_VERDICT_AGAIN, /* a code object was learned meanwhile: take another copy */
  SAL_PYTHON_VERDICT_TORN,
  SAL_PYTHON_VERDICT_CHAIN,
  SAL_PYTHON_VERDICT_MEMORY,
} SalPythonVerdict;

/* The longest row of tasks, and of futures between them, that is followed. */
#define SAL_PYTHON_MAX_TASKS 64

/* The task that a thread runs, and who waits for it, one for the other. */
typedef struct
{
  SalPythonTask tasks[SAL_PYTHON_MAX_TASKS]; /* the one that runs comes first */
  size_t n_tasks;                            /* 0 = none was seen lately */
  bool is_cut;                               /* there are more */
  uint64_t serial;                           /* of these; counts upwards */
  uint64_t last_used;                        /* number of a look */
} SalPythonChain;

#define SAL_PYTHON_MAX_CHECKS 12
#define SAL_PYTHON_MAX_PENDING 512

/* A code object whose fingerprint is read with every copy of a thread. */
typedef struct
{
  uint32_t code;
  uint64_t last_wanted; /* number of a look */
} SalPythonCheck;

/* Where a copy of a thread begins in SalPython.bytes. */
typedef struct
{
  size_t thread;
  size_t cframe;
  uint64_t cframe_address;
  size_t native_id;
  size_t spans;
  size_t chunk;
  size_t tasks; /* of the chain with this serial; 0 = none */
  uint64_t serial;
  size_t checks[SAL_PYTHON_MAX_CHECKS];  /* fingerprints, which several copies may share */
  uint32_t codes[SAL_PYTHON_MAX_CHECKS]; /* whose they are */
  size_t n_codes;
} SalPythonCopyAt;

/* A copy of a thread, and the stack that was found in it. */
typedef struct
{
  uint8_t *bytes; /* owned: of spans and chunk, as they lie in a copy */
  size_t bytes_capacity;
  SalPythonRawFrame *raw; /* owned */
  SalPythonFrame *frames; /* owned */
  size_t n_raw;           /* 0 = there is none */
  size_t n_frames;
  size_t capacity;    /* of both */
  uint8_t last_owner; /* of the walk */
  uint64_t n_lessons; /* of the code objects known then */
  uint64_t n_looks;   /* number of the look */
  size_t n_same;      /* bytes of the chunk that are the same in the copy at hand, from its start */
} SalPythonRecall;

/* One thread as we know it between looks. */
typedef struct
{
  uint64_t address; /* of its PyThreadState */
  uint32_t interpreter;
  uint64_t own_tid; /* as it says itself */
  uint64_t tid;     /* as we know it */

  /* The prediction of where its stack is. */
  bool is_planned;
  bool is_skipped;     /* its memory cannot be read, in this look */
  uint64_t faulted_in; /* number of the look in which it could not */
  uint64_t cframe;
  uint64_t chunk;
  uint32_t chunk_size;
  uint32_t chunk_length; /* as much of it as is copied */
  SalPythonSpan *spans;  /* owned; sorted by address */
  size_t n_spans;
  size_t spans_capacity;
  uint64_t unreadable; /* a frame that could not be read when the plan was made; 0 = none */

  /* The same up to 3.10, for which the spans hold frame objects. */
  SalPythonHeapFrame *heap; /* owned; sorted by address */
  size_t n_heap;
  size_t heap_capacity;
  size_t head_index; /* of the innermost frame, where it was last */
  uint64_t thread_id;
  uint64_t native_id_at; /* where its kernel's id is; 0 = not known */

  SalPythonCheck checks[SAL_PYTHON_MAX_CHECKS];
  size_t n_checks;

  /* The stack of the look before. */
  SalPythonFrame *frames; /* owned */
  size_t n_frames;
  size_t frames_capacity;
  bool has_stack;
  bool is_trusted; /* every code object of it is */
  SalPythonRecall recall;
  /* Addresses of the outer and inner ends of the last stack believed; 0 = none. */
  uint64_t outermost;
  uint64_t innermost;

  /* The task it runs, and the stack of the look before with those that wait for it. */
  SalPythonChain *chain;  /* owned; NULL = it never ran one */
  bool has_tasks;         /* by the copy at hand */
  int n_chain_tries;      /* in this look */
  SalPythonFrame *tasked; /* owned */
  size_t tasked_capacity;
  size_t n_tasked; /* 0 = it ran none */
  size_t n_tasks;  /* frames of these that stand for tasks */
  size_t task_raw; /* index in now.raw of the frame that runs the innermost of them */

  /* Its stack together with that which the same thread has in other interpreters. */
  SalPythonFrame *merged; /* owned */
  size_t merged_capacity;
  size_t n_inner; /* frames of other interpreters among them; 0 = merged is not in use */
  size_t n_inner_before;
  bool is_inner; /* another state of the same thread shows its frames */

  /* The look before that read it, for one that cannot have moved since. */
  SalPythonThread last;
  bool may_keep;    /* that told all there is to tell of it */
  bool is_left;     /* it will be held after the next look, which leaves it out */
  bool is_kept;     /* it is not read in this look */
  bool had_no_turn; /* by this look's read the lock was never its own since the look before */
  size_t next_at;   /* where its link to the next thread was read, if it is kept; or NOT_READ */

  /* This look, between its first read and the next ones. */
  size_t pulse_at[2]; /* where the innermost frame's instruction was read first and last, or
                         NOT_READ */
  bool is_pending;
  bool has_moved; /* a copy of this look mixes moments */
  uint64_t met;   /* sums up the first stack that was not believed; 0 = there is none */
  SalPythonVerdict verdict;
  SalPythonCopyAt at;
} SalPythonThreadState;

typedef struct
{
  uint64_t address;
  uint64_t gil; /* of the lock its threads take */
  size_t at;    /* of its words, in SalPython.bytes */
  size_t gil_at;
  size_t n_attached; /* free-threaded builds: threads that ran Python in the look's first read */
} SalPythonInterpreter;

#define SAL_PYTHON_NOT_READ SIZE_MAX

/* Whose turn it is to hold the lock. */
typedef struct
{
  uint64_t holder;     /* address of its PyThreadState */
  uint64_t n_switches; /* how often the lock went to another than had it last */
} SalPythonTurn;

/* A stack found in one copy. */
typedef struct
{
  SalPythonRawFrame *raw; /* owned */
  SalPythonFrame *frames; /* owned */
  uint64_t head;          /* the frame that the thread names */
  size_t n_raw;
  size_t n_frames;
  size_t capacity;
  bool is_partial;
  size_t n_recalled; /* as the walk has it */
  uint8_t last_owner;
} SalPythonCandidate;

struct _SalPython
{
  SalTarget *target; /* borrowed */
  SalPythonRuntime runtime;
  char warning[128]; /* "" = none */
  SalPythonCodes *codes;
  SalPythonProof *proof;

  SalPythonInterpreter *interpreters;
  size_t n_interpreters;
  size_t interpreters_capacity;
  SalPythonThreadState **threads; /* in the order of the interpreters' lists */
  size_t n_threads;
  size_t threads_capacity;
  SalPythonThread *views;
  size_t views_capacity;

  /* The plan of one read: ranges whose buffer is an offset in bytes until it is carried out. */
  SalTargetRange *ranges;
  uint32_t *owners; /* index of the thread that each range is for, or UINT32_MAX */
  size_t n_ranges;
  size_t ranges_capacity;
  uint8_t *bytes;
  size_t n_bytes;
  size_t bytes_capacity;
  size_t first_check; /* index in ranges; the fingerprints come last */
  size_t n_checks;
  bool is_out_of_memory;
  bool has_merged; /* any thread, in the look before */

  SalPythonPiece *pieces;
  size_t pieces_capacity;
  uint8_t *extra;         /* frames that a plan in the making comes upon */
  size_t runtime_at;      /* SAL_PYTHON_NOT_READ: not each time */
  struct timespec listed; /* when it was asked for last, by the coarse clock */
  uint64_t lock;          /* 2.7: the semaphore that is the lock; 0 = not made yet */
  size_t lock_at;         /* of its first two words */
  size_t collecting_at;   /* NOT_READ: the interpreters say */
  SalPythonTurn turn;     /* in the look before */
  bool is_turn_sure;
  SalPythonCandidate now;
  SalPythonCandidate before;

  /* From 3.14 on. */
  SalPythonTasks *tasks;       /* NULL: asyncio has not been seen */
  uint32_t n_asyncio;          /* code objects of it, when its table was looked for last */
  uint32_t n_searches;         /* for that table */
  SalPythonFrame *task_frames; /* owned: a stack in the making */
  size_t task_frames_capacity;

  /* Up to 3.10. */
  uint64_t frame_type; /* address of PyFrame_Type; 0 = not known yet */

  /* Up to 3.10, and where what Python keeps is not so. */
  bool asks_library;         /* for the kernel's ids of threads */
  uint32_t native_id_offset; /* in what thread_id points at; 0 = not known */

  uint32_t check_start; /* of a fingerprint, in bytes from its code object */
  uint32_t check_length;
  uint32_t pending[SAL_PYTHON_MAX_PENDING];
  uint64_t n_stamps;

  /* Of the thread looked at while it is held. */
  SalTargetRange stack;             /* its C stack, copied; length 0 = none is held */
  bool is_still;                    /* in the copy at hand: the frame it names is the innermost */
  bool passes_cframe;               /* what its C stack says of its frames is not true yet */
  uint64_t cframe;                  /* of the innermost run of the loop in the copy at hand */
  SalPythonActivation *activations; /* owned */
  size_t activations_capacity;

  uint64_t n_looks;
  uint32_t n_calls;
  uint32_t n_retries;
  bool is_hasty;    /* a thread whose first copy proves nothing is left at that */
  bool is_watchful; /* looks tell which threads are at work */
};

/* sal-python-plan.c */

/* Begins a new plan with the words of the runtime and of every interpreter. */
void _sal_python_plan_words (SalPython *python);
/* Adds one copy of a thread, which must be planned. */
void _sal_python_plan_copy (SalPython *python, uint32_t thread, SalPythonCopyAt *at);
/* Adds any bytes, before the fingerprints; returns where they begin. */
size_t
_sal_python_plan_range (SalPython *python, uint32_t owner, uint64_t address, size_t length);
/* Adds, after all copies, the fingerprints that a copy of the thread is to be checked with. */
void _sal_python_plan_checks (SalPython *python, uint32_t thread, SalPythonCopyAt *at);
/* Adds the fingerprint of a code object, once, and returns where it begins; @owner is the index of
 * the thread it is for. Nothing but fingerprints may follow. */
size_t _sal_python_plan_check (SalPython *python, uint32_t owner, uint32_t code);
/* Carries the plan out, by @hold where that is not NULL: then python->stack is set, too, and
 * *@n_read is not. *@n_read counts ranges. MEMORY when it could not be made. */
SalTargetResult
_sal_python_plan_read (SalPython *python, const SalPythonHold *hold, size_t *n_read);
/* Makes room for twice as many frames; false when memory is out. */
bool _sal_python_plan_reserve (SalPython *python);
/* The words of an interpreter that are read with every look: bytes from its start. */
void _sal_python_plan_get_words (const SalPythonLayout *layout, uint32_t *start, uint32_t *end);
/* The same for its lock. */
void _sal_python_plan_get_gil_words (const SalPythonLayout *layout, uint32_t *start, uint32_t *end);
/* Finds out where a thread's stack is. Reads the target a few times. */
SalTargetResult _sal_python_plan_thread (SalPython *python, uint32_t thread);
/* Sets python->pieces to what a copy holds; returns how many, 0 when memory is out. */
size_t _sal_python_plan_pieces (SalPython *python,
                                const SalPythonThreadState *thread,
                                const SalPythonCopyAt *at,
                                size_t n_more);

/* sal-python-examine.c */

/* Reads a stack out of one copy, into python->now. Reads the target only for code objects. */
SalPythonVerdict
_sal_python_examine (SalPython *python, SalPythonThreadState *thread, const SalPythonCopyAt *at);
/* Whether an address lies in what is copied of the thread's current chunk. */
bool _sal_python_is_in_chunk (const SalPythonThreadState *thread, uint64_t address);

/* sal-python-heap.c, up to 3.10 */

/* As _sal_python_plan_thread. */
SalTargetResult _sal_python_heap_plan (SalPython *python, uint32_t thread);
/* Finds the stack in a copy: walk->frames and walk->capacity are set before. */
SalPythonWalkResult _sal_python_heap_follow (SalPython *python,
                                             SalPythonThreadState *thread,
                                             const SalPythonCopyAt *at,
                                             uint64_t head,
                                             SalPythonWalk *walk);
/* The bytes of a frame in a copy; NULL = it is not there. */
const uint8_t *_sal_python_heap_get_frame (const SalPython *python,
                                           const SalPythonThreadState *thread,
                                           const SalPythonCopyAt *at,
                                           uint64_t address);

/* sal-python-native-id.c */

/* The kernel's id of a copy's thread, as the thread itself sees it; 0 = not known. */
uint64_t _sal_python_native_id_get (const SalPython *python,
                                    const SalPythonThreadState *thread,
                                    const SalPythonCopyAt *at);
/* Where the C library is asked: finds out where it keeps the kernel's id of the thread with a given
 * thread_id. */
void
_sal_python_native_id_plan (SalPython *python, SalPythonThreadState *thread, uint64_t thread_id);

/* sal-python-look.c */

/* Takes python->now for the thread's stack. */
void
_sal_python_believe (SalPython *python, SalPythonThreadState *thread, SalPythonThread *view);
/* Takes it that the thread runs no Python. */
void _sal_python_believe_empty (SalPythonThreadState *thread, SalPythonThread *view);
/* Who the thread of a copy is, and whether it holds the lock. */
void _sal_python_read_ids (const SalPython *python,
                           SalPythonThreadState *thread,
                           const SalPythonCopyAt *at,
                           SalPythonThread *view);

/* sal-python-chain.c */

/* Looks for asyncio's table where the program has been seen to use it. Not within a look. */
void _sal_python_chain_search (SalPython *python);
/* Adds what tells whether the thread's chain is still what it was. */
void _sal_python_chain_plan (SalPython *python, uint32_t index, SalPythonCopyAt *at);
/* Whether the copy @at tells whose task python->now runs, or that cannot be told. If not, there is
 * a plan to know by another copy. @is_last: there will be none. */
bool _sal_python_chain_is_ready (SalPython *python,
                                 SalPythonThreadState *thread,
                                 const SalPythonCopyAt *at,
                                 bool is_last);
/* Puts the tasks of python->now, which is the thread's stack and of a copy that is ready, into the
 * view. @is_after: the look before gave a stack, too. */
void _sal_python_chain_see (SalPython *python,
                            SalPythonThreadState *thread,
                            bool is_after,
                            SalPythonThread *view);

/* sal-python-recall.c, from 3.11 on */

/* Tells the walk of a copy what is as it was. */
void _sal_python_recall_offer (const SalPython *python,
                               SalPythonThreadState *thread,
                               const SalPythonCopyAt *at,
                               SalPythonWalk *walk);
/* Gives the frames from @first, a recalled one, outwards; returns how many. */
size_t _sal_python_recall_resolve (const SalPythonThreadState *thread,
                                   const SalPythonRawFrame *first,
                                   SalPythonFrame *frames);
/* Remembers the copy just examined, and python->now. */
void _sal_python_recall_keep (SalPython *python,
                              SalPythonThreadState *thread,
                              const SalPythonCopyAt *at);
/* The next copies are of other memory. */
void _sal_python_recall_forget (SalPythonThreadState *thread);
void _sal_python_recall_free (SalPythonThreadState *thread);

/* sal-python-pulse.c */

/* Adds, at the beginning of the one read of a look and at its end, what tells whether the thread is
 * at work. */
void _sal_python_pulse_plan_first (SalPython *python, uint32_t index);
void _sal_python_pulse_plan_last (SalPython *python, uint32_t index);
/* Whether that read shows it at work; @view: who it is by it. */
bool _sal_python_pulse_is_felt (const SalPython *python,
                                const SalPythonThreadState *thread,
                                const SalPythonThread *view);

/* sal-python-still.c */

/* Sets which threads need not be read: whose stacks are those of the look before unless the lock
 * turns out to have gone elsewhere. */
void _sal_python_still_predict (SalPython *python);
/* Whether that is so by the read just made. If not, those it was wrong of are to be read, too. */
bool _sal_python_still_agrees (SalPython *python);
/* Takes over whose turn it is from the read just made, by which the list is current. */
void _sal_python_still_note (SalPython *python);
/* All threads are to be read the next time. */
void _sal_python_still_forget (SalPython *python);
/* Takes over what a look that read the thread says of it. */
void _sal_python_still_save (SalPythonThreadState *thread, const SalPythonThread *view);
/* Says it again of one that is kept. */
void _sal_python_still_show (const SalPythonThreadState *thread, SalPythonThread *view);

/* sal-python-merge.c */

/* Makes one view of those that a thread has in several interpreters; returns how many remain. */
size_t _sal_python_merge (SalPython *python);

/* sal-python-list.c */

/* Lists interpreters and threads anew, keeping what is known of those that stay. */
SalPythonResult _sal_python_list (SalPython *python);
/* Whether the words and threads of the read just made are still the list we have. */
bool _sal_python_list_is_current (const SalPython *python);
/* Counts, in the read just made of all threads, those that run Python where they need no lock. */
void _sal_python_list_count_attached (SalPython *python);
/* Sets what a view says of the lock, and of the interpreter's collecting, by the read just made. */
void _sal_python_list_get_lock (const SalPython *python,
                                const SalPythonThreadState *thread,
                                const SalPythonCopyAt *at,
                                SalPythonThread *view);
void _sal_python_list_free (SalPython *python);
