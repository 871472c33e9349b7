/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sal-python-result.h"
#include "sal-python-types.h"
#include "sal-target.h"

/* The Python of one process: finds its runtime, looks at all its threads at once, and explains what
 * it saw.
 *
 * Looking (sal_python_look) is for the sampling thread: after a warm-up it does one system call, or
 * two when the lock has gone to another thread, no allocation and no lock.
 * Explaining (sal_python_get_code and what follows from it) reads names and line tables from the
 * target once per code object and may be slower.
 * Thread: one at a time.
 */
typedef struct _SalPython SalPython;

typedef enum
{
  SAL_PYTHON_LOOK_OK = 0,
  SAL_PYTHON_LOOK_EMPTY, /* the thread runs no Python: n_frames is 0, which is a good answer */
  /* deeper than the limit or the outer end unreadable: inner frames given */
  SAL_PYTHON_LOOK_PARTIAL,
  SAL_PYTHON_LOOK_TORN,  /* no two copies agreed within the retries */
  SAL_PYTHON_LOOK_CHAIN, /* cycle, or something that is no frame */
  SAL_PYTHON_LOOK_READ,  /* memory unreadable */
} SalPythonLookResult;

/* One thread in one look. Where it has run code in another interpreter of the process, the frames
 * of that come first, and the lock is that one's. */
typedef struct
{
  uint64_t tid;       /* kernel thread id, 0 = not set yet by the interpreter */
  uint64_t thread_id; /* Python's threading ident (pthread_t) */
  uint64_t address;   /* of its PyThreadState: tells threads apart while they live */
  SalPythonLookResult result;
  bool holds_gil; /* never in a free-threaded build that runs without the lock */
  bool asks_gil;  /* it says itself that it waits for the lock; only 3.15 and later can */
  /* That lock: its address and length, 0 = none or not known. A thread that waits for it sleeps at
   * a futex in it. */
  uint64_t gil;
  uint64_t gil_size;
  bool had_no_turn;    /* the lock was never its own since the look before; false: not known */
  bool is_gil_awaited; /* 2.7: a thread is on its way to it, asleep or not; later ones don't tell */
  /* its interpreter is collecting and it holds the GIL, or without one is the only one that runs */
  bool in_gc;
  const SalPythonFrame *frames; /* borrowed until the next look */
  uint32_t n_frames;
  bool same_as_before; /* bit for bit the same stack as in this thread's look before */
  /* The first copy mixes moments: frames were entered or left meanwhile. Or it could not be
   * believed, and later ones show another stack, or nothing. Or tasks take turns faster than they
   * can be looked at. */
  bool has_moved;
  bool is_at_work; /* it ran Python while it was read: it is on a processor; false: not known */
} SalPythonThread;

/* One look at all threads. */
typedef struct
{
  const SalPythonThread *threads; /* borrowed until the next look */
  size_t n_threads;
  size_t n_kept;      /* not read: the lock was never theirs since the look before, or left out */
  uint32_t n_retries; /* copies taken again */
  uint32_t n_calls;   /* system calls of this look */
} SalPythonLook;

/**
 * sal_python_open: finds the Python runtime in @target (borrowed; must outlive the result).
 *
 * Errors: NOT_PYTHON (no runtime), NOT_READY (a runtime that has not begun its main thread yet: try
 * again), UNSUPPORTED (a version we cannot read; sal_python_get_version tells it of a partly opened
 * one), DEBUG_BUILD, DENIED, GONE, CORRUPT, MEMORY. @version receives "3.11.7" when it was found,
 * even on UNSUPPORTED and DEBUG_BUILD; at least 32 bytes.
 */
SalPythonResult sal_python_open (SalTarget *target, char version[32], SalPython **out)
    __attribute__ ((warn_unused_result));

/** sal_python_get_warning: a sentence about what may go wrong with this Python, for the recording;
 * or NULL. Ownership: @python's. */
const char *sal_python_get_warning (const SalPython *python);

/** sal_python_look: looks at every thread of every interpreter.
 *
 * Errors: GONE, DENIED; CORRUPT when not even the list of threads can be read. A fault in one
 * thread costs only that thread (its result says why). */
SalPythonResult sal_python_look (SalPython *python, SalPythonLook *look)
    __attribute__ ((warn_unused_result));

/* Frames that one run of the evaluation loop executes. */
typedef struct
{
  uint64_t entry;    /* an address on the C stack in the machine frame of that run; 0 = not known */
  uint32_t n_frames; /* how many, 0 while it begins or ends */
} SalPythonActivation;

