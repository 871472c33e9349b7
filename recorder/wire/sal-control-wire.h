/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <assert.h>
#include <stdint.h>

/* Messages between salamander-recorder and the program that started it, over a connected
 * AF_UNIX SOCK_SEQPACKET pair: one fixed-size message a packet, in the machine's byte order (both
 * ends are the same build). A packet of another size or an unknown kind is ignored. When the socket
 * closes, the recorder ends the recording as if STOP had come.
 */

/* To the recorder. */
typedef enum
{
  SAL_CONTROL_STOP = 1, /* end the recording; a program that the recorder started runs on. Once
                         * more: wait no longer for servers that are asked for names */
  SAL_CONTROL_KILL = 2, /* end the recording and send the started program SIGTERM */
} SalControlCommandKind;

typedef struct
{
  uint32_t kind;
  uint32_t reserved;
} SalControlCommand;

static_assert (sizeof (SalControlCommand) == 8, "fixed size");

/* From the recorder. */
typedef enum
{
  SAL_CONTROL_STARTED = 1,  /* the program runs and sampling has begun */
  SAL_CONTROL_STATUS = 2,   /* four times a second while recording, and once before FINISHED */
  SAL_CONTROL_FAULT = 3,    /* the recording could not start or was cut short; FINISHED follows */
  SAL_CONTROL_FINISHED = 4, /* the capture is complete; the recorder is about to exit, or, when the
                             * started program is still running, to wait for it */
  SAL_CONTROL_EXITED = 5,   /* the started program has ended; the last message */
} SalControlEventKind;

/* Why a recording failed. The sentence for a person is made in app/session. */
typedef enum
{
  SAL_CONTROL_FAULT_NONE = 0,
  SAL_CONTROL_FAULT_USAGE = 1,
  SAL_CONTROL_FAULT_SPAWN = 2,          /* the program could not be started; error = errno */
  SAL_CONTROL_FAULT_NO_PROCESS = 3,     /* no such process */
  SAL_CONTROL_FAULT_DENIED = 4,         /* the kernel says no; error = errno */
  SAL_CONTROL_FAULT_NOT_PYTHON = 5,     /* no Python runtime in it */
  SAL_CONTROL_FAULT_PYTHON_VERSION = 6, /* detail = the version found */
  SAL_CONTROL_FAULT_DEBUG_BUILD = 7,
  SAL_CONTROL_FAULT_OUTPUT = 8, /* the capture could not be written; error = errno */
  SAL_CONTROL_FAULT_ENDED = 9,  /* the program ended before Python had started */
  SAL_CONTROL_FAULT_INTERNAL = 10,
} SalControlFault;

typedef struct
{
  uint32_t kind;
  uint32_t pid;          /* the program's, 0 before it runs */
  uint32_t fault;        /* SalControlFault */
  int32_t error;         /* errno, 0 = none */
  int32_t status;        /* EXITED: as waitpid(2) gives it */
  uint32_t end_reason;   /* FINISHED: SalCaptureEndReason */
  uint32_t thread_count; /* threads in the last tick */
  uint32_t left;         /* records still to be written once the recording has ended */
  int64_t elapsed_ns;
  uint64_t samples;
  uint64_t missed;
  uint64_t late;
  uint64_t retried;
  uint64_t rejected;
  uint64_t errors;  /* sum over causes */
  uint64_t bytes;   /* readable in the capture */
  char detail[256]; /* the name the fault is about (file, version); terminated; not translated */
} SalControlEvent;

static_assert (sizeof (SalControlEvent) == 352, "fixed size");
