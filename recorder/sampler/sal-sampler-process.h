/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One process of the program that is recorded. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sal-sampler-intern.h"
#include "sal-sampler-loners.h"
#include "sal-sampler-near.h"
#include "sal-sampler-seek.h"
#include "sal-sampler-threads.h"

/* What the sampling thread is asked to do with a process that is handed to it. */
typedef enum
{
  SAL_SAMPLER_WISH_LIST = 0, /* tell the capture that it exists; hand it back */
  SAL_SAMPLER_WISH_SAMPLE,   /* sample it until its Python is gone, then hand it back */
  SAL_SAMPLER_WISH_END,      /* tell the capture that it has ended; hand it back */
} SalSamplerWish;

/* The scout and the sampling thread hand it to and fro; whoever has it may touch what is not said
 * to be anybody else's. */
typedef struct _SalSamplerProcess SalSamplerProcess;

struct _SalSamplerProcess
{
  /* Set once. */
  pid_t pid;
  SalSamplerProcess *parent; /* holds a reference, or NULL */
  bool is_root;
  int64_t seen_ns; /* when it was added, CLOCK_MONOTONIC */
  atomic_uint n_references;

  /* Anybody's. */
  atomic_bool has_ended;
  atomic_int status; /* as waitpid(2) gives it, −1 = not known; written before has_ended */

  /* The scout's alone. */
  bool is_away;   /* the sampling thread has it */
  bool is_ending; /* what remains to be told is on its way, or told */
  bool is_listed; /* the capture knows it, or is about to */
  bool was_python;
  bool is_given_up; /* the recording was told why it is not sampled */
  bool is_command_old;

  /* Whoever has it. */
  SalSamplerProcess *next; /* in a mailbox */
  SalSamplerWish wish;
  SalSamplerSeek seek;
  char *command;       /* as a shell would take it, NULL = not asked yet; owned */
  char *complaint;     /* a sentence for the recording: what cannot be had of it, or NULL; owned */
  const char *refusal; /* with it: SAL_CAPTURE_REFUSED_USER, …; NULL = it was not refused */

  /* The sampling thread's. */
  uint32_t id; /* in the capture, SAL_CAPTURE_NO_ID = not told yet */
  SalSamplerThreads threads;
  SalSamplerCodes codes;
  SalSamplerNative *native; /* while it is looked at, NULL: none wanted or to be had */
  bool is_hold_denied;      /* no thread of it can be held still */
  uint32_t n_held_looks;    /* that are to come: they hold the thread that runs */
  SalSamplerLoners loners;  /* where native stacks are taken */
  SalSamplerNear near;
  SalSamplerAsk ask;
  int64_t looked_ns;     /* when the last look that told began, or the Python at work was found */
  int64_t name_asked_ns; /* the last time that any name was asked for */
  size_t next_name;      /* whose turn it is */
  int n_failures;        /* looks that failed one after another */
};

/** sal_sampler_process_new: process @pid, not looked at yet; @parent may be NULL. One reference is
 * the caller's. NULL without memory. */
SalSamplerProcess *sal_sampler_process_new (pid_t pid, SalSamplerProcess *parent)
    __attribute__ ((warn_unused_result));

/** sal_sampler_process_give_up_holds: no thread of it can be held still, which is for the recording
 * to tell. @native: it was for native stacks. Thread: the sampling thread. */
void sal_sampler_process_give_up_holds (SalSamplerProcess *process, bool native);

/** sal_sampler_process_unref: one user less; the last one frees it. NULL is fine. */
void sal_sampler_process_unref (SalSamplerProcess *process);

/* A queue of processes from any threads to one, without a lock. A zeroed one is empty. */
typedef struct
{
  _Atomic (SalSamplerProcess *) last;
} SalSamplerMail;

/** sal_sampler_mail_post: hands over @process. */
void sal_sampler_mail_post (SalSamplerMail *mail, SalSamplerProcess *process);

/** sal_sampler_mail_take: everything that has come, in the order in which it came, chained by next.
 * NULL when there is nothing. */
SalSamplerProcess *sal_sampler_mail_take (SalSamplerMail *mail);