/* How a thread is held still while it is read. */
typedef struct
{
  /* Stops the thread if it runs, and reads @ranges, behind which there is room for one more, and
   * its C stack, which *@stack is set to (length 0 = it could not be read). ABSENT: it cannot be
   * stopped, or does not stand still by itself. */
  SalTargetResult (*read) (void *data,
                           SalTargetRange *ranges,
                           size_t n_ranges,
                           SalTargetRange *stack);
  /* Lets it run again if it is stopped. */
  void (*resume) (void *data);
  void *data;
  bool is_asleep; /* nobody stops it: it stands still by itself, and may go on after each read */
} SalPythonHold;

/* One thread as it was while it was held. Borrowed until the next look. */
typedef struct
{
  SalPythonThread thread;
  const SalPythonActivation *activations; /* innermost first; they have all frames of it */
  size_t n_activations;
} SalPythonHeld;

/** sal_python_set_hasty: whether sal_python_look() leaves a thread whose first copy proves nothing
 * as TORN instead of reading it again: for who will hold it still anyway. */
void sal_python_set_hasty (SalPython *python, bool is_hasty);

/** sal_python_leave: the thread at @position of the latest look will be held after the next one,
 * whatever that shows of it: so it need not be read there, which shows it as TORN. That it is still
 * there is proved. */
void sal_python_leave (SalPython *python, size_t position);

/** sal_python_set_watchful: whether the next looks tell which threads are at work, as far as their
 * memory does. */
void sal_python_set_watchful (SalPython *python, bool is_watchful);

/** sal_python_set_unaware: that the process was made by a fork(2) of which Python was not told, so
 * that the kernel's ids of threads that Python keeps (from 3.11 on) are its parent's: the C
 * library's are taken.
 * Source: CPython 3.11 – 3.15 Modules/posixmodule.c: PyOS_AfterFork_Child, which renews them, is
 * for the host to call. */
void sal_python_set_unaware (SalPython *python);

/**
 * sal_python_look_held: looks at one thread while it is held still, as a rule with one read.
 *
 * @position: of the thread in the latest look. It is held once more, and longer, when that read
 * shows that it has its stack elsewhere than was thought, or that it runs code not met before;
 * names and line tables are read while it runs. Errors: GONE, DENIED, MEMORY; NOT_READY when it
 * could not be stopped, or did not stand still. Otherwise held->thread.result says what was seen.
 * Source: CPython 3.11 – 3.15 Python/ceval.c: _PyEval_EvalFrameDefault keeps its _PyCFrame (3.11)
 * or its entry frame (3.12 on) among its locals.
 */
SalPythonResult sal_python_look_held (SalPython *python,
                                      size_t position,
                                      const SalPythonHold *hold,
                                      SalPythonHeld *held) __attribute__ ((warn_unused_result));

/** sal_python_get_loops: where the parts of the evaluation loop begin, for versions whose frames do
 * not tell on which machine frame they run: up to 3.10, where each frame has one of its own. 0 =
 * not known. Source: CPython 2.7 – 3.10 Python/ceval.c. */
const uint64_t *sal_python_get_loops (const SalPython *python);

/** sal_python_get_code: what @code (a SalPythonFrame.code) is. Ownership: @python's, for its life.
 * */
const SalPythonCode *sal_python_get_code (SalPython *python, uint32_t code);

/** sal_python_get_n_codes: code objects seen so far: their indices are 0 … n − 1. */
uint32_t sal_python_get_n_codes (const SalPython *python);

/** sal_python_get_position: where in the source the instruction at @offset of @code is, exactly as
 * code.co_positions() and co_lines() have it. Source: CPython Objects/locations.md, 3.11 on. */
SalPythonPosition sal_python_get_position (SalPython *python, uint32_t code, int32_t offset);

/** sal_python_dup_thread_name: the name of a thread as threading.Thread.name has it, or NULL where
 * it cannot be read (the kernel's comm is the sampler's fallback). Slow: once per thread. free()
 * it.
 *
 * @tid: (out) (optional): what the thread that has the name was told is its kernel's id; 0 = not
 * known, as before 3.8. Idents are given again as soon as they are free. */
char *sal_python_dup_thread_name (SalPython *python, uint64_t thread_id, uint64_t *tid);

/** sal_python_free: forgets everything; NULL is fine. */
void sal_python_free (SalPython *python);
